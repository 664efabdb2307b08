//! Lookups in files of keys and values: `csvfile` and `ini`.

use super::files::{content_at, find};
use super::options::{Words, flag, named, only, text, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

type Answer = Result<Vec<Value>, TemplateError>;

const CSV: &[&str] = &["col", "keycol", "default", "delimiter", "file", "encoding"];

pub fn csvfile(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "csvfile", CSV)?;
    let mut found = Vec::new();
    for term in &arguments.positional {
        let Words { free, named: written } = words("csvfile", &text(term)?, CSV)?;
        let option = |name: &str| option(&arguments, &written, name);
        let number =
            |name: &str, default: usize| match option(name) {
                None => Ok(default),
                Some(value) => value.to_string().trim().parse().map_err(|_| {
                    TemplateError::value(format!("lookup `csvfile`: `{name}` must be a number, not {value}"))
                }),
            };
        let delimiter = match option("delimiter").map(|value| value.to_string()).as_deref() {
            None | Some("TAB" | "\\t") => '\t',
            Some(other) => other.chars().next().unwrap_or(','),
        };
        let (column, key_column) = (number("col", 1)?, number("keycol", 0)?);
        let file = option("file").map_or("ansible.csv".to_owned(), |value| value.to_string());
        let path = find(calls, "csvfile", "files", &file)?;
        let content = content_at(calls, "csvfile", &path)?;
        let row = rows(&content, delimiter).into_iter().find(|row| row.get(key_column) == Some(&free));
        match row {
            Some(mut row) if column < row.len() => found.push(Value::text(row.swap_remove(column))),
            Some(_) => return Err(TemplateError::value(format!("lookup `csvfile`: there is no column {column}"))),
            None => found.extend(option("default").filter(|value| !matches!(value, Value::Null))),
        }
    }
    Ok(found)
}

fn option(arguments: &Arguments, written: &[(String, String)], name: &str) -> Option<Value> {
    let own = written.iter().find(|(known, _)| known == name).map(|(_, value)| Value::text(value.as_str()));
    own.or_else(|| named(arguments, name).cloned())
}

/// The rows of a file of values; a value in `"` may hold what stands between values.
pub fn rows(content: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = content.chars().peekable();
    while let Some(letter) = letters.next() {
        let value = row.last_mut().expect("a row has a value");
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                value.push('"');
                letters.next();
            }
            '"' if is_quoted => is_quoted = false,
            '"' if value.is_empty() => is_quoted = true,
            '\r' if !is_quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => rows.push(std::mem::replace(&mut row, vec![String::new()])),
            letter if letter == delimiter && !is_quoted => row.push(String::new()),
            letter => value.push(letter),
        }
    }
    if row.len() > 1 || !row[0].is_empty() {
        rows.push(row);
    }
    rows
}

const INI: &[&str] = &[
    "type",
    "file",
    "section",
    "re",
    "encoding",
    "default",
    "case_sensitive",
    "allow_no_value",
    "allow_none",
    "interpolation",
];

/// A section: its name and its keys.
type Section = (String, Vec<(String, Option<String>)>);

pub fn ini(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "ini", INI)?;
    let mut found = Vec::new();
    for term in &arguments.positional {
        let Words { free, named: written } = words("ini", &text(term)?, INI)?;
        let option = |name: &str| option(&arguments, &written, name);
        let is_properties = option("type").is_some_and(|kind| kind.to_string() == "properties");
        let file = option("file").map_or("ansible.ini".to_owned(), |value| value.to_string());
        let path = find(calls, "ini", "files", &file)?;
        let content = content_at(calls, "ini", &path)?;
        let section = match option("section") {
            _ if is_properties => "java_properties".to_owned(),
            section => section.map_or("global".to_owned(), |section| section.to_string()),
        };
        let content = if is_properties { format!("[java_properties]\n{content}") } else { content };
        let keeps_case = flag(option("case_sensitive").as_ref(), false);
        let sections = sections(&content, keeps_case);
        let of = |name: &str| sections.iter().find(|(known, _)| known == name).map(|(_, keys)| keys);
        let Some(keys) = of(&section) else {
            return Err(TemplateError::value(format!("No section '{section}' in '{file}'.")));
        };
        let defaults = of("DEFAULT").map(Vec::as_slice).unwrap_or_default();
        let all: Vec<_> = keys.iter().chain(defaults.iter().filter(|(key, _)| !has(keys, key))).cloned().collect();
        let interpolates = flag(option("interpolation").as_ref(), true);
        let value = |value: &Option<String>| match value {
            Some(text) if interpolates => Value::text(interpolated(text, &all, 0)),
            Some(text) => Value::text(text.as_str()),
            None => Value::Null,
        };
        if flag(option("re").as_ref(), false) {
            for (key, of_key) in &all {
                let pattern = Arguments { positional: vec![Value::text(free.as_str())], named: Vec::new() };
                if calls.test("match", Value::text(key.as_str()), pattern)? {
                    found.push(value(of_key));
                }
            }
            continue;
        }
        let key = if keeps_case { free } else { free.to_lowercase() };
        match all.iter().find(|(known, _)| *known == key) {
            Some((_, of_key)) => found.push(value(of_key)),
            None => found.push(option("default").unwrap_or_else(|| Value::text(""))),
        }
    }
    Ok(found)
}

fn has(keys: &[(String, Option<String>)], key: &str) -> bool {
    keys.iter().any(|(known, _)| known == key)
}

fn sections(content: &str, keeps_case: bool) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in content.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let Some(open) = sections.last_mut().filter(|_| !trimmed.starts_with('[')) else {
            if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                sections.push((name.to_owned(), Vec::new()));
            }
            continue;
        };
        if line.starts_with([' ', '\t'])
            && let Some((_, Some(value))) = open.1.last_mut()
        {
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        let (key, value) = match trimmed.split_once(['=', ':']) {
            Some((key, value)) => (key.trim(), Some(value.trim().to_owned())),
            None => (trimmed, None),
        };
        let key = if keeps_case { key.to_owned() } else { key.to_lowercase() };
        open.1.push((key, value));
    }
    sections
}

/// Most values that may refer to each other.
const DEPTH_LIMIT: usize = 10;

/// `%(key)s` is the value of another key, `%%` a percent sign.
fn interpolated(text: &str, keys: &[(String, Option<String>)], depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let reference = after.strip_prefix('(').and_then(|after| after.split_once(")s"));
        match reference.and_then(|(name, rest)| {
            let value = keys.iter().find(|(known, _)| *known == name.to_lowercase())?.1.as_ref()?;
            Some((value, rest))
        }) {
            Some((value, after)) if depth < DEPTH_LIMIT => {
                out.push_str(&interpolated(value, keys, depth + 1));
                rest = after;
            }
            _ => {
                out.push('%');
                rest = after.strip_prefix('%').unwrap_or(after);
            }
        }
    }
    out + rest
}
