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

/// A term as it was once written: a key, and options after it.
pub struct Words {
    /// The key.
    pub free: String,
    /// `k=v`.
    pub named: Vec<(String, String)>,
}

/// Reads `key option=value`; only options that the lookup takes count, and a value may be quoted.
pub fn words(lookup: &str, term: &str, known: &[&str]) -> Result<Words, TemplateError> {
    let mut free: Vec<&str> = Vec::new();
    let mut named = Vec::new();
    let mut rest = term;
    while !rest.is_empty() {
        let end = word_end(rest);
        let word = &rest[..end];
        rest = rest[end..].trim_start_matches(' ');
        match word.split_once('=').filter(|(name, _)| known.contains(name)) {
            Some((name, value)) => named.push((name.to_owned(), unquoted(value).to_owned())),
            None if named.is_empty() => free.push(word),
            None => return Err(TemplateError::value(format!("lookup `{lookup}`: `{word}` is no option=value"))),
        }
    }
    Ok(Words { free: free.join(" "), named })
}

/// Where a word ends: at a blank outside of quotes.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == ' ' => return at,
            None if matches!(letter, '"' | '\'') && text[..at].ends_with('=') => quote = Some(letter),
            _ => {}
        }
    }
    text.len()
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)))
        .unwrap_or(text)
}
