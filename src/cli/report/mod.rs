//! `opsctl report`: what was done, by whom, and whether the record is whole.

mod prune;
mod runs;
mod show;
mod verify;

use std::io;
use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, Subcommand};

use super::{CliError, Config, ExitCode};
use crate::journal::state_dir;

/// Shows what was done, by whom, and whether the record is whole
#[derive(Args, Debug)]
pub struct ReportCommand {
    /// Journal directory to read, instead of the configured one; may be given more than once
    #[arg(long, global = true, value_name = "DIR")]
    dir: Vec<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists runs, newest first
    Runs(runs::RunsArgs),
    /// Shows one run: who, what, and how each host ended
    Show(show::ShowArgs),
    /// Finds what was changed, removed, inserted or moved in the record; exit code 12 if anything was
    Verify(verify::VerifyArgs),
    /// Removes old runs from the record, and notes that it did
    Prune(prune::PruneArgs),
}

/// Runs the subcommand.
///
/// # Errors
/// When the record cannot be read, was written by a newer opsctl, or has no such run.
pub fn run(command: &ReportCommand) -> Result<ExitCode, CliError> {
    let dirs = dirs(command)?;
    match &command.action {
        Action::Runs(args) => runs::run(args, &dirs),
        Action::Show(args) => show::run(args, &dirs),
        Action::Verify(args) => verify::run(args, &dirs),
        Action::Prune(args) => prune::run(args, &dirs),
    }
}

/// The directories to read; one that was named must be there, the configured one may be yet to come.
fn dirs(command: &ReportCommand) -> Result<Vec<PathBuf>, CliError> {
    if command.dir.is_empty() {
        return Ok(vec![Config::load()?.journal.dir.map_or_else(state_dir, Ok)?]);
    }
    for dir in &command.dir {
        let metadata = dir.metadata();
        let is_dir = metadata.map_err(|error| CliError::usage(anyhow!("{}: cannot read: {error}", dir.display())))?;
        if !is_dir.is_dir() {
            return Err(CliError::usage(anyhow!("{}: not a directory", dir.display())));
        }
    }
    Ok(command.dir.clone())
}

/// Says something on standard error that is no data.
fn say(text: &str) {
    // Nowhere is left to report that standard error is gone.
    let _ = io::Write::write_all(&mut io::stderr(), format!("{text}\n").as_bytes());
}
