//! The functions that every template has.

use std::sync::{Arc, Mutex};

use super::super::ast::Argument;
use super::super::datetime::Moment;
use super::super::{Arguments, Dict, Key, TemplateError, Value, lookups};
use super::call::Evaluated;
use super::functions::unknown;
use super::objects::{Cycler, Function, Joiner, Namespace};
use super::{Evaluator, Result};

const FUNCTIONS: &[&str] = &[
    "range",
    "dict",
    "namespace",
    "cycler",
    "joiner",
    "lipsum",
    "now",
    "undef",
    "lookup",
    "query",
    "q",
    "super",
    "self",
];

/// What a name means that is no variable.
pub fn named(name: &str) -> Option<Value> {
    if name == "omit" {
        return Some(Value::Omit);
    }
    let function = FUNCTIONS.iter().find(|known| **known == name)?;
    Some(Value::Object(Arc::new(Function(function))))
}

impl Evaluator<'_> {
    /// Calls a function.
    pub fn call_function(&mut self, name: &'static str, given: &[Argument]) -> Result<Value> {
        match name {
            "lookup" => return self.lookup_function(given, false),
            "query" | "q" => return self.lookup_function(given, true),
            "super" => return self.super_block(),
            _ => {}
        }
        let arguments = self.arguments_of(given, Evaluated::Fully)?;
        match name {
            "range" => self.range(&arguments),
            "dict" => self.dict_function(arguments).map(Value::dict),
            "namespace" => {
                let attributes = self.dict_function(arguments)?;
                Ok(Value::Object(Arc::new(Namespace::new(attributes))))
            }
            "cycler" if arguments.positional.is_empty() => {
                Err(TemplateError::value("at least one item has to be provided"))
            }
            "cycler" => Ok(Value::Object(Arc::new(Cycler { items: arguments.positional, next: Mutex::new(0) }))),
            "joiner" => {
                let separator = argument(&arguments, 0, "sep").cloned().unwrap_or_else(|| Value::from(", "));
                Ok(Value::Object(Arc::new(Joiner { separator, called: Mutex::new(false) })))
            }
            "lipsum" => Ok(lipsum(&arguments)),
            "now" => now(&arguments),
            "undef" => {
                let hint = argument(&arguments, 0, "hint").filter(|hint| !matches!(hint, Value::Null));
                let message =
                    hint.map_or_else(|| "Mandatory variable has not been overridden".to_owned(), Value::to_string);
                Ok(Value::undefined(message))
            }
            _ => Err(TemplateError::value(format!("'{name}' cannot be called"))),
        }
    }

    #[expect(clippy::similar_names, reason = "the words of the language")]
    fn range(&mut self, arguments: &Arguments) -> Result<Value> {
        let mut bounds = Vec::with_capacity(3);
        for bound in &arguments.positional {
            match bound {
                Value::Int(bound) => bounds.push(*bound),
                Value::Bool(bound) => bounds.push(i64::from(*bound)),
                other => {
                    let message = format!("'{}' object cannot be interpreted as an integer", other.type_name());
                    return Err(TemplateError::value(message));
                }
            }
        }
        let (start, stop, step) = match bounds.as_slice() {
            [stop] => (0, *stop, 1),
            [start, stop] => (*start, *stop, 1),
            [start, stop, step] => (*start, *stop, *step),
            other => {
                let message = format!("range expected 1 to 3 arguments, got {}", other.len());
                return Err(TemplateError::value(message));
            }
        };
        if step == 0 {
            return Err(TemplateError::value("range() arg 3 must not be zero"));
        }
        let distance = (i128::from(stop) - i128::from(start)) * i128::from(step.signum());
        let count = (distance.max(0) + i128::from(step.unsigned_abs()) - 1) / i128::from(step.unsigned_abs());
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.sized(count.saturating_mul(16))?;
        let numbers = std::iter::successors(Some(start), |last| last.checked_add(step));
        Ok(Value::list(numbers.take(count).map(Value::Int).collect()))
    }

    fn dict_function(&mut self, arguments: Arguments) -> Result<Dict> {
        let mut dict = Dict::new();
        for value in arguments.positional {
            match self.materialized(value)? {
                Value::Dict(entries) => dict.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone()))),
                pairs => {
                    for pair in self.items(pairs)? {
                        let [key, value] = <[Value; 2]>::try_from(self.items(pair)?).map_err(|pair| {
                            let length = pair.len();
                            TemplateError::value(format!(
                                "dictionary update sequence element #0 has length {length}; 2 is required"
                            ))
                        })?;
                        dict.insert(super::resolve::key(&key)?, value);
                    }
                }
            }
        }
        dict.extend(arguments.named.into_iter().map(|(name, value)| (Key::Text(name), value)));
        Ok(dict)
    }

    /// `lookup(name, …)` and `query(name, …)`.
    fn lookup_function(&mut self, given: &[Argument], query: bool) -> Result<Value> {
        let mut arguments = self.arguments_of(given, Evaluated::Terms)?;
        if arguments.positional.is_empty() {
            return Err(TemplateError::value("lookup() needs the name of a lookup"));
        }
        let name = arguments.positional.remove(0).to_string();
        let mut take = |wanted: &str| {
            let place = arguments.named.iter().position(|(name, _)| &**name == wanted)?;
            Some(arguments.named.remove(place).1)
        };
        let as_list = take("wantlist").map_or(query, |value| value.is_true());
        let errors = take("errors").map_or_else(|| "strict".to_owned(), |value| value.to_string());
        let found = self.run_lookup(&name, arguments);
        let results = match found {
            Err(error) if errors == "ignore" || errors == "warn" => {
                if errors == "warn" {
                    self.templar.environment.warn(format!("the lookup '{name}' failed: {}", error.message));
                }
                return Ok(if as_list { Value::list(Vec::new()) } else { Value::Null });
            }
            found => found?,
        };
        self.sized(results.len())?;
        Ok(if as_list { Value::list(results) } else { unwrapped(results) })
    }

    /// Runs a lookup; nothing that it gives is ever templated.
    pub fn run_lookup(&mut self, name: &str, arguments: Arguments) -> Result<Vec<Value>> {
        self.enter()?;
        let lookup = lookups::find(name).ok_or_else(|| unknown("lookup", name, &lookups::names()))?;
        let results = lookup(self, arguments)?;
        Ok(results.iter().map(Value::distrusted).collect())
    }
}

/// One result stands for itself, texts are joined, others stay a list.
fn unwrapped(mut results: Vec<Value>) -> Value {
    if results.len() == 1 {
        return results.remove(0);
    }
    if !results.is_empty() && results.iter().all(|result| matches!(result, Value::String(_))) {
        let texts: Vec<&str> = results.iter().filter_map(Value::as_str).collect();
        return Value::from(texts.join(","));
    }
    Value::list(results)
}

fn argument<'a>(arguments: &'a Arguments, place: usize, name: &str) -> Option<&'a Value> {
    let named = arguments.named.iter().find(|(known, _)| &**known == name).map(|(_, value)| value);
    arguments.positional.get(place).or(named)
}

fn now(arguments: &Arguments) -> Result<Value> {
    let utc = argument(arguments, 0, "utc").is_some_and(Value::is_true);
    let moment = Moment::now(utc);
    match argument(arguments, 1, "fmt") {
        Some(Value::String(format)) if !format.as_str().is_empty() => Ok(Value::from(moment.format(format.as_str()))),
        Some(Value::Null | Value::String(_)) | None => Ok(moment.into_value()),
        Some(other) => {
            Err(TemplateError::value(format!("strftime() argument 1 must be str, not {}", other.type_name())))
        }
    }
}

/// Filler text: the same each time.
fn lipsum(arguments: &Arguments) -> Value {
    const WORDS: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut \
                         labore et dolore magna aliqua.";
    let count = match argument(arguments, 0, "n") {
        Some(Value::Int(count)) => usize::try_from(*count).unwrap_or(0).min(1000),
        _ => 5,
    };
    let html = argument(arguments, 1, "html").is_none_or(Value::is_true);
    let paragraph = if html { format!("<p>{WORDS}</p>") } else { WORDS.to_owned() };
    Value::from(vec![paragraph; count].join(if html { "\n" } else { "\n\n" }))
}
