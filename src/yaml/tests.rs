use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

fn value(text: &str) -> Value {
    read(text).root.expect("a document").to_value()
}

fn read(text: &str) -> Document {
    parse(&Arc::from("test.yml"), text).unwrap_or_else(|error| panic!("{error}"))
}

fn error(text: &str) -> String {
    let error = parse(&Arc::from("test.yml"), text).expect_err("an error");
    format!("{error}\nhint: {}", error.hint.as_deref().unwrap_or("-"))
}

#[test]
fn scalars_mean_what_yaml_1_1_makes_of_them() {
    let cases = [
        ("yes", json!(true)),
        ("Off", json!(false)),
        ("y", json!("y")),
        ("0644", json!(420)),
        ("0o644", json!("0o644")),
        ("08", json!("08")),
        ("1_000", json!(1000)),
        ("0x1F", json!(31)),
        ("-0b11", json!(-3)),
        ("1:30", json!(90)),
        ("22:22", json!(1342)),
        ("0:30", json!("0:30")),
        ("1:30.5", json!(90.5)),
        ("3:4_", json!("3:4_")),
        ("1e3", json!("1e3")),
        ("1.0e+3", json!(1000.0)),
        ("1.5", json!(1.5)),
        ("1.", json!(1.0)),
        (".5", json!(0.5)),
        ("-.5", json!("-.5")),
        ("1.2.3.4", json!("1.2.3.4")),
        (".inf", json!(".inf")),
        ("~", json!(null)),
        ("Null", json!(null)),
        ("18446744073709551615", json!(u64::MAX)),
        ("99999999999999999999", json!("99999999999999999999")),
        ("2024-02-30", json!("2024-02-30")),
        ("2024-02-03", json!("2024-02-03")),
        ("2001-12-14t21:59:43.10-05:00", json!("2001-12-14T21:59:43.100000-05:00")),
        ("2001-12-15 2:59:43Z", json!("2001-12-15T02:59:43+00:00")),
        ("'yes'", json!("yes")),
        ("!!str 0644", json!("0644")),
        ("!!int \"7\"", json!(7)),
    ];
    for (text, expected) in cases {
        assert_eq!(value(&format!("a: {text}"))["a"], expected, "{text}");
    }
}

#[test]
fn tags_of_ansible_are_kept() {
    assert_eq!(value("a: !unsafe '{{ x }}'"), json!({"a": {"__ansible_unsafe": "{{ x }}"}}));
    assert_eq!(value("a: !vault |\n  $ANSIBLE_VAULT\n  123"), json!({"a": {"__ansible_vault": "$ANSIBLE_VAULT\n123"}}));
}

#[test]
fn merge_keys_lose_to_own_keys_and_to_earlier_sources() {
    let text = "x: &x {a: 1, b: 1}\ny: &y {a: 2, c: 2}\nz:\n  <<: [*x, *y]\n  b: 3\n";
    assert_eq!(value(text)["z"], json!({"a": 1, "b": 3, "c": 2}));
}

#[test]
fn duplicate_key_warns_and_the_last_wins() {
    let document = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(document.root.expect("a root").to_value(), json!({"a": 3, "b": 2}));
    insta::assert_snapshot!(document.warnings[0], @r"
    test.yml:3:1: duplicate key `a`, the last one counts
      3 | a: 3
        | ^
    ");
}

#[test]
fn many_duplicate_keys_cost_little() {
    let document = read(&"a: 1\n".repeat(200_000));
    assert_eq!(document.warnings.len(), 101);
    assert_eq!(document.warnings[100].to_string(), "test.yml: more duplicate keys follow");
}

#[test]
fn empty_text_is_no_document() {
    assert!(read("").root.is_none());
    assert!(read("# only a comment\n").root.is_none());
}

#[test]
fn json_is_read_as_json() {
    assert_eq!(value("{\"a\": 1e3,\n\t\"b\": \"\\/\"}"), json!({"a": 1000.0, "b": "/"}));
}

#[test]
fn tab_is_explained() {
    insta::assert_snapshot!(error("all:\n  hosts:\n\tweb1:\n"), @r"
    test.yml:3:1: a tab cannot indent YAML
      3 |  web1:
        | ^
    hint: use spaces
    ");
}

#[test]
fn unquoted_template_is_explained() {
    insta::assert_snapshot!(error("a: {{ b }}\n"), @r#"
    test.yml:1:5: a mapping cannot be a key
      1 | a: {{ b }}
        |     ^
    hint: quote a value that starts with `{{`: key: "{{ … }}"
    "#);
}

#[test]
fn unquoted_template_between_braces_is_explained() {
    insta::assert_snapshot!(error("a: {b: c {{ d }} e}\n"), @r#"
    test.yml:1:10: while parsing a flow mapping, did not find expected ',' or '}'
      1 | a: {b: c {{ d }} e}
        |          ^
    hint: between braces or brackets, quote a value with a template in it: {key: "… {{ … }}"}
    "#);
}

#[test]
fn unclosed_quote_is_explained() {
    insta::assert_snapshot!(error("a: \"open\nb: 1\n"), @r#"
    test.yml:1:4: unclosed quote
      1 | a: "open
        |    ^
    hint: a quote is opened and not closed, or text follows the closing one
    "#);
}

#[test]
fn missing_space_after_colon_is_explained() {
    insta::assert_snapshot!(error("a:\n  b:1\n  c: 2\n"), @r"
    test.yml:3:4: mapping values are not allowed in this context
      3 |   c: 2
        |    ^
    hint: put a space after the colon: `b: 1`
    ");
}

#[test]
fn secret_is_not_shown_in_an_error() {
    let shown = error("ansible_password: \"hunter2\" x\n");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn unknown_tag_is_an_error() {
    insta::assert_snapshot!(error("a: !vaul x\n"), @r"
    test.yml:1:10: unknown tag `!vaul`
      1 | a: !vaul x
        |          ^
    hint: `!vault` and `!unsafe` are known; quote a text that starts with `!`
    ");
}

#[test]
fn second_document_is_an_error() {
    assert!(error("a: 1\n---\nb: 2\n").contains("second document"));
}

#[test]
fn alias_bomb_is_refused() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&["a", &level.to_string(), ": &a", &level.to_string(), " [", &aliases, "]\n"].concat());
    }
    assert!(error(&text).contains("aliases expand to more than"));
}

#[test]
fn alias_inside_itself_is_refused() {
    assert!(error("a: &a [*a]\n").contains("inside what it refers to"));
}

#[test]
fn depth_is_limited() {
    let text = "[".repeat(100_000);
    assert!(parse(&Arc::from("deep.yml"), &text).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[ -~\n\t]{0,60}") {
        let _ = parse(&Arc::from("fuzz.yml"), &text);
    }
}
