//! What the client of `MySQL` says to queries, row by row, under the names of the columns.
//!
//! Pure: text in, text and values out.

use super::mysql::{text, unescaped};
use crate::template::{Dict, Value};

/// What a query ended with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The rows.
    pub rows: Vec<Value>,
    /// How many rows it gave or altered.
    pub count: i64,
}

/// Options of the client that the answers are read with.
pub const OPTIONS: [&str; 1] = ["--column-names"];
/// Stands before each query's answer.
const BEGIN: &str = "=opsctl-query=";
/// Stands before the number of rows that a query altered.
const END: &str = "=opsctl-rows=";

/// The text for the client that runs queries after `first`; the first error ends it.
#[must_use]
pub fn script(first: &[String], queries: &[String], last: &str) -> String {
    let mut script: String = first.iter().flat_map(|statement| [statement.as_str(), ";\n"]).collect();
    for query in queries {
        let query = query.trim_end().trim_end_matches(';');
        script.extend(["SELECT '", BEGIN, "';\n", query, "\n;\nSELECT CONCAT('", END, "', ROW_COUNT());\n"]);
    }
    script + last
}

/// What the queries ended with, as far as they came, and how many were begun.
#[must_use]
pub fn outcomes(said: &str) -> (Vec<Outcome>, usize) {
    let mut lines = said.lines();
    let (mut outcomes, mut begun) = (Vec::new(), 0);
    while lines.any(|line| line == BEGIN) {
        // The mark is also the name of its column; the row stands in the next line.
        if lines.next() != Some(BEGIN) {
            break;
        }
        begun += 1;
        let mut part = Vec::new();
        let mut count = None;
        for line in lines.by_ref() {
            if let Some(number) = line.strip_prefix(END) {
                count = number.parse::<i64>().ok();
                break;
            }
            if !line.starts_with("CONCAT('=opsctl-rows=") {
                part.push(line);
            }
        }
        let Some(count) = count else { break };
        let rows = rows(&part);
        let count = if count < 0 { i64::try_from(rows.len()).unwrap_or(i64::MAX) } else { count };
        outcomes.push(Outcome { rows, count });
    }
    (outcomes, begun)
}

/// The rows of an answer: a line of the columns' names, then a line a row.
fn rows(lines: &[&str]) -> Vec<Value> {
    let mut lines = lines.iter();
    let names: Vec<String> = lines.next().map(|line| line.split('\t').map(unescaped).collect()).unwrap_or_default();
    let row = |line: &&str| {
        let fields = line.split('\t').zip(&names);
        Value::dict(fields.map(|(field, name)| (name.as_str().into(), value(field))).collect::<Dict>())
    };
    lines.map(row).collect()
}

/// The client says no types: what reads as a whole number is one.
fn value(field: &str) -> Value {
    if field == "NULL" {
        return Value::Null;
    }
    match field.parse::<i64>() {
        Ok(number) if number.to_string() == field => Value::Int(number),
        _ => Value::text(unescaped(field)),
    }
}

/// A value in a query; a list stands in brackets.
#[must_use]
pub fn literal(value: &Value) -> String {
    super::bind::literal(value, text, |items| format!("({})", items.iter().map(literal).collect::<Vec<_>>().join(",")))
}

/// Whether a query alters something, by its first words and how many rows it altered.
#[must_use]
pub fn alters(query: &str, count: i64) -> bool {
    let begin: String = query.trim_start().chars().take(8).collect::<String>().to_uppercase();
    let any = |verbs: &[&str]| verbs.iter().any(|verb| begin.contains(verb));
    (any(&["INSERT", "UPDATE", "DELETE", "REPLACE"]) && count > 0)
        || any(&["CREATE", "DROP", "ALTER", "RENAME", "TRUNCATE"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_under_the_names_of_their_columns() {
        let said = "=opsctl-query=\n=opsctl-query=\na\tb\tc\n1\tx\\ty\tNULL\n007\t-2\t\n\
                    CONCAT('=opsctl-rows=', ROW_COUNT())\n=opsctl-rows=-1\n=opsctl-query=\n=opsctl-query=\n\
                    CONCAT('=opsctl-rows=', ROW_COUNT())\n=opsctl-rows=3\n=opsctl-query=\n=opsctl-query=\n";
        let (found, begun) = outcomes(said);
        let rows = Value::list(found[0].rows.clone()).to_json();
        assert_eq!(rows, serde_json::json!([{"a": 1, "b": "x\ty", "c": null}, {"a": "007", "b": -2, "c": ""}]));
        assert_eq!((found[0].count, found[1].count, found[1].rows.len(), begun), (2, 3, 0, 3));
    }

    #[test]
    fn verbs_tell_what_alters() {
        assert!(alters(" insert into t", 1) && !alters("insert into t", 0) && alters("DROP TABLE t", 0));
        assert!(!alters("SELECT 1", 1));
    }
}
