//! What a template prints.

use std::fmt::Write as _;

use super::super::Value;

/// What a template has printed: one value alone keeps its type, more make a text.
#[derive(Debug, Default)]
pub enum Output {
    /// Nothing yet.
    #[default]
    Empty,
    /// One value.
    Single(Value),
    /// Text.
    Text(String),
}

impl Output {
    /// Adds text of the template itself.
    pub fn push_text(&mut self, text: &str) {
        match self {
            Self::Empty => *self = Self::Text(text.to_owned()),
            Self::Single(first) => *self = Self::Text(printed(first) + text),
            Self::Text(all) => all.push_str(text),
        }
    }

    /// Adds a value; `None` prints nothing.
    pub fn push(&mut self, value: Value) {
        match self {
            _ if matches!(value, Value::Null) => {}
            Self::Empty => *self = Self::Single(value),
            Self::Single(first) => *self = Self::Text(printed(first) + &printed(&value)),
            Self::Text(all) => match &value {
                Value::String(text) => all.push_str(text.as_str()),
                Value::Undefined(_) | Value::Omit => {}
                other => write!(all, "{other}").expect("a String takes every write"),
            },
        }
    }

    /// The bytes so far, as far as they are known.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            _ => 0,
        }
    }

    /// The value; `None` when nothing was printed.
    pub fn into_value(self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Single(value) => value,
            Self::Text(text) => Value::text(text),
        }
    }

    /// The text.
    pub fn into_text(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Single(value) => printed(&value),
            Self::Text(text) => text,
        }
    }
}

/// A value as it is printed among others. What is undefined here came of an `if` without `else` and prints nothing.
fn printed(value: &Value) -> String {
    match value {
        Value::Undefined(_) | Value::Omit => String::new(),
        other => other.to_string(),
    }
}
