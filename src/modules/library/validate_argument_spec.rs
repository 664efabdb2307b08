//! `validate_argument_spec`: arguments of a role against their specification.

use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct ValidateArgumentSpec;

/// The module.
pub static MODULE: ValidateArgumentSpec = ValidateArgumentSpec;

static SPEC: Spec = Spec {
    name: "validate_argument_spec",
    summary: "Checks arguments against a specification, as roles with one do before their tasks.",
    arguments: &[
        Argument::of("argument_spec", Kind::Dict, "The specification.").required(),
        Argument::of("provided_arguments", Kind::Dict, "The arguments."),
    ],
    ..BLANK
};

impl Module for ValidateArgumentSpec {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`validate_argument_spec` is done by the run itself"))
    }
}
