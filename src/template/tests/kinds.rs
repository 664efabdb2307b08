//! What a value is.

use crate::template::filters::bind::{Answer, bind, none as no_arguments};
use crate::template::filters::python::{check, flag, text, truth};
use crate::template::{Arguments, Calls, Trust, Value, filters, tests};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $pattern:pat,)*) => {
        $($(#[$doc])* pub fn $name(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
            no_arguments(arguments, stringify!($name))?;
            Ok(matches!(value, $pattern))
        })*
    };
}

kinds! {
    boolean: Value::Bool(_),
    float: Value::Float(_),
    integer: Value::Int(_),
    is_false: Value::Bool(false),
    is_true: Value::Bool(true),
    iterable: Value::String(_) | Value::List(_) | Value::Dict(_) | Value::Object(_),
    mapping: Value::Dict(_) | Value::Object(_),
    none: Value::Null,
    number: Value::Bool(_) | Value::Int(_) | Value::Float(_),
    sequence: Value::String(_) | Value::List(_) | Value::Dict(_) | Value::Object(_),
    string: Value::String(_),
    undefined: Value::Undefined(_),
}

pub fn defined(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    undefined(calls, value, arguments).map(|undefined| !undefined)
}

/// No value here can be called.
pub fn callable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "callable")?;
    check(&value)?;
    Ok(false)
}

/// Nothing is escaped here.
pub fn escaped(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "test_escaped")?;
    check(&value)?;
    Ok(false)
}

pub fn filter(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "test_filter")?;
    Ok(filters::find(&text(&value)?).is_some())
}

pub fn test(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "test_test")?;
    Ok(tests::find(&text(&value)?).is_some())
}

pub fn lower(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "test_lower")?;
    let text = text(&value)?;
    Ok(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase))
}

pub fn upper(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "test_upper")?;
    let text = text(&value)?;
    Ok(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase))
}

pub fn nan(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "isnotanumber")?;
    Ok(matches!(value, Value::Float(number) if number.is_nan()))
}

pub fn truthy(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [convert] = bind(arguments, "truthy", ["convert_bool"], 0)?;
    if flag(convert.as_ref())?
        && let Some(known) = boolean_of(&value)
    {
        return Ok(known);
    }
    truth(&value)
}

pub fn falsy(calls: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    truthy(calls, value, arguments).map(|truthy| !truthy)
}

/// The boolean that a value is written for: `yes`, `off`, `1`, …
fn boolean_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.as_str().trim().to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
            _ => None,
        },
        other if *other == Value::Int(1) => Some(true),
        other if *other == Value::Int(0) => Some(false),
        _ => None,
    }
}

/// Whether the text is an Ansible Vault envelope.
pub fn vault_encrypted(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    no_arguments(arguments, "vault_encrypted")?;
    check(&value)?;
    Ok(
        matches!(value, Value::String(text) if matches!(text.trust(), Trust::Vaulted(_)) || text.as_str().starts_with("$ANSIBLE_VAULT;")),
    )
}
