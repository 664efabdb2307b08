//! Values that are missing.

use std::sync::Arc;

use super::super::{Key, Missing, TemplateError, TemplateErrorKind, Value};
use super::{Evaluator, Result};

/// What `'x' if false` gives: prints as nothing, is false, and has no attributes.
pub fn nothing() -> Value {
    Value::undefined("")
}

/// Whether a value came of an `if` without `else`.
pub fn is_nothing(value: &Value) -> bool {
    matches!(value, Value::Undefined(missing) if missing.message.is_empty())
}

/// What an error about something missing leaves behind: a value that makes the same error when used.
pub fn of_error(error: TemplateError) -> Value {
    let TemplateError { message, origin, hint, .. } = error;
    Value::Undefined(Arc::new(Missing { message, hint, among: None, origin }))
}

/// An attribute or item that is not there.
pub fn no_attribute(of: &Value, key: &Value) -> Value {
    let message = format!("object of type '{}' has no attribute {}", of.type_name(), key.repr());
    let among = matches!(of, Value::Dict(_)).then(|| of.clone());
    Value::Undefined(Arc::new(Missing { message, hint: None, among, origin: None }))
}

impl Evaluator<'_> {
    /// The value for use; an error if it is missing.
    pub fn used(&self, value: Value) -> Result<Value> {
        match &value {
            Value::Undefined(missing) if !missing.message.is_empty() => Err(self.missing(missing)),
            _ => Ok(value),
        }
    }

    /// The error of using what is missing.
    pub fn missing(&self, missing: &Missing) -> TemplateError {
        let message = if missing.message.is_empty() {
            "the inline if-expression evaluated to false and no else section was defined"
        } else {
            &missing.message
        };
        let mut error = TemplateError::new(TemplateErrorKind::Undefined, message);
        error.hint = missing.hint.clone().or_else(|| self.nearest(missing));
        error.origin.clone_from(&missing.origin);
        error
    }

    fn nearest(&self, missing: &Missing) -> Option<String> {
        if let Some(Value::Dict(dict)) = &missing.among {
            let wanted = missing.message.rsplit("attribute ").next()?.trim_matches('\'');
            return did_you_mean(wanted, dict.keys().filter_map(Key::as_str));
        }
        let wanted = missing.message.strip_prefix('\'')?.strip_suffix("' is undefined")?;
        let scope = self.templar.scope.names();
        let root = &self.roots[self.place.root].variables;
        let locals = self.place.frames.iter().flat_map(|frame| frame.keys()).chain(root.keys());
        did_you_mean(wanted, scope.iter().chain(locals).map(|name| &**name))
    }
}

/// A hint of the nearest known name.
pub fn did_you_mean<'n>(wanted: &str, known: impl Iterator<Item = &'n str>) -> Option<String> {
    let near = known.map(|name| (strsim::damerau_levenshtein(wanted, name), name));
    let limit = (wanted.chars().count() / 3).max(1);
    let (_, name) = near.filter(|(distance, _)| *distance <= limit).min()?;
    Some(format!("did you mean `{name}`?"))
}
