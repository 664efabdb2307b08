//! `include_role`: a role, found out while running.

use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct IncludeRole;

/// The module.
pub static MODULE: IncludeRole = IncludeRole;

static SPEC: Spec = Spec {
    name: "include_role",
    summary: "Runs a role, named while running.",
    arguments: &[
        Argument::text("name", "The role.").required().aliases(&["role"]),
        Argument::text("tasks_from", "The file below `tasks/`.").default("main"),
        Argument::text("vars_from", "The file below `vars/`.").default("main"),
        Argument::text("defaults_from", "The file below `defaults/`.").default("main"),
        Argument::text("handlers_from", "The file below `handlers/`.").default("main"),
        Argument::bool("allow_duplicates", true, "Whether it may run more than once."),
        Argument::bool("rolespec_validate", true, "Whether its argument specification is checked."),
        Argument::bool("public", false, "Whether its variables are seen by what follows."),
        Argument::of("apply", Kind::Dict, "Keywords that all of its tasks get."),
    ],
    ..BLANK
};

impl Module for IncludeRole {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`include_role` is done by the run itself"))
    }
}
