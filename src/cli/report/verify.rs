//! `opsctl report verify`: one line a problem.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::super::stdout::finish;
use super::super::{CliError, ExitCode};
use super::say;
use crate::journal::{Finding, find, verify};
use crate::render::sanitize_line;

#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Runs to verify: ids, beginnings of ids, or `last`; all by default
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
}

/// Runs the subcommand.
pub fn run(args: &VerifyArgs, dirs: &[PathBuf]) -> Result<ExitCode, CliError> {
    let selection = args.runs.iter().map(|run| find(dirs, run)).collect::<Result<Vec<_>, _>>()?;
    let (mut runs, mut records, mut problems) = (0, 0, 0);
    let mut out = io::stdout().lock();
    for dir in dirs {
        let own: Vec<_> = selection.iter().filter(|(_, path)| path.starts_with(dir)).map(|(run, _)| *run).collect();
        if own.is_empty() && !selection.is_empty() {
            continue;
        }
        if !dir.join("heads").exists() && !dir.join("runs").exists() {
            // Nothing at all is what is left where somebody removed everything.
            return Err(CliError::usage(anyhow!("{} holds no journal, so there is nothing to verify", dir.display()))
                .hint("a journal directory holds `heads` and `runs`; --dir names one"));
        }
        let found = verify(dir, &own)?;
        runs += found.runs;
        records += found.records;
        problems += found.problems.len();
        found.notes.iter().for_each(|note| say(&format!("note: {}", shown(note))));
        if let Err(error) = found.problems.iter().try_for_each(|problem| writeln!(out, "{}", shown(problem))) {
            finish(Err(error))?;
            return Ok(ExitCode::ChainBroken);
        }
    }
    let verdict = match problems {
        0 => "intact".to_owned(),
        1 => "1 problem".to_owned(),
        _ => format!("{problems} problems"),
    };
    finish(writeln!(out, "{runs} runs, {records} records: {verdict}"))?;
    Ok(if problems == 0 { ExitCode::Ok } else { ExitCode::ChainBroken })
}

fn shown(finding: &Finding) -> String {
    sanitize_line(&finding.to_string()).into_owned()
}
