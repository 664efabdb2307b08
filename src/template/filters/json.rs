//! JSON as Python's `json` writes it.

use std::fmt::Write as _;

use super::bind::{Answer, bind, none};
use super::python::{check, entries, flag, sort_by_key, text, whole};
use crate::template::{Arguments, Calls, Key, TemplateError, Value};

/// How JSON is written.
#[derive(Clone, Debug)]
pub struct Style {
    /// What a level is indented by; none writes one line.
    pub indent: Option<String>,
    /// Sorts the keys of dictionaries.
    pub sort_keys: bool,
    /// Writes what is not ASCII as `\uXXXX`.
    pub ensure_ascii: bool,
    /// Between items.
    pub item_separator: String,
    /// Between key and value.
    pub key_separator: String,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            indent: None,
            sort_keys: false,
            ensure_ascii: true,
            item_separator: ", ".to_owned(),
            key_separator: ": ".to_owned(),
        }
    }
}

/// Writes a value as JSON.
///
/// # Errors
/// When something in it is undefined.
pub fn dumps(value: &Value, style: &Style) -> Answer<String> {
    let mut out = String::new();
    write(&mut out, value, style, 0)?;
    Ok(out)
}

/// Deeper values are a mistake.
const DEEPEST: usize = 500;

fn write(out: &mut String, value: &Value, style: &Style, depth: usize) -> Answer<()> {
    if depth > DEEPEST {
        return Err(TemplateError::value("Circular reference detected"));
    }
    match value {
        Value::Undefined(_) => check(value)?,
        Value::Omit => return Err(TemplateError::value("Object of type Omit is not JSON serializable")),
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => write!(out, "{value}").expect("a String takes every write"),
        Value::Float(value) => out.push_str(&float(*value)),
        Value::String(text) => quote(out, text.as_str(), style.ensure_ascii),
        Value::List(items) => {
            let write_item = |out: &mut String, item: &Value| write(out, item, style, depth + 1);
            frame(out, ['[', ']'], items, style, depth, write_item)?;
        }
        Value::Dict(_) | Value::Object(_) => {
            let mut pairs = entries(value)?;
            if style.sort_keys {
                pairs = sorted(pairs)?;
            }
            let write_pair = |out: &mut String, (key, value): &(Key, Value)| {
                quote(out, &key_text(key), style.ensure_ascii);
                out.push_str(&style.key_separator);
                write(out, value, style, depth + 1)
            };
            frame(out, ['{', '}'], &pairs, style, depth, write_pair)?;
        }
    }
    Ok(())
}

fn sorted(pairs: Vec<(Key, Value)>) -> Answer<Vec<(Key, Value)>> {
    let keyed = pairs.into_iter().map(|(key, value)| (key.to_value(), value)).collect();
    let pairs = sort_by_key(keyed, false)?;
    Ok(pairs.into_iter().filter_map(|(key, value)| Some((Key::of(&key)?, value))).collect())
}

fn frame<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: &[T],
    style: &Style,
    depth: usize,
    mut write_item: impl FnMut(&mut String, &T) -> Answer<()>,
) -> Answer<()> {
    let newline = |out: &mut String, depth: usize| {
        if let Some(indent) = &style.indent {
            out.push('\n');
            out.push_str(&indent.repeat(depth));
        }
    };
    out.push(open);
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(&style.item_separator);
        }
        newline(out, depth + 1);
        write_item(out, item)?;
    }
    if !items.is_empty() {
        newline(out, depth);
    }
    out.push(close);
    Ok(())
}

fn float(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        Value::Float(value).repr()
    }
}

fn key_text(key: &Key) -> String {
    match key {
        Key::Text(text) => text.to_string(),
        Key::Int(value) => value.to_string(),
        Key::Bool(value) => value.to_string(),
        Key::Null => "null".to_owned(),
    }
}

fn quote(out: &mut String, text: &str, ensure_ascii: bool) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ if u32::from(letter) < 0x20 || (ensure_ascii && u32::from(letter) > 0x7e) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a String takes every write");
                }
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

pub fn to_json(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    dumps(&value, &style(arguments, Style::default())?).map(Value::from)
}

pub fn to_nice_json(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    arguments.named.retain(|(name, _)| **name != *"separators");
    let names = ["indent", "sort_keys"];
    if arguments.positional.len() > names.len() {
        return Err(TemplateError::value("to_nice_json() takes from 1 to 3 positional arguments"));
    }
    for (name, value) in names.into_iter().zip(std::mem::take(&mut arguments.positional)) {
        arguments.named.push((name.into(), value));
    }
    let mut nice = Style { indent: Some(" ".repeat(4)), sort_keys: true, ..Style::default() };
    ",".clone_into(&mut nice.item_separator);
    dumps(&value, &style(arguments, nice)?).map(Value::from)
}

fn style(arguments: Arguments, mut style: Style) -> Answer<Style> {
    let given = arguments.named.iter().any(|(name, _)| **name == *"separators");
    for (name, value) in arguments.named {
        match &*name {
            "indent" => style.indent = indent(&value)?,
            "sort_keys" => style.sort_keys = flag(Some(&value))?,
            "ensure_ascii" => style.ensure_ascii = flag(Some(&value))?,
            "separators" => {
                if let Some([item, key]) = value.as_list() {
                    style.item_separator = text(item)?;
                    style.key_separator = text(key)?;
                }
            }
            "profile" | "vault_to_text" | "preprocess_unsafe" | "skipkeys" | "check_circular" | "allow_nan"
            | "default" => {}
            _ => {
                return Err(TemplateError::value(format!(
                    "JSONEncoder.__init__() got an unexpected keyword argument '{name}'"
                )));
            }
        }
    }
    if style.indent.is_some() && !given {
        ",".clone_into(&mut style.item_separator);
    }
    Ok(style)
}

/// Deeper indentation is a mistake.
const WIDEST: i64 = 1000;

fn indent(value: &Value) -> Answer<Option<String>> {
    Ok(match value {
        Value::Null => None,
        Value::String(text) => Some(text.as_str().to_owned()),
        other => Some(" ".repeat(super::python::size(whole(other)?.min(WIDEST)))),
    })
}

pub fn from_json(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [_profile] = bind(arguments, "from_json", ["profile"], 0)?;
    let Value::String(text) = &value else {
        check(&value)?;
        return Err(TemplateError::value(format!(
            "the JSON object must be str, bytes or bytearray, not {}",
            value.type_name()
        )));
    };
    parse(text.as_str())
}

/// Reads JSON; nothing in it is ever templated.
pub fn parse(text: &str) -> Answer {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => Ok(Value::of_json(&json)),
        Err(error) => match text.trim() {
            "NaN" => Ok(f64::NAN.into()),
            "Infinity" => Ok(f64::INFINITY.into()),
            "-Infinity" => Ok(f64::NEG_INFINITY.into()),
            _ => Err(TemplateError::value(format!("the text is no JSON: {error}"))),
        },
    }
}

/// Jinja2's `tojson`: sorted keys, and nothing that HTML would read.
pub fn tojson(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [width] = bind(arguments, "do_tojson", ["indent"], 0)?;
    let width = width.as_ref().map_or(Ok(None), indent)?;
    let item_separator = if width.is_some() { "," } else { ", " }.to_owned();
    let json = dumps(&value, &Style { indent: width, sort_keys: true, item_separator, ..Style::default() })?;
    let safe = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026").replace('\'', "\\u0027");
    Ok(safe.into())
}

/// Ansible's lists and dictionaries are unknown to Python's `pprint`, which writes them in one line.
pub fn pprint(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_pprint")?;
    check(&value)?;
    Ok(value.repr().into())
}

/// Marks a text as needing no escapes; nothing is escaped here.
pub fn safe(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_mark_safe")?;
    match &value {
        Value::String(_) => Ok(value),
        other => Ok(text(other)?.into()),
    }
}
