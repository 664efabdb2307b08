//! The chain inside one file: which records are missing, changed, moved or one too many.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use crate::event::RunId;
use crate::journal::lines::{Ending, Lines};
use crate::journal::list::is_live;
use crate::journal::place::open_for_reading;
use crate::journal::read::parse;
use crate::journal::record::{Body, Record, Witness};
use crate::journal::{Digest, JournalError};

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// The run that the first record begins.
    pub run: Option<RunId>,
    /// What the run says of the runs before it.
    pub witness: Option<Witness>,
    /// Hash of the first record.
    pub first: Option<Digest>,
    /// Hash of the last whole record.
    pub last: Option<Digest>,
    /// Number of whole records.
    pub records: u64,
    /// Whether half a record follows.
    pub torn: bool,
    /// Whether the last record is the run's end.
    pub ended: bool,
    /// Whether a process writes it.
    pub live: bool,
    /// Line and text of each thing that is wrong.
    pub problems: Vec<(usize, String)>,
}

/// One line, as far as the chain is concerned.
#[derive(Clone, Copy)]
struct Link {
    line: usize,
    seq: u64,
    prev: Digest,
    hash: Digest,
}

/// Reads the chain of a file.
pub(super) fn read(path: &Path) -> Result<Chain, JournalError> {
    let file = open_for_reading(path)?;
    let mut chain = Chain { live: is_live(&file), ..Chain::default() };
    let mut reader = Lines::new(file);
    let mut links: Vec<Link> = Vec::new();
    let mut buffer = Vec::new();
    for line in 1.. {
        match reader.next_into(&mut buffer).map_err(JournalError::io(path, "read"))? {
            None => break,
            Some(Ending::Torn) => {
                chain.torn = true;
                break;
            }
            Some(Ending::TooLong) => chain.broken(line, "longer than any record".into(), &buffer, &mut links),
            Some(Ending::Whole) => match parse(path, line, &buffer)? {
                Ok(record) => chain.take(line, record, &buffer, &mut links),
                Err(reason) => chain.broken(line, reason, &buffer, &mut links),
            },
        }
    }
    chain.records = links.len() as u64;
    chain.last = links.last().map(|link| link.hash);
    chain.check(&links);
    Ok(chain)
}

/// Reads only what the first record of a file says.
pub(super) fn read_first(path: &Path) -> Result<Chain, JournalError> {
    let mut chain = Chain::default();
    let mut buffer = Vec::new();
    let mut lines = Lines::new(open_for_reading(path)?);
    if lines.next_into(&mut buffer).map_err(JournalError::io(path, "read"))? == Some(Ending::Whole)
        && let Ok(record) = parse(path, 1, &buffer)?
    {
        chain.take(1, record, &buffer, &mut Vec::new());
    }
    Ok(chain)
}

impl Chain {
    fn take(&mut self, line: usize, record: Record, bytes: &[u8], links: &mut Vec<Link>) {
        let hash = Digest::of(bytes);
        self.ended = matches!(record.body, Body::RunEnd(_));
        match record.body {
            Body::RunStart(start) if line == 1 => {
                self.run = Some(start.header.run);
                self.witness = Some(start.heads);
                self.first = Some(hash);
            }
            _ if line == 1 => self.problems.push((1, "the first record is not the start of a run".into())),
            Body::RunStart(_) => self.problems.push((line, "a second start of a run: inserted".into())),
            _ => {}
        }
        links.push(Link { line, seq: record.seq, prev: record.prev, hash });
    }

    /// A line that is no record stands in for the one that should be there, so that it is reported once.
    fn broken(&mut self, line: usize, reason: String, bytes: &[u8], links: &mut Vec<Link>) {
        self.problems.push((line, reason));
        self.ended = false;
        let seq = links.last().map_or(1, |link| link.seq + 1);
        let prev = links.last().map_or(Digest::ZERO, |link| link.hash);
        links.push(Link { line, seq, prev, hash: Digest::of(bytes) });
    }

    fn check(&mut self, links: &[Link]) {
        let by_number = self.unique(links);
        let mut highest = 0;
        for link in links.iter().filter(|link| by_number.get(&link.seq).is_some_and(|own| own.line == link.line)) {
            if link.seq < highest {
                self.problems.push((link.line, format!("record {} stands after record {highest}: moved", link.seq)));
            }
            highest = highest.max(link.seq);
        }
        let mut before: Option<&Link> = None;
        for link in by_number.values() {
            let expected = before.map_or(1, |before| before.seq + 1);
            let prev = before.map_or(Digest::ZERO, |before| before.hash);
            if link.seq != expected {
                self.problems.push((link.line, missing(expected, link.seq)));
            } else if link.prev != prev && !self.is_known(before) {
                let line = before.map_or(link.line, |before| before.line);
                self.problems.push((line, changed(before.map(|before| before.seq), link.seq)));
            }
            before = Some(link);
        }
        self.problems.sort();
    }

    /// The records by number; those that are one too many are reported.
    fn unique(&mut self, links: &[Link]) -> BTreeMap<u64, Link> {
        let follower = |seq: u64| links.iter().filter(move |link| link.seq == seq + 1);
        let mut by_number: BTreeMap<u64, Link> = BTreeMap::new();
        for link in links {
            let mut known = match by_number.entry(link.seq) {
                Entry::Vacant(vacant) => {
                    vacant.insert(*link);
                    continue;
                }
                Entry::Occupied(occupied) => occupied,
            };
            let first = *known.get();
            if first.hash == link.hash {
                let text = format!("record {} stands here once more: duplicate of line {}", link.seq, first.line);
                self.problems.push((link.line, text));
                continue;
            }
            // The record that the next one was chained to is the one that was written.
            let is_own = follower(link.seq).any(|next| next.prev == link.hash);
            let extra = if is_own { known.insert(*link) } else { *link };
            self.problems.push((extra.line, format!("there are two records {}; this one was inserted", extra.seq)));
        }
        by_number
    }

    /// Whether something was already said of this line.
    fn is_known(&self, link: Option<&Link>) -> bool {
        link.is_some_and(|link| self.problems.iter().any(|(line, _)| *line == link.line))
    }
}

fn missing(expected: u64, found: u64) -> String {
    if found == expected + 1 {
        format!("record {expected} is missing before record {found}: removed")
    } else {
        format!("records {expected} to {} are missing before record {found}: removed", found - 1)
    }
}

fn changed(before: Option<u64>, seq: u64) -> String {
    match before {
        Some(before) => format!("record {before} was changed after record {seq} had been chained to it"),
        None => format!("record {seq} is chained to a record that is not there"),
    }
}
