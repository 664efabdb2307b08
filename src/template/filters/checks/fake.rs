//! Calls without an evaluator: filters and tests are found in their tables, items in lists and dictionaries.

use std::sync::Arc;

use crate::template::{
    Arguments, Calls, Environment, Key, Scope, SearchPath, Templar, TemplateError, TemplateErrorKind, Value, filters,
    tests,
};
use crate::vault::Vault;

#[derive(Debug)]
struct Nothing;

impl Scope for Nothing {
    fn get(&self, _: &str) -> Option<Value> {
        None
    }

    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

pub struct Fake(Templar);

impl Fake {
    pub fn new() -> Self {
        let environment = Arc::new(Environment::new(Vault::default()));
        Self(Templar::new(environment, Arc::new(Nothing), Arc::new(SearchPath::default())))
    }
}

fn unknown(name: &str) -> TemplateError {
    TemplateError::new(TemplateErrorKind::Unknown, format!("no `{name}`"))
}

impl Calls for Fake {
    fn filter(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<Value, TemplateError> {
        filters::find(name).ok_or_else(|| unknown(name))?(self, value, arguments)
    }

    fn test(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<bool, TemplateError> {
        tests::find(name).ok_or_else(|| unknown(name))?(self, value, arguments)
    }

    fn item(&mut self, value: &Value, key: &Value) -> Result<Value, TemplateError> {
        let found = match (value, key) {
            (Value::Dict(dict), key) => Key::of(key).and_then(|key| dict.get(&key).cloned()),
            (Value::List(items), Value::Int(place)) => {
                let place = if *place < 0 { place + i64::try_from(items.len()).unwrap() } else { *place };
                usize::try_from(place).ok().and_then(|place| items.get(place).cloned())
            }
            (Value::Undefined(missing), _) => {
                return Err(TemplateError::new(TemplateErrorKind::Undefined, missing.message.clone()));
            }
            _ => None,
        };
        Ok(found.unwrap_or_else(|| {
            Value::undefined(format!("object of type '{}' has no attribute {}", value.type_name(), key.repr()))
        }))
    }

    fn resolve(&mut self, value: Value) -> Result<Value, TemplateError> {
        Ok(value)
    }

    fn templar(&self) -> &Templar {
        &self.0
    }
}
