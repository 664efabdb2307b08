//! `async_status`: how a task in the background is.

use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct AsyncStatus;

/// The module.
pub static MODULE: AsyncStatus = AsyncStatus;

static SPEC: Spec = Spec {
    name: "async_status",
    summary: "Says how a task that was left in the background is.",
    arguments: &[
        Argument::text("jid", "The number that the task was given.").required(),
        Argument::text("mode", "`status` asks, `cleanup` forgets.").default("status").choices(&["status", "cleanup"]),
    ],
    returns: &[
        Return { name: "ansible_job_id", about: "The number that the task was given." },
        Return { name: "started", about: "Whether it has started: 1 or 0." },
        Return { name: "finished", about: "Whether it has ended: 1 or 0." },
    ],
    ..BLANK
};

impl Module for AsyncStatus {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`async_status` is done by the run itself"))
    }
}
