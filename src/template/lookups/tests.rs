use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::template::{Environment, Scope, SearchPath, Templar};
use crate::vault::Vault;

#[derive(Debug)]
struct NoVars;

impl Scope for NoVars {
    fn get(&self, name: &str) -> Option<Value> {
        (name == "known").then(|| Value::from(1))
    }

    fn names(&self) -> Vec<Arc<str>> {
        vec!["known".into()]
    }
}

struct Fake(Templar);

impl Calls for Fake {
    fn filter(&mut self, _: &str, value: Value, _: Arguments) -> Result<Value, TemplateError> {
        Ok(value)
    }

    fn test(&mut self, _: &str, _: Value, _: Arguments) -> Result<bool, TemplateError> {
        Ok(true)
    }

    fn item(&mut self, value: &Value, _: &Value) -> Result<Value, TemplateError> {
        Ok(value.clone())
    }

    fn resolve(&mut self, value: Value) -> Result<Value, TemplateError> {
        Ok(value)
    }

    fn templar(&self) -> &Templar {
        &self.0
    }
}

fn calls(directory: &std::path::Path) -> Fake {
    let search = SearchPath { directories: vec![directory.to_owned()], playbook: directory.to_owned() };
    Fake(Templar::new(Arc::new(Environment::new(Vault::default())), Arc::new(NoVars), Arc::new(search)))
}

fn looped(kind: &str, terms: Json) -> Result<Json, TemplateError> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(directory.path().join("a.txt"), "text {{ x }}\n").expect("a file");
    let items = loop_items(&mut calls(directory.path()), kind, Value::of_json(&terms))?;
    let shown = Value::list(items).to_json().to_string().replace(&directory.path().display().to_string(), "DIR");
    Ok(serde_json::from_str(&shown).expect("JSON"))
}

#[test]
fn loops_give_the_items_that_ansible_gives() {
    for (kind, terms, expected) in [
        ("items", json!([1, [2, [3]]]), json!([1, 2, [3]])),
        ("list", json!([1, [2]]), json!([1, [2]])),
        ("flattened", json!([1, [2, [3, null]]]), json!([1, 2, 3])),
        ("indexed_items", json!(["a", ["b"]]), json!([[0, "a"], [1, "b"]])),
        ("dict", json!({"a": 1}), json!([{"key": "a", "value": 1}])),
        ("nested", json!([["a", "b"], [1, 2]]), json!([["a", 1], ["a", 2], ["b", 1], ["b", 2]])),
        ("together", json!([["a", "b"], [1]]), json!([["a", 1], ["b", null]])),
        ("subelements", json!([[{"n": 1, "k": {"x": ["p"]}}], "k.x"]), json!([[{"n": 1, "k": {}}, "p"]])),
        ("subelements", json!([[{"n": 1}], "k", {"skip_missing": true}]), json!([])),
        ("sequence", json!("start=0 end=4 stride=2 format=web%02d"), json!(["web00", "web02", "web04"])),
        ("sequence", json!("3-5"), json!(["3", "4", "5"])),
        ("sequence", json!("count=2"), json!(["1", "2"])),
        ("sequence", json!("2-10/4:h%d"), json!(["h2", "h6", "h10"])),
        ("file", json!("a.txt"), json!(["text {{ x }}"])),
        ("first_found", json!(["none", "a.txt"]), json!(["DIR/a.txt"])),
        ("first_found", json!([{"files": ["b", "a.txt"], "paths": ["x", "."]}]), json!(["DIR/a.txt"])),
        ("first_found", json!([{"files": "b", "skip": true}]), json!([])),
        ("pipe", json!("echo a; echo b"), json!(["a\nb"])),
        ("lines", json!("echo a; echo b"), json!(["a", "b"])),
        ("vars", json!("known"), json!([1])),
        ("ansible.builtin.random_choice", json!(["a"]), json!(["a"])),
    ] {
        assert_eq!(
            looped(kind, terms.clone()).unwrap_or_else(|error| panic!("{kind} {terms}: {error}")),
            expected,
            "{kind}"
        );
    }
}

#[test]
fn what_is_missing_is_an_error() {
    for (kind, terms) in [
        ("file", json!("none")),
        ("first_found", json!(["none"])),
        ("pipe", json!("exit 3")),
        ("vars", json!("none")),
        ("sequence", json!("start=5 end=1")),
        ("subelements", json!([[{"n": 1}], "k"])),
        ("nothing", json!([])),
    ] {
        assert!(looped(kind, terms).is_err(), "{kind}");
    }
}
