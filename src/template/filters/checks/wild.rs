//! No filter and no test panics, whatever it is given.

use proptest::prelude::*;

use super::fake::Fake;
use crate::template::{Arguments, Calls, Dict, Key, Value, filters, tests};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::Omit),
        Just(Value::undefined("'x' is undefined")),
        any::<bool>().prop_map(Value::Bool),
        (-5i64..40).prop_map(Value::Int),
        prop_oneof![Just(i64::MIN), Just(i64::MAX)].prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,12}".prop_map(Value::from),
        "[0-9./:a-f%()\\[\\]{}|*+?\\\\-]{0,14}".prop_map(Value::from),
        prop_oneof![
            Just("10.0.0.1/24"),
            Just("fe80::1/64"),
            Just("a-b c"),
            Just("1.2.3-rc1"),
            Just("network"),
            Just("aa:bb:cc:dd:ee:ff")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::list),
            prop::collection::vec((".{0,3}", inner), 0..4).prop_map(|pairs| {
                Value::dict(pairs.into_iter().map(|(key, value)| (Key::from(key), value)).collect::<Dict>())
            }),
        ]
    })
}

/// Touches files of the machine, computes for long, or is random.
const LEFT_OUT: &[&str] = &["password_hash", "fileglob", "realpath"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_panics(value in values(), positional in prop::collection::vec(values(), 0..4)) {
        let arguments = Arguments { positional, named: Vec::new() };
        let mut calls = Fake::new();
        for name in filters::names().into_iter().filter(|name| !LEFT_OUT.contains(name)) {
            let _ = calls.filter(name, value.clone(), arguments.clone());
        }
        for name in tests::names() {
            let _ = calls.test(name, value.clone(), arguments.clone());
        }
    }
}
