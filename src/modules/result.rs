//! What a task ends with.

use crate::template::{Dict, Value};

/// What `register` sees, and more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskResult {
    /// Whether the host was altered, or in check mode would be.
    pub changed: bool,
    /// Whether the task failed.
    pub failed: bool,
    /// Whether it had nothing to do and says so (`skipped` in the result).
    pub skipped: bool,
    /// `msg`, when there is one.
    pub message: Option<String>,
    /// All other documented fields.
    pub fields: Dict,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

/// What differs before and after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// What the text before is of.
    pub before_header: String,
    /// What the text after is of.
    pub after_header: String,
    /// Text before.
    pub before: String,
    /// Text after.
    pub after: String,
}

/// Why a task cannot go on; it fails with this message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct ModuleError {
    /// `msg` of the result.
    pub message: String,
    /// Further fields of the result.
    pub fields: Dict,
}

impl ModuleError {
    /// An error with a message alone.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), fields: Dict::new() }
    }

    /// Adds a field to the result.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }
}

impl From<crate::template::TemplateError> for ModuleError {
    fn from(error: crate::template::TemplateError) -> Self {
        Self::new(error.told())
    }
}

impl TaskResult {
    /// Nothing was altered.
    #[must_use]
    pub fn ok() -> Self {
        Self::default()
    }

    /// The host was altered.
    #[must_use]
    pub fn changed() -> Self {
        Self { changed: true, ..Self::default() }
    }

    /// Altered or not.
    #[must_use]
    pub fn with_changed(changed: bool) -> Self {
        Self { changed, ..Self::default() }
    }

    /// It failed.
    #[must_use]
    pub fn failed(message: impl Into<String>) -> Self {
        Self { failed: true, message: Some(message.into()), ..Self::default() }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Sets `msg`.
    #[must_use]
    pub fn message(self, message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), ..self }
    }
}
