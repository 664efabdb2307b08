//! Queries with values: `%s` and `%(name)s`.

use crate::modules::{Args, ModuleError};
use crate::template::Value;

/// The queries of a task: one text, or several.
///
/// # Errors
/// When they are something else.
pub fn queries(args: &Args) -> Result<Vec<String>, ModuleError> {
    let Some(value) = args.value("query") else { return Ok(Vec::new()) };
    let text = |value: &Value| {
        let said = || ModuleError::new(format!("the elements in query list must be strings, passed '{value}'"));
        value.as_str().map(str::to_owned).ok_or_else(said)
    };
    match value.as_list() {
        Some(items) => items.iter().map(text).collect(),
        None => text(value).map(|query| vec![query]),
    }
}

/// A query with the values of `positional_args` or `named_args` in their places; without any, it stays as it is.
///
/// # Errors
/// When a place has no value, or a value no place.
pub fn bound(query: &str, args: &Args, quote: impl Fn(&Value) -> String) -> Result<String, ModuleError> {
    let (positional, named) = (args.list("positional_args"), args.dict("named_args"));
    if positional.is_empty() && named.is_none_or(crate::template::Dict::is_empty) {
        return Ok(query.to_owned());
    }
    let mut text = String::with_capacity(query.len());
    let (mut rest, mut used) = (query, 0);
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let (value, after) = if let Some(after) = after.strip_prefix('s') {
            used += 1;
            (positional.get(used - 1), after)
        } else if let Some((name, after)) = after.strip_prefix('(').and_then(|after| after.split_once(")s")) {
            (named.and_then(|named| named.get(name)), after)
        } else {
            return Err(ModuleError::new(format!("unsupported format character after `%` in the query {query}")));
        };
        let Some(value) = value else {
            return Err(ModuleError::new(format!("not enough arguments for the places of the query {query}")));
        };
        text.push_str(&quote(value));
        rest = after;
    }
    if used < positional.len() {
        return Err(ModuleError::new(format!("not all arguments have a place in the query {query}")));
    }
    Ok(text + rest)
}

/// A value as SQL has it; texts and lists as the server wants them.
pub fn literal(value: &Value, text: impl Fn(&str) -> String, list: impl Fn(&[Value]) -> String) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
        Value::Int(_) | Value::Float(_) => value.to_string(),
        Value::List(items) => list(items),
        Value::Dict(_) => text(&value.to_json().to_string()),
        _ => text(&value.to_string()),
    }
}
