//! The tree that a YAML text becomes.

use std::sync::Arc;

use serde_json::{Number, Value};

/// Where a node starts; both count from one, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// A tag that changes what a value means to Ansible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// `!unsafe`: never to be templated.
    Unsafe,
    /// `!vault`: encrypted with Ansible Vault.
    Vault,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it starts.
    pub span: Span,
    /// `!unsafe` or `!vault`; other tags are resolved into the kind.
    pub tag: Option<Tag>,
    /// The value.
    pub kind: NodeKind,
}

/// A value. Collections are shared, so that an alias costs nothing.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on`, …
    Bool(bool),
    /// An integer or a finite float.
    Number(Number),
    /// Text; also dates and times (in ISO 8601) and numbers that JSON cannot hold.
    String(Box<str>),
    /// A list.
    Sequence(Arc<[Node]>),
    /// Keys and values.
    Mapping(Arc<Mapping>),
}

/// Keys and values in their order; no key twice.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// The entries.
    pub entries: Vec<(Node, Node)>,
}

impl Mapping {
    /// Finds the value of a string key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|(name, _)| name.as_str() == Some(key)).map(|(_, value)| value)
    }
}

impl Node {
    /// The text of a string node.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The mapping of a mapping node.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            NodeKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// Whether Python would call it false: null, `false`, zero, or empty.
    #[must_use]
    pub fn is_falsy(&self) -> bool {
        match &self.kind {
            NodeKind::Null => true,
            NodeKind::Bool(value) => !value,
            NodeKind::Number(number) => number.as_f64() == Some(0.0),
            NodeKind::String(text) => text.is_empty(),
            NodeKind::Sequence(items) => items.is_empty(),
            NodeKind::Mapping(mapping) => mapping.entries.is_empty(),
        }
    }

    /// What the value is, for messages: "a list", "a string", …
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a boolean",
            NodeKind::Number(_) => "a number",
            NodeKind::String(_) => "a string",
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
        }
    }

    /// The value as JSON, in the form that `ansible-inventory` prints: `!vault` becomes `{"__ansible_vault": …}`,
    /// a string under `!unsafe` becomes `{"__ansible_unsafe": …}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.value_within(self.tag)
    }

    fn value_within(&self, outer: Option<Tag>) -> Value {
        let tag = self.tag.or(outer);
        match &self.kind {
            NodeKind::Null => Value::Null,
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Number(number) => Value::Number(number.clone()),
            NodeKind::String(text) => tagged(text, tag),
            NodeKind::Sequence(items) => items.iter().map(|item| item.value_within(tag)).collect(),
            NodeKind::Mapping(mapping) => {
                let entry = |(key, value): &(Self, Self)| (key.to_key(), value.value_within(tag));
                Value::Object(mapping.entries.iter().map(entry).collect())
            }
        }
    }

    /// The node as a mapping key, which in JSON is always text.
    #[must_use]
    pub fn to_key(&self) -> String {
        match &self.kind {
            NodeKind::String(text) => text.to_string(),
            NodeKind::Null => "null".to_owned(),
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Number(number) => number.to_string(),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => self.to_value().to_string(),
        }
    }
}

fn tagged(text: &str, tag: Option<Tag>) -> Value {
    let wrap = |name: &str| Value::Object([(name.to_owned(), Value::from(text))].into_iter().collect());
    match tag {
        None => Value::from(text),
        Some(Tag::Unsafe) => wrap("__ansible_unsafe"),
        Some(Tag::Vault) => wrap("__ansible_vault"),
    }
}
