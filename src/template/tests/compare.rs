//! How values compare.

use std::cmp::Ordering;

use crate::template::filters::bind::{Answer, bind, none};
use crate::template::filters::python;
use crate::template::{Arguments, Calls, Number, TemplateError, Value};

fn other(arguments: Arguments, function: &str) -> Answer {
    let [other] = bind(arguments, function, ["other"], 1)?;
    Ok(other.unwrap_or(Value::Null))
}

pub fn eq(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    python::equal(&value, &other(arguments, "eq")?)
}

pub fn ne(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    python::equal(&value, &other(arguments, "ne")?).map(|equal| !equal)
}

fn ordered(value: &Value, arguments: Arguments, operator: &str, holds: fn(Ordering) -> bool) -> Answer<bool> {
    let other = other(arguments, operator)?;
    let is_nan = |value: &Value| matches!(value, Value::Float(number) if number.is_nan());
    let order = python::order(value, &other, operator)?;
    Ok(holds(order) && !is_nan(value) && !is_nan(&other))
}

pub fn lt(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ordered(&value, arguments, "<", Ordering::is_lt)
}

pub fn le(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ordered(&value, arguments, "<=", Ordering::is_le)
}

pub fn gt(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ordered(&value, arguments, ">", Ordering::is_gt)
}

pub fn ge(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    ordered(&value, arguments, ">=", Ordering::is_ge)
}

/// Whether both are the same object: here, values of one type that are equal.
pub fn sameas(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let other = other(arguments, "test_sameas")?;
    python::check(&value)?;
    python::check(&other)?;
    Ok(value.type_name() == other.type_name() && value == other)
}

fn remainder(value: &Value, by: i64) -> Answer<f64> {
    python::check(value)?;
    match value.as_number() {
        Some(_) if by == 0 => Err(TemplateError::value("integer modulo by zero")),
        #[expect(clippy::cast_precision_loss, reason = "a remainder is below the divisor, which is small")]
        Some(Number::Int(number)) => Ok(number.wrapping_rem_euclid(by) as f64),
        #[expect(clippy::cast_precision_loss, reason = "as Python does in mixed arithmetic")]
        Some(Number::Float(number)) => Ok(number.rem_euclid(by as f64)),
        None if matches!(value, Value::String(_)) => {
            Err(TemplateError::value("not all arguments converted during string formatting"))
        }
        None => {
            Err(TemplateError::value(format!("unsupported operand type(s) for %: '{}' and 'int'", value.type_name())))
        }
    }
}

pub fn even(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "test_even")?;
    Ok(remainder(&value, 2)? == 0.0)
}

#[expect(clippy::float_cmp, reason = "the remainder of an integer is exact")]
pub fn odd(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "test_odd")?;
    Ok(remainder(&value, 2)? == 1.0)
}

pub fn divisibleby(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [by] = bind(arguments, "test_divisibleby", ["num"], 1)?;
    Ok(remainder(&value, python::whole(&by.unwrap_or(Value::Null))?)? == 0.0)
}

pub fn within(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [container] = bind(arguments, "test_in", ["seq"], 1)?;
    python::contains(&container.unwrap_or(Value::Null), &value)
}

pub fn contains(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [item] = bind(arguments, "contains", ["value"], 1)?;
    python::contains(&value, &item.unwrap_or(Value::Null))
}

pub fn all(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "all")?;
    for item in python::iterate(&value)? {
        if !python::truth(&item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub fn any(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "any")?;
    for item in python::iterate(&value)? {
        if python::truth(&item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

pub fn subset(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [other] = bind(arguments, "issubset", ["b"], 1)?;
    holds_all(&other.unwrap_or(Value::Null), &value)
}

pub fn superset(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [other] = bind(arguments, "issuperset", ["b"], 1)?;
    holds_all(&value, &other.unwrap_or(Value::Null))
}

fn holds_all(container: &Value, items: &Value) -> Answer<bool> {
    let hashed = |value: &Value| -> Answer<Vec<Value>> {
        python::iterate(value)?.into_iter().map(|item| python::key(&item).map(|_| item)).collect()
    };
    let items = hashed(items)?;
    let container = Value::list(hashed(container)?);
    for item in &items {
        if !python::contains(&container, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}
