//! Attributes of items by name: `city`, `address.city`, `0`, `age,name`.

use super::bind::Answer;
use super::python::undefined;
use crate::template::{Calls, Key, Value};

/// The steps to an attribute.
#[derive(Clone, Debug)]
pub struct Path(Vec<Value>);

impl Path {
    /// The path that an argument names; none and `None` stand for the item itself.
    pub fn of(attribute: Option<&Value>) -> Answer<Self> {
        Ok(Self(match attribute {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => text.as_str().split('.').map(part).collect(),
            Some(Value::Undefined(missing)) => return Err(undefined(missing)),
            Some(other) => vec![other.clone()],
        }))
    }

    /// The paths that an argument names, separated by commas.
    pub fn several(attribute: Option<&Value>) -> Answer<Vec<Self>> {
        match attribute {
            Some(Value::String(text)) => {
                text.as_str().split(',').map(|path| Self::of(Some(&Value::from(path)))).collect()
            }
            other => Ok(vec![Self::of(other)?]),
        }
    }

    /// Looks the attribute up; `default` stands for what is missing, at any step.
    pub fn of_item(&self, calls: &mut dyn Calls, item: &Value, default: Option<&Value>) -> Answer {
        let mut value = item.clone();
        for step in &self.0 {
            value = step_into(calls, &value, step)?;
            if let (true, Some(default)) = (value.is_undefined(), default) {
                value = default.clone();
            }
        }
        Ok(value)
    }
}

fn step_into(calls: &mut dyn Calls, value: &Value, step: &Value) -> Answer {
    match value {
        Value::Undefined(missing) => Err(undefined(missing)),
        Value::Dict(dict) => match Key::of(step).and_then(|key| dict.get(&key)) {
            Some(found) => Ok(found.clone()),
            None => calls.item(value, step),
        },
        _ => calls.item(value, step),
    }
}

fn part(text: &str) -> Value {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(place) if is_number => place.into(),
        _ => text.into(),
    }
}

/// Text in lower case, other values as they are: how Jinja2 compares unless told.
pub fn ignore_case(value: Value) -> Value {
    match value {
        Value::String(text) => Value::from(text.as_str().to_lowercase()),
        other => other,
    }
}
