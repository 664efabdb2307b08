//! Setting attributes of what is there: the action `file`.

use std::ffi::OsString;

use crate::modules::{Action, ScriptCall, actions};

use super::Fix;

/// What the action `file` makes of a path.
#[derive(Clone, Debug, Default)]
pub struct Set {
    /// `attributes`, `directory`, `touch`, `link`, `hard`, `absent`.
    pub what: &'static str,
    /// The path.
    pub path: String,
    /// Attributes to be set.
    pub fix: Fix,
    /// Where a link is to lead.
    pub source: String,
    /// `now`, `[[CC]YY]MMDDhhmm.SS`, or empty.
    pub mtime: String,
    /// The same for the time of access.
    pub atime: String,
}

impl Set {
    /// The action.
    #[must_use]
    pub fn action(&self) -> Action {
        let mut words: Vec<OsString> = vec![self.what.into(), self.path.as_str().into()];
        words.extend(self.fix.words());
        words.extend([&self.source, &self.mtime, &self.atime].map(OsString::from));
        Action::Script(ScriptCall::new(actions::FILE, words))
    }
}

/// The action that sets attributes alone.
#[must_use]
pub fn attributes(path: &str, fix: Fix) -> Action {
    Set { what: "attributes", path: path.to_owned(), fix, ..Set::default() }.action()
}
