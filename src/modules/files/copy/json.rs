//! Values as Python writes them as JSON.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::template::Value;

/// A value as Python's `json.dumps` writes it: blanks after commas and colons, ASCII alone.
#[must_use]
pub fn python_json(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, &value.to_json());
    out
}

fn write(out: &mut String, value: &Json) {
    match value {
        Json::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write(out, item);
            }
            out.push(']');
        }
        Json::Object(entries) => {
            out.push('{');
            for (place, (name, item)) in entries.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write(out, &Json::from(name.as_str()));
                out.push_str(": ");
                write(out, item);
            }
            out.push('}');
        }
        Json::String(text) => {
            for character in Json::from(text.as_str()).to_string().chars() {
                if character.is_ascii() {
                    out.push(character);
                } else {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        write!(out, "\\u{unit:04x}").expect("a String takes every write");
                    }
                }
            }
        }
        other => out.push_str(&other.to_string()),
    }
}
