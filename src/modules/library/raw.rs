//! `raw`: runs a line in a shell, without conditions.

use crate::modules::{
    Action, Answer, Argument, BLANK, Change, CheckMode, CommandCall, FreeForm, Module, ModuleError, Return, Spec, Step,
    TaskContext, TaskResult, running,
};

/// The module.
pub struct Raw;

/// The module.
pub static MODULE: Raw = Raw;

static SPEC: Spec = Spec {
    name: "raw",
    summary: "Runs a line in a shell, without conditions.",
    arguments: &[Argument::text("executable", "The shell that runs it; an absolute path.")],
    free_form: FreeForm::Command,
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "rc", about: "Its exit code." },
        Return { name: "stderr", about: "Its standard error." },
        Return { name: "stderr_lines", about: "The same as a list of lines." },
        Return { name: "stdout", about: "Its standard output." },
        Return { name: "stdout_lines", about: "The same as a list of lines." },
    ],
    ..BLANK
};

impl Module for Raw {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        if context.check {
            return Ok(Step::Done(TaskResult { skipped: true, ..TaskResult::ok() }));
        }
        let line = context.args.needed("_raw_params");
        if line.is_empty() {
            return Err(ModuleError::new("no command given").field("rc", 256));
        }
        let shell = context.args.text("executable").unwrap_or("/bin/sh");
        let call = CommandCall {
            words: vec![shell.into(), "-c".into(), line.into()],
            env: Vec::new(),
            chdir: None,
            input: None,
            script: None,
        };
        let change = Change { diff: Vec::new(), action: Action::Command(call) };
        Ok(Step::Change(change, Box::new(|answer| Ok(Step::Done(ended(&answer.unwrap_or_default()))))))
    }
}

/// The result of a command whose words are not shown.
pub(super) fn ended(answer: &Answer) -> TaskResult {
    let mut result = running::outputs(TaskResult::changed().field("rc", answer.rc), answer, false);
    if answer.rc != 0 {
        result.failed = true;
        return result.message("non-zero return code");
    }
    result
}
