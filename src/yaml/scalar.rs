//! What a plain scalar means in YAML 1.1, as `PyYAML` resolves it.

use serde_json::Number;

use super::{NodeKind, timestamp};

/// Resolves a plain, untagged scalar.
pub fn resolve(text: &str) -> NodeKind {
    let Some(first) = text.chars().next() else { return NodeKind::Null };
    // Most scalars are words that cannot be anything else.
    if !matches!(first, '0'..='9' | '+' | '-' | '.' | '~' | 'y' | 'Y' | 'n' | 'N' | 't' | 'T' | 'f' | 'F' | 'o' | 'O') {
        return NodeKind::String(text.into());
    }
    if let Some(value) = boolean(text) {
        return NodeKind::Bool(value);
    }
    if matches!(text, "~" | "null" | "Null" | "NULL") {
        return NodeKind::Null;
    }
    float(text)
        .or_else(|| integer(text))
        .or_else(|| timestamp::iso(text).map(|iso| NodeKind::String(iso.into())))
        .unwrap_or_else(|| NodeKind::String(text.into()))
}

/// The YAML 1.1 booleans, in the spellings that `PyYAML` knows.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Reads an integer: decimal, `0b1`, `0644`, `0x1f`, `1_000`, or base sixty (`1:30`).
pub fn integer(text: &str) -> Option<NodeKind> {
    let (negative, digits) = split_sign(text);
    let clean = digits.replace('_', "");
    let value = if let Some(binary) = digits.strip_prefix("0b") {
        all(binary, |c| matches!(c, '0' | '1' | '_')).then(|| i128::from_str_radix(&clean[2..], 2))
    } else if let Some(hex) = digits.strip_prefix("0x") {
        all(hex, |c| c.is_ascii_hexdigit() || c == '_').then(|| i128::from_str_radix(&clean[2..], 16))
    } else if digits == "0" {
        Some(Ok(0))
    } else if let Some(octal) = digits.strip_prefix('0') {
        all(octal, |c| matches!(c, '0'..='7' | '_')).then(|| i128::from_str_radix(&clean, 8))
    } else if digits.contains(':') {
        return sexagesimal(digits).map(|value| number(if negative { -value } else { value }));
    } else {
        starts_with_digit(digits, |c| c.is_ascii_digit() || c == '_').then(|| clean.parse())
    };
    match value? {
        Ok(value) => Some(number(if negative { -value } else { value })),
        Err(_) => Some(NodeKind::String(text.into())),
    }
}

/// Reads a float: a dot is needed, an exponent needs its sign; `.inf` and `.nan` stay text, as JSON has no such thing.
pub fn float(text: &str) -> Option<NodeKind> {
    let (negative, digits) = split_sign(text);
    let signed = text.len() > digits.len();
    if matches!(digits, ".inf" | ".Inf" | ".INF") || (!signed && matches!(digits, ".nan" | ".NaN" | ".NAN")) {
        return Some(NodeKind::String(text.into()));
    }
    let (whole, fraction) = digits.split_once('.')?;
    if whole.contains(':') {
        all_or_empty(fraction, |c| c.is_ascii_digit() || c == '_').then_some(())?;
        return sexagesimal_float(whole, fraction, negative);
    }
    let (fraction, exponent) = split_exponent(fraction)?;
    let digit = |c: char| c.is_ascii_digit() || c == '_';
    let valid = if whole.is_empty() {
        !signed && starts_with_digit(fraction, digit)
    } else {
        starts_with_digit(whole, digit) && all_or_empty(fraction, digit)
    };
    valid.then_some(())?;
    let clean = format!("{whole}.{fraction}").replace('_', "") + exponent;
    let value: f64 = clean.parse().ok()?;
    Some(float_number(if negative { -value } else { value }, text))
}

fn split_exponent(fraction: &str) -> Option<(&str, &str)> {
    let Some(at) = fraction.find(['e', 'E']) else { return Some((fraction, "")) };
    let (fraction, exponent) = fraction.split_at(at);
    let digits = exponent[1..].strip_prefix(['+', '-'])?;
    all(digits, |c| c.is_ascii_digit()).then_some((fraction, exponent))
}

fn sexagesimal(digits: &str) -> Option<i128> {
    let mut parts = digits.split(':');
    let first = parts.next().filter(|first| first.starts_with(|c| matches!(c, '1'..='9')))?;
    let mut value: i128 = first.replace('_', "").parse().ok()?;
    for part in parts {
        let digit: i128 = part.parse().ok().filter(|_| sixty(part))?;
        value = value.checked_mul(60)?.checked_add(digit)?;
    }
    Some(value)
}

fn sexagesimal_float(whole: &str, fraction: &str, negative: bool) -> Option<NodeKind> {
    let (first, rest) = whole.split_once(':')?;
    starts_with_digit(first, |c| c.is_ascii_digit() || c == '_').then_some(())?;
    let mut value: f64 = first.replace('_', "").parse().ok()?;
    for part in rest.split(':') {
        let digit: f64 = part.parse().ok().filter(|_| sixty(part))?;
        value = value * 60.0 + digit;
    }
    value += format!("0.{}", fraction.replace('_', "")).parse::<f64>().ok()?;
    Some(float_number(if negative { -value } else { value }, whole))
}

fn sixty(part: &str) -> bool {
    match part.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, ones] => (b'0'..=b'5').contains(tens) && ones.is_ascii_digit(),
        _ => false,
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn all(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(allowed)
}

fn all_or_empty(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.chars().all(allowed)
}

fn starts_with_digit(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(allowed)
}

/// An integer of JSON, or its digits where JSON readers would lose some.
fn number(value: i128) -> NodeKind {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => NodeKind::Number(value.into()),
        (_, Ok(value)) => NodeKind::Number(value.into()),
        _ => NodeKind::String(value.to_string().into()),
    }
}

fn float_number(value: f64, text: &str) -> NodeKind {
    Number::from_f64(value).map_or_else(|| NodeKind::String(text.into()), NodeKind::Number)
}
