//! The arguments of a method, by place or name.

use std::sync::Arc;

use super::super::super::{Arguments, TemplateError, Value};
use super::Result;

/// The arguments of a method.
pub struct Given<'a> {
    method: &'a str,
    arguments: &'a Arguments,
}

impl<'a> Given<'a> {
    /// The arguments of `method`, which takes at least and at most so many.
    pub fn new(method: &'a str, arguments: &'a Arguments, least: usize, most: usize) -> Result<Self> {
        let count = arguments.positional.len() + arguments.named.len();
        if most == 0 && count > 0 {
            return Err(TemplateError::value(format!("{method}() takes no arguments ({count} given)")));
        }
        if count < least {
            let bound = if least == most { "" } else { "at least " };
            let plural = if least == 1 { "" } else { "s" };
            return Err(TemplateError::value(format!(
                "{method} expected {bound}{least} argument{plural}, got {count}"
            )));
        }
        if count > most {
            let bound = if least == most { "" } else { "at most " };
            let plural = if most == 1 { "" } else { "s" };
            return Err(TemplateError::value(format!("{method} expected {bound}{most} argument{plural}, got {count}")));
        }
        Ok(Self { method, arguments })
    }

    /// The argument at a place or of a name.
    pub fn value(&self, place: usize, name: &str) -> Option<&'a Value> {
        let named = self.arguments.named.iter().find(|(known, _): &&(Arc<str>, Value)| &**known == name);
        self.arguments.positional.get(place).or_else(|| named.map(|(_, value)| value))
    }

    /// A text; none if it is not given or `None`.
    pub fn text(&self, place: usize, name: &str) -> Result<Option<&'a str>> {
        match self.value(place, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(other) => {
                let (method, kind) = (self.method, other.type_name());
                Err(TemplateError::value(format!("{method}() argument {} must be str, not {kind}", place + 1)))
            }
        }
    }

    /// A text that must be given.
    pub fn wanted(&self, place: usize, name: &str) -> Result<&'a str> {
        self.text(place, name)?.ok_or_else(|| {
            TemplateError::value(format!("{}() argument {} must be str, not None", self.method, place + 1))
        })
    }

    /// An integer; none if it is not given or `None`.
    pub fn integer(&self, place: usize, name: &str) -> Result<Option<i64>> {
        match self.value(place, name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Bool(value)) => Ok(Some(i64::from(*value))),
            Some(other) => {
                let kind = other.type_name();
                Err(TemplateError::value(format!("'{kind}' object cannot be interpreted as an integer")))
            }
        }
    }
}
