//! What stands in for missing values, and what a value is.

use super::bind::{Answer, bind, none};
use super::python::{flag, text, truth};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn default(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [default, boolean] = bind(arguments, "default", ["default_value", "boolean"], 0)?;
    if !matches!(boolean, None | Some(Value::Bool(_))) {
        let given = boolean.map_or("NoneType", |value| value.type_name());
        return Err(TemplateError::value(format!("The 'boolean' argument must be of type 'bool', not '{given}'.")));
    }
    let replaced = value.is_undefined() || (flag(boolean.as_ref())? && !truth(&value)?);
    Ok(if replaced { default.unwrap_or_else(|| "".into()) } else { value })
}

pub fn mandatory(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [message] = bind(arguments, "mandatory", ["msg"], 0)?;
    let Value::Undefined(missing) = &value else { return Ok(value) };
    if let Some(message) = message.filter(|message| !matches!(message, Value::Null)) {
        return Err(TemplateError::value(text(&message)?));
    }
    let name = missing.message.strip_suffix(" is undefined").filter(|name| name.starts_with('\''));
    let name = name.map_or_else(String::new, |name| format!("{name} "));
    Err(TemplateError::value(format!("Mandatory variable {name}not defined.")))
}

pub fn ternary(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [yes, no, nothing] = bind(arguments, "ternary", ["true_val", "false_val", "none_val"], 2)?;
    let nothing = nothing.filter(|nothing| !matches!(nothing, Value::Null));
    let chosen = match (&value, nothing) {
        (Value::Null, Some(nothing)) => Some(nothing),
        _ if truth(&value)? => yes,
        _ => no,
    };
    Ok(chosen.unwrap_or(Value::Null))
}

pub fn type_debug(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "type_debug")?;
    Ok(if value.is_undefined() { "UndefinedMarker" } else { value.type_name() }.into())
}

pub fn bool(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "to_bool")?;
    Ok(as_bool(&value).into())
}

/// Ansible's boolean: `yes`, `on`, `true` and `1` in any case are true, all else is false.
pub fn as_bool(value: &Value) -> bool {
    match value {
        Value::String(text) => matches!(text.as_str().to_lowercase().as_str(), "yes" | "on" | "true" | "1"),
        other => *other == Value::Int(1),
    }
}
