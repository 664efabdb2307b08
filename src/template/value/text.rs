//! Text, and whether it may be templated.

use std::sync::Arc;

/// A text that knows whether it may be templated.
#[derive(Clone, Debug)]
pub struct Text {
    text: Arc<str>,
    trust: Trust,
}

/// Whether a text may be templated.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Never: it came from a host, from a template, or was marked `!unsafe`.
    Plain,
    /// When used: it stands in one of the user's files, or on the command line.
    Template(Origin),
    /// When used, after it was decrypted: the text is an Ansible Vault envelope.
    Vaulted(Origin),
}

/// Where a text stands; line and column count from one and are 0 where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The file as the user named it, or what else it is: `--extra-vars`.
    pub file: Arc<str>,
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
}

impl Text {
    /// A text that is never templated.
    #[must_use]
    pub fn plain(text: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), trust: Trust::Plain }
    }

    /// A text that is templated when used.
    #[must_use]
    pub fn template(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self { text: text.into(), trust: Trust::Template(origin) }
    }

    /// An Ansible Vault envelope.
    #[must_use]
    pub fn vaulted(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self { text: text.into(), trust: Trust::Vaulted(origin) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The shared text.
    #[must_use]
    pub fn shared(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it may be templated.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Where it stands, if it is the user's.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        match &self.trust {
            Trust::Plain => None,
            Trust::Template(origin) | Trust::Vaulted(origin) => Some(origin),
        }
    }

    /// Whether using it means more than reading it: it holds a template or must be decrypted.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match self.trust {
            Trust::Plain => false,
            Trust::Vaulted(_) => true,
            Trust::Template(_) => self.text.contains("{{") || self.text.contains("{%") || self.text.contains("{#"),
        }
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.line, self.column) {
            (0, _) => f.write_str(&self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}
