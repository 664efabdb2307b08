//! What Python does with values: iterate, compare, convert, complain.
//!
//! Whatever is touched must be defined: an undefined value inside of a list fails when it is printed or compared.

use std::cmp::Ordering;

use super::bind::Answer;
use crate::template::{Key, Missing, Number, TemplateError, TemplateErrorKind, Value};

/// The error of a value that is missing.
pub fn undefined(missing: &Missing) -> TemplateError {
    let error = TemplateError::new(TemplateErrorKind::Undefined, missing.message.clone());
    match &missing.hint {
        Some(hint) => error.hint(hint.clone()),
        None => error,
    }
}

/// Fails where the value, or anything in it, is undefined.
pub fn check(value: &Value) -> Answer<()> {
    match value {
        Value::Undefined(missing) => Err(undefined(missing)),
        Value::List(items) => items.iter().try_for_each(check),
        Value::Dict(dict) => dict.values().try_for_each(check),
        _ => Ok(()),
    }
}

/// Python's `str()`.
pub fn text(value: &Value) -> Answer<String> {
    check(value)?;
    match value {
        Value::Object(_) => Ok(Value::dict(entries(value)?.into_iter().collect()).to_string()),
        other => Ok(other.to_string()),
    }
}

/// The text of a string; other types are refused, as by a method that only `str` has.
pub fn string<'a>(value: &'a Value, attribute: &str) -> Answer<&'a str> {
    match value {
        Value::String(text) => Ok(text.as_str()),
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Err(TemplateError::value(format!("'{}' object has no attribute '{attribute}'", other.type_name()))),
    }
}

/// What a `for` loop sees: items, keys, or characters.
pub fn iterate(value: &Value) -> Answer<Vec<Value>> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Dict(dict) => Ok(dict.keys().map(Key::to_value).collect()),
        Value::Object(object) => Ok(object.keys().iter().map(Key::to_value).collect()),
        Value::String(text) => Ok(text.as_str().chars().map(|letter| Value::from(letter.to_string())).collect()),
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Err(TemplateError::value(format!("'{}' object is not iterable", other.type_name()))),
    }
}

/// The keys and values of a mapping.
pub fn entries(value: &Value) -> Answer<Vec<(Key, Value)>> {
    match value {
        Value::Dict(dict) => Ok(dict.iter().map(|(key, value)| (key.clone(), value.clone())).collect()),
        Value::Object(object) => {
            let entry = |key: Key| {
                let value = object.get(&key)?.unwrap_or(Value::Null);
                Ok((key, value))
            };
            object.keys().into_iter().map(entry).collect()
        }
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Err(TemplateError::value(format!("'{}' object has no attribute 'items'", other.type_name()))),
    }
}

/// Whether the value is a mapping.
pub fn is_mapping(value: &Value) -> bool {
    matches!(value, Value::Dict(_) | Value::Object(_))
}

/// Python's `len()`.
pub fn length(value: &Value) -> Answer<usize> {
    match value {
        Value::List(items) => Ok(items.len()),
        Value::Dict(dict) => Ok(dict.len()),
        Value::Object(object) => Ok(object.keys().len()),
        Value::String(text) => Ok(text.as_str().chars().count()),
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Err(TemplateError::value(format!("object of type '{}' has no len()", other.type_name()))),
    }
}

/// Python's `==`, for values that are defined.
pub fn equal(one: &Value, two: &Value) -> Answer<bool> {
    check(one)?;
    check(two)?;
    Ok(one == two)
}

/// Python's order; `operator` is for the message.
pub fn order(one: &Value, two: &Value, operator: &str) -> Answer<Ordering> {
    check(one)?;
    check(two)?;
    if let (Value::List(one), Value::List(two)) = (one, two) {
        return match one.iter().zip(two.iter()).find(|(one, two)| one != two) {
            Some((one, two)) => order(one, two, operator),
            None => Ok(one.len().cmp(&two.len())),
        };
    }
    if let (Value::Float(_), _) | (_, Value::Float(_)) = (one, two)
        && one.as_number().is_some()
        && two.as_number().is_some()
    {
        return Ok(one.order(two).unwrap_or(Ordering::Equal));
    }
    one.order(two).ok_or_else(|| {
        let (one, two) = (one.type_name(), two.type_name());
        TemplateError::value(format!("'{operator}' not supported between instances of '{one}' and '{two}'"))
    })
}

/// Sorts stably by keys, as Python's `sorted` does. An own merge sort, since the order of arbitrary values may fail or
/// contradict itself, which the standard library answers with a panic.
pub fn sort_by_key(mut keyed: Vec<(Value, Value)>, reverse: bool) -> Answer<Vec<(Value, Value)>> {
    if keyed.len() < 2 {
        return Ok(keyed);
    }
    let right = keyed.split_off(keyed.len() / 2);
    let right = sort_by_key(right, reverse)?;
    let left = sort_by_key(keyed, reverse)?;
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some((one, _)), Some((two, _))) = (left.peek(), right.peek()) {
        let takes_right = if reverse { order(one, two, "<")?.is_lt() } else { order(two, one, "<")?.is_lt() };
        sorted.extend(if takes_right { right.next() } else { left.next() });
    }
    sorted.extend(left);
    sorted.extend(right);
    Ok(sorted)
}

/// Python's `in`.
pub fn contains(container: &Value, item: &Value) -> Answer<bool> {
    match container {
        Value::String(text) => match item {
            Value::String(part) => Ok(text.as_str().contains(part.as_str())),
            Value::Undefined(missing) => Err(undefined(missing)),
            other => Err(TemplateError::value(format!(
                "'in <string>' requires string as left operand, not {}",
                other.type_name()
            ))),
        },
        Value::List(items) => {
            check(item)?;
            for known in items.iter() {
                if equal(known, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Dict(_) | Value::Object(_) => {
            check(item)?;
            let keys = iterate(container)?;
            Ok(keys.iter().any(|key| key == item))
        }
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Err(TemplateError::value(format!("argument of type '{}' is not iterable", other.type_name()))),
    }
}

/// Python's `bool()`.
pub fn truth(value: &Value) -> Answer<bool> {
    match value {
        Value::Undefined(missing) => Err(undefined(missing)),
        other => Ok(other.is_true()),
    }
}

/// Whether an argument is given and true.
pub fn flag(argument: Option<&Value>) -> Answer<bool> {
    argument.map_or(Ok(false), truth)
}

/// An argument that is an integer to Python; none and `None` give `default`.
pub fn integer(argument: Option<&Value>, default: i64) -> Answer<i64> {
    match argument {
        None | Some(Value::Null) => Ok(default),
        Some(value) => whole(value),
    }
}

/// The integer that a value is to Python.
pub fn whole(value: &Value) -> Answer<i64> {
    match value {
        Value::Undefined(missing) => Err(undefined(missing)),
        other => match other.as_number() {
            Some(Number::Int(number)) => Ok(number),
            _ => {
                Err(TemplateError::value(format!("'{}' object cannot be interpreted as an integer", other.type_name())))
            }
        },
    }
}

/// The number that a value is to Python's `math`.
pub fn real(value: &Value) -> Answer<f64> {
    match value {
        Value::Undefined(missing) => Err(undefined(missing)),
        other => other
            .as_number()
            .map(Number::as_f64)
            .ok_or_else(|| TemplateError::value(format!("must be real number, not {}", other.type_name()))),
    }
}

/// An argument as text; none and `None` give `default`.
pub fn words(argument: Option<&Value>, default: &str) -> Answer<String> {
    match argument {
        None | Some(Value::Null) => Ok(default.to_owned()),
        Some(value) => text(value),
    }
}

/// A length or count from an integer, which below zero is zero.
pub fn size(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// An integer from a length.
pub fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A key of the value, which Python must be able to hash.
pub fn key(value: &Value) -> Answer<Key> {
    check(value)?;
    Key::of(value).ok_or_else(|| TemplateError::value(format!("unhashable type: '{}'", value.type_name())))
}

/// A float as an integer, without its fraction; none beyond what an integer holds.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub fn truncated(number: f64) -> Option<i64> {
    (number.abs() < 9.2e18).then(|| number.trunc() as i64)
}

/// Makes a list of pairs, as Python has tuples.
pub fn pair(one: Value, two: Value) -> Value {
    Value::list(vec![one, two])
}
