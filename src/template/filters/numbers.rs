//! Numbers: conversions, rounding, powers.

use super::bind::{Answer, bind, none};
use super::python::{check, integer, real, size, truncated};
use crate::template::{Arguments, Calls, Number, TemplateError, Value};

pub fn int(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [default, base] = bind(arguments, "do_int", ["default", "base"], 0)?;
    let base = integer(base.as_ref(), 10)?;
    check(&value)?;
    let number = match &value {
        Value::String(text) => {
            parse_int(text.as_str(), base).or_else(|| parse_float(text.as_str()).and_then(truncated))
        }
        other => match other.as_number() {
            Some(Number::Int(number)) => Some(number),
            Some(Number::Float(number)) => truncated(number),
            None => None,
        },
    };
    Ok(number.map_or_else(|| default.unwrap_or(Value::Int(0)), Value::Int))
}

/// Python's `int(text, base)`: blanks around, a sign, underscores between digits, a prefix that fits the base.
pub fn parse_int(text: &str, base: i64) -> Option<i64> {
    let text = text.trim_matches(super::text::is_space);
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (base, digits) = prefixed(digits, base)?;
    if digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__") {
        return None;
    }
    let clean = digits.replace('_', "");
    if clean.starts_with(['-', '+']) {
        return None;
    }
    i64::from_str_radix(&if negative { format!("-{clean}") } else { clean }, base).ok()
}

fn prefixed(digits: &str, base: i64) -> Option<(u32, &str)> {
    let lower = digits.get(..2).map(str::to_ascii_lowercase);
    let known = match lower.as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 0,
    };
    match base {
        0 if known == 0 => {
            let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.bytes().any(|byte| byte != b'0');
            (!leading_zero).then_some((10, digits))
        }
        0 => Some((known, digits[2..].strip_prefix('_').unwrap_or(&digits[2..]))),
        2..=36 => {
            let base = u32::try_from(base).ok()?;
            let rest = if known == base { digits[2..].strip_prefix('_').unwrap_or(&digits[2..]) } else { digits };
            Some((base, rest))
        }
        _ => None,
    }
}

/// Python's `float(text)`.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_matches(super::text::is_space);
    let lower = text.to_ascii_lowercase();
    match lower.trim_start_matches(['-', '+']) {
        "inf" | "infinity" | "nan" if lower.len() - lower.trim_start_matches(['-', '+']).len() <= 1 => {
            return lower.parse().ok();
        }
        _ => {}
    }
    let inner = |place: usize| text.as_bytes().get(place).is_some_and(u8::is_ascii_digit);
    let misplaced = text.match_indices('_').any(|(place, _)| place == 0 || !inner(place - 1) || !inner(place + 1));
    let is_number = text.chars().all(|letter| letter.is_ascii_digit() || "+-.eE_".contains(letter));
    if misplaced || !is_number || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

pub fn float(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [default] = bind(arguments, "do_float", ["default"], 0)?;
    check(&value)?;
    let number = match &value {
        Value::String(text) => parse_float(text.as_str()),
        other => other.as_number().map(Number::as_f64),
    };
    Ok(number.map_or_else(|| default.unwrap_or(Value::Float(0.0)), Value::Float))
}

pub fn abs(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "abs")?;
    check(&value)?;
    match value.as_number() {
        Some(Number::Int(number)) => Ok(number.saturating_abs().into()),
        Some(Number::Float(number)) => Ok(number.abs().into()),
        None => Err(TemplateError::value(format!("bad operand type for abs(): '{}'", value.type_name()))),
    }
}

pub fn round(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [precision, method] = bind(arguments, "do_round", ["precision", "method"], 0)?;
    let precision = integer(precision.as_ref(), 0)?;
    let method = method.as_ref().map_or(Some("common"), Value::as_str);
    check(&value)?;
    let number = value
        .as_number()
        .ok_or_else(|| TemplateError::value(format!("type {} doesn't define __round__ method", value.type_name())))?;
    let limited = i32::try_from(precision.clamp(-400, 400)).unwrap_or(0);
    let scale = 10f64.powi(limited);
    match (method, number) {
        (Some("common"), Number::Int(number)) => Ok(rounded_int(number, precision).into()),
        (Some("common"), Number::Float(number)) => Ok(rounded(number, precision).into()),
        (Some("ceil"), number) => Ok(((number.as_f64() * scale).ceil() / scale).into()),
        (Some("floor"), number) => Ok(((number.as_f64() * scale).floor() / scale).into()),
        _ => Err(TemplateError::value("method must be common, ceil or floor")),
    }
}

/// Rounds the exact decimal value of a float, half to even, as Python does.
pub fn rounded(number: f64, precision: i64) -> f64 {
    if !number.is_finite() {
        return number;
    }
    if precision >= 0 {
        let places = size(precision).min(400);
        return format!("{number:.places$}").parse().unwrap_or(number);
    }
    let scale = 10f64.powi(i32::try_from((-precision).min(400)).unwrap_or(400));
    if scale.is_infinite() { 0.0f64.copysign(number) } else { (number / scale).round_ties_even() * scale }
}

fn rounded_int(number: i64, precision: i64) -> i64 {
    if precision >= 0 {
        return number;
    }
    let Some(scale) = u32::try_from(-precision).ok().and_then(|digits| 10i64.checked_pow(digits)) else { return 0 };
    let (quotient, rest) = (number.div_euclid(scale), number.rem_euclid(scale));
    let up = rest > scale - rest || (rest == scale - rest && quotient % 2 != 0);
    (quotient + i64::from(up)).saturating_mul(scale)
}

pub fn log(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [base] = bind(arguments, "logarithm", ["base"], 0)?;
    let wrong = |_| TemplateError::value("log() can only be used on numbers");
    check(&value)?;
    let number = real(&value).map_err(wrong)?;
    let base = base.as_ref().map(real).transpose().map_err(wrong)?;
    if number <= 0.0 || base.is_some_and(|base| base <= 0.0) {
        return Err(TemplateError::value("math domain error"));
    }
    Ok(match base {
        None => number.ln(),
        Some(10.0) => number.log10(),
        Some(base) => number.ln() / base.ln(),
    }
    .into())
}

pub fn pow(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [exponent] = bind(arguments, "power", ["y"], 1)?;
    check(&value)?;
    let wrong = |_| TemplateError::value("pow() can only be used on numbers");
    let (base, exponent) = (real(&value).map_err(wrong)?, real(&exponent.unwrap_or(Value::Null)).map_err(wrong)?);
    powered(base, exponent).map(Value::from)
}

fn powered(base: f64, exponent: f64) -> Answer<f64> {
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(TemplateError::value(if base == 0.0 { "math domain error" } else { "math range error" }));
    }
    if result.is_nan() && !base.is_nan() && !exponent.is_nan() {
        return Err(TemplateError::value("math domain error"));
    }
    Ok(result)
}

pub fn root(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [base] = bind(arguments, "inversepower", ["base"], 0)?;
    check(&value)?;
    let wrong = || TemplateError::value("root() can only be used on numbers");
    let number = real(&value).map_err(|_| wrong())?;
    let base = match &base {
        None => 2.0,
        Some(Value::String(text)) => parse_float(text.as_str()).ok_or_else(wrong)?,
        Some(base) => real(base).map_err(|_| wrong())?,
    };
    if (base - 2.0).abs() < f64::EPSILON {
        return if number < 0.0 { Err(wrong()) } else { Ok(number.sqrt().into()) };
    }
    if base == 0.0 {
        return Err(TemplateError::value("float division by zero"));
    }
    powered(number, 1.0 / base).map_err(|_| wrong()).map(Value::from)
}
