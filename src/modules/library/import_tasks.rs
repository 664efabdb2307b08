//! `import_tasks`: tasks of another file, known from the start.

use crate::modules::{Argument, BLANK, FreeForm, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct ImportTasks;

/// The module.
pub static MODULE: ImportTasks = ImportTasks;

static SPEC: Spec = Spec {
    name: "import_tasks",
    summary: "Takes in the tasks of another file when the playbook is loaded.",
    arguments: &[Argument::text("file", "The task file.")],
    free_form: FreeForm::Raw,
    ..BLANK
};

impl Module for ImportTasks {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`import_tasks` is done when the playbook is loaded"))
    }
}
