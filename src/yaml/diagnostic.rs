//! One message about one place in a text, shown with the line and a caret.

use std::fmt;
use std::sync::Arc;

use super::Span;

/// Most characters of a source line that are shown.
const LINE_LIMIT: usize = 160;

/// A place in a file, or the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub path: Arc<str>,
    /// Line and column, from one; none means the file as a whole.
    pub span: Option<Span>,
}

impl Place {
    /// The file as a whole.
    #[must_use]
    pub fn file(path: &Arc<str>) -> Self {
        Self { path: Arc::clone(path), span: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.span {
            Some(Span { line, column: 0 }) => write!(f, ":{line}"),
            Some(Span { line, column }) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// What is wrong (or odd) at one place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// Where.
    pub place: Place,
    /// What, as a lower-case fragment.
    pub message: String,
    /// The source line, secrets hidden.
    pub line: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A message about a file as a whole.
    #[must_use]
    pub fn file(path: &Arc<str>, message: impl Into<String>) -> Self {
        Self { place: Place::file(path), message: message.into(), line: None, hint: None }
    }

    /// A message about a place in `text`.
    #[must_use]
    pub fn at(path: &Arc<str>, text: &str, span: Span, message: impl Into<String>) -> Self {
        let index = usize::try_from(span.line).unwrap_or(usize::MAX).saturating_sub(1);
        let line = text.lines().nth(index).map(shown);
        let place = Place { path: Arc::clone(path), span: Some(span) };
        Self { place, message: message.into(), line, hint: None }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        let (Some(line), Some(span)) = (&self.line, self.place.span) else { return Ok(()) };
        let number = span.line.to_string();
        write!(f, "\n  {number} | {line}")?;
        let column = usize::try_from(span.column).unwrap_or(usize::MAX);
        if (1..=line.chars().count() + 1).contains(&column) {
            write!(f, "\n  {:width$} | {:indent$}^", "", "", width = number.len(), indent = column - 1)?;
        }
        Ok(())
    }
}

/// The line with control characters and secrets hidden, so that it may stand in a terminal or a mail.
fn shown(line: &str) -> String {
    let visible = |c: char| if c.is_control() { if c == '\t' { ' ' } else { '\u{fffd}' } } else { c };
    hide_secret(line).chars().take(LINE_LIMIT).map(visible).collect()
}

fn hide_secret(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let secret = ["pass", "secret", "token", "vault", "credential", "private_key"];
    let Some(found) = secret.iter().filter_map(|word| lower.find(word)).min() else { return line.to_owned() };
    match line[found..].find([':', '=']) {
        Some(separator) if !line[found + separator + 1..].trim().is_empty() => {
            format!("{} ***", &line[..=found + separator])
        }
        _ => line.to_owned(),
    }
}
