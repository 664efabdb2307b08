//! `--rerun`: the hosts of an earlier run that are due again.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::{CliError, record};
use crate::journal::{self, RerunSelector};
use crate::render::sanitize_line;

/// An outcome, and the run it is looked for in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerun {
    outcome: RerunSelector,
    run: Option<String>,
}

impl FromStr for Rerun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (outcome, run) = match text.split_once('@') {
            Some((outcome, run)) => (outcome, Some(run.to_owned())),
            None => (text, None),
        };
        let outcome = match outcome {
            "failed" => RerunSelector::Failed,
            "unreachable" => RerunSelector::Unreachable,
            "not-started" => RerunSelector::NotStarted,
            other => return Err(format!("`{other}` is none of failed, unreachable and not-started")),
        };
        Ok(Self { outcome, run })
    }
}

impl Rerun {
    /// Keeps of `hosts` those that are due again, in their order; tells in one line which run says so.
    ///
    /// # Errors
    /// Fails when the journal has no such run, or it is damaged or still going.
    pub fn keep(&self, hosts: Vec<Arc<str>>, journal_dir: &Path) -> Result<(Vec<Arc<str>>, String), CliError> {
        let user = record::invoker().user;
        let dirs = [journal_dir.to_owned()];
        let (run, due) = journal::rerun_hosts(&dirs, self.outcome, self.run.as_deref(), &user)?;
        let due: HashSet<Arc<str>> = due.into_iter().collect();
        let selected = hosts.len();
        let kept: Vec<Arc<str>> = hosts.into_iter().filter(|host| due.contains(host)).collect();
        let (how, id) = (self.how(), run.to_string());
        let note = format!("rerun: {} of {selected} hosts {how} in run {id}{}", kept.len(), about(&dirs, &id));
        Ok((kept, note))
    }

    fn how(&self) -> &'static str {
        match self.outcome {
            RerunSelector::Failed => "failed",
            RerunSelector::Unreachable => "were unreachable",
            RerunSelector::NotStarted => "were not started",
        }
    }
}

/// When the run began and what it ran, as far as its record tells.
fn about(dirs: &[PathBuf], run: &str) -> String {
    let entry = journal::find(dirs, run).and_then(|(run, path)| journal::read_entry(run, &path)).ok();
    let Some((header, started)) = entry.and_then(|entry| entry.header.zip(entry.started)) else {
        return String::new();
    };
    let started = started.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z");
    format!(" ({started}): {}", sanitize_line(&header.command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_may_be_named() {
        let rerun: Rerun = "failed@01a2".parse().unwrap();
        assert_eq!(rerun, Rerun { outcome: RerunSelector::Failed, run: Some("01a2".into()) });
        assert!("broken".parse::<Rerun>().is_err());
    }
}
