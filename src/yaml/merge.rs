//! Merge keys (`<<`): entries of other mappings, put before a mapping's own, which win.

use std::collections::HashMap;

use super::{Mapping, Node, NodeKind, Span};

/// A mapping under construction.
#[derive(Default)]
pub struct MappingBuilder {
    entries: Vec<(Node, Node)>,
    index: HashMap<String, usize>,
    merged: Vec<(Span, Node)>,
}

/// What adding an entry found.
pub enum Added {
    /// A new key.
    New,
    /// A key that stands already; the last value wins.
    Duplicate,
}

/// A `<<` whose value is neither a mapping nor a list of mappings.
pub struct NotMergeable(pub Span);

impl MappingBuilder {
    /// Adds an entry; the last value of a key wins, at the first one's place.
    pub fn add(&mut self, key: Node, value: Node) -> Added {
        let name = index_key(&key);
        if let Some(&at) = self.index.get(&name) {
            self.entries[at].1 = value;
            return Added::Duplicate;
        }
        self.index.insert(name, self.entries.len());
        self.entries.push((key, value));
        Added::New
    }

    /// Takes the value of a `<<` key.
    pub fn merge(&mut self, span: Span, value: Node) {
        self.merged.push((span, value));
    }

    /// Finishes the mapping.
    ///
    /// # Errors
    /// When the value of a `<<` cannot be merged.
    pub fn finish(self) -> Result<Mapping, NotMergeable> {
        if self.merged.is_empty() {
            return Ok(Mapping { entries: self.entries });
        }
        let mut whole = Self::default();
        for (span, value) in &self.merged {
            for mapping in sources(*span, value)? {
                mapping.entries.iter().for_each(|(key, value)| {
                    whole.add(key.clone(), value.clone());
                });
            }
        }
        for (key, value) in self.entries {
            whole.add(key, value);
        }
        Ok(Mapping { entries: whole.entries })
    }
}

/// The mappings to merge, weakest first: in a list the first one is the strongest.
fn sources(span: Span, value: &Node) -> Result<Vec<&Mapping>, NotMergeable> {
    match &value.kind {
        NodeKind::Mapping(mapping) => Ok(vec![mapping]),
        NodeKind::Sequence(items) => {
            items.iter().rev().map(|item| item.as_mapping().ok_or(NotMergeable(span))).collect()
        }
        _ => Err(NotMergeable(span)),
    }
}

/// Distinguishes `1` from `"1"`.
fn index_key(key: &Node) -> String {
    match &key.kind {
        NodeKind::String(text) => format!("s{text}"),
        _ => format!("o{}", key.to_key()),
    }
}
