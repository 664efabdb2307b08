//! Picks and maps the items of lists by filters and tests.

use super::attribute::Path;
use super::bind::Answer;
use super::python::{check, iterate, truth, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn map(calls: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let by_attribute = arguments.positional.is_empty() && named(&mut arguments, "attribute", false).is_some();
    if by_attribute {
        return map_attribute(calls, &value, arguments);
    }
    if arguments.positional.is_empty() {
        return Err(TemplateError::value("map requires a filter argument"));
    }
    let name = words(Some(&arguments.positional.remove(0)), "")?;
    let items = iterate(&value)?;
    items
        .into_iter()
        .map(|item| calls.filter(&name, item, arguments.clone()))
        .collect::<Answer<Vec<_>>>()
        .map(Value::list)
}

fn map_attribute(calls: &mut dyn Calls, value: &Value, mut arguments: Arguments) -> Answer {
    let attribute = named(&mut arguments, "attribute", true);
    let default = named(&mut arguments, "default", true).filter(|default| !matches!(default, Value::Null));
    if let Some((name, _)) = arguments.named.first() {
        return Err(TemplateError::value(format!("Unexpected keyword argument '{name}'")));
    }
    let path = Path::of(attribute.as_ref())?;
    let items = iterate(value)?;
    items.iter().map(|item| path.of_item(calls, item, default.as_ref())).collect::<Answer<Vec<_>>>().map(Value::list)
}

fn named(arguments: &mut Arguments, name: &str, take: bool) -> Option<Value> {
    let place = arguments.named.iter().position(|(known, _)| **known == *name)?;
    Some(if take { arguments.named.remove(place).1 } else { arguments.named[place].1.clone() })
}

pub fn select(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    pick(calls, &value, arguments, None, Picks::True)
}

pub fn reject(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    pick(calls, &value, arguments, None, Picks::False)
}

pub fn selectattr(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    pick_by_attribute(calls, &value, arguments, Picks::True)
}

pub fn rejectattr(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    pick_by_attribute(calls, &value, arguments, Picks::False)
}

/// Which items are picked: those of which the test is true, or false.
#[derive(Clone, Copy, PartialEq)]
enum Picks {
    True,
    False,
}

fn pick_by_attribute(calls: &mut dyn Calls, value: &Value, mut arguments: Arguments, picks: Picks) -> Answer {
    if !truth(value)? {
        return Ok(Value::list(Vec::new()));
    }
    if arguments.positional.is_empty() {
        return Err(TemplateError::value("Missing parameter for attribute name"));
    }
    let path = Path::of(Some(&arguments.positional.remove(0)))?;
    pick(calls, value, arguments, Some(&path), picks)
}

fn pick(calls: &mut dyn Calls, value: &Value, mut arguments: Arguments, path: Option<&Path>, picks: Picks) -> Answer {
    if !truth(value)? {
        return Ok(Value::list(Vec::new()));
    }
    let test = if arguments.positional.is_empty() { None } else { Some(arguments.positional.remove(0)) };
    let test = test.map(|name| words(Some(&name), "")).transpose()?;
    let mut picked = Vec::new();
    for item in iterate(value)? {
        let subject = match path {
            Some(path) => path.of_item(calls, &item, None)?,
            None => item.clone(),
        };
        let is_true = match &test {
            Some(name) => passes(calls, name, subject, &arguments)?,
            None => truth(&subject)?,
        };
        if is_true == (picks == Picks::True) {
            picked.push(item);
        }
    }
    Ok(Value::list(picked))
}

fn passes(calls: &mut dyn Calls, name: &str, subject: Value, arguments: &Arguments) -> Answer<bool> {
    if !crate::template::tests::takes_undefined(name) && subject.is_undefined() {
        check(&subject)?;
    }
    calls.test(name, subject, arguments.clone())
}
