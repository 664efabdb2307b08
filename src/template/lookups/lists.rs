//! Lookups that only arrange their terms.

use super::options::{flag, flat, listed, only};
use crate::template::{Arguments, Calls, Dict, TemplateError, Value};

type Answer = Result<Vec<Value>, TemplateError>;

#[expect(clippy::unnecessary_wraps, reason = "the signature of a lookup")]
pub fn items(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    Ok(flat(&arguments.positional))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a lookup")]
pub fn list(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    Ok(arguments.positional)
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a lookup")]
pub fn indexed_items(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let items = flat(&arguments.positional).into_iter().enumerate();
    Ok(items.map(|(place, item)| Value::list(vec![place.into(), item])).collect())
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of a lookup")]
pub fn flattened(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let mut found = Vec::new();
    arguments.positional.iter().for_each(|term| flatten(term, &mut found));
    Ok(found)
}

fn flatten(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| flatten(item, found)),
        Value::Null => {}
        other => found.push(other.clone()),
    }
}

pub fn dict(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "dict", &[])?;
    let mut found = Vec::new();
    for term in &arguments.positional {
        let Some(entries) = term.as_dict() else {
            let message =
                format!("the 'dict' lookup plugin expects a dictionary, got '{term}' of type {}", term.type_name());
            return Err(TemplateError::value(message));
        };
        let entry = |(key, value): (&crate::template::Key, &Value)| {
            Value::dict(Dict::from_iter([("key".into(), key.to_value()), ("value".into(), value.clone())]))
        };
        found.extend(entries.iter().map(entry));
    }
    Ok(found)
}

pub fn nested(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let mut terms = arguments.positional.iter().map(listed);
    let Some(first) = terms.next() else {
        return Err(TemplateError::value("with_nested requires at least one element in the nested list"));
    };
    let mut rows: Vec<Vec<Value>> = first.iter().map(listed).collect();
    for term in terms {
        let extended = |row: &Vec<Value>, item: &Value| [row.clone(), listed(item)].concat();
        rows = rows.iter().flat_map(|row| term.iter().map(move |item| extended(row, item))).collect();
    }
    Ok(rows.into_iter().map(Value::list).collect())
}

pub fn together(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let terms: Vec<Vec<Value>> = arguments.positional.iter().map(listed).collect();
    let Some(longest) = terms.iter().map(Vec::len).max() else {
        return Err(TemplateError::value("with_together requires at least one element in each list"));
    };
    let row = |place: usize| {
        let cells: Vec<Value> = terms.iter().map(|term| term.get(place).cloned().unwrap_or(Value::Null)).collect();
        Value::list(flat(&cells))
    };
    Ok((0..longest).map(row).collect())
}

pub fn subelements(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let (elements, path, options) = match arguments.positional.as_slice() {
        [elements, Value::String(path)] => (elements, path, None),
        [elements, Value::String(path), options] => (elements, path, Some(options)),
        _ => return Err(TemplateError::value("subelements lookup expects a list of two or three items")),
    };
    let skips = flag(options.and_then(|options| options.get("skip_missing")), false);
    let elements: Vec<Value> = match elements {
        Value::Dict(dict) => dict.values().cloned().collect(),
        Value::List(items) => items.to_vec(),
        _ => return Err(TemplateError::value("subelements lookup expects a dictionary or a list as its first item")),
    };
    let mut found = Vec::new();
    for element in elements {
        if flag(element.get("skipped"), false) {
            continue;
        }
        match path.as_str().split('.').try_fold(&element, |value, key| value.get(key)) {
            Some(Value::List(items)) => {
                let keys: Vec<&str> = path.as_str().split('.').collect();
                let rest = without(&element, &keys);
                found.extend(items.iter().map(|item| Value::list(vec![rest.clone(), item.clone()])));
            }
            _ if skips => {}
            Some(_) => {
                return Err(TemplateError::value(format!(
                    "the key `{path}` should point to a list",
                    path = path.as_str()
                )));
            }
            None => {
                return Err(TemplateError::value(format!("could not find `{}` in the iterated item", path.as_str())));
            }
        }
    }
    Ok(found)
}

/// The element as Ansible hands it on: the list itself is taken out of it.
fn without(value: &Value, keys: &[&str]) -> Value {
    let (Some(dict), Some((first, rest))) = (value.as_dict(), keys.split_first()) else { return value.clone() };
    let mut dict = dict.clone();
    if rest.is_empty() {
        dict.shift_remove(*first);
    } else if let Some(inner) = dict.get_mut(*first) {
        *inner = without(inner, rest);
    }
    Value::dict(dict)
}

pub fn random_choice(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    let items = arguments.positional;
    if items.is_empty() {
        return Ok(items);
    }
    let random = getrandom::u64().map_err(|_| TemplateError::value("the system gives no random numbers"))?;
    let place = usize::try_from(random % items.len() as u64).unwrap_or(0);
    Ok(vec![items[place].clone()])
}
