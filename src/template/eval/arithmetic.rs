//! Arithmetic, as Python does it.

use super::super::ast::Operator;
use super::super::{Number, TemplateError, Value, datetime};
use super::{Evaluator, Result, percent};

impl Evaluator<'_> {
    /// Computes an operator; `tuple` says whether the right operand is written as one.
    pub fn arithmetic(&mut self, operator: Operator, left: Value, right: Value, tuple: bool) -> Result<Value> {
        if operator == Operator::Concatenate {
            let (left, right) = (self.whole(left)?, self.whole(right)?);
            let text = [shown(&left), shown(&right)].concat();
            self.sized(text.len())?;
            return Ok(Value::from(text));
        }
        let (left, right) = (self.used(left)?, self.used(right)?);
        for value in [&left, &right] {
            if let Value::Undefined(missing) = value {
                return Err(self.missing(missing));
            }
        }
        match (operator, &left, &right) {
            (Operator::Modulo, Value::String(template), _) => {
                let right = self.whole(right)?;
                let text = percent::format(template.as_str(), &right, tuple)?;
                self.sized(text.len())?;
                Ok(Value::from(text))
            }
            (Operator::Add, Value::String(one), Value::String(two)) => {
                let text = [one.as_str(), two.as_str()].concat();
                self.sized(text.len())?;
                Ok(Value::from(text))
            }
            (Operator::Add, Value::List(one), Value::List(two)) => {
                self.sized(one.len() + two.len())?;
                Ok(Value::list(one.iter().chain(two.iter()).cloned().collect()))
            }
            (Operator::Multiply, Value::String(_) | Value::List(_), count)
            | (Operator::Multiply, count, Value::String(_) | Value::List(_)) => {
                let repeated = if matches!(left, Value::String(_) | Value::List(_)) { &left } else { &right };
                self.repeat(repeated, count)
            }
            _ => computed(operator, &left, &right),
        }
    }

    fn repeat(&mut self, value: &Value, count: &Value) -> Result<Value> {
        let Some(Number::Int(count)) = count.as_number() else {
            let kind = count.type_name();
            return Err(TemplateError::value(format!("can't multiply sequence by non-int of type '{kind}'")));
        };
        let count = usize::try_from(count).unwrap_or(0);
        match value {
            Value::String(text) => {
                self.sized(text.as_str().len().saturating_mul(count))?;
                Ok(Value::from(text.as_str().repeat(count)))
            }
            Value::List(items) => {
                let length = items.len().saturating_mul(count);
                self.sized(length)?;
                Ok(Value::list(items.iter().cycle().take(length).cloned().collect()))
            }
            other => Ok(other.clone()),
        }
    }
}

/// Python's `str()` for `~`; what has no value prints as nothing.
fn shown(value: &Value) -> String {
    match value {
        Value::Undefined(_) => String::new(),
        other => other.to_string(),
    }
}

fn computed(operator: Operator, left: &Value, right: &Value) -> Result<Value> {
    if let Some(value) = datetime::arithmetic(operator, left, right) {
        return value;
    }
    match (left.as_number(), right.as_number()) {
        (Some(Number::Int(one)), Some(Number::Int(two))) => integers(operator, one, two),
        (Some(one), Some(two)) => floats(operator, one.as_f64(), two.as_f64()),
        _ => Err(unsupported(operator, left, right)),
    }
}

/// `-value`.
pub fn negate(value: &Value) -> Result<Value> {
    match value.as_number() {
        Some(Number::Int(value)) => value.checked_neg().map(Value::Int).ok_or_else(overflow),
        Some(Number::Float(value)) => Ok(Value::Float(-value)),
        None => Err(TemplateError::value(format!("bad operand type for unary -: '{}'", value.type_name()))),
    }
}

fn integers(operator: Operator, one: i64, two: i64) -> Result<Value> {
    let checked = |value: Option<i64>| value.map(Value::Int).ok_or_else(overflow);
    match operator {
        Operator::Add => checked(one.checked_add(two)),
        Operator::Subtract => checked(one.checked_sub(two)),
        Operator::Multiply => checked(one.checked_mul(two)),
        Operator::Divide if two == 0 => Err(TemplateError::value("division by zero")),
        Operator::Divide => floats(operator, Number::Int(one).as_f64(), Number::Int(two).as_f64()),
        Operator::FloorDivide if two == 0 => Err(TemplateError::value("integer division or modulo by zero")),
        Operator::Modulo if two == 0 => Err(TemplateError::value("integer modulo by zero")),
        Operator::FloorDivide => {
            let inexact = one.checked_rem(two).is_some_and(|rest| rest != 0);
            let floor = one.checked_div(two).map(|value| value - i64::from(inexact && (one < 0) != (two < 0)));
            checked(floor)
        }
        Operator::Modulo => {
            let rest = one.checked_rem(two).unwrap_or(0);
            Ok(Value::Int(if rest != 0 && (rest < 0) != (two < 0) { rest + two } else { rest }))
        }
        Operator::Power if two < 0 && one == 0 => Err(TemplateError::value("0.0 cannot be raised to a negative power")),
        Operator::Power if two < 0 => floats(operator, Number::Int(one).as_f64(), Number::Int(two).as_f64()),
        Operator::Power => power(one, two),
        Operator::Concatenate => Ok(Value::from(format!("{one}{two}"))),
    }
}

fn power(base: i64, exponent: i64) -> Result<Value> {
    match (base, u32::try_from(exponent)) {
        (0 | 1, _) => Ok(Value::Int(if exponent == 0 { 1 } else { base })),
        (-1, _) => Ok(Value::Int(if exponent % 2 == 0 { 1 } else { -1 })),
        (_, Ok(exponent)) => base.checked_pow(exponent).map(Value::Int).ok_or_else(overflow),
        (_, Err(_)) => Err(overflow()),
    }
}

fn floats(operator: Operator, one: f64, two: f64) -> Result<Value> {
    let zero = two == 0.0;
    Ok(Value::Float(match operator {
        Operator::Add => one + two,
        Operator::Subtract => one - two,
        Operator::Multiply => one * two,
        Operator::Divide if zero => return Err(TemplateError::value("division by zero")),
        Operator::FloorDivide if zero => return Err(TemplateError::value("float floor division by zero")),
        Operator::Modulo if zero => return Err(TemplateError::value("float modulo")),
        Operator::Divide => one / two,
        Operator::FloorDivide => ((one - modulo(one, two)) / two).round(),
        Operator::Modulo => modulo(one, two),
        Operator::Power => one.powf(two),
        Operator::Concatenate => return Ok(Value::from(format!("{}{}", Value::Float(one), Value::Float(two)))),
    }))
}

/// The remainder with the sign of the divisor.
fn modulo(one: f64, two: f64) -> f64 {
    let rest = one % two;
    if rest != 0.0 && (rest < 0.0) != (two < 0.0) { rest + two } else { rest }
}

fn overflow() -> TemplateError {
    TemplateError::value("the integer is too large: 64 bits are supported")
}

fn unsupported(operator: Operator, left: &Value, right: &Value) -> TemplateError {
    let (one, two) = (left.type_name(), right.type_name());
    let sign = match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::FloorDivide => "//",
        Operator::Modulo => "%",
        Operator::Power => "** or pow()",
        Operator::Concatenate => "~",
    };
    TemplateError::value(match (operator, left) {
        (Operator::Add, Value::String(_)) => format!("can only concatenate str (not \"{two}\") to str"),
        (Operator::Add, Value::List(_)) => format!("can only concatenate list (not \"{two}\") to list"),
        _ => format!("unsupported operand type(s) for {sign}: '{one}' and '{two}'"),
    })
}
