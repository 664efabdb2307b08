//! HTML and XML: escapes, attributes, tags, links.

use super::bind::{Answer, bind, none};
use super::python::{check, entries, text};
use super::text::is_space;
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn escape(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "escape")?;
    Ok(escaped(&text(&value)?).into())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

pub fn xmlattr(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [autospace] = bind(arguments, "do_xmlattr", ["autospace"], 0)?;
    let mut attributes = Vec::new();
    for (key, value) in entries(&value)? {
        if matches!(value, Value::Null | Value::Undefined(_)) {
            continue;
        }
        let key = key.to_string();
        if key.contains(|letter: char| letter.is_ascii_whitespace() || "/>=\u{b}".contains(letter)) {
            let shown = Value::from(key).repr();
            return Err(TemplateError::value(format!("Invalid character in attribute name: {shown}")));
        }
        attributes.push(format!("{}=\"{}\"", escaped(&key), escaped(&text(&value)?)));
    }
    let joined = attributes.join(" ");
    let space = !joined.is_empty() && autospace.as_ref().is_none_or(Value::is_true);
    Ok(format!("{}{joined}", if space { " " } else { "" }).into())
}

pub fn striptags(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_striptags")?;
    let mut rest = text(&value)?;
    for (open, close) in [("<!--", "-->"), ("<", ">")] {
        let mut kept = String::new();
        let mut left = rest.as_str();
        while let Some(start) = left.find(open) {
            let Some(end) = left[start..].find(close) else { break };
            kept.push_str(&left[..start]);
            left = &left[start + end + close.len()..];
        }
        kept.push_str(left);
        rest = kept;
    }
    let words: Vec<&str> = rest.split(is_space).filter(|word| !word.is_empty()).collect();
    Ok(unescaped(&words.join(" ")).into())
}

/// Named characters that texts commonly hold, and numeric ones.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 12);
        if let Some((letter, end)) = end.and_then(|end| Some((named(&rest[1..end])?, end))) {
            out.push(letter);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out + rest
}

fn named(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "copy" => '\u{a9}',
        "reg" => '\u{ae}',
        "hellip" => '\u{2026}',
        "mdash" => '\u{2014}',
        "ndash" => '\u{2013}',
        "euro" => '\u{20ac}',
        _ => return None,
    })
}

/// Links in texts, as Jinja2's `urlize` makes them of `http://`, `https://` and `www.`.
pub fn urlize(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let names = ["trim_url_limit", "nofollow", "target", "rel", "extra_schemes"];
    let [limit, nofollow, target, rel, _schemes] = bind(arguments, "do_urlize", names, 0)?;
    check(&value)?;
    let text = escaped(&text(&value)?);
    let mut rels: Vec<String> =
        rel.as_ref().map_or(Ok(String::new()), super::python::text)?.split_whitespace().map(str::to_owned).collect();
    rels.push("noopener".to_owned());
    if super::python::flag(nofollow.as_ref())? {
        rels.push("nofollow".to_owned());
    }
    rels.sort();
    rels.dedup();
    let limit = match &limit {
        None | Some(Value::Null) => usize::MAX,
        Some(limit) => super::python::size(super::python::whole(limit)?),
    };
    let target = match &target {
        None | Some(Value::Null) => String::new(),
        Some(target) => format!(" target=\"{}\"", escaped(&super::python::text(target)?)),
    };
    let tail = format!(" rel=\"{}\"{target}", escaped(&rels.join(" ")));
    let mut out = String::new();
    for word in text.split_inclusive(is_space) {
        let bare = word.trim_end_matches(is_space);
        out.push_str(&linked(bare, limit, &tail));
        out.push_str(&word[bare.len()..]);
    }
    Ok(out.into())
}

fn linked(word: &str, limit: usize, tail: &str) -> String {
    let start = word.len() - word.trim_start_matches(['(', '<']).len();
    let end = word.trim_end_matches([')', '>', '.', ',', '\n']).len();
    if end <= start {
        return word.to_owned();
    }
    let middle = &word[start..end];
    let link = if middle.starts_with("https://") || middle.starts_with("http://") {
        middle.to_owned()
    } else if middle.starts_with("www.") {
        format!("https://{middle}")
    } else {
        return word.to_owned();
    };
    let shown: String = middle.chars().take(limit).collect();
    let shown = if shown.len() < middle.len() { shown + "..." } else { shown };
    format!("{}<a href=\"{link}\"{tail}>{shown}</a>{}", &word[..start], &word[end..])
}
