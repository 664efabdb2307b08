//! Arguments and wiring: one file a subcommand. Knows everything; nothing knows it.

mod error;
mod exit_code;

pub use error::CliError;
pub use exit_code::ExitCode;

use clap::{Parser, Subcommand};

/// Runs commands on many hosts over SSH, and keeps the record.
#[derive(Debug, Parser)]
#[command(
    name = "opsctl",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {}

/// Parses `args`, runs the subcommand and returns the process's exit code.
pub fn run<I, T>(args: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    match Cli::try_parse_from(args) {
        Ok(cli) => match cli.command {},
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Ok };
            // Nowhere is left to report that the terminal is gone.
            let _ = error.print();
            code
        }
    }
}
