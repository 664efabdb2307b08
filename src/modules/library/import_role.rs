//! `import_role`: a role, known from the start.

use crate::modules::{Argument, BLANK, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct ImportRole;

/// The module.
pub static MODULE: ImportRole = ImportRole;

static SPEC: Spec = Spec {
    name: "import_role",
    summary: "Takes in a role when the playbook is loaded.",
    arguments: &[
        Argument::text("name", "The role.").required().aliases(&["role"]),
        Argument::text("tasks_from", "The file below `tasks/`.").default("main"),
        Argument::text("vars_from", "The file below `vars/`.").default("main"),
        Argument::text("defaults_from", "The file below `defaults/`.").default("main"),
        Argument::text("handlers_from", "The file below `handlers/`.").default("main"),
        Argument::bool("allow_duplicates", true, "Whether it may run more than once."),
        Argument::bool("rolespec_validate", true, "Whether its argument specification is checked."),
        Argument::bool("public", true, "Whether its variables are seen by what follows."),
    ],
    ..BLANK
};

impl Module for ImportRole {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`import_role` is done when the playbook is loaded"))
    }
}
