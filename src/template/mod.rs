//! Jinja2 as Ansible speaks it.
//!
//! The syntax is minijinja's: its parser makes the tree, which is lowered into an own one (`lower`) and computed by an
//! own evaluator (`eval`), since templates here mean what they mean in Python: undefined values that name themselves and
//! fail when used, types that are kept, lists and dictionaries that change, variables that are templates themselves.
//!
//! Opens no connections and prints nothing. A [`Scope`] hands out variables as they were written; whatever is used of
//! them is templated then. What hosts say carries no trust ([`Text`]) and is never templated.

mod ast;
mod call;
mod check;
pub mod datetime;
mod environment;
mod error;
mod eval;
pub mod filters;
mod header;
pub mod lookups;
mod parse;
mod templar;
pub mod tests;
mod value;

pub use call::{Arguments, Calls, Filter, Lookup, Test};
pub use check::{check_expression, check_template, check_text, check_value};
pub use environment::{Environment, SearchPath};
pub use error::{TemplateError, TemplateErrorKind};
pub use value::{Dict, Key, Missing, Number, Object, Origin, Text, Trust, Value};

use std::fmt;
use std::sync::Arc;

/// Python's regular expressions and paths, for whoever takes them.
pub mod python {
    pub use super::filters::paths::normalized;
    pub use super::filters::regex::Flags;
    pub use super::filters::regex::pattern::{Anchor, compile, expand, substitute};
}

/// The variables that a template sees.
pub trait Scope: fmt::Debug + Send + Sync {
    /// The variable as it was written, not yet templated.
    fn get(&self, name: &str) -> Option<Value>;

    /// The names of all variables.
    fn names(&self) -> Vec<Arc<str>>;
}

/// Computes templates over one scope.
#[derive(Clone, Debug)]
pub struct Templar {
    environment: Arc<Environment>,
    scope: Arc<dyn Scope>,
    /// Where `lookup('file', …)`, `{% include %}` and the like look.
    search: Arc<SearchPath>,
}

/// How the text of a file is templated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TextOptions {
    /// Takes the first newline after a block away; Ansible's `template` does so unless told.
    pub trim_blocks: bool,
    /// Takes the blanks before a block away.
    pub lstrip_blocks: bool,
    /// Keeps the newline at the end of the file.
    pub keep_trailing_newline: bool,
    /// `\n`, `\r` or `\r\n`.
    pub newline: String,
    /// `{{` and `}}`.
    pub variable: (String, String),
    /// `{%` and `%}`.
    pub block: (String, String),
    /// `{#` and `#}`.
    pub comment: (String, String),
}

impl Default for TextOptions {
    fn default() -> Self {
        let pair = |start: &str, end: &str| (start.to_owned(), end.to_owned());
        Self {
            trim_blocks: true,
            lstrip_blocks: false,
            keep_trailing_newline: true,
            newline: "\n".to_owned(),
            variable: pair("{{", "}}"),
            block: pair("{%", "%}"),
            comment: pair("{#", "#}"),
        }
    }
}

impl Templar {
    /// Templates over `scope`.
    #[must_use]
    pub fn new(environment: Arc<Environment>, scope: Arc<dyn Scope>, search: Arc<SearchPath>) -> Self {
        Self { environment, scope, search }
    }

    /// What all templates of a run share.
    #[must_use]
    pub fn environment(&self) -> &Arc<Environment> {
        &self.environment
    }

    /// The variables.
    #[must_use]
    pub fn scope(&self) -> &Arc<dyn Scope> {
        &self.scope
    }

    /// Where files are looked for.
    #[must_use]
    pub fn search(&self) -> &Arc<SearchPath> {
        &self.search
    }

    /// The same with other variables.
    #[must_use]
    pub fn with_scope(&self, scope: Arc<dyn Scope>) -> Self {
        Self { scope, ..self.clone() }
    }
}
