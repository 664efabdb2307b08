//! Values that are still templates, and what becomes of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::{Dict, Key, TemplateErrorKind, Text, Trust, Value};
use super::undefined::of_error;
use super::{Evaluator, Result, globals};

/// What becomes of undefined values inside of lists and dictionaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// They stay.
    Stays,
    /// They are an error.
    Fails,
}

impl Evaluator<'_> {
    /// The variable of that name, as it was written.
    pub fn variable(&self, name: &Arc<str>) -> Option<Value> {
        if let Some(value) = self.place.frames.iter().rev().find_map(|frame| frame.get(name)) {
            return Some(value.clone());
        }
        let root = &self.roots[self.place.root];
        if let Some(value) = root.variables.get(name) {
            return Some(value.clone());
        }
        let of_host = if root.sees_scope { self.templar.scope.get(name) } else { None };
        of_host.or_else(|| globals::named(name))
    }

    /// The variable of that name for use.
    pub fn lookup(&mut self, name: &Arc<str>) -> Result<Value> {
        match self.variable(name) {
            Some(value) => self.access(value),
            None => Ok(Value::undefined(format!("'{name}' is undefined"))),
        }
    }

    /// The value with its own text rendered; what is inside of it stays as it is.
    pub fn access(&mut self, value: Value) -> Result<Value> {
        let Value::String(text) = &value else { return Ok(value) };
        if !text.is_active() {
            return Ok(value);
        }
        match self.render_active(text) {
            Err(error) if error.kind == TemplateErrorKind::Undefined => Ok(of_error(error)),
            rendered => rendered,
        }
    }

    fn render_active(&mut self, text: &Text) -> Result<Value> {
        match text.trust() {
            Trust::Plain => Ok(Value::String(text.clone())),
            Trust::Template(origin) => self.render(text.shared(), origin),
            Trust::Vaulted(origin) => {
                let opened = self.templar.environment.open(text.shared()).map_err(|error| error.at(origin))?;
                let opened = Text::template(opened, origin.clone());
                if opened.is_active() { self.render(opened.shared(), origin) } else { Ok(Value::String(opened)) }
            }
        }
    }

    /// The value with everything in it rendered and nothing in it that would ever be templated again.
    pub fn resolve_with(&mut self, value: Value, undefined: Undefined) -> Result<Value> {
        if is_settled(&value, undefined) {
            return Ok(value);
        }
        self.enter()?;
        match value {
            Value::String(text) if text.is_active() => {
                let rendered = self.access(Value::String(text))?;
                self.resolve_with(rendered, undefined)
            }
            Value::String(text) => Ok(Value::text(Arc::clone(text.shared()))),
            Value::List(items) => {
                let mut resolved = Vec::with_capacity(items.len());
                for item in items.iter() {
                    let item = self.resolve_with(item.clone(), undefined)?;
                    if !matches!(item, Value::Omit) {
                        resolved.push(item);
                    }
                }
                Ok(Value::list(resolved))
            }
            Value::Dict(entries) => {
                let mut resolved = Dict::with_capacity(entries.len());
                for (key, value) in entries.iter() {
                    let value = self.resolve_with(value.clone(), undefined)?;
                    if !matches!(value, Value::Omit) {
                        resolved.insert(key.clone(), value);
                    }
                }
                Ok(Value::dict(resolved))
            }
            Value::Undefined(missing) if undefined == Undefined::Fails => Err(self.missing(&missing)),
            other => Ok(other),
        }
    }

    /// The value for a filter, a comparison or the like: rendered, and defined.
    pub fn argument(&mut self, value: Value) -> Result<Value> {
        let value = self.resolve_with(value, Undefined::Stays)?;
        self.used(value)
    }

    /// The value for printing and comparing: rendered, and defined inside too.
    pub fn whole(&mut self, value: Value) -> Result<Value> {
        let value = self.used(value)?;
        if super::undefined::is_nothing(&value) {
            return Ok(value);
        }
        let value = self.resolve_with(value, Undefined::Fails)?;
        self.used(value)
    }

    /// A mapping whose values are computed, as a dictionary.
    pub fn materialized(&mut self, value: Value) -> Result<Value> {
        let Value::Object(object) = &value else { return Ok(value) };
        if object.text().is_some() {
            return Ok(value);
        }
        let mut dict = Dict::new();
        for key in object.keys() {
            self.enter()?;
            if let Some(value) = object.get(&key)? {
                dict.insert(key, value);
            }
        }
        Ok(Value::dict(dict))
    }

    /// All variables of this template, for one that sees them too.
    pub fn locals(&self) -> HashMap<Arc<str>, Value> {
        let mut all = self.roots[self.place.root].variables.clone();
        for frame in &self.place.frames {
            all.extend(frame.iter().map(|(name, value)| (Arc::clone(name), value.clone())));
        }
        all
    }
}

/// Whether there is nothing to render, to distrust or to leave out.
fn is_settled(value: &Value, undefined: Undefined) -> bool {
    match value {
        Value::String(text) => matches!(text.trust(), Trust::Plain),
        Value::List(items) => items.iter().all(|item| !matches!(item, Value::Omit) && is_settled(item, undefined)),
        Value::Dict(dict) => dict.values().all(|value| !matches!(value, Value::Omit) && is_settled(value, undefined)),
        Value::Undefined(_) => undefined == Undefined::Stays,
        _ => true,
    }
}

/// Levels of lists and dictionaries in a value that a template makes.
const LEVELS: usize = 100;

/// Whether a value is nested deeper than anything that is meant.
pub fn is_too_deep(value: &Value) -> bool {
    fn deeper(value: &Value, left: usize) -> bool {
        match value {
            Value::List(items) => left == 0 || items.iter().any(|item| deeper(item, left - 1)),
            Value::Dict(dict) => left == 0 || dict.values().any(|value| deeper(value, left - 1)),
            _ => false,
        }
    }
    deeper(value, LEVELS)
}

/// A key of a dictionary, or Python's error.
pub fn key(value: &Value) -> Result<Key> {
    Key::of(value)
        .ok_or_else(|| super::super::TemplateError::value(format!("unhashable type: '{}'", value.type_name())))
}
