//! A task's arguments: checked against the module's [`Spec`], and of the types that it says.

use std::collections::BTreeMap;

use super::spec::{Argument, Kind, Rule, Spec};
use crate::template::{Dict, Key, Value};

/// The arguments of one task: names as the spec has them, values of their types, defaults filled in.
#[derive(Clone, Debug, Default)]
pub struct Args {
    values: BTreeMap<String, Value>,
    /// Those that were given: the spec's name, and the one that was written.
    given: Vec<(String, String)>,
}

/// An argument that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ArgError {
    /// What is wrong with it.
    pub message: String,
    /// The argument, when it is one.
    pub argument: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ArgError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), argument: None, hint: None }
    }
}

impl Args {
    /// Checks computed arguments, converts them and fills in the defaults. Omitted ones are left out.
    ///
    /// # Errors
    /// When one is unknown, missing, or of the wrong type.
    pub fn check(spec: &Spec, given: &Dict) -> Result<Self, ArgError> {
        let mut args = Self::default();
        for (key, value) in given {
            let Key::Text(name) = key else { return Err(ArgError::new(format!("the argument {key} has no name"))) };
            if matches!(value, Value::Omit) {
                continue;
            }
            let argument = spec.argument(name);
            if argument.is_none() && !spec.open && !name.starts_with("_raw_params") {
                return Err(unknown(spec, given));
            }
            let known = argument.map_or(&**name, |argument| argument.name);
            let value = match argument {
                // As Ansible does: null is as good as not given.
                Some(_) if matches!(value, Value::Null) => continue,
                Some(argument) => convert_argument(argument, value)?,
                None => value.clone(),
            };
            args.given.push((known.to_owned(), (**name).to_owned()));
            args.values.insert(known.to_owned(), value);
        }
        args.fill(spec.arguments)?;
        for rule in spec.rules {
            args.keep(rule)?;
        }
        Ok(args)
    }

    fn fill(&mut self, arguments: &[Argument]) -> Result<(), ArgError> {
        let missing: Vec<&str> = arguments
            .iter()
            .filter(|argument| argument.required && !self.values.contains_key(argument.name))
            .map(|argument| argument.name)
            .collect();
        if !missing.is_empty() {
            return Err(ArgError::new(format!("missing required arguments: {}", missing.join(", "))));
        }
        for argument in arguments {
            if let Some(default) = argument.default.filter(|_| !self.values.contains_key(argument.name)) {
                let value = convert_argument(argument, &Value::text(default))?;
                self.values.insert(argument.name.to_owned(), value);
            }
        }
        Ok(())
    }

    fn keep(&self, rule: &Rule) -> Result<(), ArgError> {
        let has = |name: &&&str| self.is_given(name);
        let is = |name: &str, value: &str| {
            self.values.get(name).is_some_and(|found| {
                found.to_string() == value
                    || matches!((found, value), (Value::Bool(true), "true") | (Value::Bool(false), "false"))
            })
        };
        match *rule {
            Rule::Exclusive(names) if names.iter().filter(has).count() > 1 => {
                Err(ArgError::new(format!("parameters are mutually exclusive: {}", names.join("|"))))
            }
            Rule::OneOf(names) if names.iter().find(has).is_none() => {
                Err(ArgError::new(format!("one of the following is required: {}", names.join(", "))))
            }
            Rule::Together(names) if (1..names.len()).contains(&names.iter().filter(has).count()) => {
                Err(ArgError::new(format!("parameters are required together: {}", names.join(", "))))
            }
            Rule::If(name, value, names)
                if is(name, value) && names.iter().any(|name| !self.values.contains_key(*name)) =>
            {
                let missing: Vec<&str> =
                    names.iter().copied().filter(|name| !self.values.contains_key(*name)).collect();
                Err(ArgError::new(format!(
                    "{name} is {value} but all of the following are missing: {}",
                    missing.join(", ")
                )))
            }
            Rule::IfOneOf(name, value, names)
                if is(name, value) && !names.iter().any(|name| self.values.contains_key(*name)) =>
            {
                Err(ArgError::new(format!(
                    "{name} is {value} but any of the following are missing: {}",
                    names.join(", ")
                )))
            }
            Rule::By(name, names) if self.is_given(name) && names.iter().any(|name| !self.is_given(name)) => {
                let missing: Vec<&str> = names.iter().copied().filter(|name| !self.is_given(name)).collect();
                Err(ArgError::new(format!("missing parameter(s) required by '{name}': {}", missing.join(", "))))
            }
            _ => Ok(()),
        }
    }

    /// Whether the task gave the argument.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.written(name).is_some()
    }

    /// The name under which an argument was given, which may be an alias.
    #[must_use]
    pub fn written(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(known, _)| known == name).map(|(_, written)| &**written)
    }

    /// The value of an argument that was given or has a default.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The text of an argument.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// The text of an argument that the spec requires or gives a default; empty otherwise.
    #[must_use]
    pub fn needed(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// The boolean of an argument that has a default; false otherwise.
    #[must_use]
    pub fn bool(&self, name: &str) -> bool {
        self.maybe_bool(name).unwrap_or(false)
    }

    /// The boolean of an argument, if it was given or has a default.
    #[must_use]
    pub fn maybe_bool(&self, name: &str) -> Option<bool> {
        match self.values.get(name) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// The integer of an argument.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.values.get(name) {
            Some(Value::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The items of a list argument; empty when it was not given.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Value] {
        self.values.get(name).and_then(Value::as_list).unwrap_or_default()
    }

    /// The texts of a list argument; empty when it was not given.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().map(ToString::to_string).collect()
    }

    /// The entries of a dictionary argument.
    #[must_use]
    pub fn dict(&self, name: &str) -> Option<&Dict> {
        self.values.get(name).and_then(Value::as_dict)
    }

    /// The same with another value of one that is there.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut args = self.clone();
        args.values.insert(name.to_owned(), value);
        args
    }

    /// All arguments, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// What Ansible says of arguments that a module does not have.
fn unknown(spec: &Spec, given: &Dict) -> ArgError {
    let is_unknown = |name: &&str| spec.argument(name).is_none() && !name.starts_with("_raw_params");
    let mut names: Vec<&str> = given.keys().filter_map(Key::as_str).filter(is_unknown).collect();
    names.sort_unstable();
    let mut known: Vec<&str> = spec.arguments.iter().map(|argument| argument.name).collect();
    let mut aliases: Vec<&str> = spec.arguments.iter().flat_map(|argument| argument.aliases).copied().collect();
    known.sort_unstable();
    aliases.sort_unstable();
    let mut supported = known.join(", ");
    if !aliases.is_empty() {
        supported = format!("{supported} ({})", aliases.join(", "));
    }
    let message = format!(
        "Unsupported parameters for ({}) module: {}. Supported parameters include: {supported}.",
        spec.name,
        names.join(", ")
    );
    let near = |name: &str| {
        let names = known.iter().chain(&aliases).copied();
        let near = names.max_by(|one, two| strsim::jaro_winkler(one, name).total_cmp(&strsim::jaro_winkler(two, name)));
        near.filter(|near| strsim::jaro_winkler(near, name) > 0.8)
    };
    let hint = names.first().and_then(|name| near(name)).map(|near| format!("did you mean `{near}`?"));
    ArgError { message, argument: names.first().map(|name| (*name).to_owned()), hint }
}

/// Converts a value that is no template to the argument's type, and checks its choices.
///
/// # Errors
/// When it cannot be converted or is none of the choices.
pub fn convert_argument(argument: &Argument, value: &Value) -> Result<Value, ArgError> {
    let wrong = |message: String| ArgError { message, argument: Some(argument.name.to_owned()), hint: None };
    let converted = convert(argument.kind, value).map_err(|reason| {
        wrong(format!(
            "argument '{}' is of type {} and we were unable to convert to {reason}",
            argument.name,
            value.type_name()
        ))
    })?;
    if argument.choices.is_empty() {
        return Ok(converted);
    }
    let items = converted.as_list().unwrap_or(std::slice::from_ref(&converted));
    // `state: yes` is a boolean to YAML, and `yes` to whoever wrote it.
    let chosen =
        |item: &Value| argument.choices.iter().find(|choice| item.to_string() == **choice || bool_name(item, choice));
    match items.iter().find(|item| chosen(item).is_none()) {
        Some(item) => Err(wrong(format!(
            "value of {} must be one of: {}, got: {item}",
            argument.name,
            argument.choices.join(", ")
        ))),
        None if converted.as_list().is_some() => Ok(converted),
        None => Ok(chosen(&converted).map_or(converted.clone(), |choice| Value::text(*choice))),
    }
}

fn bool_name(item: &Value, choice: &str) -> bool {
    match choice {
        "yes" | "on" | "true" | "True" => matches!(item.to_string().as_str(), "True"),
        "no" | "off" | "false" | "False" => matches!(item.to_string().as_str(), "False"),
        _ => false,
    }
}

/// Converts a value that is no template to a type.
///
/// # Errors
/// Names the type, and why it is not one.
pub(super) fn convert(kind: Kind, value: &Value) -> Result<Value, String> {
    match kind {
        Kind::Raw => Ok(value.clone()),
        Kind::Text | Kind::Path | Kind::Mode => Ok(match (kind, value) {
            (Kind::Mode, Value::Int(mode)) => Value::Int(*mode),
            (_, Value::String(_)) => value.clone(),
            (_, Value::List(_) | Value::Dict(_)) => Value::text(value.to_json().to_string()),
            _ => Value::text(value.to_string()),
        }),
        Kind::Bool => to_bool(value).map(Value::Bool).ok_or_else(|| format!("bool: {value} is no boolean")),
        Kind::Int => to_int(value)
            .map(Value::Int)
            .ok_or_else(|| format!("int: \"{}\" cannot be converted to an int", value.repr())),
        Kind::Float => to_float(value).map(Value::Float).ok_or_else(|| format!("float: {value} is no number")),
        Kind::List(item) => {
            to_list(value)?.iter().map(|value| convert(*item, value)).collect::<Result<_, _>>().map(Value::list)
        }
        Kind::DictList(entries) => {
            let items = match value {
                Value::Dict(_) => vec![value.clone()],
                _ => to_list(value)?,
            };
            items.iter().map(|value| convert_entries(entries, value)).collect::<Result<_, _>>().map(Value::list)
        }
        Kind::Dict => to_dict(value).map(Value::dict),
        Kind::Entries(entries) => convert_entries(entries, value),
        Kind::Bytes => to_bytes(value).map(Value::Int).ok_or_else(|| format!("bytes: {value} is no size")),
        Kind::Json => Ok(match value {
            Value::String(_) => value.clone(),
            _ => Value::text(value.to_json().to_string()),
        }),
    }
}

fn convert_entries(entries: &'static [Argument], value: &Value) -> Result<Value, String> {
    let given = to_dict(value)?;
    let mut dict = Dict::new();
    for (key, value) in &given {
        let name = key.to_string();
        let argument =
            entries.iter().find(|argument| argument.name == name || argument.aliases.contains(&name.as_str()));
        let Some(argument) = argument else { return Err(format!("dict: it has no entry `{name}`")) };
        if !matches!(value, Value::Null | Value::Omit) {
            dict.insert(argument.name.into(), convert_argument(argument, value).map_err(|error| error.message)?);
        }
    }
    for argument in entries {
        match argument.default {
            _ if dict.contains_key(argument.name) => {}
            Some(default) => {
                let value = convert_argument(argument, &Value::text(default)).map_err(|error| error.message)?;
                dict.insert(argument.name.into(), value);
            }
            None if argument.required => return Err(format!("dict: the entry `{}` is missing", argument.name)),
            None => {}
        }
    }
    Ok(Value::dict(dict))
}

/// The boolean that a value stands for in arguments: `yes`, `on`, `1`, `true`, `t`, `y` and their opposites.
#[must_use]
pub fn to_bool(value: &Value) -> Option<bool> {
    match value.to_string().to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "1.0" | "true" | "t" => Some(true),
        "n" | "no" | "off" | "0" | "0.0" | "false" | "f" => Some(false),
        _ => None,
    }
}

fn to_int(value: &Value) -> Option<i64> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i64::from(*value)),
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers come here")]
        Value::Float(value) if value.fract() == 0.0 => Some(*value as i64),
        Value::String(text) => text.as_str().trim().parse().ok(),
        _ => None,
    }
}

fn to_float(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.as_str().trim().parse().ok(),
        _ => value.as_number().map(crate::template::Number::as_f64),
    }
}

fn to_list(value: &Value) -> Result<Vec<Value>, String> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::String(text) => Ok(text.as_str().split(',').map(|item| Value::text(item.trim())).collect()),
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => Ok(vec![Value::text(value.to_string())]),
        _ => Err(format!("list: {} is none", value.type_name())),
    }
}

fn to_dict(value: &Value) -> Result<Dict, String> {
    match value {
        Value::Dict(dict) => Ok(Dict::clone(dict)),
        Value::String(text) => {
            let text = text.as_str().trim();
            if text.starts_with('{') {
                let json = serde_json::from_str(text).map_err(|error| format!("dict: {error}"))?;
                return Value::of_json(&json).as_dict().cloned().ok_or_else(|| "dict: it is none".to_owned());
            }
            let pair =
                |pair: &str| pair.split_once('=').map(|(key, value)| (key.trim().into(), Value::text(value.trim())));
            text.split([',', ' '])
                .filter(|part| !part.is_empty())
                .map(|part| pair(part).ok_or_else(|| format!("dict: `{part}` is no k=v")))
                .collect()
        }
        _ => Err(format!("dict: {} is none", value.type_name())),
    }
}

/// A size in bytes: `10`, `1K`, `2.5G`, `1MB`; powers of 1024.
fn to_bytes(value: &Value) -> Option<i64> {
    let text = value.to_string();
    let text = text.trim();
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    let unit = text[end..].trim();
    let power = match unit.chars().next().map(|unit| unit.to_ascii_uppercase()) {
        None | Some('B') => 0,
        Some('K') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        Some('P') => 5,
        Some(_) => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "no file is larger than what an integer holds")]
    Some((number * 1024_f64.powi(power)).round() as i64)
}
