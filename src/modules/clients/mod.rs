//! What the host's own clients say, several of them in one answer.
//!
//! Pure: bytes in, answers out.

pub mod gvariant;

use std::collections::BTreeMap;

use super::flow::{self, Flow};
use super::{Answer, Diff, ModuleError, ScriptCall, TaskResult};

/// What several commands answered, each under its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clients {
    said: BTreeMap<String, Answer>,
}

impl Clients {
    /// Reads the answer of a probe that uses `said`; what is cut off or makes no sense is left out.
    #[must_use]
    pub fn read(answer: &Answer) -> Self {
        let mut said = BTreeMap::new();
        let mut fields = answer.stdout.split(|byte| *byte == 0);
        while let (Some(name), Some(stdout), Some(rc), Some(stderr)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        {
            let rc = String::from_utf8_lossy(rc).trim().parse().unwrap_or(1);
            let answer = Answer { rc, stdout: stdout.to_vec(), stderr: stderr.to_vec(), ..Answer::default() };
            said.insert(String::from_utf8_lossy(name).into_owned(), answer);
        }
        Self { said }
    }

    /// What a command answered, if it was asked.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Answer> {
        self.said.get(name)
    }

    /// What a command answered; one that was not asked, or whose answer was cut off, counts as failed.
    #[must_use]
    pub fn said(&self, name: &str) -> Answer {
        self.said.get(name).cloned().unwrap_or(Answer { rc: 1, ..Answer::default() })
    }

    /// The standard output of a command that ended well; empty for others.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.find(name).filter(|answer| answer.rc == 0).map(|answer| answer.text().into_owned()).unwrap_or_default()
    }

    /// Whether a command was asked and ended well.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.find(name).is_some_and(|answer| answer.rc == 0)
    }

    /// All answers whose name starts with `prefix`, with the rest of their names.
    pub fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Answer)> {
        self.said.iter().filter_map(move |(name, answer)| Some((name.strip_prefix(prefix)?, answer)))
    }

    /// Checks that the host has a program: that the command `name` was found.
    ///
    /// # Errors
    /// When it has not.
    pub fn require(&self, name: &str, program: &str) -> Result<(), ModuleError> {
        match self.find(name) {
            Some(answer) if answer.rc == 127 => Err(missing(program)),
            _ => Ok(()),
        }
    }
}

/// The error for a program that the host does not have.
#[must_use]
pub fn missing(program: &str) -> ModuleError {
    ModuleError::new(format!("Failed to find required executable \"{program}\" in paths"))
}

/// Makes one change with the host's clients and ends the task, changed; a failure says what they said.
///
/// # Errors
/// Never; the type is that of a step.
pub fn change(diff: Vec<Diff>, call: ScriptCall, result: TaskResult) -> Flow {
    flow::change(diff, call, move |answer| {
        accept(answer.as_ref())?;
        flow::done(TaskResult { changed: true, ..result })
    })
}

/// Checks that a client ended with 0; one that check mode left out did.
///
/// # Errors
/// With what it said.
pub fn accept(answer: Option<&Answer>) -> Result<(), ModuleError> {
    match answer {
        Some(answer) if answer.rc != 0 => Err(refused(answer)),
        _ => Ok(()),
    }
}

/// The error of a client: what it said, on standard error if it said anything there.
#[must_use]
pub fn refused(answer: &Answer) -> ModuleError {
    let errors = answer.errors();
    let said = if errors.trim().is_empty() { answer.text() } else { errors };
    let message = match said.trim() {
        "" => format!("the command ended with {}", answer.rc),
        said => said.to_owned(),
    };
    ModuleError { message, ..flow::failure(answer, "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_under_their_names() {
        let stdout = b"one\0a\nb\n\x000\0\0two\0\x00127\0sh: two: not found\0cut\0x".to_vec();
        let clients = Clients::read(&Answer { stdout, ..Answer::default() });
        assert_eq!(clients.text("one"), "a\nb\n");
        assert!(clients.holds("one") && !clients.holds("two") && clients.find("cut").is_none());
        assert_eq!(clients.said("cut").rc, 1);
        let error = clients.require("two", "tool").unwrap_err();
        assert_eq!(error.message, "Failed to find required executable \"tool\" in paths");
        assert_eq!(clients.under("t").map(|(rest, _)| rest).collect::<Vec<_>>(), ["wo"]);
    }
}
