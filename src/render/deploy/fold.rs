//! Hosts folded by outcome: `ok 18 · changed 2 web[03,07]`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Look, names};
use crate::event::{Outcome, TaskReport, TaskStatus};
use crate::render::style::Palette;

/// Hosts that ended alike, at the same item, with the same lines to show.
pub(super) type Alike<'a> = IndexMap<(End, Option<&'a str>, Vec<String>), Vec<&'a str>>;

/// An outcome that a task may have on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct End {
    pub status: TaskStatus,
    pub ignored: bool,
}

impl End {
    pub fn of(report: &TaskReport) -> Self {
        Self { status: report.status, ignored: report.ignored }
    }

    /// The word for it, in its colour.
    pub fn word(self, palette: Palette) -> String {
        match (self.ignored, self.status) {
            (true, _) => palette.warning("ignored"),
            (_, TaskStatus::Ok) => palette.outcome(Outcome::Ok, "ok"),
            (_, TaskStatus::Changed) => palette.outcome(Outcome::Changed, "changed"),
            (_, TaskStatus::Skipped) => palette.outcome(Outcome::Skipped, "skipped"),
            (_, TaskStatus::Failed) => palette.outcome(Outcome::Failed, "failed"),
            (_, TaskStatus::Unreachable) => palette.outcome(Outcome::Unreachable, "unreachable"),
        }
    }

    /// Whether it went wrong, counted or not.
    pub fn is_bad(self) -> bool {
        matches!(self.status, TaskStatus::Failed | TaskStatus::Unreachable)
    }
}

/// Hosts by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Fold(BTreeMap<End, BTreeSet<Arc<str>>>);

impl Fold {
    pub fn of(reports: &[Arc<TaskReport>], look: Look) -> Self {
        let mut fold = Self::default();
        let shown = reports.iter().filter(|report| look.view.skipped || report.status != TaskStatus::Skipped);
        shown.for_each(|report| fold.add(report));
        fold
    }

    pub fn add(&mut self, report: &TaskReport) {
        self.0.entry(End::of(report)).or_default().insert(Arc::clone(&report.host));
    }

    /// Whether it went wrong everywhere.
    pub fn is_bad(&self) -> bool {
        self.0.keys().all(|end| end.is_bad())
    }

    /// Whether all were skipped.
    pub fn is_skipped(&self) -> bool {
        self.0.keys().all(|end| end.status == TaskStatus::Skipped)
    }

    /// One part an outcome, of a task of a play on `hosts` hosts. Hosts are named unless they are most of all; those
    /// where it went wrong are named with their failure.
    pub fn parts(&self, hosts: usize, palette: Palette) -> Vec<String> {
        let total: usize = self.0.values().map(BTreeSet::len).sum();
        let good = || self.0.iter().filter(|(end, _)| !end.is_bad());
        // A task for some of the hosts says for which.
        let most = if total < hosts {
            None
        } else {
            good().rev().max_by_key(|(_, members)| members.len()).map(|(end, _)| *end)
        };
        let part = |(end, members): (&End, &BTreeSet<Arc<str>>)| {
            let part = format!("{} {}", end.word(palette), members.len());
            if end.is_bad() || most == Some(*end) {
                return part;
            }
            let members: Vec<&str> = members.iter().map(|host| &**host).collect();
            format!("{part} {}", names(&members))
        };
        self.0.iter().map(part).collect()
    }
}
