//! `'{} {name:>5}'.format(…)`, as Python formats.

use super::super::environment::SIZE_LIMIT;
use super::super::{Arguments, Key, Number, TemplateError, Value};
use super::Result;
use super::number_text::{Layout, float_digits, integer_digits};

/// Replacement fields within the layout of a replacement field.
const NESTED: usize = 2;

/// Formats a text.
pub fn format(template: &str, arguments: &Arguments) -> Result<String> {
    let mut fields = Fields { arguments, next: Some(0) };
    fields.format(template, NESTED)
}

struct Fields<'a> {
    arguments: &'a Arguments,
    /// The number of the next field without one; none once fields have numbers.
    next: Option<usize>,
}

impl Fields<'_> {
    fn format(&mut self, template: &str, nested: usize) -> Result<String> {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                out.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(TemplateError::value("Single '}' encountered in format string"));
            }
            if rest.is_empty() {
                return Err(TemplateError::value("Single '{' encountered in format string"));
            }
            let end = end_of_field(rest).ok_or_else(|| TemplateError::value("expected '}' before end of string"))?;
            out.push_str(&self.field(&rest[..end], nested)?);
            rest = &rest[end + 1..];
            if out.len() > SIZE_LIMIT {
                return Err(TemplateError::value("the formatted text is too large"));
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn field(&mut self, field: &str, nested: usize) -> Result<String> {
        let (head, layout) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = head.split_once('!').map_or((head, None), |(name, rest)| (name, Some(rest)));
        let value = self.value(name)?;
        let layout = match (layout.contains('{'), nested.checked_sub(1)) {
            (true, Some(nested)) => self.format(layout, nested)?,
            (true, None) => return Err(TemplateError::value("Max string recursion exceeded")),
            (false, _) => layout.to_owned(),
        };
        let value = match conversion {
            None => value,
            Some("s") => Value::from(value.to_string()),
            Some("r" | "a") => Value::from(value.repr()),
            Some(other) => return Err(TemplateError::value(format!("Unknown conversion specifier '{other}'"))),
        };
        formatted(&value, &layout)
    }

    fn value(&mut self, name: &str) -> Result<Value> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (base, mut path) = name.split_at(end);
        let mut value = self.base(base)?;
        while !path.is_empty() {
            let key;
            if let Some(rest) = path.strip_prefix('[') {
                let close = rest.find(']').ok_or_else(|| TemplateError::value("Missing ']' in format string"))?;
                (key, path) = (&rest[..close], &rest[close + 1..]);
            } else {
                let rest = path.strip_prefix('.').unwrap_or(path);
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                (key, path) = rest.split_at(end);
                if key.is_empty() {
                    return Err(TemplateError::value("Empty attribute in format string"));
                }
            }
            value = within(&value, key)?;
        }
        Ok(value)
    }

    fn base(&mut self, base: &str) -> Result<Value> {
        let place = if base.is_empty() {
            let place = self.next.ok_or_else(|| {
                TemplateError::value("cannot switch from manual field specification to automatic field numbering")
            })?;
            self.next = Some(place + 1);
            place
        } else if let Ok(place) = base.parse() {
            self.next = None;
            place
        } else {
            let named = self.arguments.named.iter().find(|(name, _)| &**name == base);
            return named.map(|(_, value)| value.clone()).ok_or_else(|| TemplateError::value(format!("'{base}'")));
        };
        self.arguments.positional.get(place).cloned().ok_or_else(|| {
            TemplateError::value(format!("Replacement index {place} out of range for positional args tuple"))
        })
    }
}

fn within(value: &Value, key: &str) -> Result<Value> {
    let number = key.parse::<i64>().ok();
    let found = match value {
        Value::Dict(dict) => dict.get(key).or_else(|| dict.get(&Key::Int(number?))).cloned(),
        Value::List(items) => number.and_then(|at| items.get(usize::try_from(at).ok()?)).cloned(),
        Value::Object(object) => object.get(&Key::from(key))?,
        _ => None,
    };
    found.ok_or_else(|| TemplateError::value(format!("'{}' object has no attribute '{key}'", value.type_name())))
}

fn end_of_field(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Formats one value: Python's format mini-language.
fn formatted(value: &Value, spec: &str) -> Result<String> {
    if spec.is_empty() {
        return Ok(value.to_string());
    }
    if let Some(moment) = super::super::datetime::of(value) {
        return Ok(moment.format(spec));
    }
    let number = value.as_number().filter(|_| !matches!(value, Value::Bool(_)) || spec.ends_with(['d', 'x', 'b', 'o']));
    let (layout, zero, kind) = layout(spec, number.is_some())?;
    let kind_error = |kind: char| {
        let of = value.type_name();
        TemplateError::value(format!("Unknown format code '{kind}' for object of type '{of}'"))
    };
    match (number, kind) {
        (Some(Number::Int(number)), None | Some('d' | 'b' | 'o' | 'x' | 'X' | 'n')) => {
            let (digits, prefix) = integer_digits(number, kind.unwrap_or('d'));
            layout.number(number < 0, if layout.alternate { prefix } else { "" }, &digits)
        }
        (Some(Number::Int(code)), Some('c')) => {
            let letter = u32::try_from(code).ok().and_then(char::from_u32);
            let letter = letter.ok_or_else(|| TemplateError::value("%c arg not in range(0x110000)"))?;
            layout.padded(&letter.to_string())
        }
        (Some(number), Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%'))) => {
            let number = number.as_f64();
            let digits = float_digits(number, kind, layout.precision, layout.alternate)?;
            layout.number(number.is_sign_negative() && !number.is_nan(), "", &digits)
        }
        (Some(Number::Float(number)), None | Some('n')) => {
            let digits = match layout.precision {
                Some(precision) => float_digits(number, 'g', Some(precision), layout.alternate)?,
                None => Value::Float(number.abs()).to_string(),
            };
            layout.number(number.is_sign_negative() && !number.is_nan(), "", &digits)
        }
        (Some(_), Some(kind)) => Err(kind_error(kind)),
        (None, None | Some('s')) if matches!(value, Value::String(_) | Value::Bool(_)) => {
            if layout.align == '=' && !zero {
                return Err(TemplateError::value("'=' alignment not allowed in string format specifier"));
            }
            let text = value.to_string();
            let text = layout.precision.map_or(text.clone(), |length| text.chars().take(length).collect());
            layout.padded(&text)
        }
        (None, Some(kind)) if matches!(value, Value::String(_)) => Err(kind_error(kind)),
        _ => Err(TemplateError::value(format!("unsupported format string passed to {}.__format__", value.type_name()))),
    }
}

fn layout(spec: &str, number: bool) -> Result<(Layout, bool, Option<char>)> {
    let invalid = || TemplateError::value(format!("Invalid format specifier '{spec}'"));
    let letters: Vec<char> = spec.chars().collect();
    let is_align = |place: usize| letters.get(place).is_some_and(|letter| "<>^=".contains(*letter));
    let mut at = 0;
    let mut layout = Layout {
        fill: ' ',
        align: if number { '>' } else { '<' },
        sign: '-',
        alternate: false,
        width: 0,
        grouping: None,
        precision: None,
    };
    let mut aligned = true;
    if is_align(1) {
        (layout.fill, layout.align, at) = (letters[0], letters[1], 2);
    } else if is_align(0) {
        (layout.align, at) = (letters[0], 1);
    } else {
        aligned = false;
    }
    let accept = |wanted: &str, at: &mut usize| {
        let letter = letters.get(*at).copied().filter(|letter| wanted.contains(*letter));
        *at += usize::from(letter.is_some());
        letter
    };
    layout.sign = accept("+- ", &mut at).unwrap_or('-');
    accept("z", &mut at);
    layout.alternate = accept("#", &mut at).is_some();
    let zero = accept("0", &mut at).is_some();
    if zero && !aligned {
        layout.fill = '0';
        layout.align = if number { '=' } else { '<' };
    }
    layout.width = digits(&letters, &mut at).unwrap_or(0);
    layout.grouping = accept(",_", &mut at);
    if accept(".", &mut at).is_some() {
        layout.precision =
            Some(digits(&letters, &mut at).ok_or_else(|| TemplateError::value("Format specifier missing precision"))?);
    }
    match letters[at..] {
        [] => Ok((layout, zero, None)),
        [kind] => Ok((layout, zero, Some(kind))),
        _ => Err(invalid()),
    }
}

fn digits(letters: &[char], at: &mut usize) -> Option<usize> {
    let mut value: Option<usize> = None;
    while let Some(digit) = letters.get(*at).and_then(|letter| letter.to_digit(10)) {
        value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize));
        *at += 1;
    }
    value
}
