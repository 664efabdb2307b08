//! `validate_argument_spec`: arguments of a role against their specification.

use std::collections::BTreeSet;

use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult, convert,
};
use crate::template::{Dict, Key, Templar, Value};

/// The module.
pub struct ValidateArgumentSpec;

/// The module.
pub static MODULE: ValidateArgumentSpec = ValidateArgumentSpec;

static SPEC: Spec = Spec {
    name: "validate_argument_spec",
    summary: "Checks arguments against a specification, as roles with one do before their tasks.",
    arguments: &[
        Argument::of("argument_spec", Kind::Dict, "The specification: each argument with its type and rules.").required(),
        Argument::of("provided_arguments", Kind::Dict, "The arguments; variables of their names count too."),
        Argument::of("validate_args_context", Kind::Dict, "What the arguments are of; told in the result."),
    ],
    returns: &[
        Return { name: "argument_errors", about: "What is wrong with the arguments." },
        Return { name: "argument_spec_data", about: "The specification." },
        Return { name: "validate_args_context", about: "What the arguments are of." },
    ],
    ..BLANK
};

impl Module for ValidateArgumentSpec {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let specs = context.args.dict("argument_spec").cloned().unwrap_or_default();
        let mut given = Dict::new();
        for key in specs.keys() {
            let provided = context.args.dict("provided_arguments").and_then(|arguments| arguments.get(key)).cloned();
            let value = match provided {
                Some(value) => Some(value),
                None => variable(&context.templar, &key.to_string())?,
            };
            given.extend(value.map(|value| (key.clone(), value)));
        }
        let mut errors = Vec::new();
        check(&specs, &given, "", &mut errors);
        let about = context.args.value("validate_args_context").cloned().unwrap_or_else(|| Value::dict(Dict::new()));
        let result = if errors.is_empty() {
            TaskResult::ok().message("The arg spec validation passed")
        } else {
            let list = errors.iter().map(|error| Value::text(error.as_str())).collect();
            let message = format!("Validation of arguments failed:\n{}", errors.join("\n"));
            TaskResult::failed(message).field("argument_errors", Value::list(list))
        };
        let result = result.field("argument_spec_data", Value::dict(specs));
        Ok(Step::Done(result.field("validate_args_context", about)))
    }
}

/// The value of a variable, if there is one.
fn variable(templar: &Templar, name: &str) -> Result<Option<Value>, ModuleError> {
    match templar.scope().get(name) {
        Some(value) => Ok(Some(templar.render(&value)?)),
        None => Ok(None),
    }
}

/// Checks arguments, and those within them; `within` says where the message is about.
fn check(specs: &Dict, given: &Dict, within: &str, errors: &mut Vec<String>) {
    let says = |spec: &Value, name: &str| spec.get(name).is_some_and(Value::is_true);
    let is_missing = |(key, spec): &(&Key, &Value)| says(spec, "required") && !given.contains_key(*key);
    let missing: BTreeSet<String> = specs.iter().filter(is_missing).map(|(key, _)| key.to_string()).collect();
    if !missing.is_empty() {
        let names = missing.into_iter().collect::<Vec<_>>().join(", ");
        errors.push(format!("missing required arguments: {names}{within}"));
    }
    for (key, spec) in specs {
        match given.get(key) {
            None => {}
            Some(Value::Null) if !says(spec, "required") && is_null(spec.get("default")) => {}
            Some(Value::Null) => errors.extend(null(&key.to_string(), spec, within)),
            Some(value) => check_one(&key.to_string(), spec, value, within, errors),
        }
    }
}

fn is_null(value: Option<&Value>) -> bool {
    value.is_none_or(|value| matches!(value, Value::Null))
}

/// What is wrong with a null where a value is needed, as Ansible says it.
fn null(name: &str, spec: &Value, within: &str) -> Option<String> {
    let wanted = spec.get("type").and_then(Value::as_str).unwrap_or("str");
    let why = match wanted {
        "raw" | "json" | "jsonarg" => return None,
        "int" => "\"None\" cannot be converted to an int".to_owned(),
        "float" => "\"None\" cannot be converted to a float".to_owned(),
        "list" => "<class 'NoneType'> cannot be converted to a list".to_owned(),
        "dict" => "<class 'NoneType'> cannot be converted to a dict".to_owned(),
        _ => format!("'None' is no {wanted}"),
    };
    Some(format!("argument '{name}' is of type NoneType and we were unable to convert to {wanted}: {why}{within}"))
}

fn check_one(name: &str, spec: &Value, value: &Value, within: &str, errors: &mut Vec<String>) {
    let type_name = spec.get("type").and_then(Value::as_str).unwrap_or("str");
    let Some(kind) = kind(type_name) else {
        errors.push(format!("argument '{name}' has the unknown type {type_name}{within}"));
        return;
    };
    let converted = match convert(kind, value) {
        Ok(converted) => converted,
        Err(reason) => {
            let found = value.type_name();
            errors.push(format!("argument '{name}' is of type {found} and we were unable to convert to {reason}{within}"));
            return;
        }
    };
    let items = converted.as_list().unwrap_or(std::slice::from_ref(&converted));
    let elements = spec.get("elements").and_then(Value::as_str);
    if let (Some(element), Kind::List(_)) = (elements.and_then(self::kind), kind) {
        for item in items {
            if let Err(reason) = convert(element, item) {
                errors.push(format!("Elements value for option '{name}' is of type {} and we were unable to convert to {reason}{within}", item.type_name()));
            }
        }
    }
    if let Some(choices) = spec.get("choices").and_then(Value::as_list) {
        let is_choice = |item: &Value| choices.iter().any(|choice| choice == item || choice.to_string() == item.to_string());
        if let Some(item) = items.iter().find(|item| !is_choice(item)) {
            let choices = choices.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            errors.push(format!("value of {name} must be one of: {choices}, got: {item}{within}"));
        }
    }
    if let Some(options) = spec.get("options").and_then(Value::as_dict) {
        let within = format!(" found in {name}");
        items.iter().filter_map(Value::as_dict).for_each(|item| check(options, item, &within, errors));
    }
}

/// The type of a name in specifications.
fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "str" | "bits" => Kind::Text,
        "path" => Kind::Path,
        "bool" => Kind::Bool,
        "int" => Kind::Int,
        "float" => Kind::Float,
        "list" => Kind::List(&Kind::Raw),
        "dict" => Kind::Dict,
        "raw" => Kind::Raw,
        "bytes" => Kind::Bytes,
        "json" | "jsonarg" => Kind::Json,
        _ => return None,
    })
}
