//! `meta`: orders to the run itself.

use crate::modules::{BLANK, FreeForm, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct Meta;

/// The module.
pub static MODULE: Meta = Meta;

static SPEC: Spec = Spec {
    name: "meta",
    summary: "Orders the run itself: flush_handlers, end_host, end_play, clear_facts and more.",
    free_form: FreeForm::Raw,
    ..BLANK
};

impl Module for Meta {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _context: TaskContext) -> Result<Step, ModuleError> {
        Err(ModuleError::new("`meta` is done by the run itself"))
    }
}
