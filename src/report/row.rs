//! One run in one line.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::event::{Outcome, RunId, StopCause, Verb};
use crate::journal::RunEntry;

/// A run as `report runs` lists it; its JSON form is `--format json` and `jsonl`, schema version 1.
#[derive(Clone, Debug, Serialize)]
pub struct RunRow {
    /// Schema version.
    pub v: u32,
    /// The run's id.
    pub run: RunId,
    /// `ok`, `failed`, `unreachable`, `stopped`, `interrupted`, `running` or `unsettled`.
    pub status: &'static str,
    /// What kind of run.
    pub verb: Option<Verb>,
    /// `--name`.
    pub name: Option<String>,
    /// Who ran it.
    pub user: Option<String>,
    /// Who that was before sudo.
    pub sudo_user: Option<String>,
    /// Where it was run.
    pub controller: Option<String>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// Wall time in seconds.
    pub duration: Option<f64>,
    /// Why it stopped early.
    pub stopped: Option<StopCause>,
    /// Number of selected hosts.
    pub hosts: Option<usize>,
    /// Number of hosts for each outcome.
    pub counts: BTreeMap<Outcome, usize>,
    /// The host pattern.
    pub pattern: Option<String>,
    /// What was run.
    pub command: Option<String>,
    /// The file.
    pub path: String,
}

impl From<RunEntry> for RunRow {
    fn from(entry: RunEntry) -> Self {
        let (invoker, header) = (entry.header.as_ref().map(|header| &header.invoker), entry.header.as_ref());
        Self {
            v: 1,
            run: entry.run,
            status: entry.status.name(),
            verb: header.map(|header| header.verb),
            name: header.and_then(|header| header.name.clone()),
            user: invoker.map(|invoker| invoker.user.clone()),
            sudo_user: invoker.and_then(|invoker| invoker.sudo_user.clone()),
            controller: invoker.map(|invoker| invoker.controller.clone()),
            started: entry.started,
            duration: entry.duration,
            stopped: entry.end.as_ref().and_then(|end| end.stopped),
            hosts: header.map(|header| header.hosts.len()),
            counts: entry.counts,
            pattern: header.map(|header| header.pattern.clone()),
            command: header.map(|header| header.command.clone()),
            path: entry.path.to_string_lossy().into_owned(),
        }
    }
}

/// For each of `shown`, the shortest beginning of its id, from eight characters, that no other of `all` has.
#[must_use]
pub fn short_ids(shown: &[RunId], all: &[RunId]) -> Vec<String> {
    let mut all: Vec<String> = all.iter().map(RunId::to_string).collect();
    all.sort_unstable();
    let common =
        |one: &str, other: &str| one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let shorten = |run: &RunId| {
        let id = run.to_string();
        let position = all.binary_search(&id).unwrap_or_else(|position| position);
        let around = [position.checked_sub(1), position.checked_add(1)];
        let neighbours = around.into_iter().flatten().filter_map(|index| all.get(index)).filter(|other| **other != id);
        let length = neighbours.map(|other| common(&id, other) + 1).max().unwrap_or(0).max(8);
        // Not ending in a hyphen reads better, and is as unique.
        let length = if id.as_bytes().get(length - 1) == Some(&b'-') { length + 1 } else { length };
        id[..length.min(id.len())].to_owned()
    };
    shown.iter().map(shorten).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_unique_and_long_enough_to_be_told_apart() {
        let ids: Vec<RunId> = [
            "01995f3a-1b2c-7000-8000-000000000001",
            "01995f3a-1b2c-7000-8000-000000000002",
            "01995f3a-9b2c-7000-8000-000000000003",
            "02995f3a-9b2c-7000-8000-000000000003",
        ]
        .map(|id| id.parse().unwrap())
        .to_vec();
        let short = short_ids(&ids[1..], &ids);
        assert_eq!(short, ["01995f3a-1b2c-7000-8000-000000000002", "01995f3a-9", "02995f3a"]);
    }
}
