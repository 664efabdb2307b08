//! Modules as JSON.

use serde_json::{Value, json};

use super::text::{kind, rule};
use crate::modules::{Argument, CheckMode, FreeForm, Kind, Spec};

/// All modules, in short.
pub fn list(specs: &[&Spec]) -> Value {
    specs.iter().map(|spec| json!({"name": spec.name, "aliases": spec.aliases, "summary": spec.summary})).collect()
}

/// One module in full.
pub fn module(spec: &Spec) -> Value {
    json!({
        "name": spec.name,
        "full_names": spec.collections.iter().map(|collection| format!("{collection}.{}", spec.name)).collect::<Vec<_>>(),
        "aliases": spec.aliases,
        "summary": spec.summary,
        "free_form": match spec.free_form {
            FreeForm::None => None,
            FreeForm::Command => Some("command"),
            FreeForm::Raw => Some("raw"),
        },
        "takes_any": spec.open && spec.hands_to.is_empty(),
        "takes_arguments_of": spec.hands_to,
        "check_mode": match spec.check_mode {
            CheckMode::Full => "full",
            CheckMode::Skipped => "skipped",
        },
        "arguments": spec.arguments.iter().map(argument).collect::<Vec<_>>(),
        "rules": spec.rules.iter().map(rule).collect::<Vec<_>>(),
        "returns": spec.returns.iter().map(|field| json!({"name": field.name, "about": field.about})).collect::<Vec<_>>(),
    })
}

fn argument(argument: &Argument) -> Value {
    let entries: Vec<Value> = match argument.kind {
        Kind::DictList(entries) | Kind::Entries(entries) => entries.iter().map(self::argument).collect(),
        _ => Vec::new(),
    };
    json!({
        "name": argument.name,
        "aliases": argument.aliases,
        "type": kind(argument.kind),
        "required": argument.required,
        "default": argument.default,
        "choices": argument.choices,
        "about": argument.about,
        "secret": argument.secret,
        "entries": entries,
    })
}
