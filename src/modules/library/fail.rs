//! `fail`: fails.

use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct Fail;

/// The module.
pub static MODULE: Fail = Fail;

static SPEC: Spec = Spec {
    name: "fail",
    summary: "Fails with a message.",
    arguments: &[
        Argument::of("msg", Kind::Raw, "The message; any value.").default("Failed as requested from task"),
    ],
    ..BLANK
};

impl Module for Fail {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let message = context.args.value("msg").cloned().unwrap_or(Value::Null);
        // A list or dictionary stays one in the result.
        Ok(Step::Done(match message.as_str() {
            Some(text) => TaskResult::failed(text),
            None => TaskResult { failed: true, ..TaskResult::ok() }.field("msg", message),
        }))
    }
}
