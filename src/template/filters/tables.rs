//! Tables of values, and pairs, as dictionaries.

use super::bind::{Answer, bind};
use super::python::{iterate, truth};
use crate::template::lookups::rows;
use crate::template::{Arguments, Calls, Dict, Key, TemplateError, Value};

/// Pairs of a key and a value as a dictionary.
pub fn dict(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    bind::<0>(arguments, "dict", [], 0)?;
    let mut dict = Dict::new();
    for (place, pair) in iterate(&value)?.into_iter().enumerate() {
        let pair = iterate(&pair)?;
        let [key, value] = <[Value; 2]>::try_from(pair).map_err(|pair: Vec<Value>| {
            let message =
                format!("dictionary update sequence element #{place} has length {}; 2 is required", pair.len());
            TemplateError::value(message)
        })?;
        let key =
            Key::of(&key).ok_or_else(|| TemplateError::value(format!("unhashable type: '{}'", key.type_name())))?;
        dict.insert(key, value);
    }
    Ok(Value::dict(dict))
}

/// The rows of a text of comma-separated values, each a dictionary.
pub fn from_csv(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let names = ["dialect", "fieldnames", "delimiter", "skipinitialspace", "strict"];
    let [dialect, names, delimiter, skips, _] = bind(arguments, "from_csv", names, 0)?;
    let dialect = dialect.map_or("excel".to_owned(), |dialect| dialect.to_string());
    let delimiter = match (delimiter.filter(Value::is_true), dialect.as_str()) {
        (Some(given), _) => given.to_string().chars().next().unwrap_or(','),
        (None, "excel" | "unix") => ',',
        (None, "excel-tab") => '\t',
        _ => {
            return Err(TemplateError::value(format!(
                "Dialect '{dialect}' is not supported by your version of python."
            )));
        }
    };
    let skips = match skips {
        Some(skips) => truth(&skips)?,
        None => false,
    };
    let trimmed = |text: String| if skips { text.trim_start_matches(' ').to_owned() } else { text };
    let mut rows = rows(&value.to_string(), delimiter).into_iter().filter(|row| row.len() > 1 || !row[0].is_empty());
    let names: Vec<String> = match names.filter(Value::is_true) {
        Some(names) => iterate(&names)?.iter().map(ToString::to_string).collect(),
        None => rows.next().unwrap_or_default().into_iter().map(trimmed).collect(),
    };
    let row = |row: Vec<String>| {
        let mut cells = row.into_iter().map(trimmed).map(Value::text);
        let mut dict: Dict =
            names.iter().map(|name| (Key::from(name.as_str()), cells.next().unwrap_or(Value::Null))).collect();
        let rest: Vec<Value> = cells.collect();
        if !rest.is_empty() {
            dict.insert(Key::of(&Value::Null).expect("null can be a key"), Value::list(rest));
        }
        Value::dict(dict)
    };
    Ok(Value::list(rows.map(row).collect()))
}
