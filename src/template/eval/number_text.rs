//! Numbers as text, for `%` and `format`.

use super::super::TemplateError;
use super::super::environment::SIZE_LIMIT;
use super::Result;

/// Digits after the point that are ever asked for.
const PRECISION: usize = 5_000;

/// How a value is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// What fills.
    pub fill: char,
    /// `<`, `>`, `^` or `=`.
    pub align: char,
    /// `+`, a blank, or `-` for the sign of negative numbers alone.
    pub sign: char,
    /// `#`.
    pub alternate: bool,
    /// The least number of characters.
    pub width: usize,
    /// What stands between groups of digits.
    pub grouping: Option<char>,
    /// Digits, or characters.
    pub precision: Option<usize>,
}

impl Layout {
    /// A number: its sign, then a prefix such as `0x`, then its digits.
    pub fn number(&self, negative: bool, prefix: &str, digits: &str) -> Result<String> {
        let digits = match self.grouping {
            Some(separator) => grouped(digits, separator, if prefix.is_empty() { 3 } else { 4 }),
            None => digits.to_owned(),
        };
        let sign = match self.sign {
            _ if negative => "-",
            '+' => "+",
            ' ' => " ",
            _ => "",
        };
        let head = format!("{sign}{prefix}");
        if self.align == '=' {
            let length = head.chars().count() + digits.chars().count();
            return Ok(head + &self.filled(length)? + &digits);
        }
        self.padded(&(head + &digits))
    }

    /// A text of at least the width.
    pub fn padded(&self, text: &str) -> Result<String> {
        let fill = self.filled(text.chars().count())?;
        Ok(match self.align {
            '<' => text.to_owned() + &fill,
            '^' => {
                let half = fill.chars().count() / 2;
                let left: String = fill.chars().take(half).collect();
                let right: String = fill.chars().skip(half).collect();
                left + text + &right
            }
            _ => fill + text,
        })
    }

    fn filled(&self, length: usize) -> Result<String> {
        let missing = self.width.saturating_sub(length);
        if missing > SIZE_LIMIT / 4 {
            return Err(TemplateError::value("the width is too large"));
        }
        Ok(std::iter::repeat_n(self.fill, missing).collect())
    }
}

fn grouped(digits: &str, separator: char, size: usize) -> String {
    let (whole, rest) = digits.find(['.', 'e', 'E', '%']).map_or((digits, ""), |at| digits.split_at(at));
    let mut out = String::new();
    let length = whole.chars().count();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (length - place) % size == 0 {
            out.push(separator);
        }
        out.push(digit);
    }
    out + rest
}

/// The digits of a float's magnitude, for `e`, `f`, `g` and `%`, and their capitals.
pub fn float_digits(value: f64, kind: char, precision: Option<usize>, alternate: bool) -> Result<String> {
    let value = value.abs();
    let upper = kind.is_ascii_uppercase();
    if !value.is_finite() {
        let text = if value.is_nan() { "nan" } else { "inf" };
        return Ok(if upper { text.to_uppercase() } else { text.to_owned() });
    }
    let precision = precision.unwrap_or(6);
    if precision > PRECISION {
        return Err(TemplateError::value("the precision is too large"));
    }
    let text = match kind.to_ascii_lowercase() {
        'e' => scientific(value, precision),
        'g' => general(value, precision, alternate),
        '%' => format!("{:.precision$}%", value * 100.0),
        _ => format!("{value:.precision$}"),
    };
    Ok(if upper { text.to_uppercase() } else { text })
}

fn scientific(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

fn general(value: f64, precision: usize, alternate: bool) -> String {
    let precision = precision.max(1);
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent: i64 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let wanted = i64::try_from(precision).unwrap_or(i64::MAX);
    let text = if (-4..wanted).contains(&exponent) {
        let decimals = usize::try_from(wanted - 1 - exponent).unwrap_or(0);
        format!("{value:.decimals$}")
    } else {
        scientific(value, precision - 1)
    };
    if alternate { text } else { without_zeros(&text) }
}

fn without_zeros(text: &str) -> String {
    let (digits, exponent) = text.find('e').map_or((text, ""), |at| text.split_at(at));
    if !digits.contains('.') {
        return text.to_owned();
    }
    digits.trim_end_matches('0').trim_end_matches('.').to_owned() + exponent
}

/// The digits of an integer's magnitude, and the prefix that `#` adds.
pub fn integer_digits(value: i64, kind: char) -> (String, &'static str) {
    let size = value.unsigned_abs();
    match kind {
        'b' => (format!("{size:b}"), "0b"),
        'o' => (format!("{size:o}"), "0o"),
        'x' => (format!("{size:x}"), "0x"),
        'X' => (format!("{size:X}"), "0X"),
        _ => (size.to_string(), ""),
    }
}
