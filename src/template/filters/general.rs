//! Dictionaries and durations of `community.general`.

use super::bind::{Answer, bind};
use super::numbers::{parse_int, rounded};
use super::python::{check, entries, is_mapping, iterate, key, text, words};
use super::regex::pattern::Anchor;
use super::regex::{Flags, matches};
use crate::template::{Arguments, Calls, Dict, Key, TemplateError, Value};

pub fn dict_kv(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [name] = bind(arguments, "dict_kv", ["key"], 1)?;
    Ok(Value::dict(Dict::from_iter([(key(&name.unwrap_or(Value::Null))?, value)])))
}

/// The units: long name, short name, milliseconds.
const UNITS: [(&str, &str, f64); 9] = [
    ("millisecond", "ms", 1.0),
    ("second", "s", 1000.0),
    ("minute", "m", 60_000.0),
    ("hour", "h", 3_600_000.0),
    ("day", "d", 86_400_000.0),
    ("week", "w", 604_800_000.0),
    ("month", "mo", 2_592_000_000.0),
    ("year", "y", 31_536_000_000.0),
    ("msec", "ms", 1.0),
];

macro_rules! durations {
    ($($name:ident: $unit:literal,)*) => {
        $(pub fn $name(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
            convert(&value, $unit, arguments)
        })*
    };
}

durations! {
    to_milliseconds: "ms",
    to_seconds: "s",
    to_minutes: "m",
    to_hours: "h",
    to_days: "d",
    to_weeks: "w",
    to_months: "mo",
    to_years: "y",
}

pub fn to_time_unit(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let named = arguments.named.iter().position(|(name, _)| **name == *"unit");
    let unit = match named {
        Some(place) => arguments.named.remove(place).1,
        None if arguments.positional.is_empty() => "ms".into(),
        None => arguments.positional.remove(0),
    };
    convert(&value, &text(&unit)?, arguments)
}

fn convert(value: &Value, unit: &str, arguments: Arguments) -> Answer {
    let (mut year, mut month) = (365.0, 30.0);
    for (name, days) in &arguments.named {
        match &**name {
            "year" => year = super::python::real(days)?,
            "month" => month = super::python::real(days)?,
            _ => {
                return Err(TemplateError::value(format!("to_time_unit() got unknown keyword arguments: {name}")));
            }
        }
    }
    let written = super::python::string(value, "split")?;
    if written == "0" {
        return Ok(Value::Int(0));
    }
    let milliseconds = |unit: &str| {
        let bare = unit.trim_end_matches('s');
        let known = UNITS.iter().find(|(long, short, _)| bare == *long || unit == *short)?;
        Some(match known.1 {
            "y" => year * 86_400_000.0,
            "mo" => month * 86_400_000.0,
            _ => known.2,
        })
    };
    let target = milliseconds(unit).ok_or_else(|| {
        TemplateError::value(format!("to_time_unit() can not convert to the following unit: {unit}"))
            .hint("ms, s, m, h, d, w, mo and y are known")
    })?;
    let unread = || TemplateError::value(format!("to_time_unit() can not interpret following string: {written}"));
    let mut total = 0.0;
    for part in written.split_whitespace() {
        let start = usize::from(part.starts_with('-'));
        let digits = part[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = part.split_at(start + digits);
        let number = parse_int(number, 10).ok_or_else(unread)?;
        let unit = milliseconds(unit).ok_or_else(unread)?;
        total += super::python::real(&Value::Int(number))? * unit;
    }
    Ok(Value::Float(rounded(total / target, 12)))
}

/// How keys are found.
enum Target {
    Equal(Vec<String>),
    StartsWith(Vec<String>),
    EndsWith(Vec<String>),
    Regex(Value),
}

impl Target {
    fn of(target: &Value, kind: &str) -> Answer<Self> {
        let names = || -> Answer<Vec<String>> {
            match target {
                Value::List(names) => names.iter().map(text).collect(),
                other => Ok(vec![text(other)?]),
            }
        };
        Ok(match kind {
            "equal" => Self::Equal(names()?),
            "starts_with" => Self::StartsWith(names()?),
            "ends_with" => Self::EndsWith(names()?),
            "regex" => Self::Regex(names()?.into_iter().next().unwrap_or_default().into()),
            _ => {
                return Err(TemplateError::value(format!("matching_parameter={kind} is not one of the known values"))
                    .hint("`equal`, `starts_with`, `ends_with` and `regex` are"));
            }
        })
    }

    fn finds(&self, key: &Key) -> Answer<bool> {
        let name = key.to_string();
        Ok(match self {
            Self::Equal(names) => names.contains(&name),
            Self::StartsWith(names) => names.iter().any(|start| name.starts_with(start)),
            Self::EndsWith(names) => names.iter().any(|end| name.ends_with(end)),
            Self::Regex(pattern) => matches(&name, pattern, Flags::default(), Anchor::Start)?,
        })
    }
}

pub fn keep_keys(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    filter_keys(&value, arguments, "keep_keys", true)
}

pub fn remove_keys(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    filter_keys(&value, arguments, "remove_keys", false)
}

fn filter_keys(value: &Value, arguments: Arguments, name: &str, kept: bool) -> Answer {
    let [target, kind] = bind(arguments, name, ["target", "matching_parameter"], 1)?;
    let target = Target::of(&target.unwrap_or(Value::Null), &words(kind.as_ref(), "equal")?)?;
    let mut dicts = Vec::new();
    for dict in dicts_of(value)? {
        let mut result = Dict::new();
        for (key, value) in dict {
            if target.finds(&key)? == kept {
                result.insert(key, value);
            }
        }
        dicts.push(Value::dict(result));
    }
    Ok(Value::list(dicts))
}

fn dicts_of(value: &Value) -> Answer<Vec<Vec<(Key, Value)>>> {
    let items = match value {
        Value::List(items) => items,
        other => {
            check(other)?;
            let kind = other.type_name();
            return Err(TemplateError::value(format!(
                "First argument must be a list. {} is <class '{kind}'>",
                other.repr()
            )));
        }
    };
    let dict = |item: &Value| {
        if is_mapping(item) {
            return entries(item);
        }
        check(item)?;
        let kind = item.type_name();
        Err(TemplateError::value(format!(
            "Elements of the list must be dictionaries. {} is <class '{kind}'>",
            item.repr()
        )))
    };
    items.iter().map(dict).collect()
}

pub fn replace_keys(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [target, kind] = bind(arguments, "replace_keys", ["target", "matching_parameter"], 1)?;
    let kind = words(kind.as_ref(), "equal")?;
    let mut pairs = Vec::new();
    for pair in iterate(&target.unwrap_or(Value::Null))? {
        let (Some(before), Some(after)) = (pair.get("before"), pair.get("after")) else {
            return Err(TemplateError::value(
                "Items of target must be dictionaries with the keys `before` and `after`",
            ));
        };
        pairs.push((Target::of(before, &kind)?, key(after)?));
    }
    let mut dicts = Vec::new();
    for dict in dicts_of(&value)? {
        let mut result = Dict::new();
        for (mut name, value) in dict {
            for (target, after) in &pairs {
                if target.finds(&name)? {
                    name = after.clone();
                    break;
                }
            }
            result.insert(name, value);
        }
        dicts.push(Value::dict(result));
    }
    Ok(Value::list(dicts))
}
