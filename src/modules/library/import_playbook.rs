//! `import_playbook`: the plays of another playbook.

use crate::modules::{BLANK, FreeForm, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct ImportPlaybook;

/// The module.
pub static MODULE: ImportPlaybook = ImportPlaybook;

static SPEC: Spec = Spec {
    name: "import_playbook",
    summary: "Takes in the plays of another playbook when the playbook is loaded.",
    free_form: FreeForm::Raw,
    ..BLANK
};

impl Module for ImportPlaybook {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`import_playbook` is done when the playbook is loaded"))
    }
}
