//! JSON text to nodes, without places: Ansible reads JSON as JSON before it tries YAML.

use std::sync::Arc;

use serde_json::Value;

use super::{Mapping, Node, NodeKind, Span, Tag};

/// Reads `text` if it is valid JSON.
pub fn parse(text: &str) -> Option<Node> {
    serde_json::from_str::<Value>(text).ok().map(node)
}

fn node(value: Value) -> Node {
    let kind = match value {
        Value::Null => NodeKind::Null,
        Value::Bool(value) => NodeKind::Bool(value),
        Value::Number(number) => NodeKind::Number(number),
        Value::String(text) => NodeKind::String(text.into()),
        Value::Array(items) => NodeKind::Sequence(items.into_iter().map(node).collect()),
        Value::Object(map) => return object(map),
    };
    plain(kind)
}

fn object(map: serde_json::Map<String, Value>) -> Node {
    for (name, tag) in [("__ansible_vault", Tag::Vault), ("__ansible_unsafe", Tag::Unsafe)] {
        if let Some(Value::String(text)) = map.get(name)
            && map.len() == 1
        {
            return Node { tag: Some(tag), ..plain(NodeKind::String(text.as_str().into())) };
        }
    }
    let entries = map.into_iter().map(|(key, value)| (plain(NodeKind::String(key.into())), node(value))).collect();
    plain(NodeKind::Mapping(Arc::new(Mapping { entries })))
}

fn plain(kind: NodeKind) -> Node {
    Node { span: Span { line: 1, column: 1 }, tag: None, kind }
}
