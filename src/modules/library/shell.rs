//! `shell`: runs a line in a shell.

use crate::modules::running::{self, Conditional};
use crate::modules::{BLANK, CommandCall, FreeForm, Module, ModuleError, Spec, Step, TaskContext};

/// The module.
pub struct Shell;

/// The module.
pub static MODULE: Shell = Shell;

static SPEC: Spec = Spec {
    name: "shell",
    summary: "Runs a line in a shell.",
    arguments: &[
        running::CHDIR,
        running::CMD,
        running::CREATES,
        running::EXECUTABLE,
        running::REMOVES,
        running::STDIN,
        running::STDIN_ADD_NEWLINE,
        running::STRIP_EMPTY_ENDS,
    ],
    rules: running::RULES,
    free_form: FreeForm::Command,
    returns: running::RETURNS,
    ..BLANK
};

impl Module for Shell {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let line = args.text("_raw_params").or_else(|| args.text("cmd")).unwrap_or_default().to_owned();
        if line.is_empty() {
            return Err(ModuleError::new("no command given").field("rc", 256));
        }
        let shell = args.text("executable").unwrap_or("/bin/sh");
        let call = CommandCall {
            words: vec![shell.into(), "-c".into(), line.clone().into()],
            env: Vec::new(),
            chdir: args.text("chdir").map(str::to_owned),
            input: running::input(&context),
            script: None,
        };
        running::start(&context, Conditional { call, shown: line.into() })
    }
}
