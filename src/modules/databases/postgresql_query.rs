//! What `psql` says to queries, row by row, with the types of the columns.
//!
//! Pure: text in, text and values out.

use serde_json::Value as Json;

use super::postgresql::text;
use crate::template::{Dict, Value};

/// What a query ended with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The rows.
    pub rows: Vec<Value>,
    /// What the server calls it: `INSERT 0 1`.
    pub tag: String,
    /// How many rows it gave or altered.
    pub count: i64,
}

/// Starts each query's answer.
const BEGIN: &str = "\u{1e}Q\n";
/// Stands between a query's rows and their number.
const END: &str = "\u{1e}R ";
/// Stands between fields.
const FIELD: char = '\u{1f}';
/// Stands for null.
const NULL: &str = "\u{2}";

/// The text for `psql` that runs queries: `first` before them, `last` after them; the first error ends it.
#[must_use]
pub fn script(first: &[String], queries: &[String], last: &str) -> String {
    let mut script = String::from(
        "\\set ON_ERROR_STOP on\n\\pset fieldsep '\\037'\n\\pset recordsep_zero\n\\pset null '\\002'\n\\set QUIET on\n",
    );
    script.extend(first.iter().flat_map(|statement| [statement.as_str(), ";\n"]));
    for query in queries {
        let query = query.trim_end().trim_end_matches(';');
        // What is described after a query is the query that was sent last: several in one text are run once each.
        script.extend([
            "\\echo '\\036Q'\n\\set QUIET off\n",
            query,
            "\n\\g\n\\set QUIET on\n\\echo '\\036R' :ROW_COUNT\n\\gdesc\n",
        ]);
    }
    script + last
}

/// What the queries ended with, as far as they came.
#[must_use]
pub fn outcomes(said: &str) -> Vec<Outcome> {
    said.split(BEGIN).skip(1).filter_map(|part| Some(outcome(part.split_once(END)?))).collect()
}

fn outcome((data, rest): (&str, &str)) -> Outcome {
    let (count, described) = rest.split_once('\n').unwrap_or((rest, ""));
    let columns: Vec<(&str, &str)> =
        described.split('\0').filter_map(|column| column.trim_start_matches('\n').split_once(FIELD)).collect();
    let mut records: Vec<&str> = data.split('\0').collect();
    let tag = records.pop().unwrap_or_default().trim();
    let row = |record: &&str| {
        let fields = record.split(FIELD).zip(&columns);
        Value::dict(fields.map(|(field, (name, kind))| ((*name).into(), value(field, kind))).collect::<Dict>())
    };
    let rows: Vec<Value> = if columns.is_empty() { Vec::new() } else { records.iter().map(row).collect() };
    let count: i64 = count.trim().parse().unwrap_or_default();
    // The client counts no rows of `SHOW`.
    let count = count.max(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let tag = match tag.lines().last() {
        Some(tag) => tag.to_owned(),
        None if columns.is_empty() => String::new(),
        None => format!("SELECT {count}"),
    };
    Outcome { rows, tag, count }
}

fn value(field: &str, kind: &str) -> Value {
    if field == NULL {
        return Value::Null;
    }
    let bare = kind.split('(').next().unwrap_or(kind);
    let parsed = match bare {
        "smallint" | "integer" | "bigint" | "oid" => field.parse().ok().map(Value::Int),
        "boolean" => Some(Value::Bool(field == "t")),
        "real" | "double precision" | "numeric" => field.parse().ok().map(Value::Float),
        "json" | "jsonb" => serde_json::from_str::<Json>(field).ok().map(|json| Value::of_json(&json)),
        _ if bare.starts_with("timestamp") => Some(Value::text(field.replacen(' ', "T", 1))),
        _ => kind.strip_suffix("[]").and_then(|kind| array(field, kind)),
    };
    parsed.unwrap_or_else(|| Value::text(field))
}

/// The items of a flat array: `{1,"a b",NULL}`.
fn array(field: &str, kind: &str) -> Option<Value> {
    let inner = field.strip_prefix('{')?.strip_suffix('}')?;
    let (mut items, mut item, mut quoted, mut was_quoted) = (Vec::new(), String::new(), false, false);
    let mut characters = inner.chars();
    let take = |item: &mut String, was_quoted: &mut bool| {
        let text = std::mem::take(item);
        if !std::mem::take(was_quoted) && text == "NULL" { Value::Null } else { value(&text, kind) }
    };
    while let Some(character) = characters.next() {
        match character {
            '\\' => item.extend(characters.next()),
            '"' => (quoted, was_quoted) = (!quoted, true),
            ',' if !quoted => items.push(take(&mut item, &mut was_quoted)),
            '{' | '}' if !quoted => return None,
            other => item.push(other),
        }
    }
    if !inner.is_empty() {
        items.push(take(&mut item, &mut was_quoted));
    }
    Some(Value::list(items))
}

/// A value in a query; lists are arrays.
#[must_use]
pub fn literal(value: &Value) -> String {
    super::bind::literal(value, text, |items| {
        let item = |item: &Value| match item {
            Value::Null => "NULL".to_owned(),
            Value::String(item) => format!("\"{}\"", item.as_str().replace('\\', "\\\\").replace('"', "\\\"")),
            _ => item.to_string(),
        };
        text(&format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(",")))
    })
}

/// Whether what a server calls a statement says that something was altered.
#[must_use]
pub fn alters(tag: &str) -> bool {
    if tag.contains("SELECT") || tag.contains("SHOW") {
        return false;
    }
    let counted = ["UPDATE", "INSERT", "DELETE"].iter().any(|verb| tag.contains(verb));
    let words: Vec<&str> = tag.split_whitespace().collect();
    !(counted && matches!(words.len(), 2 | 3) && words[words.len() - 1] == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_types_of_their_columns() {
        let said = "\u{1e}Q\n1\u{1f}t\u{1f}\u{2}\u{1f}{1,2}\u{1f}{a,\"b \\\"c\",NULL}\0\u{1e}R 1\n\
                    a\u{1f}integer\0b\u{1f}boolean\0c\u{1f}text\0d\u{1f}integer[]\0e\u{1f}character varying(9)[]\0\
                    \u{1e}Q\nINSERT 0 2\n\u{1e}R 2\n";
        let found = outcomes(said);
        let row = found[0].rows[0].to_json();
        assert_eq!(row, serde_json::json!({"a": 1, "b": true, "c": null, "d": [1, 2], "e": ["a", "b \"c", null]}));
        assert_eq!((found[0].tag.as_str(), found[1].tag.as_str(), found[1].count), ("SELECT 1", "INSERT 0 2", 2));
    }

    #[test]
    fn tags_tell_what_alters() {
        assert!(["INSERT 0 1", "UPDATE 2", "CREATE TABLE", "VACUUM"].iter().all(|tag| alters(tag)));
        assert!(["SELECT 1", "SHOW", "UPDATE 0", "INSERT 0 0"].iter().all(|tag| !alters(tag)));
    }
}
