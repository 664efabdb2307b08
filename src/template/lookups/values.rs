//! Lookups of variables: the environment's and the play's.

use super::options::{named, only, texts};
use crate::template::{Arguments, Calls, TemplateError, TemplateErrorKind, Value};

type Answer = Result<Vec<Value>, TemplateError>;

pub fn env(_: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "env", &["default"])?;
    let default = named(&arguments, "default");
    let value = |name: String| match std::env::var(&name) {
        Ok(value) => Value::text(value),
        Err(_) => default.cloned().unwrap_or_else(|| Value::text("")),
    };
    Ok(texts(&arguments.positional)?.into_iter().map(value).collect())
}

pub fn vars(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "vars", &["default"])?;
    let default = named(&arguments, "default").cloned();
    let mut found = Vec::new();
    for term in &arguments.positional {
        let Some(name) = term.as_str() else {
            let message = format!("Variable name must be 'str' not '{}'.", term.type_name());
            return Err(TemplateError::value(message));
        };
        let value = calls.templar().scope().get(name);
        let value = match (value, &default) {
            (Some(value), _) => calls.resolve(value)?,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                let message = format!("No variable named {} was found.", term.repr());
                return Err(TemplateError::new(TemplateErrorKind::Undefined, message));
            }
        };
        found.push(value);
    }
    Ok(found)
}

pub fn varnames(calls: &mut dyn Calls, arguments: Arguments) -> Answer {
    only(&arguments, "varnames", &[])?;
    let names = calls.templar().scope().names();
    let mut found = Vec::new();
    for pattern in texts(&arguments.positional)? {
        for name in &names {
            let pattern = Arguments { positional: vec![Value::text(pattern.as_str())], named: Vec::new() };
            if calls.test("search", Value::text(std::sync::Arc::clone(name)), pattern)? {
                found.push(Value::text(std::sync::Arc::clone(name)));
            }
        }
    }
    Ok(found)
}
