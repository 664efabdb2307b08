//! `include_tasks`: tasks of another file, found out while running.

use crate::modules::{Argument, BLANK, FreeForm, Kind, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct IncludeTasks;

/// The module.
pub static MODULE: IncludeTasks = IncludeTasks;

static SPEC: Spec = Spec {
    name: "include_tasks",
    summary: "Runs the tasks of another file, named while running.",
    arguments: &[
        Argument::text("file", "The task file."),
        Argument::of("apply", Kind::Dict, "Keywords that all of its tasks get."),
    ],
    free_form: FreeForm::Raw,
    ..BLANK
};

impl Module for IncludeTasks {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`include_tasks` is done by the run itself"))
    }
}
