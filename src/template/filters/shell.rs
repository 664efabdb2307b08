//! Text for shells and configuration files: quotes and comments.

use super::bind::{Answer, none};
use super::python::{integer, size, string, text};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn quote(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "quote")?;
    let text = if matches!(value, Value::Null) { String::new() } else { text(&value)? };
    Ok(quoted(&text).into())
}

/// Python's `shlex.quote`.
#[must_use]
pub fn quoted(text: &str) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "@%+=:,./-_".contains(letter);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\"'\"'"))
    }
}

/// The styles: name, beginning, decoration, end.
const STYLES: [(&str, &str, &str, &str); 5] = [
    ("plain", "", "# ", ""),
    ("erlang", "", "% ", ""),
    ("c", "", "// ", ""),
    ("cblock", "/*", " * ", " */"),
    ("xml", "<!--", " - ", "-->"),
];

pub fn comment(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    if arguments.positional.len() > 1 {
        let given = arguments.positional.len() + 1;
        return Err(TemplateError::value(format!(
            "comment() takes from 1 to 2 positional arguments but {given} were given"
        )));
    }
    let mut take = |name: &str| {
        let place = arguments.named.iter().position(|(known, _)| **known == *name)?;
        Some(arguments.named.remove(place).1)
    };
    let style =
        take("style").or_else(|| arguments.positional.pop()).map_or(Ok("plain".to_owned()), |style| text(&style))?;
    let Some((_, beginning, decoration, end)) = STYLES.iter().find(|(name, ..)| *name == style) else {
        let names = "Available styles: plain, erlang, c, cblock, xml";
        return Err(TemplateError::value(format!("Invalid style {}.", Value::from(style).repr())).hint(names));
    };
    let mut part = |name: &str, default: &str| take(name).map_or(Ok(default.to_owned()), |part| text(&part));
    let decoration = part("decoration", decoration)?;
    let edge = decoration.trim_end().to_owned();
    let parts = Parts {
        newline: part("newline", "\n")?,
        beginning: part("beginning", beginning)?,
        prefix: part("prefix", &edge)?,
        postfix: part("postfix", &edge)?,
        end: part("end", end)?,
        decoration,
    };
    let prefixes = size(integer(take("prefix_count").as_ref(), 1)?).min(10_000);
    let postfixes = size(integer(take("postfix_count").as_ref(), 1)?).min(10_000);
    Ok(parts.comment(string(&value, "replace")?, prefixes, postfixes).into())
}

/// What a comment is made of.
struct Parts {
    newline: String,
    beginning: String,
    prefix: String,
    decoration: String,
    postfix: String,
    end: String,
}

impl Parts {
    fn comment(&self, text: &str, prefixes: usize, postfixes: usize) -> String {
        let Self { newline, beginning, prefix, decoration, postfix, end } = self;
        let beginning = if beginning.is_empty() { String::new() } else { format!("{beginning}{newline}") };
        let line = if prefix == newline { newline.clone() } else { format!("{prefix}{newline}") };
        let prefix = if prefix.is_empty() { String::new() } else { line.repeat(prefixes) };
        let body = format!("{decoration}{}", replaced(text, newline, &format!("{newline}{decoration}")));
        let bare = format!("{}{newline}", decoration.trim_end());
        let body = replaced(&body, &format!("{decoration}{newline}"), &bare);
        let postfix = format!("{newline}{postfix}").repeat(postfixes);
        let end = if end.is_empty() { String::new() } else { format!("{newline}{end}") };
        format!("{beginning}{prefix}{body}{postfix}{end}")
    }
}

fn replaced(text: &str, old: &str, new: &str) -> String {
    if old.is_empty() { text.to_owned() } else { text.replace(old, new) }
}
