//! Arguments and wiring: one file a subcommand. Knows everything; nothing knows it.

mod amount;
mod ansible_cfg;
mod completions;
mod config;
mod confirm;
mod copy;
mod deploy;
mod descriptors;
mod doc;
mod error;
mod exec;
mod exit_code;
mod fetch;
mod inventory;
mod inventory_args;
mod man;
mod passphrase;
mod password;
mod place;
mod plan;
mod quantity;
mod record;
mod report;
mod rerun;
mod run;
mod run_args;
mod selection;
mod signals;
mod stdout;
mod tip;
mod transports;
mod turn;
mod vault;
mod vault_args;

pub use ansible_cfg::AnsibleConfig;
pub use config::{Config, JournalConfig};
pub use error::CliError;
pub use exit_code::ExitCode;
pub use inventory_args::{InventoryArgs, limit, load_inventory, warn_all};
pub use quantity::{parse_duration, parse_size};
pub use vault_args::{VaultArgs, VaultSettings};

use clap::{Parser, Subcommand};

use crate::render::{self, Color, Terminal};

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
enum Command {
    Exec(Box<exec::ExecCommand>),
    Deploy(Box<deploy::DeployCommand>),
    Copy(Box<copy::CopyCommand>),
    Fetch(Box<fetch::FetchCommand>),
    Inventory(inventory::InventoryCommand),
    Doc(doc::DocCommand),
    Vault(vault::VaultCommand),
    Config(config::ConfigCommand),
    Report(report::ReportCommand),
    Completions(completions::CompletionsCommand),
    Man(man::ManCommand),
}

/// Parses `args`, runs the subcommand and returns the process's exit code.
pub fn run<I, T>(args: I) -> ExitCode
where
    I: IntoIterator<Item = T>,
    T: Into<std::ffi::OsString> + Clone,
{
    let args: Vec<std::ffi::OsString> = args.into_iter().map(Into::into).collect();
    match Cli::try_parse_from(&args).map_err(|error| tip::amend(error, &args)) {
        Ok(cli) => dispatch(&cli.command).unwrap_or_else(|error| {
            report(&error);
            error.code
        }),
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Ok };
            // Nowhere is left to report that the terminal is gone.
            let _ = error.print();
            code
        }
    }
}

fn dispatch(command: &Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Exec(command) => exec::run(command),
        Command::Deploy(command) => deploy::run(command),
        Command::Copy(command) => copy::run(command),
        Command::Fetch(command) => fetch::run(command),
        Command::Inventory(command) => inventory::run(command),
        Command::Doc(command) => doc::run(command),
        Command::Vault(command) => vault::run(command),
        Command::Config(command) => config::run(command),
        Command::Report(command) => report::run(command),
        Command::Completions(command) => completions::run(command),
        Command::Man(command) => man::run(command),
    }
}

/// Writes an error and its hints to standard error.
fn report(error: &CliError) {
    let palette = Terminal::of_stderr().palette(Color::Auto);
    // Nowhere is left to report that standard error is gone.
    let _ = render::error(&mut std::io::stderr(), palette, &format!("{:#}", error.error), &error.hints);
}
