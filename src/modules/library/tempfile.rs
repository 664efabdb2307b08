//! `tempfile`: a temporary file or directory.

use crate::modules::files::write::changed_by;
use crate::modules::{
    Action, Answer, Argument, BLANK, Change, CheckMode, Module, ModuleError, Return, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions,
};

/// The module.
pub struct TempFile;

/// The module.
pub static MODULE: TempFile = TempFile;

static SPEC: Spec = Spec {
    name: "tempfile",
    summary: "Makes a temporary file or directory.",
    arguments: &[
        Argument::text("state", "What is made.").default("file").choices(&["directory", "file"]),
        Argument::path("path", "The directory it is made in; the host's own for temporary files unless given."),
        Argument::text("prefix", "What its name starts with.").default("ansible."),
        Argument::text("suffix", "What its name ends with.").default(""),
    ],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "path", about: "The path of what was made." },
        Return { name: "state", about: "`file` or `directory`; with it owner, group, mode and size." },
    ],
    ..BLANK
};

impl Module for TempFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        for name in ["prefix", "suffix"] {
            let part = args.needed(name);
            if part.contains('/') {
                let message = format!("{name} must be a valid file name component, got '{part}'");
                return Err(ModuleError::new(message));
            }
        }
        let words = ["state", "path", "prefix", "suffix"].map(|name| args.needed(name));
        let action = Action::Script(ScriptCall::new(actions::TEMPFILE, words));
        let next = |answer: Option<Answer>| {
            let Some(answer) = answer else { return Ok(Step::Done(TaskResult::changed())) };
            let state = changed_by(&answer)?.state;
            Ok(Step::Done(state.describe(TaskResult::changed().field("path", state.name.as_str()))))
        };
        Ok(Step::Change(Change { diff: Vec::new(), action }, Box::new(next)))
    }
}
