//! `ping`: whether the host can be reached and commands run there.

use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};

/// The module.
pub struct Ping;

/// The module.
pub static MODULE: Ping = Ping;

static SPEC: Spec = Spec {
    name: "ping",
    summary: "Checks that the host can be reached and runs commands.",
    arguments: &[Argument::text("data", "What `ping` returns; `crash` makes the task fail.").default("pong")],
    returns: &[Return { name: "ping", about: "The value of `data`." }],
    ..BLANK
};

impl Module for Ping {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let data = context.args.text("data").unwrap_or("pong").to_owned();
        if data == "crash" {
            return Err(ModuleError::new("Task failed: Module failed: boom"));
        }
        let question = Question::new(&probes::PING, [""; 0]);
        Ok(Step::Ask(vec![question], Box::new(move |_| Ok(Step::Done(TaskResult::ok().field("ping", data))))))
    }
}
