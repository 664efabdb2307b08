//! Where a template is: its text, its variables, its blocks.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::ast::{Body, Program};
use super::super::parse;
use super::super::{Origin, TemplateError, Value};

/// The text that is computed, for error messages.
#[derive(Clone, Debug)]
pub struct Source {
    /// The text.
    pub text: Arc<str>,
    /// Where it begins.
    pub origin: Option<Origin>,
    /// Whether the text stands in the file as it is; a YAML scalar may be quoted, indented or folded.
    pub exact: bool,
}

impl Source {
    /// Gives an error its place, unless it has one.
    ///
    /// For a scalar of YAML, of which only the place of its first character is known, a text of several lines is taken
    /// for a block scalar: its lines follow the one of `|`, at an unknown column. The column in a text of one line
    /// counts from its first character, or from the quote, which a text that starts with `{` must have.
    pub fn locate(&self, mut error: TemplateError, at: u32) -> TemplateError {
        if error.origin.is_some() {
            return error;
        }
        let Some(origin) = &self.origin else { return error };
        let (line, column) = parse::place(&self.text, at);
        error.line = self.text.lines().nth(line as usize - 1).map(str::to_owned);
        let mut place = origin.clone();
        if origin.line == 0 {
            // Not a file, or an unknown line of it.
        } else if self.exact {
            (place.line, place.column) = (origin.line + line - 1, column);
        } else if self.text.contains('\n') {
            (place.line, place.column) = (origin.line + line, 0);
        } else if origin.column > 0 {
            place.column = origin.column + column - 1 + u32::from(self.text.starts_with('{'));
        }
        error.origin = Some(place);
        error
    }
}

/// The variables of a template.
#[derive(Debug)]
pub struct Root {
    /// What the template has set at its outermost level.
    pub variables: HashMap<Arc<str>, Value>,
    /// Whether it sees the variables of the host.
    pub sees_scope: bool,
}

impl Default for Root {
    fn default() -> Self {
        Self { variables: HashMap::new(), sees_scope: true }
    }
}

/// A block of a template and where its text stands.
pub type PlacedBlock = (Arc<Body>, Source);

/// Where a template is.
#[derive(Debug)]
pub struct Place {
    /// The number of its root.
    pub root: usize,
    /// Variables of loops, macros and the like, innermost last.
    pub frames: Vec<HashMap<Arc<str>, Value>>,
    /// Its text.
    pub source: Source,
    /// Its blocks and those of the templates it extends, nearest first.
    pub blocks: HashMap<Arc<str>, Vec<PlacedBlock>>,
    /// The block that is computed, and the place in the list of its name.
    pub block: Option<(Arc<str>, usize)>,
    /// The template that it extends.
    pub parent: Option<(Arc<Program>, Source)>,
    /// Templates around this one.
    pub nested: usize,
}

impl Place {
    /// The beginning of a template.
    pub fn new(root: usize, source: Source) -> Self {
        Self { root, frames: Vec::new(), source, blocks: HashMap::new(), block: None, parent: None, nested: 0 }
    }

    /// Adds the blocks of a program below those that are there.
    pub fn add_blocks(&mut self, program: &Program) {
        for (name, body) in &program.blocks {
            let placed = (Arc::clone(body), self.source.clone());
            self.blocks.entry(Arc::clone(name)).or_default().push(placed);
        }
    }
}
