//! Texts that must not be shown.

use std::fmt;

/// A text that must not be shown: neither `Debug` nor a journal sees it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The text with every one of `secrets` replaced by `***`, longer ones first. Those of fewer than four characters stay:
/// they would hide half of everything.
#[must_use]
pub fn masked(text: &str, secrets: &[String]) -> String {
    const SHORTEST: usize = 4;
    let mut found: Vec<&str> = secrets
        .iter()
        .map(|secret| secret.trim())
        .filter(|secret| secret.len() >= SHORTEST && text.contains(secret))
        .collect();
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}
