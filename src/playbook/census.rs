//! How much of a playbook or role loads: for `--syntax-check`, of a role alone too, and for statistics.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entries::nodes_of;
use super::loader::Loader;
use super::play::Handed;
use super::reader::{Context, Reader, Section};
use super::role::{Request, RoleFiles};
use super::scope::PlayScope;
use super::source::{Source, directory_of};
use super::{Keywords, Parent};
use crate::template::Dict;
use crate::yaml::{Diagnostic, Node, Span};

/// What a playbook or role came to.
#[derive(Debug)]
pub struct Census {
    /// Plays.
    pub plays: Share,
    /// Roles, each directory once.
    pub roles: Share,
    /// Tasks, each place once.
    pub tasks: Share,
    /// Everything that is wrong, by place.
    pub errors: Vec<Diagnostic>,
    /// What the reader should know.
    pub warnings: Vec<Diagnostic>,
}

/// How many there are, and how many of them are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// All of them.
    pub all: usize,
    /// Those with something that is refused.
    pub refused: usize,
}

/// What was counted while a reader read.
#[derive(Debug, Default)]
pub struct Counts {
    /// Whether each task was refused, by place.
    tasks: HashMap<(Arc<str>, u32, u32), bool>,
    /// Whether each role was refused, by directory.
    roles: HashMap<PathBuf, bool>,
    /// Whether each play was refused.
    plays: Vec<bool>,
}

impl Counts {
    /// Counts a task.
    pub fn task(&mut self, source: &Source, span: Span, is_refused: bool) {
        let key = (Arc::clone(&source.path), span.line, span.column);
        *self.tasks.entry(key).or_default() |= is_refused;
    }

    /// Counts a role.
    pub fn role(&mut self, directory: &Path, is_refused: bool) {
        *self.roles.entry(directory.to_owned()).or_default() |= is_refused;
    }

    /// Counts a play.
    pub fn play(&mut self, is_refused: bool) {
        self.plays.push(is_refused);
    }
}

fn share<'a>(refused: impl ExactSizeIterator<Item = &'a bool>) -> Share {
    Share { all: refused.len(), refused: refused.filter(|refused| **refused).count() }
}

impl Loader {
    /// Reads a playbook, or a role's directory with all its files, and counts; nothing is run.
    #[must_use]
    pub fn census(&self, path: &Path) -> Census {
        let mut reader = Reader::new(self, PlayScope::default());
        if path.is_dir() {
            reader.role_tree(path);
        } else {
            let shown: Arc<str> = path.to_string_lossy().into();
            let handed = Handed { chain: vec![shown], ..Handed::default() };
            reader.plays(path, &handed, &mut Vec::new());
            reader.follow_includes();
        }
        let counts = std::mem::take(&mut reader.counts);
        Census {
            plays: share(counts.plays.iter()),
            roles: share(counts.roles.values()),
            tasks: share(counts.tasks.values()),
            errors: reader.sorted(),
            warnings: reader.warnings,
        }
    }
}

impl Reader<'_> {
    /// Reads a role alone: what its `main` imports, then every other file of tasks and handlers.
    fn role_tree(&mut self, directory: &Path) {
        let shown: Arc<str> = directory.to_string_lossy().into();
        let name = super::role::absolute(directory);
        self.scope.directory = super::source::directory_of(directory);
        let source = Arc::new(Source::none(&shown));
        let context = Context {
            source,
            parent: Arc::new(Parent::root(Keywords::default())),
            section: Section::Tasks,
            notify: Vec::new(),
            chain: Vec::new(),
        };
        let request = Request {
            name: name.to_string_lossy().into_owned(),
            span: Span::default(),
            params: Dict::new(),
            keywords: Keywords::default(),
            files: RoleFiles::default(),
            is_public: true,
            validates: true,
            is_dependency: false,
            repeats: true,
        };
        let Some(loaded) = self.role(&context, request) else { return };
        for section in [Section::Tasks, Section::Handlers] {
            let root = directory.join(section.directory());
            let parent = Arc::new(Parent {
                role: Some(Arc::clone(&loaded.role)),
                directory: Some(root.clone()),
                ..Parent::root(Keywords::default())
            });
            for path in task_files(&root) {
                if !self.files.contains(&path) {
                    self.lone_file(&Context { parent: Arc::clone(&parent), section, ..context.clone() }, &path);
                }
            }
        }
    }

    fn lone_file(&mut self, context: &Context, path: &Path) {
        let Some(source) = self.read(path) else { return };
        if self.task_list(&source).is_none() {
            return;
        }
        let parent = Arc::new(Parent {
            directory: Some(directory_of(path)),
            ..Parent::below(&context.parent, Keywords::default())
        });
        let chain = vec![Arc::clone(&source.path)];
        let inner = Context { source: Arc::clone(&source), parent, chain, ..context.clone() };
        let nodes: &[Node] = nodes_of(source.root.as_ref());
        match context.section {
            Section::Tasks => _ = self.entries(&inner, nodes),
            Section::Handlers => _ = self.handlers(&inner, nodes),
        }
    }
}

fn task_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(root) else { return files };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths {
        let is_yaml = path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        if path.is_dir() {
            files.extend(task_files(&path));
        } else if is_yaml && path.is_file() {
            files.push(path);
        }
    }
    files
}
