//! Methods of numbers.

use super::super::super::{Number, Value};
use super::Result;

/// Calls a method of a number.
#[expect(clippy::unnecessary_wraps, reason = "the same for all types")]
pub fn call(value: &Value, name: &str) -> Result<Option<Value>> {
    let Some(number) = value.as_number() else { return Ok(None) };
    Ok(match (number, name) {
        (Number::Int(value), "bit_length") => Some(Value::from(i64::from(64 - value.unsigned_abs().leading_zeros()))),
        (Number::Int(value), "bit_count") => Some(Value::from(i64::from(value.unsigned_abs().count_ones()))),
        (Number::Int(value), "conjugate") => Some(Value::Int(value)),
        (Number::Int(_), "is_integer") => Some(Value::Bool(true)),
        (Number::Float(value), "is_integer") => Some(Value::Bool(value.is_finite() && value.fract() == 0.0)),
        (Number::Float(value), "conjugate") => Some(Value::Float(value)),
        _ => None,
    })
}
