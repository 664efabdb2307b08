//! Values as the nodes that YAML is written from.

use super::emit::Style;
use super::scalar::is_break;
use crate::template::filters::bind::Answer;
use crate::template::filters::python::{check, entries, sort_by_key};
use crate::template::{TemplateError, Value};

/// A value as YAML sees it: strings and all else that is written in one word.
pub enum Node {
    /// One word or text.
    Scalar { text: String, is_text: bool },
    /// A list, and whether it is written within brackets.
    Sequence(Vec<Node>, bool),
    /// A dictionary, and whether it is written within braces.
    Mapping(Vec<(Node, Node)>, bool),
}

/// Deeper values are a mistake.
const DEEPEST: usize = 200;

/// Makes the nodes of a value.
pub fn represent(value: &Value, style: &Style, depth: usize) -> Answer<Node> {
    if depth > DEEPEST {
        return Err(TemplateError::value("the value is nested too deeply"));
    }
    let word = |text: &str| Node::Scalar { text: text.to_owned(), is_text: false };
    Ok(match value {
        Value::Undefined(_) => {
            check(value)?;
            word("null")
        }
        Value::Omit => return Err(TemplateError::value("cannot represent an object: Omit")),
        Value::Null => word("null"),
        Value::Bool(value) => word(if *value { "true" } else { "false" }),
        Value::Int(value) => word(&value.to_string()),
        Value::Float(value) => word(&float(*value)),
        Value::String(text) => Node::Scalar { text: text.as_str().to_owned(), is_text: true },
        Value::List(items) => {
            let items: Vec<Node> = items.iter().map(|item| represent(item, style, depth + 1)).collect::<Answer<_>>()?;
            let flow = style.flow.unwrap_or_else(|| items.iter().all(Node::is_scalar));
            Node::Sequence(items, flow)
        }
        Value::Dict(_) | Value::Object(_) => {
            let pairs: Vec<_> = entries(value)?.into_iter().map(|(key, value)| (key.to_value(), value)).collect();
            let pairs = if style.sort_keys { sort_by_key(pairs.clone(), false).unwrap_or(pairs) } else { pairs };
            let mut nodes = Vec::with_capacity(pairs.len());
            for (key, value) in &pairs {
                nodes.push((represent(key, style, depth + 1)?, represent(value, style, depth + 1)?));
            }
            let flow = style.flow.unwrap_or_else(|| nodes.iter().all(|(_, value)| value.is_scalar()));
            Node::Mapping(nodes, flow)
        }
    })
}

fn float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = Value::Float(value).repr();
    if text.contains('.') { text } else { text.replacen('e', ".0e", 1) }
}

impl Node {
    fn is_scalar(&self) -> bool {
        matches!(self, Self::Scalar { .. })
    }

    /// Whether it can be a key without a question mark: short and of one line.
    pub fn is_simple_key(&self) -> bool {
        match self {
            Self::Scalar { text, .. } => text.len() <= 128 && !text.chars().any(is_break),
            Self::Sequence(items, _) => items.is_empty(),
            Self::Mapping(pairs, _) => pairs.is_empty(),
        }
    }
}
