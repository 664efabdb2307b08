//! Values from YAML nodes and JSON, and back to JSON.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Dict, Key, Origin, Text, Value};
use crate::yaml::{Node, NodeKind, Tag};

impl Value {
    /// The value of a node in one of the user's files: its texts are templated when used.
    #[must_use]
    pub fn of_node(node: &Node, file: &Arc<str>) -> Self {
        node_within(node, file, None)
    }

    /// A value of which nothing is ever templated: what hosts and programs say.
    #[must_use]
    pub fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => of_number(number),
            Json::String(text) => Self::text(text.as_str()),
            Json::Array(items) => Self::list(items.iter().map(Self::of_json).collect()),
            Json::Object(entries) => {
                Self::dict(entries.iter().map(|(key, value)| (key.as_str().into(), Self::of_json(value))).collect())
            }
        }
    }

    /// A value of the inventory, as [`Node::to_value`] makes it: its texts are templated when used.
    #[must_use]
    pub fn of_inventory(json: &Json, origin: &Origin) -> Self {
        match json {
            Json::String(text) => Self::template(text.as_str(), origin.clone()),
            Json::Array(items) => Self::list(items.iter().map(|item| Self::of_inventory(item, origin)).collect()),
            Json::Object(entries) => match entries.iter().next().filter(|_| entries.len() == 1) {
                Some((name, Json::String(text))) if name == "__ansible_vault" => {
                    Self::String(Text::vaulted(text.as_str(), origin.clone()))
                }
                Some((name, Json::String(text))) if name == "__ansible_unsafe" => Self::text(text.as_str()),
                _ => {
                    let entry =
                        |(key, value): (&String, &Json)| (key.as_str().into(), Self::of_inventory(value, origin));
                    Self::dict(entries.iter().map(entry).collect())
                }
            },
            other => Self::of_json(other),
        }
    }

    /// The value as JSON. What is undefined or omitted becomes null; computed values are left out.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Undefined(_) | Self::Omit | Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Float(value) => serde_json::Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Self::String(text) => Json::from(text.as_str()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Dict(dict) => {
                Json::Object(dict.iter().map(|(key, value)| (json_key(key), value.to_json())).collect())
            }
            Self::Object(_) => Json::Object(serde_json::Map::new()),
        }
    }
}

/// Keys as Python's `json` writes them.
fn json_key(key: &Key) -> String {
    match key {
        Key::Text(text) => text.to_string(),
        Key::Int(value) => value.to_string(),
        Key::Bool(value) => value.to_string(),
        Key::Null => "null".to_owned(),
    }
}

fn of_number(number: &serde_json::Number) -> Value {
    match number.as_i64() {
        Some(value) => Value::Int(value),
        None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn node_within(node: &Node, file: &Arc<str>, outer: Option<Tag>) -> Value {
    let tag = node.tag.or(outer);
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Number(number) => of_number(number),
        NodeKind::String(text) => {
            let origin = Origin { file: Arc::clone(file), line: node.span.line, column: node.span.column };
            Value::String(match tag {
                None => Text::template(&**text, origin),
                Some(Tag::Unsafe) => Text::plain(&**text),
                Some(Tag::Vault) => Text::vaulted(&**text, origin),
            })
        }
        NodeKind::Sequence(items) => Value::list(items.iter().map(|item| node_within(item, file, tag)).collect()),
        NodeKind::Mapping(mapping) => {
            let entry = |(key, value): &(Node, Node)| (node_key(key), node_within(value, file, tag));
            Value::dict(mapping.entries.iter().map(entry).collect::<Dict>())
        }
    }
}

fn node_key(node: &Node) -> Key {
    match &node.kind {
        NodeKind::Bool(value) => Key::Bool(*value),
        NodeKind::Null => Key::Null,
        NodeKind::Number(number) => number.as_i64().map_or_else(|| number.to_string().into(), Key::Int),
        _ => node.to_key().into(),
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<usize> for Value {
    /// Saturates beyond what an integer holds.
    fn from(value: usize) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::list(items)
    }
}

impl From<Dict> for Value {
    fn from(dict: Dict) -> Self {
        Self::dict(dict)
    }
}
