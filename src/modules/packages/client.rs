//! What modules that drive a host's own client share: where it runs, how it fails.

use crate::modules::flow::{self, Flow};
use crate::modules::{Answer, Diff, ModuleError, ScriptCall, TaskResult, actions};

/// A command in its surroundings.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// Working directory; empty for the login's.
    pub directory: &'a str,
    /// Octal; empty for the login's.
    pub umask: &'a str,
    /// A directory in front of `PATH`; empty for none.
    pub programs: &'a str,
}

impl Surroundings<'_> {
    /// The call of a command in these surroundings.
    #[must_use]
    pub fn call(&self, words: &[String]) -> ScriptCall {
        let own = [self.directory, self.umask, self.programs].map(str::to_owned);
        ScriptCall::new(actions::RUN_IN, own.into_iter().chain(words.iter().cloned()))
    }
}

/// Checks that a command ended with 0.
///
/// # Errors
/// With what it said on standard error, as Ansible has it.
pub fn check(answer: &Answer) -> Result<(), ModuleError> {
    if answer.rc == 0 { Ok(()) } else { Err(failure(answer)) }
}

/// A command's failure: its message is what it said on standard error.
#[must_use]
pub fn failure(answer: &Answer) -> ModuleError {
    let errors = answer.errors();
    let said = if errors.trim().is_empty() { answer.text() } else { errors };
    with_output(ModuleError::new(said.trim_end()), answer)
}

/// Adds how a command ended to a message.
#[must_use]
pub fn with_output(error: ModuleError, answer: &Answer) -> ModuleError {
    error
        .field("rc", answer.rc)
        .field("stdout", answer.text().into_owned())
        .field("stderr", answer.errors().into_owned())
}

/// Makes one change and ends the task, changed.
///
/// # Errors
/// Never; the type is that of a step.
pub fn change(diff: Vec<Diff>, call: ScriptCall, result: TaskResult) -> Flow {
    flow::change(diff, call, move |answer| {
        if let Some(answer) = &answer {
            check(answer)?;
        }
        flow::done(TaskResult { changed: true, ..result })
    })
}

/// The failure of a host that lacks a program.
#[must_use]
pub fn no_program(name: &str) -> ModuleError {
    ModuleError::new(format!("Failed to find required executable \"{name}\""))
}

/// Text that a command said, without its last newlines.
#[must_use]
pub fn said(answer: Option<&Answer>) -> (String, String) {
    let trimmed = |text: std::borrow::Cow<'_, str>| text.trim_end_matches(['\r', '\n']).to_owned();
    answer.map(|answer| (trimmed(answer.text()), trimmed(answer.errors()))).unwrap_or_default()
}
