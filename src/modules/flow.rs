//! The shortest ways to write the steps that most modules take: ask once, change if something differs, be done.

use std::ffi::OsString;

use super::actions;
use super::result::{Diff, ModuleError, TaskResult};
use super::step::{Action, Answer, Change, Question, ScriptCall, Step};

/// A step, or why there is none.
pub type Flow = Result<Step, ModuleError>;

/// Asks one question.
///
/// # Errors
/// Never; the type is that of a step.
pub fn ask(question: Question, next: impl FnOnce(Answer) -> Flow + Send + 'static) -> Flow {
    Ok(Step::Ask(vec![question], Box::new(move |answers| next(answers.into_iter().next().unwrap_or_default()))))
}

/// Makes one change with a script of ours. In check mode `next` is given none.
///
/// # Errors
/// Never; the type is that of a step.
pub fn change(diff: Vec<Diff>, call: ScriptCall, next: impl FnOnce(Option<Answer>) -> Flow + Send + 'static) -> Flow {
    Ok(Step::Change(Change { diff, action: Action::Script(call) }, Box::new(next)))
}

/// Ends the task.
///
/// # Errors
/// Never; the type is that of a step.
pub fn done(result: TaskResult) -> Flow {
    Ok(Step::Done(result))
}

/// Makes one change and ends the task, changed; a failure names itself with `message`.
///
/// # Errors
/// Never; the type is that of a step.
pub fn change_and_end(diff: Vec<Diff>, call: ScriptCall, message: impl Into<String>, result: TaskResult) -> Flow {
    let message = message.into();
    change(diff, call, move |answer| {
        succeeded(answer.as_ref(), &message)?;
        done(TaskResult { changed: true, ..result })
    })
}

/// The call of a command: its words, nothing between them and the command.
pub fn command<W: Into<OsString>>(words: impl IntoIterator<Item = W>) -> ScriptCall {
    ScriptCall::new(actions::RUN, words)
}

/// The call of several commands, one after another until one fails.
pub fn commands<W: Into<OsString>>(list: impl IntoIterator<Item = Vec<W>>) -> ScriptCall {
    let mut words: Vec<OsString> = Vec::new();
    for command in list {
        words.push(command.len().to_string().into());
        words.extend(command.into_iter().map(Into::into));
    }
    ScriptCall::new(actions::RUN_EACH, words)
}

/// The words of a command, from anything like text.
pub fn words<'a>(parts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    parts.into_iter().map(str::to_owned).collect()
}

/// Checks that a command ended with 0; one that check mode left out did.
///
/// # Errors
/// With `message` and what the command said.
pub fn succeeded(answer: Option<&Answer>, message: &str) -> Result<(), ModuleError> {
    match answer {
        Some(answer) if answer.rc != 0 => Err(failure(answer, message)),
        _ => Ok(()),
    }
}

/// A command's failure with what it said.
#[must_use]
pub fn failure(answer: &Answer, message: &str) -> ModuleError {
    let errors = answer.errors();
    let said = if errors.trim().is_empty() { answer.text() } else { errors };
    let message = match said.trim() {
        "" => message.to_owned(),
        said => format!("{message}: {said}"),
    };
    ModuleError::new(message)
        .field("rc", answer.rc)
        .field("stdout", answer.text().into_owned())
        .field("stderr", answer.errors().into_owned())
}

/// A difference of texts under one name.
#[must_use]
pub fn diff(name: &str, before: impl Into<String>, after: impl Into<String>) -> Diff {
    Diff { before_header: name.to_owned(), after_header: name.to_owned(), before: before.into(), after: after.into() }
}

/// A difference of lists, a line an item.
pub fn diff_lines<T: AsRef<str>>(name: &str, before: &[T], after: &[T]) -> Diff {
    let text = |items: &[T]| items.iter().fold(String::new(), |text, item| text + item.as_ref() + "\n");
    diff(name, text(before), text(after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn run(call: &ScriptCall) -> (i32, String) {
        let output = Command::new("sh").arg("-c").arg(call.script).arg("sh").args(&call.words).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn words_reach_a_command_as_they_are() {
        let call = command(["printf", "<%s>", "a b", "$(id)", "'\"", ""]);
        assert_eq!(run(&call), (0, "<a b><$(id)><'\"><>".to_owned()));
    }

    #[test]
    fn commands_run_until_one_fails() {
        let call =
            commands([vec!["printf", "<%s>", "a b", "`id`"], vec!["sh", "-c", "exit 3"], vec!["printf", "never"]]);
        assert_eq!(run(&call), (3, "<a b><`id`>".to_owned()));
    }
}
