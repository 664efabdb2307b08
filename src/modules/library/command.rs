//! `command`: runs a command; no shell looks at it.

use crate::modules::files::split;
use crate::modules::running::{self, Conditional};
use crate::modules::{BLANK, CommandCall, FreeForm, Module, ModuleError, Spec, Step, TaskContext};
use crate::template::Value;

/// The module.
pub struct Command;

/// The module.
pub static MODULE: Command = Command;

static SPEC: Spec = Spec {
    name: "command",
    summary: "Runs a command; no shell looks at it.",
    arguments: &[
        running::ARGV,
        running::CHDIR,
        running::CMD,
        running::CREATES,
        running::EXECUTABLE,
        running::EXPAND,
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

impl Module for Command {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let words = match args.text("_raw_params").or_else(|| args.text("cmd")) {
            Some(line) => {
                split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))?
            }
            None => args.texts("argv"),
        };
        if words.is_empty() {
            return Err(ModuleError::new("no command given").field("rc", 256));
        }
        let call = CommandCall {
            words: running::words(&words, args.bool("expand_argument_vars")),
            env: Vec::new(),
            chdir: args.text("chdir").map(str::to_owned),
            input: running::input(&context),
            script: None,
        };
        let shown = Value::list(words.into_iter().map(Value::from).collect());
        running::start(&context, Conditional { call, shown })
    }
}
