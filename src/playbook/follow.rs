//! Includes whose names are known before the run: what they name is read too, so that it is refused before the first
//! connection. Under a condition it may never be reached, so that it only warns.

use std::sync::Arc;

use super::entries::nodes_of;
use super::keyword::is_computed;
use super::reader::{Context, Reader, Section};
use super::role::{Request, RoleFiles};
use super::search;
use super::source::directory_of;
use super::{Include, IncludeKind, Keywords, Parent};
use crate::modules::to_bool;
use crate::template::{Dict, Value};
use crate::yaml::{Diagnostic, Span};

/// An include that was seen.
pub struct Seen {
    context: Context,
    include: Include,
    span: Span,
    /// Whether a condition, a rescue or another include under one may keep it from being reached.
    certainty: Certainty,
}

/// When an error of what may never be reached matters.
pub const IF_REACHED: &str = "if this is reached, the task fails: ";

/// Whether something is reached for sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// As far as a reader can tell.
    Sure,
    /// Perhaps.
    Perhaps,
}

/// Includes that are followed at most; includes may include themselves under changing conditions.
const LIMIT: usize = 20_000;

impl Reader<'_> {
    /// Notes an include whose name is known.
    pub fn note_include(&mut self, context: &Context, include: &Include, keywords: &Keywords, span: Span) {
        let certainty = self.certainty_of(context, keywords);
        self.includes.push_back(Seen { context: context.clone(), include: include.clone(), span, certainty });
    }

    /// Whether a task is reached for sure, as far as conditions tell.
    pub fn certainty_of(&self, context: &Context, keywords: &Keywords) -> Certainty {
        let levels = context.parent.levels().map(|level| &level.keywords);
        let is_conditional = std::iter::once(keywords).chain(levels).any(|level| !level.when.is_empty());
        let is_caught = context.parent.rescued || may_be_ignored(keywords, &context.parent);
        if is_conditional || is_caught { Certainty::Perhaps } else { self.certainty }
    }

    /// Makes warnings of the errors since there were `count` of them; `start` says when they matter.
    pub fn warn_of_errors(&mut self, count: usize, start: &str) {
        let perhaps: Vec<Diagnostic> = self.errors.drain(count.min(self.errors.len())..).collect();
        for mut error in perhaps {
            error.message = format!("{start}{}", error.message);
            self.warn(error);
        }
    }

    /// Reads what includes name, and what that includes.
    pub fn follow_includes(&mut self) {
        for _ in 0..LIMIT {
            let Some(seen) = self.includes.pop_front() else { return };
            let errors = self.errors.len();
            self.certainty = seen.certainty;
            match seen.include.kind {
                IncludeKind::Tasks => self.follow_tasks(&seen),
                IncludeKind::Role => self.follow_role(&seen),
            }
            if seen.certainty == Certainty::Perhaps {
                self.warn_of_errors(errors, IF_REACHED);
            }
        }
    }

    fn follow_tasks(&mut self, seen: &Seen) {
        let context = &seen.context;
        let Some(name) = literal(&seen.include, "file") else { return };
        let places = search::task_files(&context.parent, &self.scope.directory, &name, context.section);
        let Some(path) = places.iter().find(|path| path.is_file()) else {
            let message = format!("there is no file `{name}`");
            return self.error_at(&context.source, seen.span, message, search::looked(&places));
        };
        let role = context.parent.role().map(|role| role.directory.clone());
        if !self.followed.insert((path.clone(), role)) {
            return;
        }
        let Some(source) = self.read(path) else { return };
        if self.task_list(&source).is_none() {
            return;
        }
        let below = Parent::below(&context.parent, seen.include.apply.clone());
        let inner = Context {
            parent: Arc::new(Parent { directory: Some(directory_of(path)), ..below }),
            chain: vec![Arc::clone(&source.path)],
            source: Arc::clone(&source),
            ..context.clone()
        };
        let nodes = nodes_of(source.root.as_ref());
        match context.section {
            Section::Tasks => _ = self.entries(&inner, nodes),
            Section::Handlers => _ = self.handlers(&inner, nodes),
        }
    }

    fn follow_role(&mut self, seen: &Seen) {
        let Some(name) = literal(&seen.include, "name") else { return };
        let from = |name: &str| match seen.include.arguments.named.get(name) {
            None => Some(None),
            Some(_) => literal(&seen.include, name).map(Some),
        };
        let (Some(tasks), Some(vars), Some(defaults), Some(handlers)) =
            (from("tasks_from"), from("vars_from"), from("defaults_from"), from("handlers_from"))
        else {
            return;
        };
        let files = RoleFiles { tasks, vars, defaults, handlers };
        let key = format!("{name} {files:?}").into();
        if !self.followed.insert((key, None)) {
            return;
        }
        let request = Request {
            name,
            span: seen.span,
            params: Dict::new(),
            given: Dict::new(),
            keywords: Keywords::default(),
            files,
            is_public: false,
            validates: true,
            is_dependency: false,
            repeats: Some(true),
        };
        let above = Arc::new(Parent::below(&seen.context.parent, seen.include.apply.clone()));
        let context = Context { parent: above, chain: Vec::new(), ..seen.context.clone() };
        self.role(&context, request);
    }
}

/// Whether `ignore_errors` holds, or is known only when the task runs.
pub fn may_be_ignored(keywords: &Keywords, parent: &Arc<Parent>) -> bool {
    let mut levels = std::iter::once(keywords).chain(parent.levels().map(|level| &level.keywords));
    levels.find_map(|level| level.ignore_errors.as_ref()).is_some_and(|value| match value {
        Value::String(text) if is_computed(text) => true,
        value => to_bool(value) == Some(true),
    })
}

/// An argument that is no template.
fn literal(include: &Include, name: &str) -> Option<String> {
    match include.arguments.named.get(name)? {
        Value::String(text) if text.is_active() => None,
        Value::Null => None,
        value => Some(value.to_string()),
    }
}
