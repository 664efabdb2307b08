//! The cases of `filters/cases` and `tests/cases`, whose outcomes were written by `expect.py` with ansible-core 2.19.

use std::path::Path;

use serde_json::Value as Json;

use super::fake::Fake;
use crate::template::{Arguments, Calls, TemplateError, Value};

struct Case {
    place: String,
    name: String,
    value: Value,
    arguments: Arguments,
    outcome: Json,
}

fn cases(directory: &str) -> Vec<Case> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/template").join(directory);
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        for (number, line) in std::fs::read_to_string(&file).unwrap().lines().enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                let place = format!("{}:{}", file.file_name().unwrap().to_string_lossy(), number + 1);
                cases.push(case(place, line));
            }
        }
    }
    cases
}

fn case(place: String, line: &str) -> Case {
    let json: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
    let Json::Object(named) = &json[3] else { panic!("{place}: no named arguments") };
    Case {
        name: json[0].as_str().unwrap().to_owned(),
        value: Value::of_json(&json[1]),
        arguments: Arguments {
            positional: json[2].as_array().unwrap().iter().map(Value::of_json).collect(),
            named: named.iter().map(|(name, value)| (name.as_str().into(), Value::of_json(value))).collect(),
        },
        outcome: json[4].clone(),
        place,
    }
}

/// What differs, if anything. Messages are those of Ansible, or ours where the case has one.
fn difference(case: &Case, answer: &Result<Value, TemplateError>) -> Option<String> {
    let call = format!("{}: {} | {}{:?}", case.place, case.value.repr(), case.name, shown(&case.arguments));
    match (answer, &case.outcome) {
        (Ok(value), outcome) if value.is_undefined() => {
            outcome.get("error").is_none().then(|| format!("{call}\n  is undefined, not {outcome}"))
        }
        (Ok(value), outcome) => match outcome.get("is") {
            Some(wanted) if same(value, &Value::of_json(wanted)) => None,
            _ => Some(format!("{call}\n  is     {}\n  wanted {outcome}", value.repr())),
        },
        (Err(error), outcome) => match outcome.get("ours").or(outcome.get("error")).and_then(Json::as_str) {
            Some(wanted) if wanted == error.message => None,
            _ => Some(format!("{call}\n  fails  {:?}\n  wanted {outcome}", error.message)),
        },
    }
}

fn shown(arguments: &Arguments) -> String {
    let positional = arguments.positional.iter().map(Value::repr);
    let named = arguments.named.iter().map(|(name, value)| format!("{name}={}", value.repr()));
    format!("({})", positional.chain(named).collect::<Vec<_>>().join(", "))
}

/// Equal, and of the same types.
fn same(one: &Value, two: &Value) -> bool {
    one == two && one.repr() == two.repr()
}

#[test]
fn filters_answer_as_ansible_does() {
    check("filters/cases", |calls, case| calls.filter(&case.name, case.value.clone(), case.arguments.clone()));
}

#[test]
fn tests_answer_as_ansible_does() {
    check("tests/cases", |calls, case| {
        calls.test(&case.name, case.value.clone(), case.arguments.clone()).map(Value::from)
    });
}

fn check(directory: &str, answer: impl Fn(&mut Fake, &Case) -> Result<Value, TemplateError>) {
    let cases = cases(directory);
    assert!(cases.len() > 50, "the cases were not found");
    let mut calls = Fake::new();
    let found: Vec<String> = cases.iter().filter_map(|case| difference(case, &answer(&mut calls, case))).collect();
    assert!(found.is_empty(), "{} of {} differ\n{}", found.len(), cases.len(), found.join("\n"));
}
