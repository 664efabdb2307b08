//! How a task ended, from what it registered.

use crate::template::filters::bind::{Answer, none};
use crate::template::filters::python::{check, is_mapping, truth};
use crate::template::{Arguments, Calls, TemplateError, Value};

/// The value of a field of a result; none where it has none.
fn field(result: &Value, test: &str, name: &str) -> Answer<Option<Value>> {
    if !is_mapping(result) {
        check(result)?;
        return Err(TemplateError::value(format!("The '{test}' test expects a dictionary")));
    }
    match result {
        Value::Object(object) => object.get(&name.into()),
        other => Ok(other.get(name).cloned()),
    }
}

fn is_set(result: &Value, arguments: Arguments, test: &str) -> Answer<bool> {
    none(arguments, test)?;
    field(result, test, test)?.as_ref().map_or(Ok(false), truth)
}

pub fn failed(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    is_set(&value, arguments, "failed")
}

pub fn succeeded(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    is_set(&value, arguments, "failed").map(|failed| !failed)
}

pub fn unreachable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    is_set(&value, arguments, "unreachable")
}

pub fn reachable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    is_set(&value, arguments, "unreachable").map(|unreachable| !unreachable)
}

pub fn skipped(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    is_set(&value, arguments, "skipped")
}

pub fn changed(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "changed")?;
    if let Some(changed) = field(&value, "changed", "changed")? {
        return truth(&changed);
    }
    let results = field(&value, "changed", "results")?;
    let results = results.as_ref().and_then(Value::as_list);
    if results.is_some_and(<[Value]>::is_empty) {
        return Err(TemplateError::value("list index out of range"));
    }
    let results = results.unwrap_or_default();
    if !results.first().is_some_and(is_mapping) {
        return Ok(false);
    }
    for result in results.iter().filter(|result| is_mapping(result)) {
        if field(result, "changed", "changed")?.as_ref().map_or(Ok(false), truth)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn started(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "started")?;
    field(&value, "started", "started")?.as_ref().map_or(Ok(true), truth)
}

pub fn finished(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "finished")?;
    field(&value, "finished", "finished")?.as_ref().map_or(Ok(true), truth)
}

pub fn timedout(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "timedout")?;
    let Some(limit) = field(&value, "timedout", "timedout")? else { return Ok(false) };
    Ok(truth(&limit)? && limit.get("period").map_or(Ok(false), truth)?)
}
