//! Results and arguments as text: nearly YAML, made harmless.

use serde_json::Value;

use super::TaskView;
use crate::render::sanitize::sanitize_line;

/// Most characters of an argument that are shown.
const ARGUMENT: usize = 120;

/// Bytes that a list of plain values on one line has at most.
const INLINE: usize = 60;

/// Fields that differ from host to host and tell little.
const CLOCKS: &[&str] = &["start", "end", "delta"];

/// Fields that a reader knows from elsewhere.
const KNOWN: &[&str] = &["changed", "failed", "skipped", "diff", "warnings", "invocation", "results", "ansible_facts"];

/// The lines of a result; `debug` shows its message as it is.
pub(super) fn result(result: &Value, module: &str, view: TaskView) -> Vec<String> {
    let is_debug = module == "debug";
    let Some(fields) = result.as_object() else { return Vec::new() };
    let is_twin = |name: &str| name.strip_suffix("_lines").is_some_and(|twin| fields.contains_key(twin));
    let is_left_out = |name: &str| {
        let is_known = KNOWN.contains(&name) && !(view.ad_hoc && name == "ansible_facts");
        is_known || is_twin(name) || (view.verbosity < 2 && CLOCKS.contains(&name))
    };
    let mut lines = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| !is_left_out(name)) {
        match (is_debug && name == "msg", value) {
            (true, Value::String(text)) => lines.extend(text.lines().map(|line| sanitize_line(line).into_owned())),
            (true, value) => push(&mut lines, "", value),
            (false, value) => push_entry(&mut lines, "", name, value),
        }
    }
    lines
}

/// Arguments on one line: `name=nginx state=present`.
pub(super) fn arguments(arguments: &Value) -> String {
    let Some(entries) = arguments.as_object() else { return String::new() };
    let word = |(name, value): (&String, &Value)| {
        let text = match value {
            Value::String(text) if is_plain(text) && !text.contains(' ') => text.clone(),
            Value::String(text) => quoted(text),
            other => other.to_string(),
        };
        let text = sanitize_line(&text).into_owned();
        let cut = text.char_indices().nth(ARGUMENT).map_or_else(|| text.clone(), |(at, _)| format!("{}…", &text[..at]));
        if name == "_raw_params" { cut } else { format!("{}={cut}", sanitize_line(name)) }
    };
    entries.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn push_entry(lines: &mut Vec<String>, indent: &str, name: &str, value: &Value) {
    let name = sanitize_line(name);
    match value {
        Value::String(text) if text.trim_end().contains('\n') => {
            lines.push(format!("{indent}{name}: |"));
            lines.extend(text.lines().map(|line| format!("{indent}  {}", sanitize_line(line))));
        }
        Value::Array(items) if !items.is_empty() => {
            if let Some(inline) = inline(items) {
                lines.push(format!("{indent}{name}: [{inline}]"));
                return;
            }
            lines.push(format!("{indent}{name}:"));
            push(lines, &format!("{indent}  "), value);
        }
        Value::Object(entries) if !entries.is_empty() => {
            lines.push(format!("{indent}{name}:"));
            push(lines, &format!("{indent}  "), value);
        }
        other => lines.push(format!("{indent}{name}: {}", scalar(other))),
    }
}

/// The items on one line, if they are few and plain.
fn inline(items: &[Value]) -> Option<String> {
    let is_simple = |item: &Value| match item {
        Value::Array(_) | Value::Object(_) => false,
        Value::String(text) => !text.contains([',', '[', ']', '{', '}', '\n']),
        _ => true,
    };
    let text = items.iter().map(scalar).collect::<Vec<_>>().join(", ");
    (items.iter().all(is_simple) && text.len() <= INLINE).then_some(text)
}

fn push(lines: &mut Vec<String>, indent: &str, value: &Value) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let at = lines.len();
                push(lines, &format!("{indent}  "), item);
                if let Some(line) = lines.get_mut(at) {
                    line.replace_range(indent.len()..indent.len() + 2, "- ");
                }
            }
        }
        Value::Object(entries) if !entries.is_empty() => {
            entries.iter().for_each(|(name, value)| push_entry(lines, indent, name, value));
        }
        other => lines.push(format!("{indent}{}", scalar(other))),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => sanitize_line(text).into_owned(),
        Value::String(text) => sanitize_line(&quoted(text)).into_owned(),
        other => other.to_string(),
    }
}

/// Whether YAML would read the text as the same text without quotes.
fn is_plain(text: &str) -> bool {
    let is_word = |word: &str| matches!(word, "true" | "false" | "yes" | "no" | "on" | "off" | "null" | "~");
    !text.is_empty()
        && text.trim() == text
        && text.parse::<f64>().is_err()
        && !is_word(&text.to_lowercase())
        && !text.starts_with(|c: char| "-?:,[]{}#&*!|>'\"%@`".contains(c))
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.contains(['\n', '\r', '\t'])
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
