//! YAML text to nodes with spans.
//!
//! A leaf: knows nothing of inventories or playbooks. Scalars mean what they mean in YAML 1.1 as `PyYAML` reads it
//! for Ansible (`yes`, `0644`, `1:30`), since that is what the files were written for. JSON is read too.
//!
//! `serde-saphyr` deserialises into known types; here the types are not known and every place matters, so nodes are
//! built from the events of `granit-parser`, the parser beneath it.

mod build;
mod diagnostic;
mod explain;
mod json;
mod merge;
mod node;
mod scalar;
mod timestamp;

pub use diagnostic::{Diagnostic, Place};
pub use node::{Mapping, Node, NodeKind, Span, Tag};

use std::sync::Arc;

/// A YAML (or JSON) text as read.
#[derive(Clone, Debug)]
pub struct Document {
    /// The root; none when the text is empty or holds only comments.
    pub root: Option<Node>,
    /// What the reader should know: duplicate keys.
    pub warnings: Vec<Diagnostic>,
}

/// Reads one document from `text`; `path` is for messages.
///
/// # Errors
/// When the text is not YAML, holds more than one document, or exceeds the budgets for depth and aliases.
pub fn parse(path: &Arc<str>, text: &str) -> Result<Document, Diagnostic> {
    if text.trim_start().starts_with('{') {
        // As Ansible does: JSON has numbers (`1e3`) and escapes (`\/`) that YAML 1.1 reads otherwise.
        if let Some(root) = json::parse(text) {
            return Ok(Document { root: Some(root), warnings: Vec::new() });
        }
    }
    build::build(path, text)
}

#[cfg(test)]
mod tests;
