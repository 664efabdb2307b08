//! `opsctl report prune`: removes old runs; without `--yes` only says which.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use super::super::stdout::finish;
use super::super::{CliError, ExitCode, record};
use super::say;
use crate::journal::{Prunable, prunable, prune};
use crate::report::age;

#[derive(Args, Debug)]
pub struct PruneArgs {
    /// Removes runs that began longer ago: `90d`, `12w`, `1y`
    #[arg(long, value_name = "AGE", required = true)]
    older_than: String,
    /// Removes them; without it they are only listed
    #[arg(long)]
    yes: bool,
}

/// Runs the subcommand.
pub fn run(args: &PruneArgs, dirs: &[PathBuf]) -> Result<ExitCode, CliError> {
    let cutoff = age(&args.older_than, &ZonedDateTime::now()).map_err(CliError::usage)?;
    let (mut count, mut bytes) = (0, 0);
    let mut out = io::stdout().lock();
    let mut list = |run: &Prunable| {
        (count, bytes) = (count + 1, bytes + run.bytes);
        let when = run.started.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M");
        writeln!(out, "{}  {when}  {} KiB", run.run, run.bytes.div_ceil(1024))
    };
    for dir in dirs {
        let runs = prunable(dir, cutoff)?;
        if !args.yes {
            finish(runs.iter().try_for_each(&mut list))?;
        } else if !runs.is_empty() {
            let invoker = record::invoker();
            // A reader that went away does not stop the removal; the record tells what went.
            prune(dir, &runs, (&invoker.user, &invoker.controller), |run| drop(list(run)))?;
        }
    }
    let size = bytes.div_ceil(1024);
    say(&if args.yes {
        format!("removed {count} runs, {size} KiB")
    } else {
        format!("would remove {count} runs, {size} KiB; with --yes it does")
    });
    Ok(ExitCode::Ok)
}
