//! A run's hosts, folded by how they ended.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::event::Outcome;
use crate::journal::RunRecord;

/// Hosts for which the same went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How they ended.
    pub outcome: Outcome,
    /// What was said; empty when there is only a code.
    pub message: String,
    /// The hosts.
    pub hosts: Vec<Arc<str>>,
}

/// What became of a run's hosts.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// Hosts by outcome.
    pub outcomes: BTreeMap<Outcome, Vec<Arc<str>>>,
    /// What went wrong, and where.
    pub problems: Vec<Problem>,
    /// Hosts that began and have no end on record.
    pub lost: Vec<Arc<str>>,
    /// Hosts of which nothing is on record.
    pub untouched: Vec<Arc<str>>,
}

impl From<&RunRecord> for Overview {
    fn from(record: &RunRecord) -> Self {
        let mut overview = Self::default();
        let mut problems: IndexMap<(Outcome, String), Vec<Arc<str>>> = IndexMap::new();
        for host in &record.ended {
            overview.outcomes.entry(host.outcome).or_default().push(host.host.clone());
            if let Some(failure) = &host.failure {
                problems.entry((host.outcome, failure.message.clone())).or_default().push(host.host.clone());
            }
        }
        overview.problems =
            problems.into_iter().map(|((outcome, message), hosts)| Problem { outcome, message, hosts }).collect();
        let ended: HashSet<&str> = record.ended.iter().map(|host| &*host.host).collect();
        overview.lost = record.begun.iter().filter(|host| !ended.contains(host.as_ref())).cloned().collect();
        let begun: HashSet<&str> = record.begun.iter().map(|host| &**host).collect();
        let selected = record.header.iter().flat_map(|header| &header.hosts);
        let is_new = |host: &&Arc<str>| !begun.contains(host.as_ref()) && !ended.contains(host.as_ref());
        overview.untouched = selected.filter(is_new).cloned().collect();
        overview
    }
}
