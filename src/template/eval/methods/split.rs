//! Texts taken apart.

use super::super::super::{TemplateError, Value};
use super::Result;

/// `split` and `rsplit`; no limit below zero.
pub fn split(text: &str, separator: Option<&str>, limit: i64, from_right: bool) -> Result<Value> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: Vec<&str> = match separator {
        Some("") => return Err(TemplateError::value("empty separator")),
        Some(separator) if from_right => {
            let mut parts: Vec<&str> = text.rsplitn(limit.saturating_add(1), separator).collect();
            parts.reverse();
            parts
        }
        Some(separator) => text.splitn(limit.saturating_add(1), separator).collect(),
        None if from_right => words_from_right(text, limit),
        None => words(text, limit),
    };
    Ok(Value::list(parts.into_iter().map(Value::from).collect()))
}

/// What Python takes for a blank.
pub fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || ('\x1c'..='\x1f').contains(&letter)
}

fn words(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            return parts;
        }
        let end = rest.find(is_blank).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_blank);
    }
    parts
}

fn words_from_right(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(is_blank);
    while !rest.is_empty() {
        if parts.len() == limit {
            parts.push(rest);
            break;
        }
        let start = rest.char_indices().rev().find(|(_, letter)| is_blank(*letter));
        let start = start.map_or(0, |(at, letter)| at + letter.len_utf8());
        parts.push(&rest[start..]);
        rest = rest[..start].trim_end_matches(is_blank);
    }
    parts.reverse();
    parts
}

/// `splitlines`.
pub fn lines(text: &str, keep_ends: bool) -> Value {
    let is_end = |letter: char| "\n\r\x0b\x0c\x1c\x1d\x1e\u{85}\u{2028}\u{2029}".contains(letter);
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_end).unwrap_or(rest.len());
        let ending =
            if rest[end..].starts_with("\r\n") { 2 } else { rest[end..].chars().next().map_or(0, char::len_utf8) };
        lines.push(Value::from(&rest[..if keep_ends { end + ending } else { end }]));
        rest = &rest[end + ending..];
    }
    Value::list(lines)
}

/// `partition` and `rpartition`.
pub fn partition(text: &str, separator: &str, from_right: bool) -> Result<Value> {
    if separator.is_empty() {
        return Err(TemplateError::value("empty separator"));
    }
    let found = if from_right { text.rsplit_once(separator) } else { text.split_once(separator) };
    let parts = match found {
        Some((before, after)) => [before, separator, after],
        None if from_right => ["", "", text],
        None => [text, "", ""],
    };
    Ok(Value::list(parts.map(Value::from).to_vec()))
}
