//! One load: what is collected while files become a tree.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::census::Counts;
use super::follow::{self, Certainty};
use super::loader::Loader;
use super::role::Seen;
use super::scope::PlayScope;
use super::source::Source;
use super::{Handler, Parent, Role};
use crate::template::Value;
use crate::yaml::{Diagnostic, Node, NodeKind, Span};

/// Most errors that are told of at once.
pub const ERROR_LIMIT: usize = 50;

/// One load. It goes on after an error, so that all of them are told of at once.
pub struct Reader<'a> {
    pub loader: &'a Loader,
    pub errors: Vec<Diagnostic>,
    pub warnings: Vec<Diagnostic>,
    /// Files read, in order.
    pub files: Vec<PathBuf>,
    /// The play that is being read.
    pub scope: PlayScope,
    /// Handlers of roles that `import_role` brought.
    pub imported: Vec<Arc<Handler>>,
    /// Roles whose dependencies are being read, outermost first, with their directories as shown.
    pub dependents: Vec<(Arc<Role>, PathBuf)>,
    /// Roles of the play so far.
    pub seen: Vec<Seen>,
    /// Includes that are still to be followed.
    pub includes: VecDeque<follow::Seen>,
    /// Files and roles that were followed.
    pub followed: HashSet<(PathBuf, Option<PathBuf>)>,
    /// Template files that were looked at.
    pub checked_templates: HashSet<(PathBuf, Certainty)>,
    /// Files of variables that were looked at.
    pub checked_variables: HashSet<PathBuf>,
    /// Whether what is being read is reached for sure.
    pub certainty: Certainty,
    /// What was read so far.
    pub counts: Counts,
}

/// Where entries are read: their file, what stands above them, and what they are.
#[derive(Clone)]
pub struct Context {
    pub source: Arc<Source>,
    pub parent: Arc<Parent>,
    pub section: Section,
    /// `notify` of the block around, for tasks that have none.
    pub notify: Vec<Value>,
    /// Files whose imports led here, innermost last.
    pub chain: Vec<Arc<str>>,
}

/// What entries are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Tasks.
    Tasks,
    /// Handlers.
    Handlers,
}

impl Section {
    /// The directory of a role that holds them.
    pub fn directory(self) -> &'static str {
        match self {
            Self::Tasks => "tasks",
            Self::Handlers => "handlers",
        }
    }
}

impl<'a> Reader<'a> {
    pub fn new(loader: &'a Loader, scope: PlayScope) -> Self {
        Self {
            loader,
            errors: Vec::new(),
            warnings: Vec::new(),
            files: Vec::new(),
            scope,
            imported: Vec::new(),
            dependents: Vec::new(),
            seen: Vec::new(),
            includes: VecDeque::new(),
            followed: HashSet::new(),
            checked_templates: HashSet::new(),
            checked_variables: HashSet::new(),
            certainty: Certainty::Sure,
            counts: Counts::default(),
        }
    }

    /// Notes an error.
    pub fn error(&mut self, diagnostic: Diagnostic) {
        self.counts.refusal(&diagnostic);
        if !self.errors.contains(&diagnostic) {
            self.errors.push(diagnostic);
        }
    }

    /// Notes an error at a place.
    pub fn error_at(&mut self, source: &Source, span: Span, message: impl Into<String>, hint: impl Into<String>) {
        self.error(source.error(span, message).hint(hint));
    }

    /// Notes what the reader should know.
    pub fn warn(&mut self, diagnostic: Diagnostic) {
        if !self.warnings.contains(&diagnostic) {
            self.warnings.push(diagnostic);
        }
    }

    /// Notes at a place what the reader should know.
    pub fn warn_at(&mut self, source: &Source, span: Span, message: impl Into<String>) {
        self.warn(source.error(span, message));
    }

    /// Reads a file and notes it; an error is noted too.
    pub fn read(&mut self, path: &Path) -> Option<Arc<Source>> {
        match self.loader.files().read(path) {
            Ok(source) => {
                if !self.files.iter().any(|known| known == path) {
                    self.files.push(path.to_owned());
                    self.warnings.extend(source.warnings.iter().cloned());
                }
                Some(source)
            }
            Err(error) => {
                self.error(error);
                None
            }
        }
    }

    /// Errors by their places: files in the order in which they were read.
    pub fn sorted(&mut self) -> Vec<Diagnostic> {
        let files: Vec<String> = self.files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let order = |error: &Diagnostic| {
            let file = files.iter().position(|path| **path == *error.place.path).unwrap_or(usize::MAX);
            let span = error.place.span.unwrap_or_default();
            (file, span.line, span.column)
        };
        let mut errors = std::mem::take(&mut self.errors);
        errors.sort_by_key(order);
        errors.truncate(ERROR_LIMIT);
        errors
    }

    /// The items of a list node; null is an empty list, anything else an error.
    pub fn items<'n>(&mut self, source: &Source, name: &str, node: &'n Node, of: &str) -> &'n [Node] {
        match &node.kind {
            NodeKind::Sequence(items) => items,
            NodeKind::Null => &[],
            _ => {
                let message = format!("`{name}` must be a list of {of}, not {}", node.type_name());
                self.error_at(source, node.span, message, "put `- ` before each");
                &[]
            }
        }
    }
}
