//! A `known_hosts` file: which of its lines are about a host.
//!
//! Pure: reads no files. Plain names are found at once; lines with patterns are gone through for each host, and those
//! with hashes once for each name.

use std::collections::{HashMap, HashSet};

use super::line::{Line, Marker, RecordedKey};
use super::names::{self, Hashed, Names, Pattern};

/// A line that is about the host that was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its number, from 1.
    pub(super) line: usize,
    /// What it says.
    pub(super) marker: Marker,
    /// Its key.
    pub(super) key: RecordedKey,
}

/// The lines of a file.
#[derive(Debug, Default)]
pub(super) struct KnownHosts {
    /// How many lines have been read.
    count: usize,
    lines: Vec<(usize, Marker, Box<[u8]>)>,
    /// Positions in `lines`, by name.
    plain: HashMap<Vec<u8>, Vec<usize>>,
    patterns: Vec<(usize, Vec<Pattern>)>,
    hashed: Vec<(usize, Hashed)>,
    /// Names that no line of `hashed` means: such lines are in `plain`.
    compared: HashSet<Vec<u8>>,
}

impl KnownHosts {
    /// Reads a file's lines.
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut file = Self::default();
        file.add(text);
        file
    }

    /// Reads more lines, which follow on a line of their own.
    pub(super) fn add(&mut self, text: &[u8]) {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            self.count += 1;
            if let Some(line) = Line::parse(line.strip_suffix(b"\n").unwrap_or(line)) {
                self.add_line(line);
            }
        }
    }

    fn add_line(&mut self, line: Line) {
        let position = self.lines.len();
        self.lines.push((self.count, line.marker, line.key));
        match line.names {
            Names::Plain(names) => {
                for name in names {
                    self.plain.entry(name).or_default().push(position);
                }
            }
            Names::Patterns(patterns) => self.patterns.push((position, patterns)),
            Names::Hashed(hashed) => {
                self.compared.clear();
                self.hashed.push((position, *hashed));
            }
        }
    }

    /// The lines about `name`, which is in lower case, in their order; those without a whole key are left out.
    pub(super) fn lookup(&mut self, name: &str) -> Vec<Entry> {
        let name = name.as_bytes();
        self.compare_hashes(name);
        let mut found = self.plain.get(name).cloned().unwrap_or_default();
        let matching = self.patterns.iter().filter(|(_, patterns)| names::matches(patterns, name));
        found.extend(matching.map(|(position, _)| *position));
        found.sort_unstable();
        found.dedup();
        let entry = |position: usize| {
            let (line, marker, key) = &self.lines[position];
            RecordedKey::parse(key).map(|key| Entry { line: *line, marker: *marker, key })
        };
        found.into_iter().filter_map(entry).collect()
    }

    /// Moves hashed lines about `name` to the plain ones: a hash means one name alone.
    fn compare_hashes(&mut self, name: &[u8]) {
        if self.hashed.is_empty() || !self.compared.insert(name.to_vec()) {
            return;
        }
        for (position, _) in self.hashed.extract_if(.., |(_, hashed)| hashed.matches(name)) {
            self.plain.entry(name.to_vec()).or_default().push(position);
        }
    }
}

/// The numbers of the lines of a `known_hosts` file that have a key for `name`.
///
/// For tests that throw arbitrary bytes at the reader.
#[must_use]
pub fn known_hosts_lines(file: &[u8], name: &str) -> Vec<usize> {
    KnownHosts::parse(file).lookup(name).into_iter().map(|entry| entry.line).collect()
}
