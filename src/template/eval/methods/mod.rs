//! The methods of Python's types that templates call.

mod collection;
mod given;
mod number;
mod split;
mod string;

use super::super::{Arguments, TemplateError, Value};

type Result<T> = std::result::Result<T, TemplateError>;

pub use collection::change;

const OF_DICT: &[&str] = &[
    "items",
    "keys",
    "values",
    "get",
    "update",
    "pop",
    "popitem",
    "setdefault",
    "copy",
    "clear",
    "iteritems",
    "itervalues",
    "iterkeys",
    "has_key",
];

/// Whether dictionaries have a method of that name.
pub fn is_of_dict(name: &str) -> bool {
    OF_DICT.contains(&name)
}

/// Whether a method changes the value that it is called on.
pub fn changes(value: &Value, name: &str) -> bool {
    match value {
        Value::List(_) => {
            matches!(name, "append" | "extend" | "insert" | "pop" | "remove" | "sort" | "reverse" | "clear")
        }
        Value::Dict(_) => matches!(name, "update" | "pop" | "popitem" | "setdefault" | "clear"),
        _ => false,
    }
}

/// Calls a method that changes nothing; none if there is no such method.
pub fn call(value: &Value, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    match value {
        Value::String(text) => string::call(text.as_str(), name, arguments),
        Value::List(items) => collection::call_list(items, name, arguments),
        Value::Dict(dict) => collection::call_dict(dict, name, arguments),
        Value::Int(_) | Value::Bool(_) | Value::Float(_) => number::call(value, name),
        _ => Ok(None),
    }
}

/// The size of a value, as far as a call can make it large.
pub fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::List(items) => items.len(),
        Value::Dict(dict) => dict.len(),
        _ => 0,
    }
}
