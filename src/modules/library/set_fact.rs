//! `set_fact`: sets variables of the host.

use crate::modules::{Argument, BLANK, Effect, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::{Dict, Value};

/// The module.
pub struct SetFact;

/// The module.
pub static MODULE: SetFact = SetFact;

static SPEC: Spec = Spec {
    name: "set_fact",
    summary: "Sets variables of the host for the rest of the run; all arguments but `cacheable` are variables.",
    arguments: &[Argument::bool("cacheable", false, "Sets them as facts as well.")],
    open: true,
    returns: &[Return { name: "ansible_facts", about: "The variables." }],
    ..BLANK
};

impl Module for SetFact {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let vars: Dict = args
            .iter()
            .filter(|(name, _)| *name != "cacheable")
            .map(|(name, value)| (name.into(), value.clone()))
            .collect();
        if vars.is_empty() {
            let message = "No key/value pairs provided, at least one is required for this action to succeed";
            return Err(ModuleError::new(message));
        }
        if let Some(name) = vars.keys().map(ToString::to_string).find(|name| !is_variable_name(name)) {
            return Err(ModuleError::new(format!("Invalid variable name '{name}'.")));
        }
        let cacheable = args.bool("cacheable");
        let result = TaskResult::ok().field("ansible_facts", Value::dict(vars.clone()));
        let effect = Effect::SetFacts { vars, cacheable };
        Ok(Step::Effect(vec![effect], Box::new(move |()| Ok(Step::Done(result)))))
    }
}

/// Words that Python keeps for itself.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Whether a variable may be called so: an ASCII identifier that is no keyword of Python.
pub(super) fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&name)
}
