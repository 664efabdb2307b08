//! Filters and tests.

use std::sync::Arc;

use super::super::ast::Argument;
use super::super::{Arguments, Calls, Templar, TemplateError, TemplateErrorKind, Value, filters, tests};
use super::call::Evaluated;
use super::resolve::Undefined;
use super::undefined::{did_you_mean, is_nothing};
use super::{Evaluator, Result};

/// Tests that once were filters.
const ONCE_FILTERS: &[&str] = &[
    "success",
    "succeeded",
    "successful",
    "failed",
    "failure",
    "changed",
    "change",
    "skipped",
    "skip",
    "version_compare",
    "version",
    "match",
    "search",
    "regex",
    "equalto",
    "started",
    "finished",
    "reachable",
    "unreachable",
    "issubset",
    "issuperset",
    "is_dir",
    "is_file",
    "exists",
];

/// Whether a name is that of a test that once was a filter.
pub fn was_filter(name: &str) -> bool {
    ONCE_FILTERS.contains(&name) && filters::find(name).is_none() && tests::find(name).is_some()
}

impl Evaluator<'_> {
    /// `value | name(…)`.
    pub fn filter_step(&mut self, name: &Arc<str>, value: Value, given: &[Argument]) -> Result<Value> {
        if was_filter(name) {
            let instead = if &**name == "version_compare" { "version" } else { name };
            let warning = format!("`| {name}` is gone from Ansible; write `is {instead}`");
            self.templar.environment.warn(warning);
            return self.test_step(name, value, given).map(Value::Bool);
        }
        let lenient = filters::takes_undefined(name);
        let arguments = self.arguments_of(given, if lenient { Evaluated::Rendered } else { Evaluated::Fully })?;
        self.apply_filter(name, value, arguments)
    }

    fn apply_filter(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<Value> {
        self.enter()?;
        let filter = filters::find(name).ok_or_else(|| unknown("filter", name, &filters::names()))?;
        let value = self.subject(value, filters::takes_undefined(name))?;
        let result = filter(self, value, arguments)?;
        self.sized(super::methods::size(&result))?;
        Ok(result)
    }

    /// `value is name(…)`.
    pub fn test_step(&mut self, name: &Arc<str>, value: Value, given: &[Argument]) -> Result<bool> {
        let lenient = tests::takes_undefined(name);
        let arguments = self.arguments_of(given, if lenient { Evaluated::Rendered } else { Evaluated::Fully })?;
        self.apply_test(name, value, arguments)
    }

    fn apply_test(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<bool> {
        self.enter()?;
        let test = tests::find(name).ok_or_else(|| unknown("test", name, &tests::names()))?;
        let value = self.subject(value, tests::takes_undefined(name))?;
        test(self, value, arguments)
    }

    /// The value as a filter or test gets it.
    fn subject(&mut self, value: Value, lenient: bool) -> Result<Value> {
        if lenient {
            return self.access(value);
        }
        let value = self.access(value)?;
        if is_nothing(&value) {
            return Ok(Value::from(""));
        }
        self.argument(value)
    }
}

impl Calls for Evaluator<'_> {
    fn filter(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<Value> {
        self.apply_filter(name, value, arguments)
    }

    fn test(&mut self, name: &str, value: Value, arguments: Arguments) -> Result<bool> {
        self.apply_test(name, value, arguments)
    }

    fn item(&mut self, value: &Value, key: &Value) -> Result<Value> {
        self.enter()?;
        self.item_of(value, key)
    }

    fn resolve(&mut self, value: Value) -> Result<Value> {
        self.resolve_with(value, Undefined::Stays)
    }

    fn templar(&self) -> &Templar {
        self.templar
    }
}

/// A filter, test or lookup that is not here.
pub fn unknown(kind: &str, name: &str, known: &[&'static str]) -> TemplateError {
    let message = format!("no {kind} named '{name}'");
    let error = TemplateError::new(TemplateErrorKind::Unknown, message);
    let short = name.rsplit('.').next().unwrap_or(name);
    match did_you_mean(short, known.iter().copied()) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
