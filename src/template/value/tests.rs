use super::*;

fn shown(value: impl Into<Value>) -> String {
    value.into().to_string()
}

#[test]
fn values_print_as_python_prints_them() {
    assert_eq!(shown(1.0), "1.0");
    assert_eq!(shown(1e16), "1e+16");
    assert_eq!(shown(1.5e-5), "1.5e-05");
    assert_eq!(shown(vec![Value::from("it's"), Value::Null, true.into()]), "[\"it's\", None, True]");
    assert_eq!(shown(Dict::from_iter([(Key::Int(1), "a\n".into())])), "{1: 'a\\n'}");
}

#[test]
fn equality_and_order_are_pythons() {
    assert_eq!(Value::from(1), Value::from(true));
    assert_eq!(Value::from(1), Value::from(1.0));
    assert_ne!(Value::from("1"), Value::from(1));
    assert!(Value::from("a").order(&Value::from(1)).is_none());
    assert_eq!(Value::from(2).order(&Value::from(1.5)), Some(std::cmp::Ordering::Greater));
}

#[test]
fn what_a_host_says_is_never_active() {
    let said = Value::of_json(&serde_json::json!({"a": ["{{ x }}"]}));
    let text = said.get("a").and_then(Value::as_list).map(|items| items[0].clone());
    assert!(matches!(text, Some(Value::String(text)) if !text.is_active()));
}

#[test]
fn maps_are_asked_with_plain_text() {
    let dict = Dict::from_iter([("a".into(), Value::from(1))]);
    assert_eq!(dict.get("a"), Some(&Value::from(1)));
    assert_eq!(dict.get("b"), None);
}
