//! `async_status`: what has become of a task that went on by itself. The run itself asks the host for it.

use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct AsyncStatus;

/// The module.
pub static MODULE: AsyncStatus = AsyncStatus;

static SPEC: Spec = Spec {
    name: "async_status",
    summary: "Tells what has become of a task that was started with `async` and `poll: 0`.",
    arguments: &[
        Argument::text("jid", "The job: `ansible_job_id` of the task's result.").required(),
        Argument::text("mode", "Asks, or removes what the host keeps of the job.")
            .default("status")
            .choices(&["cleanup", "status"]),
    ],
    returns: &[
        Return { name: "ansible_job_id", about: "The job." },
        Return { name: "erased", about: "What `cleanup` has removed." },
        Return { name: "finished", about: "Whether the job has ended; then its result is there as well." },
        Return { name: "results_file", about: "What the host keeps of the job." },
        Return { name: "started", about: "Whether it was started." },
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
