//! Values as text: Python's `str` and `repr`.

use std::fmt::{self, Write as _};

use super::Value;

impl fmt::Display for Value {
    /// Python's `str()`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => f.write_str(text.as_str()),
            other => f.write_str(&other.repr()),
        }
    }
}

impl Value {
    /// Python's `repr()`.
    #[must_use]
    pub fn repr(&self) -> String {
        let mut out = String::new();
        write_repr(&mut out, self);
        out
    }
}

fn write_repr(out: &mut String, value: &Value) {
    match value {
        Value::Undefined(missing) => out.push_str(&missing.message),
        Value::Omit => out.push_str("<<Omit>>"),
        Value::Null => out.push_str("None"),
        Value::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
        Value::Int(value) => write!(out, "{value}").expect("a String takes every write"),
        Value::Float(value) => out.push_str(&float(*value)),
        Value::String(text) => write_text(out, text.as_str()),
        Value::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write_repr(out, item);
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push('{');
            for (place, (key, value)) in dict.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write_repr(out, &key.to_value());
                out.push_str(": ");
                write_repr(out, value);
            }
            out.push('}');
        }
        Value::Object(object) => {
            let text = object.text().unwrap_or_else(|| format!("<{} computed values>", object.keys().len()));
            out.push_str(&text);
        }
    }
}

/// A float as Python prints it: the shortest digits that give it back, with an exponent from 1e16 on and below 1e-4.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let size = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&size) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// Python's quoting: single quotes unless the text holds one and no double quote.
fn write_text(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == quote => out.extend(['\\', quote]),
            _ if (character as u32) < 0x20 || character as u32 == 0x7f => {
                write!(out, "\\x{:02x}", character as u32).expect("a String takes every write");
            }
            _ => out.push(character),
        }
    }
    out.push(quote);
}
