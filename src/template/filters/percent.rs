//! Python's `%` on texts: `'%05.2f %s' % (…)`.

use super::bind::Answer;
use super::python::{text, truncated};
use crate::template::{Arguments, Calls, Number, TemplateError, Value};

pub fn filter(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    if !arguments.positional.is_empty() && !arguments.named.is_empty() {
        return Err(TemplateError::value("can't handle positional and keyword arguments at the same time"));
    }
    let pattern = text(&value)?;
    if arguments.named.is_empty() {
        return format(&pattern, &arguments.positional, None).map(Value::from);
    }
    let named = Value::dict(arguments.named.into_iter().map(|(name, value)| (name.into(), value)).collect());
    format(&pattern, std::slice::from_ref(&named), Some(&named)).map(Value::from)
}

/// Formats `arguments`; `mapping` is what `%(name)s` looks in.
///
/// # Errors
/// When the pattern is none, or the arguments do not fit it.
pub fn format(pattern: &str, arguments: &[Value], mapping: Option<&Value>) -> Answer<String> {
    let mut reader = Reader { rest: pattern, arguments: arguments.iter(), mapping };
    let mut out = String::new();
    while let Some(at) = reader.rest.find('%') {
        out.push_str(&reader.rest[..at]);
        reader.rest = &reader.rest[at + 1..];
        out.push_str(&reader.directive()?);
    }
    out.push_str(reader.rest);
    if mapping.is_none() && reader.arguments.next().is_some() {
        return Err(TemplateError::value("not all arguments converted during string formatting"));
    }
    Ok(out)
}

struct Reader<'a> {
    rest: &'a str,
    arguments: std::slice::Iter<'a, Value>,
    mapping: Option<&'a Value>,
}

/// How one value is to be written.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Layout {
    minus: bool,
    plus: bool,
    blank: bool,
    zero: bool,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
}

/// Wider fields are a mistake.
const WIDEST: i64 = 1_000_000;

impl<'a> Reader<'a> {
    fn directive(&mut self) -> Answer<String> {
        let mut named = None;
        if let Some(rest) = self.rest.strip_prefix('(') {
            let end = rest.find(')').ok_or_else(|| TemplateError::value("incomplete format key"))?;
            let mapping = self.mapping.ok_or_else(|| TemplateError::value("format requires a mapping"))?;
            let name = &rest[..end];
            named = Some(mapping.get(name).ok_or_else(|| TemplateError::value(format!("'{name}'")))?);
            self.rest = &rest[end + 1..];
        }
        let mut layout = self.flags();
        let width = self.number()?;
        layout.minus |= width < 0;
        layout.width = super::python::size(width.abs());
        if let Some(rest) = self.rest.strip_prefix('.') {
            self.rest = rest;
            layout.precision = Some(super::python::size(self.number()?));
        }
        self.rest = self.rest.trim_start_matches(['l', 'h', 'L']);
        let kind = self.rest.chars().next().ok_or_else(|| TemplateError::value("incomplete format"))?;
        self.rest = &self.rest[kind.len_utf8()..];
        if kind == '%' {
            return Ok("%".to_owned());
        }
        let value = match named {
            Some(value) => value,
            None => self.next()?,
        };
        write(value, kind, layout)
    }

    fn flags(&mut self) -> Layout {
        let mut layout = Layout::default();
        while let Some(flag) = self.rest.chars().next() {
            match flag {
                '-' => layout.minus = true,
                '+' => layout.plus = true,
                ' ' => layout.blank = true,
                '0' => layout.zero = true,
                '#' => layout.alternate = true,
                _ => break,
            }
            self.rest = &self.rest[1..];
        }
        layout
    }

    fn number(&mut self) -> Answer<i64> {
        let number = if let Some(rest) = self.rest.strip_prefix('*') {
            self.rest = rest;
            super::python::whole(self.next()?).map_err(|_| TemplateError::value("* wants int"))?
        } else {
            let end = self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
            let digits = &self.rest[..end];
            self.rest = &self.rest[end..];
            if digits.is_empty() { 0 } else { digits.parse().unwrap_or(i64::MAX) }
        };
        if (-WIDEST..=WIDEST).contains(&number) { Ok(number) } else { Err(TemplateError::value("width too big")) }
    }

    fn next(&mut self) -> Answer<&'a Value> {
        self.arguments.next().ok_or_else(|| TemplateError::value("not enough arguments for format string"))
    }
}

fn write(value: &Value, kind: char, layout: Layout) -> Answer<String> {
    super::python::check(value)?;
    match kind {
        's' | 'r' | 'a' => {
            let text = if kind == 's' { text(value)? } else { value.repr() };
            let text = layout.precision.map_or(text.clone(), |most| text.chars().take(most).collect());
            Ok(pad("", &text, Layout { zero: false, ..layout }))
        }
        'c' => match value {
            Value::String(text) if text.as_str().chars().count() == 1 => Ok(pad("", text.as_str(), layout)),
            Value::Int(code) => {
                let letter = u32::try_from(*code).ok().and_then(char::from_u32);
                let letter = letter.ok_or_else(|| TemplateError::value("%c arg not in range(0x110000)"))?;
                Ok(pad("", &letter.to_string(), layout))
            }
            _ => Err(TemplateError::value("%c requires int or char")),
        },
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => integer(value, kind, layout),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => real(value, kind, layout),
        other => Err(TemplateError::value(format!(
            "unsupported format character '{other}' (0x{:x}) at index 0",
            u32::from(other)
        ))),
    }
}

fn integer(value: &Value, kind: char, layout: Layout) -> Answer<String> {
    let number = match value.as_number() {
        Some(Number::Int(number)) => Some(number),
        Some(Number::Float(number)) if matches!(kind, 'd' | 'i' | 'u') => truncated(number),
        _ => None,
    };
    let wanted = if matches!(kind, 'd' | 'i' | 'u') { "a real number" } else { "an integer" };
    let number = number.ok_or_else(|| {
        TemplateError::value(format!("%{kind} format: {wanted} is required, not {}", value.type_name()))
    })?;
    let size = number.unsigned_abs();
    let (prefix, digits) = match kind {
        'x' => ("0x", format!("{size:x}")),
        'X' => ("0X", format!("{size:X}")),
        'o' => ("0o", format!("{size:o}")),
        _ => ("", size.to_string()),
    };
    let digits = format!("{digits:0>width$}", width = layout.precision.unwrap_or(0));
    let prefix = if layout.alternate { prefix } else { "" };
    Ok(pad(&format!("{}{prefix}", sign(number < 0, layout)), &digits, layout))
}

fn sign(negative: bool, layout: Layout) -> &'static str {
    match (negative, layout.plus, layout.blank) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

fn real(value: &Value, kind: char, layout: Layout) -> Answer<String> {
    let number = value.as_number().map(Number::as_f64);
    let number =
        number.ok_or_else(|| TemplateError::value(format!("must be real number, not {}", value.type_name())))?;
    let precision = layout.precision.unwrap_or(6).min(1000);
    let size = number.abs();
    let digits = if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        "inf".to_owned()
    } else {
        match kind.to_ascii_lowercase() {
            'f' => format!("{size:.precision$}"),
            'e' => scientific(size, precision),
            _ => general(size, precision.max(1), layout.alternate),
        }
    };
    let digits = if kind.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
    Ok(pad(sign(number.is_sign_negative() && !number.is_nan(), layout), &digits, layout))
}

fn scientific(size: f64, precision: usize) -> String {
    let written = format!("{size:.precision$e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

fn general(size: f64, precision: usize, alternate: bool) -> String {
    let written = scientific(size, precision - 1);
    let exponent: i32 = written.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if exponent < -4 || exponent >= limit {
        let (digits, exponent) = written.split_once('e').unwrap_or((&written, "+00"));
        return format!("{}e{exponent}", shortened(digits, alternate));
    }
    let after = usize::try_from(limit - 1 - exponent).unwrap_or(0);
    shortened(&format!("{size:.after$}"), alternate).to_owned()
}

fn shortened(digits: &str, alternate: bool) -> &str {
    if alternate || !digits.contains('.') { digits } else { digits.trim_end_matches('0').trim_end_matches('.') }
}

fn pad(prefix: &str, text: &str, layout: Layout) -> String {
    let length = prefix.chars().count() + text.chars().count();
    let missing = layout.width.saturating_sub(length);
    match (layout.minus, layout.zero) {
        (true, _) => format!("{prefix}{text}{}", " ".repeat(missing)),
        (false, true) => format!("{prefix}{}{text}", "0".repeat(missing)),
        (false, false) => format!("{}{prefix}{text}", " ".repeat(missing)),
    }
}
