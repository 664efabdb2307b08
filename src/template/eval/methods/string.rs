//! Methods of texts.

use super::super::super::environment::SIZE_LIMIT;
use super::super::super::{Arguments, Key, TemplateError, Value};
use super::super::format;
use super::given::Given;
use super::{Result, split};

/// Calls a method of a text.
pub fn call(text: &str, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    if let Some(value) = question(text, name) {
        Given::new(&format!("str.{name}"), arguments, 0, 0)?;
        return Ok(Some(Value::Bool(value)));
    }
    if let Some(value) = changed(text, name) {
        Given::new(&format!("str.{name}"), arguments, 0, 0)?;
        return Ok(Some(Value::from(value)));
    }
    if let Some(value) = found(text, name, arguments)? {
        return Ok(Some(value));
    }
    taken_apart(text, name, arguments)
}

/// `isdigit` and the like.
fn question(text: &str, name: &str) -> Option<bool> {
    let all = |is: fn(char) -> bool| !text.is_empty() && text.chars().all(is);
    let cased = |right: fn(char) -> bool, wrong: fn(char) -> bool| text.chars().any(right) && !text.chars().any(wrong);
    Some(match name {
        "isdigit" | "isdecimal" => all(|letter| letter.is_numeric() && (!letter.is_ascii() || letter.is_ascii_digit())),
        "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(split::is_blank),
        "isascii" => text.is_ascii(),
        "isprintable" => text.chars().all(|letter| letter == ' ' || !(letter.is_control() || letter.is_whitespace())),
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        "istitle" => text.chars().any(char::is_uppercase) && title(text) == text,
        "isidentifier" => {
            text.chars().next().is_some_and(|first| first == '_' || first.is_alphabetic())
                && text.chars().all(|letter| letter == '_' || letter.is_alphanumeric())
        }
        _ => return None,
    })
}

/// Methods without arguments that give another text.
fn changed(text: &str, name: &str) -> Option<String> {
    Some(match name {
        "upper" => text.to_uppercase(),
        "lower" => text.to_lowercase(),
        "casefold" => text.to_lowercase().replace('ß', "ss"),
        "title" => title(text),
        "capitalize" => {
            let mut letters = text.chars();
            let first = letters.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
            first + &letters.as_str().to_lowercase()
        }
        "swapcase" => text
            .chars()
            .flat_map(|letter| -> Vec<char> {
                if letter.is_uppercase() { letter.to_lowercase().collect() } else { letter.to_uppercase().collect() }
            })
            .collect(),
        _ => return None,
    })
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for letter in text.chars() {
        if within {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
        within = letter.is_alphabetic();
    }
    out
}

/// Methods that look for a part.
fn found(text: &str, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    if !matches!(name, "find" | "rfind" | "index" | "rindex" | "count" | "startswith" | "endswith") {
        return Ok(None);
    }
    let given = Given::new(name, arguments, 1, 3)?;
    let letters: Vec<char> = text.chars().collect();
    let length = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length).max(0) } else { bound };
        usize::try_from(bound).unwrap_or(usize::MAX)
    };
    let start = given.integer(1, "start")?.map_or(0, clamp);
    let end = given.integer(2, "end")?.map_or(letters.len(), clamp).min(letters.len());
    let within: Option<String> = (start <= end).then(|| letters[start..end].iter().collect());
    let place = |at: usize| within.as_deref().map_or(0, |text| text[..at].chars().count()) + start;
    if matches!(name, "startswith" | "endswith") {
        return matches(within.as_deref(), name, &given).map(Some);
    }
    let wanted = given.wanted(0, "sub")?;
    let at =
        within.as_deref().and_then(|text| if name.starts_with('r') { text.rfind(wanted) } else { text.find(wanted) });
    Ok(Some(match (name, at) {
        ("count", _) => {
            let within = within.as_deref();
            Value::from(within.map_or(0, |text| text.matches(wanted).count()))
        }
        (_, Some(at)) => Value::from(place(at)),
        ("find" | "rfind", None) => Value::Int(-1),
        _ => return Err(TemplateError::value("substring not found")),
    }))
}

fn matches(text: Option<&str>, name: &str, given: &Given<'_>) -> Result<Value> {
    let fits = |part: &Value| match (part, text) {
        (Value::String(part), Some(text)) if name == "startswith" => Ok(text.starts_with(part.as_str())),
        (Value::String(part), Some(text)) => Ok(text.ends_with(part.as_str())),
        (Value::String(_), None) => Ok(false),
        (other, _) => {
            let kind = other.type_name();
            Err(TemplateError::value(format!("{name} first arg must be str or a tuple of str, not {kind}")))
        }
    };
    match given.value(0, "prefix").unwrap_or(&Value::Null) {
        Value::List(parts) => {
            for part in parts.iter() {
                if fits(part)? {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        }
        part => fits(part).map(Value::Bool),
    }
}

/// Methods that split, join, strip and pad.
fn taken_apart(text: &str, name: &str, arguments: &Arguments) -> Result<Option<Value>> {
    let given = |least: usize, most: usize| Given::new(name, arguments, least, most);
    Ok(Some(match name {
        "split" | "rsplit" => {
            let given = given(0, 2)?;
            let limit = given.integer(1, "maxsplit")?.unwrap_or(-1);
            split::split(text, given.text(0, "sep")?, limit, name == "rsplit")?
        }
        "splitlines" => split::lines(text, given(0, 1)?.value(0, "keepends").is_some_and(Value::is_true)),
        "partition" | "rpartition" => split::partition(text, given(1, 1)?.wanted(0, "sep")?, name == "rpartition")?,
        "strip" | "lstrip" | "rstrip" => Value::from(stripped(text, name, given(0, 1)?.text(0, "chars")?)),
        "replace" => replaced(text, &given(2, 3)?)?,
        "join" => joined(text, given(1, 1)?.value(0, "iterable").unwrap_or(&Value::Null))?,
        "format" => Value::from(format::format(text, arguments)?),
        "format_map" => {
            let Some(Value::Dict(dict)) = given(1, 1)?.value(0, "mapping") else {
                return Err(TemplateError::value("format_map() needs a mapping"));
            };
            let named = dict.iter().filter_map(|(key, value)| Some((key.as_str()?.into(), value.clone())));
            Value::from(format::format(text, &Arguments { positional: Vec::new(), named: named.collect() })?)
        }
        "zfill" | "ljust" | "rjust" | "center" => padded(text, name, &given(1, 2)?)?,
        "removeprefix" => {
            let prefix = given(1, 1)?.wanted(0, "prefix")?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let suffix = given(1, 1)?.wanted(0, "suffix")?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "expandtabs" => Value::from(expanded(text, given(0, 1)?.integer(0, "tabsize")?.unwrap_or(8))),
        "encode" | "decode" => Value::from(text),
        "translate" => translated(text, given(1, 1)?.value(0, "table").unwrap_or(&Value::Null)),
        _ => return Ok(None),
    }))
}

fn stripped<'t>(text: &'t str, name: &str, letters: Option<&str>) -> &'t str {
    let gone = |letter: char| letters.map_or_else(|| split::is_blank(letter), |letters| letters.contains(letter));
    match name {
        "strip" => text.trim_matches(gone),
        "lstrip" => text.trim_start_matches(gone),
        _ => text.trim_end_matches(gone),
    }
}

fn replaced(text: &str, given: &Given<'_>) -> Result<Value> {
    let (old, new) = (given.wanted(0, "old")?, given.wanted(1, "new")?);
    let count = given.integer(2, "count")?.unwrap_or(-1);
    let places = if old.is_empty() { text.chars().count() + 1 } else { text.len() / old.len() };
    if places.saturating_mul(new.len()) > SIZE_LIMIT && text.matches(old).count().saturating_mul(new.len()) > SIZE_LIMIT
    {
        return Err(TemplateError::value("the replaced text is too large"));
    }
    Ok(Value::from(match usize::try_from(count) {
        Ok(count) => text.replacen(old, new, count),
        Err(_) => text.replace(old, new),
    }))
}

fn joined(separator: &str, items: &Value) -> Result<Value> {
    let items: Vec<Value> = match items {
        Value::List(items) => items.to_vec(),
        Value::Dict(dict) => dict.keys().map(Key::to_value).collect(),
        Value::String(text) => text.as_str().chars().map(|letter| Value::from(letter.to_string())).collect(),
        _ => return Err(TemplateError::value("can only join an iterable")),
    };
    let mut texts = Vec::with_capacity(items.len());
    let mut size = separator.len().saturating_mul(items.len());
    for (place, item) in items.iter().enumerate() {
        let text = item.as_str().ok_or_else(|| {
            let kind = item.type_name();
            TemplateError::value(format!("sequence item {place}: expected str instance, {kind} found"))
        })?;
        size = size.saturating_add(text.len());
        texts.push(text);
    }
    if size > SIZE_LIMIT {
        return Err(TemplateError::value("the joined text is too large"));
    }
    Ok(Value::from(texts.join(separator)))
}

fn padded(text: &str, name: &str, given: &Given<'_>) -> Result<Value> {
    let width = usize::try_from(given.integer(0, "width")?.unwrap_or(0)).unwrap_or(0);
    if width > SIZE_LIMIT / 4 {
        return Err(TemplateError::value("the width is too large"));
    }
    let fill = match given.text(1, "fillchar")? {
        None => ' ',
        Some(fill) if fill.chars().count() == 1 => fill.chars().next().unwrap_or(' '),
        Some(_) => return Err(TemplateError::value("The fill character must be exactly one character long")),
    };
    let missing = width.saturating_sub(text.chars().count());
    let filled = |count: usize, fill: char| -> String { std::iter::repeat_n(fill, count).collect() };
    Ok(Value::from(match name {
        "zfill" => {
            let signed = usize::from(text.starts_with(['+', '-']));
            format!("{}{}{}", &text[..signed], filled(missing, '0'), &text[signed..])
        }
        "ljust" => text.to_owned() + &filled(missing, fill),
        "rjust" => filled(missing, fill) + text,
        _ => {
            // Python puts the odd one to the left when both the gap and the width are odd.
            let left = missing / 2 + (missing & width & 1);
            filled(left, fill) + text + &filled(missing - left, fill)
        }
    }))
}

fn expanded(text: &str, size: i64) -> String {
    let size = usize::try_from(size).unwrap_or(0).min(1000);
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for letter in text.chars() {
        match letter {
            '\t' => {
                let blanks = if size == 0 { 0 } else { size - column % size };
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\n' | '\r' => {
                out.push(letter);
                column = 0;
            }
            other => {
                out.push(other);
                column += 1;
            }
        }
    }
    out
}

fn translated(text: &str, table: &Value) -> Value {
    let Value::Dict(table) = table else { return Value::from(text) };
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match table.get(&Key::Int(i64::from(letter as u32))) {
            None => out.push(letter),
            Some(Value::Null) => {}
            Some(Value::Int(code)) => out.extend(u32::try_from(*code).ok().and_then(char::from_u32)),
            Some(other) => out.push_str(&other.to_string()),
        }
    }
    Value::from(out)
}
