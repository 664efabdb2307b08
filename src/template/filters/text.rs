//! Text: case, blanks, widths, words.

use super::bind::{Answer, bind, none};
use super::python::{check, flag, integer, length, size, text, whole, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn string(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "soft_str")?;
    if matches!(value, Value::String(_)) { Ok(value) } else { Ok(text(&value)?.into()) }
}

pub fn lower(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_lower")?;
    Ok(text(&value)?.to_lowercase().into())
}

pub fn upper(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_upper")?;
    Ok(text(&value)?.to_uppercase().into())
}

pub fn capitalize(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_capitalize")?;
    Ok(capitalized(&text(&value)?).into())
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase())
}

pub fn title(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_title")?;
    let text = text(&value)?;
    let is_gap = |letter: char| is_space(letter) || matches!(letter, '-' | '(' | '{' | '[' | '<');
    let mut titled = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let word = rest.find(is_gap).unwrap_or(rest.len());
        titled.push_str(&capitalized(&rest[..word]));
        rest = &rest[word..];
        let gap = rest.find(|letter| !is_gap(letter)).unwrap_or(rest.len());
        titled.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
    Ok(titled.into())
}

/// What Python's `str.isspace` calls a blank.
pub fn is_space(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{1c}'..='\u{1f}')
}

pub fn trim(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [chars] = bind(arguments, "do_trim", ["chars"], 0)?;
    let text = text(&value)?;
    Ok(match chars {
        None | Some(Value::Null) => text.trim_matches(is_space).into(),
        Some(chars) => {
            let chars = super::python::text(&chars)?;
            text.trim_matches(|letter| chars.contains(letter)).into()
        }
    })
}

pub fn replace(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [old, new, count] = bind(arguments, "do_replace", ["old", "new", "count"], 2)?;
    let (old, new) = (words(old.as_ref(), "None")?, words(new.as_ref(), "None")?);
    let text = text(&value)?;
    let count = integer(count.as_ref(), -1)?;
    Ok(if count < 0 { text.replace(&old, &new) } else { text.replacen(&old, &new, size(count)) }.into())
}

pub fn center(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [width] = bind(arguments, "do_center", ["width"], 0)?;
    let (text, width) = (text(&value)?, bounded(integer(width.as_ref(), 80)?)?);
    let length = text.chars().count();
    let padding = width.saturating_sub(length);
    let left = padding / 2 + (padding & width & 1);
    Ok(format!("{}{text}{}", " ".repeat(left), " ".repeat(padding - left)).into())
}

/// A width that fits into memory.
fn bounded(width: i64) -> Answer<usize> {
    if width > 10_000_000 {
        Err(TemplateError::value(format!("a width of {width} is too large")))
    } else {
        Ok(size(width))
    }
}

pub fn indent(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [width, first, blank] = bind(arguments, "do_indent", ["width", "first", "blank"], 0)?;
    let text = written(&value, "+=")?;
    let indention = match width {
        None => " ".repeat(4),
        Some(Value::String(width)) => width.as_str().to_owned(),
        Some(width) => " ".repeat(bounded(whole(&width)?)?),
    };
    let (first, blank) = (flag(first.as_ref())?, flag(blank.as_ref())?);
    let text = format!("{text}\n");
    let mut indented = if first { indention.clone() } else { String::new() };
    for (place, line) in lines(&text).into_iter().enumerate() {
        if place > 0 {
            indented.push('\n');
            indented.push_str(if blank || !line.is_empty() { &indention } else { "" });
        }
        indented.push_str(line);
    }
    Ok(indented.into())
}

/// The text of a string; other types fail as they do with a Python operator and a string.
fn written<'a>(value: &'a Value, operator: &str) -> Answer<&'a str> {
    check(value)?;
    value.as_str().ok_or_else(|| {
        let kind = value.type_name();
        TemplateError::value(if kind == "list" {
            "sequence item 0: expected str instance".to_owned()
        } else {
            format!("unsupported operand type(s) for {operator}: '{kind}' and 'str'")
        })
    })
}

/// Python's `str.splitlines`.
pub fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(is_break);
        let Some(end) = end else {
            lines.push(rest);
            break;
        };
        lines.push(&rest[..end]);
        let taken =
            if rest[end..].starts_with("\r\n") { 2 } else { rest[end..].chars().next().map_or(1, char::len_utf8) };
        rest = &rest[end + taken..];
    }
    lines
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub fn truncate(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [most, killwords, end, leeway] = bind(arguments, "do_truncate", ["length", "killwords", "end", "leeway"], 0)?;
    let (most, leeway) = (integer(most.as_ref(), 255)?, integer(leeway.as_ref(), 5)?);
    let end = words(end.as_ref(), "...")?;
    let end_length = super::python::count(end.chars().count());
    if most < end_length {
        return Err(TemplateError::value(format!("expected length >= {end_length}, got {most}")));
    }
    if leeway < 0 {
        return Err(TemplateError::value(format!("expected leeway >= 0, got {leeway}")));
    }
    if length(&value)? <= size(most.saturating_add(leeway)) {
        return Ok(value);
    }
    let Value::String(text) = &value else {
        return Err(TemplateError::value(format!("'{}' object has no attribute 'rsplit'", value.type_name())));
    };
    let kept: String = text.as_str().chars().take(size(most - end_length)).collect();
    let kept = if flag(killwords.as_ref())? { &kept } else { kept.rsplit_once(' ').map_or(&*kept, |(kept, _)| kept) };
    Ok(format!("{kept}{end}").into())
}

pub fn wordcount(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_wordcount")?;
    let text = text(&value)?;
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    Ok(words.filter(|word| !word.is_empty()).count().into())
}

/// Python's `str.split`, as the filter `split`.
pub fn split(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [separator, most] = bind(arguments, "split", ["sep", "maxsplit"], 0)?;
    let Value::String(subject) = &value else {
        check(&value)?;
        return Err(TemplateError::value(format!(
            "descriptor 'split' for 'str' objects doesn't apply to a '{}' object",
            value.type_name()
        )));
    };
    let most = integer(most.as_ref(), -1)?;
    let parts: Vec<Value> = match separator {
        None | Some(Value::Null) => split_blanks(subject.as_str(), most).into_iter().map(Value::from).collect(),
        Some(Value::String(separator)) if separator.as_str().is_empty() => {
            return Err(TemplateError::value("empty separator"));
        }
        Some(Value::String(separator)) if most < 0 => {
            subject.as_str().split(separator.as_str()).map(Value::from).collect()
        }
        Some(Value::String(separator)) => {
            subject.as_str().splitn(size(most).saturating_add(1), separator.as_str()).map(Value::from).collect()
        }
        Some(other) => {
            check(&other)?;
            return Err(TemplateError::value(format!("must be str or None, not {}", other.type_name())));
        }
    };
    Ok(Value::list(parts))
}

/// Splits at blanks, at most `most` times unless that is negative.
fn split_blanks(text: &str, most: i64) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = rest.find(is_space);
        match end {
            Some(end) if most < 0 || super::python::count(parts.len()) < most => {
                parts.push(&rest[..end]);
                rest = rest[end..].trim_start_matches(is_space);
            }
            Some(_) if most >= 0 => {
                parts.push(rest);
                break;
            }
            _ => {
                parts.push(rest);
                break;
            }
        }
    }
    parts
}
