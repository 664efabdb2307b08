//! Dictionaries: combine, turn to lists and back, reach into.

use super::bind::{Answer, bind};
use super::lists::flatten_into;
use super::python::{check, entries, flag, is_mapping, iterate, key, pair, text, words};
use super::sets::Seen;
use crate::template::{Arguments, Calls, Dict, Key, TemplateError, Value};

pub fn combine(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let (mut recursive, mut merge) = (false, ListMerge::Replace);
    for (name, value) in &arguments.named {
        match &**name {
            "recursive" => recursive = super::python::truth(value)?,
            "list_merge" => merge = ListMerge::of(&text(value)?)?,
            _ => {
                let message = "'recursive' and 'list_merge' are the only valid keyword arguments";
                return Err(TemplateError::value(message));
            }
        }
    }
    let mut terms = vec![value];
    terms.extend(arguments.positional);
    let mut dicts = Vec::new();
    flatten_into(&mut dicts, terms, Some(1), true);
    let Some(mut result) = dicts.pop() else { return Ok(Value::dict(Dict::new())) };
    while let Some(low) = dicts.pop() {
        result = merged(&low, &result, recursive, merge)?;
    }
    Ok(result)
}

/// What becomes of two lists under the same key.
#[derive(Clone, Copy)]
enum ListMerge {
    Replace,
    Keep,
    Append,
    Prepend,
    AppendRemovePresent,
    PrependRemovePresent,
}

impl ListMerge {
    fn of(name: &str) -> Answer<Self> {
        Ok(match name {
            "replace" => Self::Replace,
            "keep" => Self::Keep,
            "append" => Self::Append,
            "prepend" => Self::Prepend,
            "append_rp" => Self::AppendRemovePresent,
            "prepend_rp" => Self::PrependRemovePresent,
            _ => {
                return Err(TemplateError::value(
                    "merge_hash: 'list_merge' argument can only be equal to 'replace', 'keep', 'append', 'prepend', \
                     'append_rp' or 'prepend_rp'",
                ));
            }
        })
    }

    fn lists(self, low: &[Value], high: &[Value]) -> Answer {
        let absent = || -> Answer<Vec<Value>> {
            let present = Seen::of(high)?;
            let mut absent = Vec::new();
            for item in low {
                if !present.holds(item)? {
                    absent.push(item.clone());
                }
            }
            Ok(absent)
        };
        Ok(Value::list(match self {
            Self::Replace => high.to_vec(),
            Self::Keep => low.to_vec(),
            Self::Append => [low, high].concat(),
            Self::Prepend => [high, low].concat(),
            Self::AppendRemovePresent => [absent()?, high.to_vec()].concat(),
            Self::PrependRemovePresent => [high.to_vec(), absent()?].concat(),
        }))
    }
}

fn merged(low: &Value, high: &Value, recursive: bool, merge: ListMerge) -> Answer {
    for value in [low, high] {
        if value.is_undefined() {
            check(value)?;
        }
    }
    if !is_mapping(low) || !is_mapping(high) {
        return Err(TemplateError::value(format!(
            "failed to combine variables, expected dicts but got a '{}' and a '{}'.",
            low.type_name(),
            high.type_name()
        )));
    }
    let mut result: Dict = entries(low)?.into_iter().collect();
    for (key, value) in entries(high)? {
        let known = result.get(&key);
        let value = match (known, &value) {
            (Some(known), value) if is_mapping(known) && is_mapping(value) && recursive => {
                merged(known, value, recursive, merge)?
            }
            (Some(Value::List(known)), Value::List(items)) => merge.lists(known, items)?,
            _ => value,
        };
        result.insert(key, value);
    }
    Ok(Value::dict(result))
}

/// Lists of dictionaries merged where a key has the same value, as `community.general.lists_mergeby` does.
pub fn lists_mergeby(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let (mut recursive, mut merge) = (false, ListMerge::Replace);
    for (name, value) in &arguments.named {
        match &**name {
            "recursive" => recursive = super::python::truth(value)?,
            "list_merge" => merge = ListMerge::of(&text(value)?)?,
            _ => {
                let message = "'recursive' and 'list_merge' are the only valid keyword arguments.";
                return Err(TemplateError::value(message));
            }
        }
    }
    let Some(index) = arguments.positional.pop() else {
        return Err(TemplateError::value("At least one list and index are needed."));
    };
    let mut lists = Vec::new();
    for list in std::iter::once(value).chain(arguments.positional) {
        let Some(items) = list.as_list() else {
            let message = "All arguments before the argument index for community.general.lists_mergeby must be lists.";
            return Err(TemplateError::value(format!("{message} {list} is {}", class(&list))));
        };
        match items {
            [] => {}
            items if items.iter().all(|item| item.as_list().is_some()) => lists.extend(items.iter().cloned()),
            _ => lists.push(list),
        }
    }
    let Some(mut result) = lists.pop() else { return Ok(Value::list(Vec::new())) };
    let Value::String(_) = index else {
        let message = "First argument after the lists for community.general.lists_mergeby must be string.";
        return if lists.is_empty() {
            Ok(result)
        } else {
            Err(TemplateError::value(format!("{message} {index} is {}", class(&index))))
        };
    };
    while let Some(low) = lists.pop() {
        result = merged_by(&low, &result, &index, recursive, merge)?;
    }
    Ok(result)
}

fn merged_by(low: &Value, high: &Value, index: &Value, recursive: bool, merge: ListMerge) -> Answer {
    let by = super::python::key(index)?;
    let mut found: indexmap::IndexMap<Key, Value> = indexmap::IndexMap::new();
    for item in low.as_list().into_iter().chain(high.as_list()).flatten() {
        let Some(dict) = item.as_dict() else {
            let message = "Elements of list arguments for lists_mergeby must be dictionaries.";
            return Err(TemplateError::value(format!("{message} {item} is {}", class(item))));
        };
        let Some(value) = dict.get(&by) else { continue };
        let known = found.entry(super::python::key(value)?).or_insert_with(|| Value::dict(Dict::new()));
        *known = merged(known, item, recursive, merge)?;
    }
    let keyed = found.into_iter().map(|(key, value)| (key.to_value(), value)).collect();
    let sorted = super::python::sort_by_key(keyed, false)?;
    Ok(Value::list(sorted.into_iter().map(|(_, value)| value).collect()))
}

/// How a message shows a type.
fn class(value: &Value) -> String {
    format!("<class '{}'>", value.type_name())
}

pub fn dict2items(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [key_name, value_name] = bind(arguments, "dict2items", ["key_name", "value_name"], 0)?;
    let (key_name, value_name) = (named(key_name, "key")?, named(value_name, "value")?);
    if !is_mapping(&value) {
        check(&value)?;
        return Err(TemplateError::value(format!("dict2items requires a dictionary, got {} instead.", class(&value))));
    }
    let item = |(key, value): (Key, Value)| {
        Value::dict(Dict::from_iter([(key_name.clone(), key.to_value()), (value_name.clone(), value)]))
    };
    Ok(Value::list(entries(&value)?.into_iter().map(item).collect()))
}

fn named(argument: Option<Value>, default: &str) -> Answer<Key> {
    argument.map_or_else(|| Ok(default.into()), |name| key(&name))
}

pub fn items2dict(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [key_name, value_name] = bind(arguments, "items2dict", ["key_name", "value_name"], 0)?;
    let (key_name, value_name) = (named(key_name, "key")?, named(value_name, "value")?);
    let Some(items) = value.as_list() else {
        check(&value)?;
        return Err(TemplateError::value(format!("items2dict requires a list, got {} instead.", class(&value))));
    };
    let mut dict = Dict::new();
    for item in items {
        if !is_mapping(item) {
            check(item)?;
            return Err(TemplateError::value(format!(
                "items2dict requires a list of dictionaries, got {} instead.",
                text(&value)?
            )));
        }
        let entries: Dict = entries(item)?.into_iter().collect();
        let (Some(name), Some(held)) = (entries.get(&key_name), entries.get(&value_name)) else {
            return Err(TemplateError::value(format!(
                "items2dict requires each dictionary in the list to contain the keys '{key_name}' and \
                 '{value_name}', got {} instead.",
                text(&value)?
            )));
        };
        dict.insert(key(name)?, held.clone());
    }
    Ok(Value::dict(dict))
}

pub fn subelements(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [path, skip] = bind(arguments, "subelements", ["subelements", "skip_missing"], 1)?;
    let elements: Vec<Value> = match &value {
        Value::Dict(_) | Value::Object(_) => entries(&value)?.into_iter().map(|(_, value)| value).collect(),
        Value::List(items) => items.to_vec(),
        other => {
            check(other)?;
            return Err(TemplateError::value("obj must be a list of dicts or a nested dict"));
        }
    };
    let steps: Vec<Value> = match path {
        Some(Value::List(steps)) => steps.to_vec(),
        Some(Value::String(path)) => path.as_str().split('.').map(Value::from).collect(),
        _ => return Err(TemplateError::value("subelements must be a list or a string")),
    };
    let skip = flag(skip.as_ref())?;
    let mut results = Vec::new();
    for element in elements {
        let mut values = element.clone();
        for step in &steps {
            let Some(found) = within(&values, step, skip)? else {
                values = Value::list(Vec::new());
                break;
            };
            values = found;
        }
        let Value::List(values) = &values else {
            let last = steps.last().map(Value::repr).unwrap_or_default();
            check(&values)?;
            return Err(TemplateError::value(format!("the key {last} should point to a list, got {}", values.repr())));
        };
        results.extend(values.iter().map(|value| pair(element.clone(), value.clone())));
    }
    Ok(Value::list(results))
}

fn within(values: &Value, step: &Value, skip: bool) -> Answer<Option<Value>> {
    if !is_mapping(values) {
        check(values)?;
        return Err(TemplateError::value(format!(
            "the key {step} should point to a dictionary, got '{}'",
            text(values)?
        )));
    }
    let wanted = key(step)?;
    let found = entries(values)?.into_iter().find(|(key, _)| *key == wanted).map(|(_, value)| value);
    if found.is_none() && !skip {
        return Err(TemplateError::value(format!(
            "could not find {} key in iterated item {}",
            step.repr(),
            values.repr()
        )));
    }
    Ok(found)
}

pub fn extract(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [container, more] = bind(arguments, "extract", ["container", "morekeys"], 1)?;
    let mut keys = vec![value];
    match more {
        None | Some(Value::Null) => {}
        Some(Value::List(more)) => keys.extend(more.iter().cloned()),
        Some(other) => keys.push(other),
    }
    let mut found = container.unwrap_or(Value::Null);
    for key in keys {
        check(&key)?;
        found = calls.item(&found, &key)?;
    }
    Ok(found)
}

pub fn rekey_on_member(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [member, duplicates] = bind(arguments, "rekey_on_member", ["key", "duplicates"], 1)?;
    let duplicates = words(duplicates.as_ref(), "error")?;
    if !matches!(duplicates.as_str(), "error" | "overwrite") {
        let shown = Value::from(duplicates).repr();
        return Err(TemplateError::value(format!("duplicates parameter to rekey_on_member has unknown value {shown}")));
    }
    let items = match &value {
        Value::Dict(_) | Value::Object(_) => entries(&value)?.into_iter().map(|(_, value)| value).collect(),
        Value::List(_) => iterate(&value)?,
        other => {
            check(other)?;
            return Err(TemplateError::value("Type is not a valid list, set, or dict"));
        }
    };
    let member = member.unwrap_or(Value::Null);
    let wanted = key(&member)?;
    let mut dict = Dict::new();
    for item in items {
        if !is_mapping(&item) {
            return Err(TemplateError::value("List item is not a valid dict"));
        }
        let Some((_, name)) = entries(&item)?.into_iter().find(|(key, _)| *key == wanted) else {
            return Err(TemplateError::value(format!("Key {} was not found.", member.repr())));
        };
        if dict.insert(key(&name)?, item).is_some() && duplicates == "error" {
            let shown = name.repr();
            return Err(TemplateError::value(format!("Key {shown} is not unique, cannot convert to dict.")));
        }
    }
    Ok(Value::dict(dict))
}
