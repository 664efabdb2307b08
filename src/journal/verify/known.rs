//! What `heads` and later runs know of each run.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::chain::Chain;
use crate::event::RunId;
use crate::journal::heads::{Head, HeadState};
use crate::journal::{Digest, Witness};

/// Where a claim comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// A line of `heads`.
    Heads { line: usize },
    /// The first record of a later run.
    Run(RunId),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heads { line } => write!(f, "heads:{line}"),
            Self::Run(run) => write!(f, "run {run}"),
        }
    }
}

/// Where a run's chain stood, says somebody.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub head: Head,
    pub source: Source,
}

/// All that is known of one run.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub start: Option<Claim>,
    pub end: Option<Claim>,
    pub pruned: bool,
    /// A later run knows something else than `heads`.
    pub contradiction: Option<String>,
}

impl Claims {
    pub fn last(&self) -> Option<&Claim> {
        self.end.as_ref().or(self.start.as_ref())
    }
}

/// All that is known, by run.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub runs: BTreeMap<RunId, Claims>,
}

impl Known {
    /// Adds a claim; returns what is wrong when it contradicts an earlier one.
    pub fn add(&mut self, head: &Head, source: Source) -> Option<String> {
        let claims = self.runs.entry(head.run).or_default();
        let place = match head.state {
            HeadState::Started => &mut claims.start,
            HeadState::Ended | HeadState::Interrupted => &mut claims.end,
            HeadState::Pruned | HeadState::Kept => {
                claims.pruned = head.state == HeadState::Pruned;
                return None;
            }
            HeadState::Other => return None,
        };
        match place {
            // A run that another process took for dead wrote its end after all.
            Some(known) if known.head.state == HeadState::Interrupted && head.state == HeadState::Ended => {
                *known = Claim { head: head.clone(), source };
                None
            }
            Some(known) if known.head.state == head.state && known.head.head != head.head => {
                Some(format!("contradicts {}: run {} has another head there", known.source, head.run))
            }
            Some(_) => None,
            None => {
                *place = Some(Claim { head: head.clone(), source });
                None
            }
        }
    }

    /// Adds what the runs say of those before them.
    pub fn add_witnesses(&mut self, chains: &BTreeMap<RunId, Chain>) {
        for (run, chain) in chains {
            for head in chain.witness.iter().flat_map(|witness: &Witness| &witness.last) {
                let source = Source::Run(*run);
                if self.add(head, source).is_some() {
                    let text = format!("its head in heads is not the one that {source} recorded: recomputed");
                    self.runs.entry(head.run).or_default().contradiction.get_or_insert(text);
                }
            }
        }
    }
}

/// Hashes longer and longer beginnings of some bytes, each byte once.
pub(super) struct Prefix<'a> {
    bytes: &'a [u8],
    hashed: usize,
    hasher: Sha256,
}

impl<'a> Prefix<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, hashed: 0, hasher: Sha256::new() }
    }

    /// The hash of the first `length` bytes, not less than last time; none when there are fewer.
    pub fn digest(&mut self, length: u64) -> Option<Digest> {
        let length = usize::try_from(length).ok()?;
        self.hasher.update(self.bytes.get(self.hashed..length)?);
        self.hashed = length;
        Some(self.hasher.clone().into())
    }
}
