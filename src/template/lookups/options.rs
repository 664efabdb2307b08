//! Reads the terms and options of a lookup.

use crate::template::{Arguments, TemplateError, Value};

/// The terms of a lookup as texts.
pub fn texts(terms: &[Value]) -> Result<Vec<String>, TemplateError> {
    terms.iter().map(text).collect()
}

/// A term as text.
pub fn text(value: &Value) -> Result<String, TemplateError> {
    match value {
        Value::Undefined(missing) => {
            Err(TemplateError::new(crate::template::TemplateErrorKind::Undefined, missing.message.clone()))
        }
        other => Ok(other.to_string()),
    }
}

/// An option by name.
pub fn named<'a>(arguments: &'a Arguments, name: &str) -> Option<&'a Value> {
    arguments.named.iter().find(|(known, _)| **known == *name).map(|(_, value)| value)
}

/// Whether an option is on.
pub fn flag(value: Option<&Value>, default: bool) -> bool {
    match value {
        None => default,
        Some(Value::String(text)) => {
            matches!(text.as_str().to_lowercase().as_str(), "yes" | "true" | "on" | "1" | "y" | "t")
        }
        Some(value) => value.is_true(),
    }
}

/// Refuses options that the lookup does not take.
pub fn only(arguments: &Arguments, lookup: &str, known: &[&str]) -> Result<(), TemplateError> {
    // `errors` and `wantlist` are the caller's.
    let unknown =
        arguments.named.iter().find(|(name, _)| !known.contains(&&**name) && !matches!(&**name, "errors" | "wantlist"));
    match unknown {
        Some((name, _)) => Err(TemplateError::value(format!("lookup `{lookup}` takes no option `{name}`"))),
        None => Ok(()),
    }
}

/// The items of a list; anything else is a list of one.
pub fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.to_vec(),
        one => vec![one.clone()],
    }
}

/// Lists among the items opened, one level deep.
pub fn flat(items: &[Value]) -> Vec<Value> {
    items.iter().flat_map(listed).collect()
}
