//! Methods of lists and dictionaries.

use std::cmp::Ordering;
use std::sync::Arc;

use super::super::super::{Arguments, Dict, Key, TemplateError, Value};
use super::super::item;
use super::super::resolve::key;
use super::Result;
use super::given::Given;

/// Calls a method of a list that does not change it.
pub fn call_list(items: &Arc<Vec<Value>>, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    Ok(Some(match name {
        "index" => {
            let given = Given::new("index", arguments, 1, 3)?;
            let wanted = given.value(0, "value").cloned().unwrap_or(Value::Null);
            let bounds = [given.integer(1, "start")?, given.integer(2, "stop")?, None];
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let clamp = |bound: i64| (if bound < 0 { bound.saturating_add(length) } else { bound }).clamp(0, length);
            let start = usize::try_from(bounds[0].map_or(0, clamp)).unwrap_or(0);
            let stop = usize::try_from(bounds[1].map_or(length, clamp)).unwrap_or(0);
            let found = items.get(start..stop.max(start)).unwrap_or_default().iter().position(|item| *item == wanted);
            let found = found.ok_or_else(|| TemplateError::value(format!("{} is not in list", wanted.repr())))?;
            Value::from(found + start)
        }
        "count" => {
            let given = Given::new("list.count", arguments, 1, 1)?;
            let wanted = given.value(0, "value").cloned().unwrap_or(Value::Null);
            Value::from(items.iter().filter(|item| **item == wanted).count())
        }
        "copy" => {
            Given::new("list.copy", arguments, 0, 0)?;
            Value::List(Arc::clone(items))
        }
        _ => return Ok(None),
    }))
}

/// Calls a method of a dictionary that does not change it.
pub fn call_dict(dict: &Arc<Dict>, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    let pair = |(key, value): (&Key, &Value)| Value::list(vec![key.to_value(), value.clone()]);
    Ok(Some(match name {
        "items" | "iteritems" => Value::list(dict.iter().map(pair).collect()),
        "keys" | "iterkeys" => Value::list(dict.keys().map(Key::to_value).collect()),
        "values" | "itervalues" => Value::list(dict.values().cloned().collect()),
        "copy" => Value::Dict(Arc::clone(dict)),
        "has_key" => {
            let given = Given::new("has_key", arguments, 1, 1)?;
            Value::Bool(dict.contains_key(&key(given.value(0, "key").unwrap_or(&Value::Null))?))
        }
        "get" => {
            let given = Given::new("get", arguments, 1, 2)?;
            let found = dict.get(&key(given.value(0, "key").unwrap_or(&Value::Null))?);
            found.or_else(|| given.value(1, "default")).cloned().unwrap_or(Value::Null)
        }
        _ => return Ok(None),
    }))
}

/// Calls a method that changes the value.
pub fn change(value: &mut Value, name: &str, arguments: Arguments) -> Result<Value> {
    match value {
        Value::List(items) => change_list(Arc::make_mut(items), name, arguments),
        Value::Dict(dict) => change_dict(Arc::make_mut(dict), name, arguments),
        other => Err(TemplateError::value(format!("'{}' object has no attribute '{name}'", other.type_name()))),
    }
}

fn change_list(items: &mut Vec<Value>, name: &str, arguments: Arguments) -> Result<Value> {
    match name {
        "append" => {
            Given::new("list.append", &arguments, 1, 1)?;
            items.extend(arguments.positional);
        }
        "extend" => {
            let given = Given::new("list.extend", &arguments, 1, 1)?;
            items.extend(iterated(given.value(0, "iterable").unwrap_or(&Value::Null))?);
        }
        "insert" => {
            let given = Given::new("insert", &arguments, 2, 2)?;
            let at = given.integer(0, "index")?.unwrap_or(0);
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = (if at < 0 { at.saturating_add(length) } else { at }).clamp(0, length);
            let inserted = given.value(1, "object").cloned().unwrap_or(Value::Null);
            items.insert(usize::try_from(at).unwrap_or(0), inserted);
        }
        "pop" => {
            let given = Given::new("pop", &arguments, 0, 1)?;
            if items.is_empty() {
                return Err(TemplateError::value("pop from empty list"));
            }
            let at = Value::Int(given.integer(0, "index")?.unwrap_or(-1));
            let at = item::index(&at, items.len()).ok_or_else(|| TemplateError::value("pop index out of range"))?;
            return Ok(items.remove(at));
        }
        "remove" => {
            let given = Given::new("list.remove", &arguments, 1, 1)?;
            let at = items.iter().position(|item| Some(item) == given.value(0, "value"));
            items.remove(at.ok_or_else(|| TemplateError::value("list.remove(x): x not in list"))?);
        }
        "sort" => {
            sort(items)?;
            let reverse = arguments.named.iter().any(|(name, value)| &**name == "reverse" && value.is_true());
            if reverse {
                items.reverse();
            }
        }
        "reverse" => items.reverse(),
        _ => items.clear(),
    }
    Ok(Value::Null)
}

fn sort(items: &mut [Value]) -> Result<()> {
    let mut failed = None;
    items.sort_by(|one, two| {
        one.order(two).unwrap_or_else(|| {
            failed.get_or_insert((one.type_name(), two.type_name()));
            Ordering::Equal
        })
    });
    match failed {
        None => Ok(()),
        Some((one, two)) => {
            Err(TemplateError::value(format!("'<' not supported between instances of '{two}' and '{one}'")))
        }
    }
}

fn change_dict(dict: &mut Dict, name: &str, arguments: Arguments) -> Result<Value> {
    match name {
        "update" => {
            for value in &arguments.positional {
                for (key, value) in entries(value)? {
                    dict.insert(key, value);
                }
            }
            dict.extend(arguments.named.into_iter().map(|(name, value)| (Key::Text(name), value)));
        }
        "pop" => {
            let given = Given::new("pop", &arguments, 1, 2)?;
            let wanted = given.value(0, "key").unwrap_or(&Value::Null);
            let popped = dict.shift_remove(&key(wanted)?).or_else(|| given.value(1, "default").cloned());
            return popped.ok_or_else(|| TemplateError::value(wanted.repr()));
        }
        "popitem" => {
            let (key, value) = dict.pop().ok_or_else(|| TemplateError::value("'popitem(): dictionary is empty'"))?;
            return Ok(Value::list(vec![key.to_value(), value]));
        }
        "setdefault" => {
            let given = Given::new("setdefault", &arguments, 1, 2)?;
            let key = key(given.value(0, "key").unwrap_or(&Value::Null))?;
            let default = || given.value(1, "default").cloned().unwrap_or(Value::Null);
            return Ok(dict.entry(key).or_insert_with(default).clone());
        }
        _ => dict.clear(),
    }
    Ok(Value::Null)
}

fn iterated(value: &Value) -> Result<Vec<Value>> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Dict(dict) => Ok(dict.keys().map(Key::to_value).collect()),
        Value::String(text) => Ok(text.as_str().chars().map(|letter| Value::from(letter.to_string())).collect()),
        other => Err(TemplateError::value(format!("'{}' object is not iterable", other.type_name()))),
    }
}

fn entries(value: &Value) -> Result<Vec<(Key, Value)>> {
    if let Value::Dict(dict) = value {
        return Ok(dict.iter().map(|(key, value)| (key.clone(), value.clone())).collect());
    }
    let pairs = iterated(value)?.into_iter().map(|pair| match iterated(&pair)?.as_slice() {
        [name, value] => Ok((key(name)?, value.clone())),
        other => {
            let length = other.len();
            let message = format!("dictionary update sequence element #0 has length {length}; 2 is required");
            Err(TemplateError::value(message))
        }
    });
    pairs.collect()
}
