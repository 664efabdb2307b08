//! What a play is run on: its hosts and their batches.

use std::sync::Arc;

use super::vars::Layers;
use crate::template::{Dict, Templar, Value};

/// Hosts that a warning names; of more it gives the number.
const NAMED: usize = 5;

/// Hosts of a pattern.
pub(super) struct Selected {
    pub hosts: Vec<Arc<str>>,
    /// Hosts that have failed in an earlier play.
    pub gone: Vec<Arc<str>>,
    /// Whether the limit leaves none.
    pub limited: bool,
}

/// A play, ready to run.
pub(super) struct SetUp {
    pub name: String,
    /// Its `hosts`, computed.
    pub pattern: String,
    pub hosts: Vec<Arc<str>>,
    /// Hosts that would be in it, had they not failed.
    pub gone: Vec<Arc<str>>,
    /// Whether the limit leaves none.
    pub limited: bool,
    pub serial: Vec<Value>,
    pub strategy: String,
    pub layers: Layers,
    pub templar: Templar,
    pub fixed: Dict,
}

impl SetUp {
    /// Why there are no hosts.
    pub fn no_hosts(&self) -> String {
        match &self.gone[..] {
            [] if self.limited => format!("no host of `{}` is within the limit", self.pattern),
            [] => format!("no host matches `{}`", self.pattern),
            gone => format!("no host of `{}` is left: {} failed before", self.pattern, named(gone)),
        }
    }

    /// Which hosts have had no turn when the play ends with the batch of that number, if any.
    pub fn left_after(&self, batch: u32) -> Option<String> {
        let batches = self.batches();
        let left: Vec<Arc<str>> = batches.iter().skip(batch as usize).flatten().cloned().collect();
        let count = batches.len();
        (!left.is_empty()).then(|| format!("ended with batch {batch} of {count}; not begun: {}", named(&left)))
    }

    /// The batches of `serial`; its last size repeats.
    pub fn batches(&self) -> Vec<Vec<Arc<str>>> {
        let total = self.hosts.len();
        let size = |value: &Value| {
            let text = value.to_string();
            let share = |text: &str| text.trim().parse::<f64>().ok();
            #[expect(clippy::cast_precision_loss, reason = "no fleet has so many hosts")]
            let size = match text.strip_suffix('%') {
                Some(percent) => share(percent).map(|percent| percent / 100.0 * total as f64),
                None => share(&text),
            };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative sizes become 0")]
            let size = size.unwrap_or(0.0).max(0.0) as usize;
            // Zero and less mean all; a share of less than one host is one.
            if size == 0 && !text.ends_with('%') { total } else { size.max(1) }
        };
        let mut sizes = self.serial.iter().map(size);
        let mut current = sizes.next().unwrap_or(total).max(1);
        let mut left = self.hosts.as_slice();
        let mut batches = Vec::new();
        while !left.is_empty() {
            let (batch, rest) = left.split_at(current.min(left.len()));
            batches.push(batch.to_vec());
            left = rest;
            current = sizes.next().unwrap_or(current).max(1);
        }
        batches
    }
}

/// The hosts by name where they are few.
fn named(hosts: &[Arc<str>]) -> String {
    if hosts.len() > NAMED { format!("{} hosts", hosts.len()) } else { hosts.join(", ") }
}

/// The pattern that `hosts` of a play is.
pub(super) fn pattern(hosts: &Value) -> String {
    match hosts {
        Value::List(parts) => parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
