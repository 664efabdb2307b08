//! Attributes, items and slices.

use std::sync::Arc;

use super::super::{Key, TemplateError, Value};
use super::undefined::{is_nothing, no_attribute};
use super::{Evaluator, Result};

impl Evaluator<'_> {
    /// `value.name`.
    pub fn attribute(&mut self, value: &Value, name: &Arc<str>) -> Result<Value> {
        self.item_of(value, &Value::text(Arc::clone(name)))
    }

    /// `value[key]`; of something undefined it is undefined for the same reason.
    pub fn item_of(&mut self, value: &Value, key: &Value) -> Result<Value> {
        let value = self.access(value.clone())?;
        if is_nothing(&value) {
            let Value::Undefined(missing) = &value else { return Ok(value) };
            return Err(self.missing(missing));
        }
        let found = match &value {
            Value::Undefined(_) => return Ok(value),
            Value::Dict(dict) => dict.get(&super::resolve::key(key)?).cloned(),
            Value::List(items) => place(key, items).map(|place| items[place].clone()),
            Value::String(text) => character(text.as_str(), key),
            Value::Object(object) => match Key::of(key) {
                Some(key) => object.get(&key)?,
                None => None,
            },
            _ => None,
        };
        match found {
            Some(found) => self.access(found),
            None => Ok(unsafe_or_missing(&value, key)),
        }
    }
}

/// The place that a key means; the pairs of `groupby` are asked for `grouper` and `list` too.
fn place(key: &Value, items: &[Value]) -> Option<usize> {
    match (key.as_str(), items) {
        (Some("grouper"), [_, Value::List(_)]) => Some(0),
        (Some("list"), [_, Value::List(_)]) => Some(1),
        _ => index(key, items.len()),
    }
}

/// Python's own attributes are kept from templates, and said to be.
pub fn unsafe_or_missing(value: &Value, key: &Value) -> Value {
    match key.as_str() {
        Some(name) if name.starts_with("__") => {
            Value::undefined(format!("access to attribute '{name}' of '{}' object is unsafe.", value.type_name()))
        }
        _ => no_attribute(value, key),
    }
}

/// The place that an index means, in a sequence of that length.
pub fn index(key: &Value, length: usize) -> Option<usize> {
    let at = match key {
        Value::Int(at) => *at,
        Value::Bool(at) => i64::from(*at),
        _ => return None,
    };
    let place = if at < 0 {
        length.checked_sub(usize::try_from(at.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(at).ok()?
    };
    (place < length).then_some(place)
}

fn character(text: &str, key: &Value) -> Option<Value> {
    let length = text.chars().count();
    text.chars().nth(index(key, length)?).map(|letter| Value::from(letter.to_string()))
}

/// A bound of a slice: an integer, or none.
pub fn bound(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::Int(bound) => Ok(Some(*bound)),
        Value::Bool(bound) => Ok(Some(i64::from(*bound))),
        _ => Err(TemplateError::value("slice indices must be integers or None or have an __index__ method")),
    }
}

/// `value[start:stop:step]`.
#[expect(clippy::similar_names, reason = "the words of the language")]
pub fn slice(value: &Value, [start, stop, step]: [Option<i64>; 3]) -> Result<Value> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(TemplateError::value("slice step cannot be zero"));
    }
    match value {
        Value::List(items) => {
            let places = places(items.len(), start, stop, step);
            Ok(Value::list(places.map(|place| items[place].clone()).collect()))
        }
        Value::String(text) => {
            let letters: Vec<char> = text.as_str().chars().collect();
            let sliced: String = places(letters.len(), start, stop, step).map(|place| letters[place]).collect();
            Ok(Value::from(sliced))
        }
        Value::Dict(_) => Err(TemplateError::value("unhashable type: 'slice'")),
        other => Err(TemplateError::value(format!("'{}' object is not subscriptable", other.type_name()))),
    }
}

/// The places that a slice means, as `slice.indices` has them.
#[expect(clippy::similar_names, reason = "the words of the language")]
fn places(length: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> impl Iterator<Item = usize> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        bound.clamp(low, high)
    };
    let start = start.map_or(if step > 0 { low } else { high }, clamp);
    let stop = stop.map_or(if step > 0 { high } else { low }, clamp);
    let first = ((step > 0 && start < stop) || (step < 0 && start > stop)).then_some(start);
    let next = move |place: &i64| {
        let next = place.checked_add(step)?;
        (if step > 0 { next < stop } else { next > stop }).then_some(next)
    };
    std::iter::successors(first, next).filter_map(|place| usize::try_from(place).ok())
}
