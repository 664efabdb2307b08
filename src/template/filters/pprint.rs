//! Python's `pprint`: dictionaries sorted, lines of at most 80 characters.

use super::bind::Answer;
use super::python::{entries, sort_by_key};
use crate::template::Value;

/// The width that lines have.
const WIDTH: usize = 80;

/// Writes a value as `pprint.pformat` does.
pub fn format(value: &Value) -> Answer<String> {
    let mut out = String::new();
    write(&mut out, value, 0, 0)?;
    Ok(out)
}

fn write(out: &mut String, value: &Value, indent: usize, allowance: usize) -> Answer<()> {
    let flat = flat(value)?;
    if indent + flat.chars().count() + allowance <= WIDTH {
        out.push_str(&flat);
        return Ok(());
    }
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                separate(out, place, indent);
                write(out, item, indent + 1, if place + 1 == items.len() { allowance + 1 } else { 1 })?;
            }
            out.push(']');
        }
        Value::Dict(_) => {
            let pairs = sorted(value)?;
            out.push('{');
            for (place, (key, value)) in pairs.iter().enumerate() {
                separate(out, place, indent);
                let key = key.repr();
                out.push_str(&key);
                out.push_str(": ");
                let allowance = if place + 1 == pairs.len() { allowance + 1 } else { 1 };
                write(out, value, indent + key.chars().count() + 3, allowance)?;
            }
            out.push('}');
        }
        _ => out.push_str(&flat),
    }
    Ok(())
}

fn separate(out: &mut String, place: usize, indent: usize) {
    if place > 0 {
        out.push_str(",\n");
        out.push_str(&" ".repeat(indent + 1));
    }
}

fn sorted(value: &Value) -> Answer<Vec<(Value, Value)>> {
    let pairs: Vec<_> = entries(value)?.into_iter().map(|(key, value)| (key.to_value(), value)).collect();
    Ok(sort_by_key(pairs.clone(), false).unwrap_or(pairs))
}

fn flat(value: &Value) -> Answer<String> {
    Ok(match value {
        Value::List(items) => format!("[{}]", items.iter().map(flat).collect::<Answer<Vec<_>>>()?.join(", ")),
        Value::Dict(_) => {
            let pairs = sorted(value)?;
            let pair = |(key, value): &(Value, Value)| Ok(format!("{}: {}", key.repr(), flat(value)?));
            format!("{{{}}}", pairs.iter().map(pair).collect::<Answer<Vec<_>>>()?.join(", "))
        }
        other => other.repr(),
    })
}
