//! Sizes for people, and back.

use super::bind::{Answer, bind};
use super::numbers::{parse_float, rounded};
use super::python::{check, flag, text, truncated};
use crate::template::{Arguments, Calls, Number, TemplateError, Value};

/// The units, largest first, and how many bytes each stands for as a power of two.
const UNITS: [(char, i32, &str); 9] = [
    ('Y', 80, "yotta"),
    ('Z', 70, "zeta"),
    ('E', 60, "exa"),
    ('P', 50, "peta"),
    ('T', 40, "tera"),
    ('G', 30, "giga"),
    ('M', 20, "mega"),
    ('K', 10, "kilo"),
    ('B', 0, ""),
];

pub fn human_readable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [bits, unit] = bind(arguments, "human_readable", ["isbits", "unit"], 0)?;
    check(&value)?;
    let size = value.as_number().ok_or_else(|| TemplateError::value("human_readable() failed on bad input"))?;
    let unit = match unit {
        None | Some(Value::Null) => None,
        Some(unit) => Some(text(&unit)?.to_uppercase()),
    };
    let size = size.as_f64();
    let chosen = UNITS.iter().find(|(letter, power, _)| match &unit {
        None => size >= 2f64.powi(*power),
        Some(unit) => *unit == letter.to_string(),
    });
    let (letter, power, _) = chosen.unwrap_or(&UNITS[8]);
    let base = if flag(bits.as_ref())? { "bits" } else { "Bytes" };
    let suffix = if *power == 0 { base.to_owned() } else { format!("{letter}{}", &base[..1]) };
    Ok(format!("{:.2} {suffix}", size / 2f64.powi(*power)).into())
}

pub fn human_to_bytes(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [unit, bits] = bind(arguments, "human_to_bytes", ["default_unit", "isbits"], 0)?;
    let written = text(&value)?;
    let unit = match unit {
        None | Some(Value::Null) => None,
        Some(unit) => Some(text(&unit)?),
    };
    let bits = flag(bits.as_ref())?;
    bytes(&written, unit, bits).map(Value::Int).map_err(TemplateError::value)
}

fn bytes(written: &str, default: Option<String>, bits: bool) -> Result<i64, String> {
    let uninterpreted = || format!("human_to_bytes() can't interpret following string: {written}");
    let trimmed = written.trim_end();
    let end = trimmed.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(trimmed.len());
    let (number, unit) = (&trimmed[..end], trimmed[end..].trim_start());
    let is_number = number.bytes().filter(|byte| *byte == b'.').count() <= 1
        && number.ends_with(|letter: char| letter.is_ascii_digit());
    if !is_number || !unit.chars().all(|letter| letter.is_ascii_alphabetic()) {
        return Err(uninterpreted());
    }
    let number: f64 = number.parse().map_err(|_| uninterpreted())?;
    let unit = if unit.is_empty() { default } else { Some(unit.to_owned()) };
    let power = match unit {
        None => 0,
        Some(unit) => power(written, &unit, bits)?,
    };
    truncated(rounded(number * 2f64.powi(power), 0)).ok_or_else(|| format!("`{written}` is too large"))
}

fn power(written: &str, unit: &str, bits: bool) -> Result<i32, String> {
    let first = unit.chars().next().map(|letter| letter.to_ascii_uppercase());
    let known = UNITS.iter().find(|(letter, ..)| Some(*letter) == first);
    let Some((letter, power, prefix)) = known else {
        return Err(format!(
            "human_to_bytes() failed to convert {written} (unit = {unit}). The suffix must be one of Y, Z, E, P, T, G, \
             M, K, B"
        ));
    };
    if unit.chars().count() == 1 {
        return Ok(*power);
    }
    let (base, short) = if bits { ("bit", "b") } else { ("byte", "B") };
    let full = if *power == 0 { short.to_owned() } else { format!("{letter}{short}") };
    if unit.to_lowercase() == format!("{prefix}{base}") || unit == full {
        return Ok(*power);
    }
    let expected = if *power == 0 { format!("{short} or {base}") } else { format!("{full} or {letter}") };
    Err(format!("human_to_bytes() failed to convert {written}. Value is not a valid string (expect {expected})"))
}

pub fn filesizeformat(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [binary] = bind(arguments, "do_filesizeformat", ["binary"], 0)?;
    check(&value)?;
    let bytes = match &value {
        Value::String(text) => parse_float(text.as_str())
            .ok_or_else(|| TemplateError::value(format!("could not convert string to float: {}", value.repr())))?,
        other => other.as_number().map(Number::as_f64).ok_or_else(|| {
            TemplateError::value(format!(
                "float() argument must be a string or a real number, not '{}'",
                other.type_name()
            ))
        })?,
    };
    let binary = flag(binary.as_ref())?;
    let base = if binary { 1024.0 } else { 1000.0 };
    if (bytes - 1.0).abs() < f64::EPSILON {
        return Ok("1 Byte".into());
    }
    if bytes < base {
        return Ok(format!("{:.0} Bytes", bytes.trunc()).into());
    }
    let mut unit = base;
    let prefixes = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
    let prefix = prefixes.iter().find(|_| {
        unit *= base;
        bytes < unit
    });
    let prefix = prefix.unwrap_or(&"Y");
    let number = base * bytes / unit;
    Ok(if binary { format!("{number:.1} {}iB", prefix.to_uppercase()) } else { format!("{number:.1} {prefix}B") }
        .into())
}
