//! What can go wrong in a template.

use super::Origin;

/// A template that could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// The class.
    pub kind: TemplateErrorKind,
    /// What went wrong; names the variable, filter or argument.
    pub message: String,
    /// Where: of the expression within the user's file, as near as it is known.
    pub origin: Option<Origin>,
    /// The line of the template that failed, for the message's caret.
    pub line: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The class of a template error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateErrorKind {
    /// The text is no template.
    Syntax,
    /// A variable or attribute is missing.
    Undefined,
    /// A filter, test, lookup, function or method that is not here.
    Unknown,
    /// An operation or argument of the wrong type or value.
    Value,
    /// Took too many steps or went too deep.
    Limit,
    /// A file or program on the controller.
    Local,
    /// A vault that cannot be opened.
    Vault,
}

impl TemplateError {
    /// An error with a message alone; whoever knows the place adds it.
    #[must_use]
    pub fn new(kind: TemplateErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), origin: None, line: None, hint: None }
    }

    /// An operation or argument of the wrong type or value.
    #[must_use]
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(TemplateErrorKind::Value, message)
    }

    /// The message with its place and what to do about it, on one line.
    #[must_use]
    pub fn told(&self) -> String {
        let place = self.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        let hint = self.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{}{place}{hint}", self.message)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds the place, unless a nearer one is known.
    #[must_use]
    pub fn at(self, origin: &Origin) -> Self {
        Self { origin: self.origin.or_else(|| Some(origin.clone())), ..self }
    }
}
