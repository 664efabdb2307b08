//! `debug`: shows a text or a variable.

use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult,
};
use crate::template::{TemplateErrorKind, Value};

/// What is shown of a variable that is not there, as Ansible says it.
const UNDEFINED: &str = "VARIABLE IS NOT DEFINED!";

/// The module.
pub struct Debug;

/// The module.
pub static MODULE: Debug = Debug;

static SPEC: Spec = Spec {
    name: "debug",
    summary: "Shows a text or a variable.",
    arguments: &[
        Argument::of("msg", Kind::Raw, "What is shown; `Hello world!` unless told."),
        Argument::of("var", Kind::Raw, "The expression whose value is shown."),
        Argument::int("verbosity", "Shown only with at least as many `-v`.").default("0"),
    ],
    rules: &[crate::modules::Rule::Exclusive(&["msg", "var"])],
    returns: &[Return { name: "msg", about: "The text; with `var`, the value stands under the expression's own name." }],
    ..BLANK
};

impl Module for Debug {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let wanted = context.args.int("verbosity").unwrap_or(0);
        if i64::from(context.verbosity) < wanted {
            let result = TaskResult { skipped: true, ..TaskResult::ok() };
            return Ok(Step::Done(result.field("skipped_reason", "Verbosity threshold not met.")));
        }
        if let Some(var) = context.args.value("var") {
            return Ok(Step::Done(TaskResult::ok().field(&var.to_string(), value(&context, var)?)));
        }
        let text = context.args.value("msg").cloned().unwrap_or_else(|| Value::text("Hello world!"));
        Ok(Step::Done(TaskResult::ok().field("msg", text)))
    }
}

/// The value of the expression; what is missing is shown as such.
fn value(context: &TaskContext, var: &Value) -> Result<Value, ModuleError> {
    let Value::String(expression) = var else { return Ok(var.clone()) };
    match context.templar.evaluate(expression) {
        Ok(value) => Ok(value),
        Err(error) if error.kind == TemplateErrorKind::Undefined => Ok(Value::text(UNDEFINED)),
        Err(error) => Err(error.into()),
    }
}
