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
use crate::template::{Dict, TextOptions};
use crate::yaml::{Diagnostic, Node, Place, Span};

/// What playbooks and roles came to.
#[derive(Debug, Default)]
pub struct Census {
    /// Plays, each place once.
    pub plays: Vec<Counted>,
    /// Roles, each directory once.
    pub roles: Vec<Counted>,
    /// Tasks, each place once.
    pub tasks: Vec<Counted>,
    /// Template files that were named.
    pub templates: Vec<Counted>,
    /// What is wrong, by place: what keeps a playbook from running.
    pub errors: Vec<Diagnostic>,
    /// All that is refused, by place; what may never be reached too, which only warns.
    pub refusals: Vec<Diagnostic>,
    /// What the reader should know.
    pub warnings: Vec<Diagnostic>,
}

/// A play, role or task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Where it stands; a role is its directory.
    pub place: Place,
    /// Whether something of it is refused.
    pub is_refused: bool,
}

/// What was counted while a reader read, by place: whether it was refused.
#[derive(Debug, Default)]
pub struct Counts {
    tasks: HashMap<(Arc<str>, u32, u32), bool>,
    roles: HashMap<(Arc<str>, u32, u32), bool>,
    plays: HashMap<(Arc<str>, u32, u32), bool>,
    templates: HashMap<(Arc<str>, u32, u32), bool>,
    refusals: HashMap<(Arc<str>, u32, u32, String), Diagnostic>,
}

impl Counts {
    /// Counts a task.
    pub fn task(&mut self, source: &Source, span: Span, is_refused: bool) {
        *self.tasks.entry((Arc::clone(&source.path), span.line, span.column)).or_default() |= is_refused;
    }

    /// Counts a role.
    pub fn role(&mut self, directory: &Path, is_refused: bool) {
        *self.roles.entry((directory.to_string_lossy().into(), 0, 0)).or_default() |= is_refused;
    }

    /// Counts a play.
    pub fn play(&mut self, source: &Source, span: Span, is_refused: bool) {
        *self.plays.entry((Arc::clone(&source.path), span.line, span.column)).or_default() |= is_refused;
    }

    /// Counts a template file.
    pub fn template(&mut self, path: &Path, is_refused: bool) {
        *self.templates.entry((path.to_string_lossy().into(), 0, 0)).or_default() |= is_refused;
    }

    /// Notes what is refused.
    pub fn refusal(&mut self, error: &Diagnostic) {
        let span = error.place.span.unwrap_or_default();
        let key = (Arc::clone(&error.place.path), span.line, span.column, error.message.clone());
        self.refusals.entry(key).or_insert_with(|| error.clone());
    }

    fn add(&mut self, other: Self) {
        for (into, from) in [
            (&mut self.tasks, other.tasks),
            (&mut self.roles, other.roles),
            (&mut self.plays, other.plays),
            (&mut self.templates, other.templates),
        ] {
            for (place, is_refused) in from {
                *into.entry(place).or_default() |= is_refused;
            }
        }
        self.refusals.extend(other.refusals);
    }
}

fn sorted(counts: HashMap<(Arc<str>, u32, u32), bool>) -> Vec<Counted> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    let counted = |((path, line, column), is_refused)| {
        let span = (line > 0).then_some(Span { line, column });
        Counted { place: Place { path, span }, is_refused }
    };
    counts.into_iter().map(counted).collect()
}

impl Loader {
    /// Reads playbooks, directories of roles with all their files, and templates (`*.j2`), and counts; nothing is run.
    #[must_use]
    pub fn census(&self, paths: &[PathBuf]) -> Census {
        let mut census = Census::default();
        let mut counts = Counts::default();
        for path in paths {
            let mut reader = Reader::new(self, PlayScope::default());
            if path.is_dir() {
                reader.role_tree(path);
            } else if path.extension().is_some_and(|ending| ending == "j2") {
                reader.template_file(path, &TextOptions::default());
                let is_refused = !reader.errors.is_empty();
                reader.counts.template(path, is_refused);
            } else {
                let shown: Arc<str> = path.to_string_lossy().into();
                let handed = Handed { chain: vec![shown], ..Handed::default() };
                reader.plays(path, &handed, &mut Vec::new());
            }
            counts.add(std::mem::take(&mut reader.counts));
            census.errors.extend(reader.sorted());
            census.warnings.append(&mut reader.warnings);
        }
        let mut refusals: Vec<_> = counts.refusals.into_iter().collect();
        refusals.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        Census {
            plays: sorted(counts.plays),
            roles: sorted(counts.roles),
            tasks: sorted(counts.tasks),
            templates: sorted(counts.templates),
            refusals: refusals.into_iter().map(|(_, refusal)| refusal).collect(),
            ..census
        }
    }
}

impl Reader<'_> {
    /// Reads a role alone: what its `main` imports, then every other file of tasks and handlers.
    fn role_tree(&mut self, directory: &Path) {
        if !["tasks", "handlers", "defaults", "vars", "meta"].iter().any(|part| directory.join(part).is_dir()) {
            let shown: Arc<str> = directory.to_string_lossy().into();
            let error = Diagnostic::file(&shown, "this directory is no role");
            return self.error(error.hint("a role has `tasks`, `handlers`, `defaults`, `vars` or `meta` in it"));
        }
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
            repeats: Some(true),
            given: Dict::new(),
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
        self.follow_includes();
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
