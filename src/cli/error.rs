//! Errors that end a subcommand; the kind picks the exit code, here and nowhere else.

use std::fmt;

use super::ExitCode;
use crate::journal::JournalError;

/// An error for the user: what is wrong, where, and what to do.
#[derive(Debug)]
pub struct CliError {
    /// The process's exit code.
    pub code: ExitCode,
    /// What went wrong; may have several lines (place, source line, caret).
    pub error: anyhow::Error,
    /// What to do about it, one line each.
    pub hints: Vec<String>,
}

impl CliError {
    /// A usage, config or inventory error: nothing was touched.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: ExitCode::Usage, error: error.into(), hints: Vec::new() }
    }

    /// An error with a code of its own.
    pub fn with_code(code: ExitCode, error: impl Into<anyhow::Error>) -> Self {
        Self { code, error: error.into(), hints: Vec::new() }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        Self { code: ExitCode::Internal, error, hints: Vec::new() }
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)?;
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        let hint = error.hint();
        let error = Self::usage(error);
        hint.into_iter().fold(error, Self::hint)
    }
}
