//! Sorts, groups, and picks by order.

use super::attribute::{Path, ignore_case};
use super::bind::{Answer, bind};
use super::python::{entries, equal, flag, iterate, order, pair, sort_by_key, text};
use crate::template::{Arguments, Calls, Dict, Number, TemplateError, Value};

pub fn sort(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [reverse, sensitive, attribute] = bind(arguments, "do_sort", ["reverse", "case_sensitive", "attribute"], 0)?;
    let (reverse, sensitive) = (flag(reverse.as_ref())?, flag(sensitive.as_ref())?);
    let paths = Path::several(attribute.as_ref())?;
    let mut keyed = Vec::new();
    for item in iterate(&value)? {
        let mut keys = Vec::with_capacity(paths.len());
        for path in &paths {
            keys.push(cased(path.of_item(calls, &item, None)?, sensitive));
        }
        keyed.push((Value::list(keys), item));
    }
    Ok(items(sort_by_key(keyed, reverse)?))
}

fn cased(value: Value, sensitive: bool) -> Value {
    if sensitive { value } else { ignore_case(value) }
}

fn items(keyed: Vec<(Value, Value)>) -> Value {
    Value::list(keyed.into_iter().map(|(_, item)| item).collect())
}

pub fn dictsort(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [sensitive, by, reverse] = bind(arguments, "do_dictsort", ["case_sensitive", "by", "reverse"], 0)?;
    let by_value = match by.as_ref().and_then(Value::as_str) {
        None if by.is_none() => false,
        Some("key") => false,
        Some("value") => true,
        _ => return Err(TemplateError::value("You can only sort by either \"key\" or \"value\"")),
    };
    let sensitive = flag(sensitive.as_ref())?;
    let keyed = entries(&value)?.into_iter().map(|(key, value)| {
        let by = if by_value { value.clone() } else { key.to_value() };
        (cased(by, sensitive), pair(key.to_value(), value))
    });
    Ok(items(sort_by_key(keyed.collect(), flag(reverse.as_ref())?)?))
}

pub fn min(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    extreme(calls, &value, arguments, "<")
}

pub fn max(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    extreme(calls, &value, arguments, ">")
}

fn extreme(calls: &mut dyn Calls, value: &Value, arguments: Arguments, operator: &str) -> Answer {
    let function = if operator == "<" { "do_min" } else { "do_max" };
    let [sensitive, attribute] = bind(arguments, function, ["case_sensitive", "attribute"], 0)?;
    let sensitive = flag(sensitive.as_ref())?;
    let path = Path::of(attribute.as_ref())?;
    let mut best: Option<(Value, Value)> = None;
    for item in iterate(value)? {
        let key = cased(path.of_item(calls, &item, None)?, sensitive);
        let better = match &best {
            None => true,
            Some((known, _)) => {
                let order = order(&key, known, operator)?;
                if operator == "<" { order.is_lt() } else { order.is_gt() }
            }
        };
        if better {
            best = Some((key, item));
        }
    }
    Ok(best.map_or_else(|| Value::undefined("No aggregated item, sequence was empty."), |(_, item)| item))
}

pub fn groupby(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [attribute, default, sensitive] =
        bind(arguments, "sync_do_groupby", ["attribute", "default", "case_sensitive"], 1)?;
    let default = default.filter(|default| !matches!(default, Value::Null));
    let sensitive = flag(sensitive.as_ref())?;
    let path = Path::of(attribute.as_ref())?;
    let mut keyed = Vec::new();
    for item in iterate(&value)? {
        let real = path.of_item(calls, &item, default.as_ref())?;
        keyed.push((cased(real.clone(), sensitive), pair(real, item)));
    }
    let mut groups: Vec<(Value, Value, Vec<Value>)> = Vec::new();
    for (key, both) in sort_by_key(keyed, false)? {
        let Some([real, item]) = both.as_list() else { continue };
        match groups.last_mut() {
            Some((known, _, group)) if equal(known, &key)? => group.push(item.clone()),
            _ => groups.push((key, real.clone(), vec![item.clone()])),
        }
    }
    Ok(Value::list(groups.into_iter().map(|(_, real, group)| pair(real, Value::list(group))).collect()))
}

pub fn sum(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [attribute, start] = bind(arguments, "sync_do_sum", ["attribute", "start"], 0)?;
    let path = Path::of(attribute.as_ref())?;
    let mut total = start.unwrap_or(Value::Int(0));
    if matches!(total, Value::String(_)) {
        return Err(TemplateError::value("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    for item in iterate(&value)? {
        total = add(&total, &path.of_item(calls, &item, None)?)?;
    }
    Ok(total)
}

fn add(one: &Value, two: &Value) -> Answer {
    if let (Value::List(one), Value::List(two)) = (one, two) {
        return Ok(Value::list(one.iter().chain(two.iter()).cloned().collect()));
    }
    super::python::check(two)?;
    match (one.as_number(), two.as_number()) {
        (Some(Number::Int(one)), Some(Number::Int(two))) => {
            one.checked_add(two).map(Value::Int).ok_or_else(|| TemplateError::value("the sum is too large"))
        }
        (Some(one), Some(two)) => Ok(Value::Float(one.as_f64() + two.as_f64())),
        _ => Err(TemplateError::value(format!(
            "unsupported operand type(s) for +: '{}' and '{}'",
            one.type_name(),
            two.type_name()
        ))),
    }
}

pub fn join(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [separator, attribute] = bind(arguments, "sync_do_join", ["d", "attribute"], 0)?;
    let separator = separator.as_ref().map_or(Ok(String::new()), text)?;
    let path = Path::of(attribute.as_ref())?;
    let mut texts = Vec::new();
    for item in iterate(&value)? {
        texts.push(text(&path.of_item(calls, &item, None)?)?);
    }
    Ok(texts.join(&separator).into())
}

/// Groups the items by an attribute into a dictionary, as `community.general.groupby_as_dict` does.
pub fn groupby_as_dict(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [attribute] = bind(arguments, "groupby_as_dict", ["attribute"], 1)?;
    let attribute = attribute.unwrap_or(Value::Null);
    let Some(list) = value.as_list() else { return Err(TemplateError::value("Input is not a sequence")) };
    let mut grouped = Dict::new();
    for (place, item) in list.iter().enumerate() {
        let Some(dict) = item.as_dict() else {
            return Err(TemplateError::value(format!("Sequence element #{place} is not a mapping")));
        };
        let key = super::python::key(&attribute)?;
        let Some(group) = dict.get(&key) else {
            return Err(TemplateError::value(format!("Attribute not contained in element #{place} of sequence")));
        };
        let group = super::python::key(group)?;
        if grouped.insert(group, item.clone()).is_some() {
            return Err(TemplateError::value(format!("Multiple sequence entries have attribute value {}", {
                dict.get(&key).map(Value::repr).unwrap_or_default()
            })));
        }
    }
    Ok(Value::dict(grouped))
}
