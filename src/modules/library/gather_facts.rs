//! `gather_facts`: what plays do before their tasks.

use super::setup;
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct GatherFacts;

/// The module.
pub static MODULE: GatherFacts = GatherFacts;

const PARALLEL: Argument = Argument::of("parallel", Kind::Bool, "Makes no difference: there is one program to run.");

static SPEC: Spec = Spec {
    name: "gather_facts",
    summary: "Gathers facts of the host, as plays do unless told.",
    arguments: &[PARALLEL, setup::ARGUMENTS[0], setup::ARGUMENTS[1], setup::ARGUMENTS[2], setup::ARGUMENTS[3]],
    returns: &[Return { name: "ansible_facts", about: "The facts, each with the prefix `ansible_`." }],
    ..BLANK
};

impl Module for GatherFacts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        setup::gather(&context)
    }
}
