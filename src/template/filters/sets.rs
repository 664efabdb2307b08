//! Lists as sets. The order is that of the first appearance; Python's is that of its hashes, thus any.

use super::attribute::{Path, ignore_case};
use super::bind::{Answer, bind};
use super::python::{check, equal, flag, iterate};
use crate::template::{Arguments, Calls, Key, TemplateError, Value};

/// A set of values, hashed where they can be.
#[derive(Debug, Default)]
pub struct Seen {
    keys: std::collections::HashSet<Key>,
    others: Vec<Value>,
}

impl Seen {
    /// The set of the items.
    pub fn of(items: &[Value]) -> Answer<Self> {
        let mut seen = Self::default();
        for item in items {
            seen.add(item)?;
        }
        Ok(seen)
    }

    /// Adds an item; false when it was there.
    pub fn add(&mut self, item: &Value) -> Answer<bool> {
        check(item)?;
        if let Some(key) = hashed(item) {
            return Ok(self.keys.insert(key));
        }
        let is_new = !self.holds(item)?;
        if is_new {
            self.others.push(item.clone());
        }
        Ok(is_new)
    }

    /// Whether an equal item is there.
    pub fn holds(&self, item: &Value) -> Answer<bool> {
        check(item)?;
        if let Some(key) = hashed(item) {
            return Ok(self.keys.contains(&key));
        }
        for known in &self.others {
            if equal(known, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The key under which equal values are found: `1`, `1.0` and `True` are equal.
fn hashed(item: &Value) -> Option<Key> {
    match item {
        Value::Bool(value) => Some(Key::Int((*value).into())),
        Value::Float(value) => match super::python::truncated(*value) {
            #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "asks whether the float is an integer")]
            Some(whole) if whole as f64 == *value => Some(Key::Int(whole)),
            _ => None,
        },
        Value::List(_) | Value::Dict(_) | Value::Object(_) => None,
        other => Key::of(other),
    }
}

pub fn unique(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [sensitive, attribute] = bind(arguments, "unique", ["case_sensitive", "attribute"], 0)?;
    // Unless told, Ansible asks Jinja2 for `bool(None)`: texts that differ in case alone are the same.
    let is_plain = sensitive.as_ref().is_none_or(Value::is_true) && attribute.is_none();
    let sensitive = flag(sensitive.as_ref())?;
    let path = Path::of(attribute.as_ref())?;
    let items = iterate(&value)?;
    let mut keys = Vec::with_capacity(items.len());
    for item in &items {
        let key = path.of_item(calls, item, None)?;
        keys.push(if sensitive { key } else { ignore_case(key) });
    }
    let unhashable = keys.iter().any(|key| matches!(key, Value::List(_) | Value::Dict(_) | Value::Object(_)));
    if unhashable {
        if !is_plain {
            let message = "Jinja2's unique filter failed and we cannot fall back to Ansible's version as it does not \
                           support the parameters supplied: an item is a list or a dictionary";
            return Err(TemplateError::value(message));
        }
        // What Python cannot hash is compared as it is.
        keys.clone_from(&items);
    }
    let mut seen = Seen::default();
    let mut unique = Vec::new();
    for (item, key) in items.into_iter().zip(&keys) {
        if seen.add(key)? {
            unique.push(item);
        }
    }
    Ok(Value::list(unique))
}

/// Each item once.
pub fn once(items: Vec<Value>) -> Answer<Vec<Value>> {
    let mut seen = Seen::default();
    let mut once = Vec::new();
    for item in items {
        if seen.add(&item)? {
            once.push(item);
        }
    }
    Ok(once)
}

pub fn union(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let (one, two) = both(&value, arguments, "union")?;
    once([one, two].concat()).map(Value::list)
}

pub fn intersect(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let (one, two) = both(&value, arguments, "intersect")?;
    keep(one, &two, Keeps::Common).map(Value::list)
}

pub fn difference(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let (one, two) = both(&value, arguments, "difference")?;
    keep(one, &two, Keeps::Other).map(Value::list)
}

pub fn symmetric_difference(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let (one, two) = both(&value, arguments, "symmetric_difference")?;
    let mut items = keep(one.clone(), &two, Keeps::Other)?;
    items.extend(keep(two, &one, Keeps::Other)?);
    Ok(Value::list(items))
}

/// Which items are kept: those in the other list, or those not in it.
#[derive(Clone, Copy, PartialEq)]
pub enum Keeps {
    /// In both.
    Common,
    /// Not in the other.
    Other,
}

/// The items of `one` that are, or are not, in `two`; each once.
pub fn keep(one: Vec<Value>, two: &[Value], keeps: Keeps) -> Answer<Vec<Value>> {
    let two = Seen::of(two)?;
    let mut kept = Vec::new();
    for item in once(one)? {
        if two.holds(&item)? == (keeps == Keeps::Common) {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn both(value: &Value, arguments: Arguments, function: &str) -> Answer<(Vec<Value>, Vec<Value>)> {
    let [other] = bind(arguments, function, ["b"], 1)?;
    Ok((iterate(value)?, iterate(&other.unwrap_or(Value::Null))?))
}

pub fn lists_union(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    once(folded(&value, arguments, "lists_union")?.concat()).map(Value::list)
}

pub fn lists_intersect(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    fold(&value, arguments, "lists_intersect", |one, two| keep(one, two, Keeps::Common))
}

pub fn lists_difference(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    fold(&value, arguments, "lists_difference", |one, two| keep(one, two, Keeps::Other))
}

pub fn lists_symmetric_difference(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    fold(&value, arguments, "lists_symmetric_difference", |one, two| {
        let mut items = keep(one.clone(), two, Keeps::Other)?;
        items.extend(keep(two.to_vec(), &one, Keeps::Other)?);
        Ok(items)
    })
}

fn fold(
    value: &Value,
    arguments: Arguments,
    name: &str,
    step: impl Fn(Vec<Value>, &[Value]) -> Answer<Vec<Value>>,
) -> Answer {
    let mut lists = folded(value, arguments, name)?.into_iter();
    let mut result = once(lists.next().unwrap_or_default())?;
    for list in lists {
        result = step(result, &list)?;
    }
    Ok(Value::list(result))
}

/// The lists of the call; `flatten=true` opens lists of lists.
fn folded(value: &Value, mut arguments: Arguments, name: &str) -> Answer<Vec<Vec<Value>>> {
    let flatten = arguments.named.iter().position(|(name, _)| **name == *"flatten");
    let flatten = flatten.is_some_and(|place| arguments.named.remove(place).1.is_true());
    if let Some((other, _)) = arguments.named.first() {
        return Err(TemplateError::value(format!("'{other}' is no argument of {name}; `flatten` is")));
    }
    let mut lists = vec![value.clone()];
    lists.append(&mut arguments.positional);
    if flatten {
        let nested =
            |list: &Value| list.as_list().is_some_and(|items| items.iter().all(|item| item.as_list().is_some()));
        lists = lists
            .into_iter()
            .flat_map(|list| if nested(&list) { list.as_list().unwrap_or_default().to_vec() } else { vec![list] })
            .collect();
    }
    lists
        .iter()
        .map(|list| match list {
            Value::List(items) => Ok(items.to_vec()),
            other => {
                check(other)?;
                Err(TemplateError::value(format!("All arguments for {name} must be lists.")))
            }
        })
        .collect()
}
