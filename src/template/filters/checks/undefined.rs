//! Undefined values fail when touched, and not before.

use super::fake::Fake;
use crate::template::{Arguments, Calls, TemplateErrorKind, Value};

fn holed() -> Value {
    Value::list(vec![1.into(), Value::undefined("'b' is undefined")])
}

#[test]
fn undefined_items_fail_when_printed_compared_or_joined() {
    for (name, argument) in
        [("join", None), ("string", None), ("sort", None), ("unique", None), ("union", Some(holed()))]
    {
        let arguments = Arguments { positional: argument.into_iter().collect(), named: Vec::new() };
        let error = Fake::new().filter(name, holed(), arguments).unwrap_err();
        assert_eq!(error.kind, TemplateErrorKind::Undefined, "{name}: {error}");
        assert_eq!(error.message, "'b' is undefined", "{name}");
    }
}

#[test]
fn undefined_items_do_not_matter_until_touched() {
    let first = Fake::new().filter("first", holed(), Arguments::default()).unwrap();
    assert_eq!(first, Value::from(1));
    assert_eq!(Fake::new().filter("length", holed(), Arguments::default()).unwrap(), Value::from(2));
}

#[test]
fn default_stands_in_for_undefined_and_passes_omit_through() {
    let arguments = |value: Value| Arguments { positional: vec![value], named: Vec::new() };
    let missing = Value::undefined("'x' is undefined");
    let answer = Fake::new().filter("default", missing.clone(), arguments(Value::Omit)).unwrap();
    assert!(matches!(answer, Value::Omit));
    let error = Fake::new().filter("mandatory", missing.clone(), Arguments::default()).unwrap_err();
    assert_eq!(error.message, "Mandatory variable 'x' not defined.");
    let error = Fake::new().filter("mandatory", missing, arguments("set x".into())).unwrap_err();
    assert_eq!(error.message, "set x");
}

#[test]
fn attributes_that_are_missing_can_be_rejected() {
    let items = Value::of_json(&serde_json::json!([{"a": 1}, {"b": 2}]));
    let arguments = Arguments { positional: vec!["a".into(), "undefined".into()], named: Vec::new() };
    let kept = Fake::new().filter("rejectattr", items.clone(), arguments).unwrap();
    assert_eq!(kept, Value::of_json(&serde_json::json!([{"a": 1}])));
    let arguments = Arguments { positional: vec!["a".into(), "equalto".into(), 1.into()], named: Vec::new() };
    assert_eq!(Fake::new().filter("selectattr", items, arguments).unwrap_err().kind, TemplateErrorKind::Undefined);
}

#[test]
fn what_vault_encrypts_unvault_opens_and_notes_as_a_secret() {
    let arguments = |secret: &str| Arguments { positional: vec![secret.into()], named: Vec::new() };
    let mut calls = Fake::new();
    let envelope = calls.filter("vault", "hidden".into(), arguments("key")).unwrap();
    assert!(envelope.to_string().starts_with("$ANSIBLE_VAULT;1.2;AES256;filter_default\n"), "{envelope}");
    assert_eq!(calls.filter("unvault", envelope.clone(), arguments("key")).unwrap(), Value::from("hidden"));
    assert_eq!(calls.templar().environment().secrets(), ["hidden"]);
    assert_eq!(calls.filter("unvault", envelope, arguments("other")).unwrap_err().message, "Unable to decrypt.");
}
