//! Which hosts of an earlier run are due again.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::list::{RunStatus, find, read_entry, run_files};
use super::read::{RunRecord, read_run};
use super::{JournalError, RunId};
use crate::event::Outcome;

/// Hosts of an earlier run, by how they ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RerunSelector {
    /// Failed, timed out or cancelled; also begun without a recorded end.
    Failed,
    /// Unreachable.
    Unreachable,
    /// Without a turn.
    NotStarted,
}

impl RerunSelector {
    fn wants(self, outcome: Outcome) -> bool {
        match self {
            Self::Failed => matches!(outcome, Outcome::Failed | Outcome::TimedOut | Outcome::Cancelled),
            Self::Unreachable => outcome == Outcome::Unreachable,
            Self::NotStarted => outcome == Outcome::NotStarted,
        }
    }
}

/// Tells the hosts of an earlier run that `selector` wants, in the order in which that run had them.
///
/// `run` is an id, the beginning of one, or `last`; without it the last run of `user` counts, so that in a shared
/// directory nobody runs again on the hosts of somebody else.
///
/// # Errors
/// Fails when there is no such run, or it is still going, or its record does not tell its hosts.
pub fn rerun_hosts(
    dirs: &[PathBuf],
    selector: RerunSelector,
    run: Option<&str>,
    user: &str,
) -> Result<(RunId, Vec<Arc<str>>), JournalError> {
    let (run, path) = match run {
        Some(run) => find(dirs, run)?,
        None => last_of(dirs, user)?,
    };
    let damaged = |reason: &str| JournalError::Damaged { path: path.clone(), reason: reason.into() };
    let entry = read_entry(run, &path)?;
    match entry.status {
        RunStatus::Running => return Err(damaged("this run is still going; wait for its end")),
        RunStatus::Unsettled => {
            return Err(damaged("this run has no end and may still be going on the machine it was started on"));
        }
        _ => {}
    }
    let record = read_run(&path)?;
    if let Some((line, reason)) = record.damaged.first() {
        return Err(damaged(&format!("line {line} is damaged ({reason}); `opsctl report verify` tells more")));
    }
    let hosts = record.header.as_ref().map(|header| header.hosts.as_slice());
    let hosts = hosts.ok_or_else(|| damaged("the record of the run's hosts is missing"))?;
    let outcomes = outcomes(&record);
    let wanted = |host: &&Arc<str>| selector.wants(outcomes.get(host.as_ref()).copied().unwrap_or(Outcome::NotStarted));
    Ok((run, hosts.iter().filter(wanted).cloned().collect()))
}

fn outcomes(record: &RunRecord) -> HashMap<&str, Outcome> {
    let ended: HashMap<&str, Outcome> = record.ended.iter().map(|host| (&*host.host, host.outcome)).collect();
    // The command may or may not have run: not a success, in any case.
    let lost: HashSet<&str> =
        record.begun.iter().map(|host| &**host).filter(|host| !ended.contains_key(host)).collect();
    lost.into_iter().map(|host| (host, Outcome::Failed)).chain(ended).collect()
}

fn last_of(dirs: &[PathBuf], user: &str) -> Result<(RunId, PathBuf), JournalError> {
    for (run, path) in run_files(dirs)? {
        match read_entry(run, &path) {
            Ok(entry) if entry.header.as_ref().is_some_and(|header| header.invoker.user == user) => {
                return Ok((run, path));
            }
            Err(error @ JournalError::NewerVersion { .. }) => return Err(error),
            // Not readable for this user, hence not this user's.
            Ok(_) | Err(_) => {}
        }
    }
    Err(JournalError::UnknownRun { selector: "last".into(), dirs: dirs.to_owned() })
}
