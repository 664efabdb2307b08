//! `'%s of %05.2f' % (a, b)`, as Python formats.

use std::iter::Peekable;
use std::str::Chars;

use super::super::environment::SIZE_LIMIT;
use super::super::{Number, TemplateError, Value};
use super::Result;
use super::number_text::{Layout, float_digits, integer_digits};

/// Formats a text with the values for its directives; `tuple` says that a list holds one value for each.
pub fn format(template: &str, values: &Value, tuple: bool) -> Result<String> {
    #[expect(clippy::unnecessary_to_owned, reason = "both arms have one type")]
    let mut given = match values {
        Value::List(items) if tuple => Given { values: items.to_vec().into_iter(), mapping: None },
        other => Given { values: vec![other.clone()].into_iter(), mapping: Some(other) },
    };
    let mut out = String::with_capacity(template.len());
    let mut letters = template.chars().peekable();
    let mut by_name = false;
    let mut at = 0;
    while let Some(letter) = letters.next() {
        at += 1;
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let before = letters.clone().count();
        let directive = directive(&mut letters, &mut given)?;
        at += before - letters.clone().count();
        by_name |= directive.key.is_some();
        if directive.kind == '%' {
            out.push('%');
            continue;
        }
        let value = match &directive.key {
            Some(key) => given.named(key)?,
            None => given.next()?,
        };
        out.push_str(&formatted(&directive, &value, at - 1)?);
        if out.len() > SIZE_LIMIT {
            return Err(TemplateError::value("the formatted text is too large"));
        }
    }
    let mapping = matches!(values, Value::Dict(_) | Value::Object(_)) || (matches!(values, Value::List(_)) && !tuple);
    if given.values.len() > 0 && !by_name && !mapping {
        return Err(TemplateError::value("not all arguments converted during string formatting"));
    }
    Ok(out)
}

struct Given<'v> {
    values: std::vec::IntoIter<Value>,
    mapping: Option<&'v Value>,
}

impl Given<'_> {
    fn next(&mut self) -> Result<Value> {
        self.values.next().ok_or_else(|| TemplateError::value("not enough arguments for format string"))
    }

    fn named(&self, key: &str) -> Result<Value> {
        let Some(Value::Dict(dict)) = self.mapping else {
            return Err(TemplateError::value("format requires a mapping"));
        };
        dict.get(key).cloned().ok_or_else(|| TemplateError::value(format!("'{key}'")))
    }
}

struct Directive {
    key: Option<String>,
    layout: Layout,
    zero: bool,
    kind: char,
}

fn directive(letters: &mut Peekable<Chars<'_>>, given: &mut Given<'_>) -> Result<Directive> {
    let key = if letters.next_if_eq(&'(').is_some() { Some(key(letters)?) } else { None };
    let mut layout =
        Layout { fill: ' ', align: '>', sign: '-', alternate: false, width: 0, grouping: None, precision: None };
    let mut zero = false;
    while let Some(flag) = letters.next_if(|letter| "#0- +".contains(*letter)) {
        match flag {
            '#' => layout.alternate = true,
            '0' => zero = true,
            '-' => layout.align = '<',
            '+' => layout.sign = '+',
            _ if layout.sign == '-' => layout.sign = ' ',
            _ => {}
        }
    }
    if let Some((width, left)) = number(letters, given)? {
        layout.width = width;
        if left {
            layout.align = '<';
        }
    }
    if letters.next_if_eq(&'.').is_some() {
        layout.precision = Some(number(letters, given)?.map_or(0, |(precision, _)| precision));
    }
    while letters.next_if(|letter| "hlL".contains(*letter)).is_some() {}
    let kind = letters.next().ok_or_else(|| TemplateError::value("incomplete format"))?;
    Ok(Directive { key, layout, zero, kind })
}

fn key(letters: &mut Peekable<Chars<'_>>) -> Result<String> {
    let mut depth = 1;
    let mut key = String::new();
    for letter in letters.by_ref() {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Ok(key);
        }
        key.push(letter);
    }
    Err(TemplateError::value("incomplete format key"))
}

/// A number in the directive, or `*`: the next value; and whether it was negative.
fn number(letters: &mut Peekable<Chars<'_>>, given: &mut Given<'_>) -> Result<Option<(usize, bool)>> {
    if letters.next_if_eq(&'*').is_some() {
        let Value::Int(value) = given.next()? else { return Err(TemplateError::value("* wants int")) };
        return Ok(Some((usize::try_from(value.unsigned_abs()).unwrap_or(usize::MAX), value < 0)));
    }
    let mut value: Option<usize> = None;
    while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
        letters.next();
        value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize));
    }
    Ok(value.map(|value| (value, false)))
}

fn formatted(directive: &Directive, value: &Value, at: usize) -> Result<String> {
    let mut layout = directive.layout.clone();
    match directive.kind {
        's' | 'r' | 'a' => {
            let text = if directive.kind == 's' { value.to_string() } else { value.repr() };
            let text = layout.precision.map_or(text.clone(), |length| text.chars().take(length).collect());
            layout.padded(&text)
        }
        'c' => match value {
            Value::String(text) if text.as_str().chars().count() == 1 => layout.padded(text.as_str()),
            Value::Int(code) => {
                let letter = u32::try_from(*code).ok().and_then(char::from_u32);
                let letter = letter.ok_or_else(|| TemplateError::value("%c arg not in range(0x110000)"))?;
                layout.padded(&letter.to_string())
            }
            _ => Err(TemplateError::value("%c requires int or char")),
        },
        'd' | 'i' | 'u' | 'x' | 'X' | 'o' => integer(directive, layout, value),
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let number = value
                .as_number()
                .ok_or_else(|| TemplateError::value(format!("must be real number, not {}", value.type_name())))?;
            let number = number.as_f64();
            let digits = float_digits(number, directive.kind, layout.precision, layout.alternate)?;
            fill_with_zeros(directive, &mut layout);
            layout.number(number.is_sign_negative() && !number.is_nan(), "", &digits)
        }
        other => {
            let code = other as u32;
            Err(TemplateError::value(format!("unsupported format character '{other}' ({code:#x}) at index {at}")))
        }
    }
}

fn fill_with_zeros(directive: &Directive, layout: &mut Layout) {
    if directive.zero && layout.align != '<' {
        layout.fill = '0';
        layout.align = '=';
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Python truncates here, and what does not fit saturates")]
fn integer(directive: &Directive, mut layout: Layout, value: &Value) -> Result<String> {
    let kind = directive.kind;
    let number = match value.as_number() {
        Some(Number::Int(number)) => number,
        Some(Number::Float(number)) if "diu".contains(kind) => number as i64,
        _ => {
            let wanted = if "diu".contains(kind) { "a real number is required" } else { "an integer is required" };
            return Err(TemplateError::value(format!("%{kind} format: {wanted}, not {}", value.type_name())));
        }
    };
    let (mut digits, prefix) = integer_digits(number, kind);
    if let Some(precision) = layout.precision {
        if precision > 10_000 {
            return Err(TemplateError::value("the precision is too large"));
        }
        digits = format!("{digits:0>precision$}");
    }
    fill_with_zeros(directive, &mut layout);
    layout.number(number < 0, if layout.alternate { prefix } else { "" }, &digits)
}
