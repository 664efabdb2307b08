//! Comparisons.

use std::cmp::Ordering;

use super::super::ast::Comparison;
use super::super::{Key, TemplateError, Value};
use super::Result;

/// Whether a comparison of two rendered values holds.
pub fn holds(comparison: Comparison, left: &Value, right: &Value) -> Result<bool> {
    Ok(match comparison {
        Comparison::Equal => equal(left, right),
        Comparison::NotEqual => !equal(left, right),
        Comparison::In => contains(right, left)?,
        Comparison::NotIn => !contains(right, left)?,
        Comparison::Less => ordered(left, right, "<")? == Some(Ordering::Less),
        Comparison::LessOrEqual => ordered(left, right, "<=")?.is_some_and(Ordering::is_le),
        Comparison::Greater => ordered(left, right, ">")? == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => ordered(left, right, ">=")?.is_some_and(Ordering::is_ge),
    })
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => match (left.text(), right.text()) {
            (Some(left), Some(right)) => left == right,
            _ => std::ptr::addr_eq(std::sync::Arc::as_ptr(left), std::sync::Arc::as_ptr(right)),
        },
        _ => left == right,
    }
}

/// The order of two values; none where a NaN is among them.
fn ordered(left: &Value, right: &Value, operator: &str) -> Result<Option<Ordering>> {
    if let (Some(left), Some(right)) = (super::super::datetime::of(left), super::super::datetime::of(right)) {
        return Ok(left.order(right));
    }
    if let Some(order) = left.order(right) {
        return Ok(Some(order));
    }
    if left.as_number().is_some() && right.as_number().is_some() {
        return Ok(None);
    }
    let (left, right) = (left.type_name(), right.type_name());
    Err(TemplateError::value(format!("'{operator}' not supported between instances of '{left}' and '{right}'")))
}

/// Whether a container holds a value.
pub fn contains(container: &Value, wanted: &Value) -> Result<bool> {
    match container {
        Value::List(items) => Ok(items.iter().any(|item| equal(item, wanted))),
        Value::Dict(dict) => Ok(dict.contains_key(&super::resolve::key(wanted)?)),
        Value::String(text) => match wanted {
            Value::String(part) => Ok(text.as_str().contains(part.as_str())),
            other => {
                let kind = other.type_name();
                Err(TemplateError::value(format!("'in <string>' requires string as left operand, not {kind}")))
            }
        },
        Value::Object(object) if object.text().is_none() || object.type_name() == "Namespace" => {
            Ok(Key::of(wanted).is_some_and(|key| object.keys().contains(&key)))
        }
        Value::Undefined(_) => Ok(false),
        other => Err(TemplateError::value(format!("argument of type '{}' is not iterable", other.type_name()))),
    }
}
