//! Versions.

use std::cmp::Ordering;

use crate::template::filters::bind::{Answer, bind};
use crate::template::filters::python::{check, text, truth, words};
use crate::template::filters::version::{Kind, compare};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn version(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let names = ["version", "operator", "strict", "version_type"];
    let [version, operator, strict, kind] = bind(arguments, "version_compare", names, 1)?;
    let given = |argument: Option<Value>| argument.filter(|argument| !matches!(argument, Value::Null));
    let (strict, kind) = (given(strict), given(kind));
    if strict.is_some() && kind.is_some() {
        return Err(TemplateError::value("Cannot specify both 'strict' and 'version_type'"));
    }
    let version = version.unwrap_or(Value::Null);
    check(&value)?;
    if !truth(&value)? {
        return Err(TemplateError::value("Input version value cannot be empty"));
    }
    if !truth(&version)? {
        return Err(TemplateError::value("Version parameter to compare against cannot be empty"));
    }
    let kind = match kind {
        None if strict.is_some_and(|strict| strict.is_true()) => Kind::Strict,
        None => Kind::Loose,
        Some(name) => kind_of(&text(&name)?)?,
    };
    let holds = holds(&words(operator.as_ref(), "eq")?)?;
    compare(&text(&value)?, &text(&version)?, kind).map(holds)
}

fn kind_of(name: &str) -> Answer<Kind> {
    Ok(match name {
        "loose" => Kind::Loose,
        "strict" => Kind::Strict,
        "semver" | "semantic" => Kind::Semantic,
        "pep440" => Kind::Pep440,
        _ => {
            return Err(TemplateError::value(format!(
                "Invalid version type ({name}). Must be one of 'loose', 'strict', 'semver', 'semantic', 'pep440'"
            )));
        }
    })
}

fn holds(operator: &str) -> Answer<fn(Ordering) -> bool> {
    Ok(match operator {
        "==" | "=" | "eq" => Ordering::is_eq,
        "<" | "lt" => Ordering::is_lt,
        "<=" | "le" => Ordering::is_le,
        ">" | "gt" => Ordering::is_gt,
        ">=" | "ge" => Ordering::is_ge,
        "!=" | "<>" | "ne" => Ordering::is_ne,
        _ => {
            return Err(TemplateError::value(format!(
                "Invalid operator type ({operator}). Must be one of '==', '=', 'eq', '<', 'lt', '<=', 'le', '>', \
                 'gt', '>=', 'ge', '!=', '<>', 'ne'"
            )));
        }
    })
}
