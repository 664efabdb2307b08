//! The public face: playbooks, and what the run includes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::arguments::Target;
use super::entries::nodes_of;
use super::play::Handed;
use super::reader::{Context, Reader, Section};
use super::role::{Request, RoleFiles};
use super::scope::PlayScope;
use super::source::{Files, directory_of};
use super::{Entry, Handler, Keywords, Parent, Play, Playbook, Role, Task, known, near, search};
use crate::modules::{self, LocalVars, Module};
use crate::template::{Dict, Environment};
use crate::yaml::{Diagnostic, Span};

/// What a load depends on besides the files.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// Where roles are looked for after the playbook's own `roles/`.
    pub roles_path: Vec<PathBuf>,
    /// Where collections are looked for after the playbook's own `collections/`.
    pub collections_path: Vec<PathBuf>,
    /// `--extra-vars`.
    pub extra_vars: Dict,
    /// What all templates share; its vault opens vaulted files.
    pub environment: Arc<Environment>,
}

/// Loads playbooks, and what they include while they run. Each file is read once.
#[derive(Debug)]
pub struct Loader {
    options: LoadOptions,
    files: Files,
    modules: Registry,
}

/// Where modules are found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registry {
    pub find: fn(&str) -> Option<&'static dyn Module>,
    pub all: fn() -> Vec<&'static dyn Module>,
}

/// What includes, while a play runs.
#[derive(Clone, Debug)]
pub struct Inclusion<'a> {
    /// The play.
    pub play: &'a Play,
    /// The task.
    pub task: &'a Task,
    /// `apply`.
    pub apply: &'a Keywords,
    /// Variables that are handed on: `vars` of the task, and those of its loop.
    pub vars: Dict,
}

/// A role that is included, its arguments computed.
#[derive(Clone, Debug, Default)]
pub struct IncludedRole {
    /// `name`.
    pub name: String,
    /// `tasks_from`.
    pub tasks_from: Option<String>,
    /// `vars_from`.
    pub vars_from: Option<String>,
    /// `defaults_from`.
    pub defaults_from: Option<String>,
    /// `handlers_from`.
    pub handlers_from: Option<String>,
    /// `public`.
    pub is_public: bool,
    /// `rolespec_validate`, which is true unless told.
    pub validates: bool,
    /// `allow_duplicates`, which is true unless told.
    pub repeats: bool,
}

/// A role that was loaded while a play runs.
#[derive(Debug)]
pub struct LoadedRole {
    /// The role.
    pub role: Arc<Role>,
    /// Tasks of the roles it depends on, then its own; one block a role.
    pub entries: Vec<Entry>,
    /// Handlers of the roles it depends on, then its own; they come after those of the play.
    pub handlers: Vec<Arc<Handler>>,
    /// What the reader should know.
    pub warnings: Vec<Diagnostic>,
}

impl Loader {
    /// A loader that has read nothing yet.
    #[must_use]
    pub fn new(options: LoadOptions) -> Self {
        Self::with_modules(options, Registry { find: modules::find, all: || modules::MODULES.to_vec() })
    }

    pub(super) fn with_modules(options: LoadOptions, modules: Registry) -> Self {
        let files = Files::new(Arc::clone(&options.environment));
        Self { options, files, modules }
    }

    /// Loads a playbook with all that it imports.
    ///
    /// # Errors
    /// Everything that is wrong with it, by place; at most 50 messages.
    pub fn playbook(&self, path: &Path) -> Result<Playbook, Vec<Diagnostic>> {
        let mut reader = Reader::new(self, PlayScope::default());
        let mut plays = Vec::new();
        let shown: Arc<str> = path.to_string_lossy().into();
        let handed = Handed { chain: vec![Arc::clone(&shown)], ..Handed::default() };
        reader.plays(path, &handed, &mut plays);
        if !reader.errors.is_empty() {
            return Err(reader.sorted());
        }
        Ok(Playbook { path: shown, plays, warnings: reader.warnings, files: reader.files })
    }

    /// Loads a playbook whose text is at hand; `path` says where it would stand.
    ///
    /// # Errors
    /// As of [`Loader::playbook`].
    pub fn given_playbook(&self, path: &Path, text: String) -> Result<Playbook, Vec<Diagnostic>> {
        self.files.hold(path, text).map_err(|error| vec![error])?;
        self.playbook(path)
    }

    /// Loads the tasks of a file that `include_tasks` names.
    ///
    /// # Errors
    /// When the file does not exist or is wrong.
    pub fn include_tasks(&self, inclusion: &Inclusion<'_>, file: &str) -> Result<Vec<Entry>, Vec<Diagnostic>> {
        let (mut reader, context) = self.included(inclusion, file, Section::Tasks)?;
        let source = Arc::clone(&context.source);
        let entries = reader.entries(&context, nodes_of(source.root.as_ref()));
        reader.done(entries)
    }

    /// Loads the handlers of a file that `include_tasks` names among handlers.
    ///
    /// # Errors
    /// When the file does not exist or is wrong.
    pub fn include_handlers(
        &self,
        inclusion: &Inclusion<'_>,
        file: &str,
    ) -> Result<Vec<Arc<Handler>>, Vec<Diagnostic>> {
        let (mut reader, context) = self.included(inclusion, file, Section::Handlers)?;
        let source = Arc::clone(&context.source);
        let handlers = reader.handlers(&context, nodes_of(source.root.as_ref()));
        reader.done(handlers)
    }

    fn included(
        &self,
        inclusion: &Inclusion<'_>,
        file: &str,
        section: Section,
    ) -> Result<(Reader<'_>, Context), Vec<Diagnostic>> {
        let mut reader = Reader::new(self, scope_of(inclusion.play));
        let above = &inclusion.task.parent;
        let places = search::task_files(above, &reader.scope.directory, file, section);
        let Some(path) = places.iter().find(|path| path.is_file()) else {
            let message = format!("there is no file `{file}`");
            return Err(vec![self.task_error(inclusion.task, message).hint(search::looked(&places))]);
        };
        let Some(source) = reader.read(path) else { return Err(reader.sorted()) };
        if reader.task_list(&source).is_none() {
            return Err(reader.sorted());
        }
        let parent = Arc::new(Parent { directory: Some(directory_of(path)), ..inclusion.parent() });
        let chain = vec![path.to_string_lossy().into()];
        let context = Context { source, parent, section, notify: Vec::new(), chain };
        Ok((reader, context))
    }

    /// Loads a role that `include_role` names.
    ///
    /// # Errors
    /// When the role does not exist or is wrong.
    ///
    /// # Panics
    /// Never: a role that is not loaded leaves an error.
    pub fn include_role(&self, inclusion: &Inclusion<'_>, role: &IncludedRole) -> Result<LoadedRole, Vec<Diagnostic>> {
        let mut reader = Reader::new(self, scope_of(inclusion.play));
        let place = &inclusion.task.place;
        let source = self.files.read(Path::new(&*place.file)).map_err(|error| vec![error])?;
        let parent = Arc::new(inclusion.parent());
        let context = Context { source, parent, section: Section::Tasks, notify: Vec::new(), chain: Vec::new() };
        let files = RoleFiles {
            tasks: role.tasks_from.clone(),
            vars: role.vars_from.clone(),
            defaults: role.defaults_from.clone(),
            handlers: role.handlers_from.clone(),
        };
        let request = Request {
            name: role.name.clone(),
            span: Span { line: place.line, column: place.column },
            params: Dict::new(),
            keywords: Keywords::default(),
            files,
            is_public: role.is_public,
            validates: role.validates,
            is_dependency: false,
            repeats: Some(role.repeats),
            given: inclusion.vars.clone(),
        };
        let loaded = reader.role(&context, request);
        let imported = std::mem::take(&mut reader.imported);
        let warnings = std::mem::take(&mut reader.warnings);
        let loaded = reader.done(loaded)?.expect("a role that is not loaded left an error");
        let handlers = loaded.handlers.into_iter().chain(imported).collect();
        Ok(LoadedRole { role: loaded.role, entries: loaded.entries, handlers, warnings })
    }

    /// The variables of a file, decrypted where it is vaulted; its texts are templated when used.
    ///
    /// # Errors
    /// When the file cannot be read or holds no mapping.
    pub fn vars_file(&self, path: &Path) -> Result<Dict, Vec<Diagnostic>> {
        self.included_vars(path).map(|file| file.vars)
    }

    /// The same, with what else is to be known of the file.
    ///
    /// # Errors
    /// When the file cannot be read or holds no mapping.
    pub fn included_vars(&self, path: &Path) -> Result<LocalVars, Vec<Diagnostic>> {
        let mut reader = Reader::new(self, PlayScope::default());
        let mut file = LocalVars { path: path.to_owned(), vars: Dict::new(), vaulted: false };
        if let Some(source) = reader.read(path) {
            reader.merge_vars(&source, &mut file.vars);
            file.vaulted = source.is_vaulted();
        }
        reader.done(file)
    }

    /// A message about a task, with its line.
    fn task_error(&self, task: &Task, message: String) -> Diagnostic {
        let place = &task.place;
        let span = Span { line: place.line, column: place.column };
        match self.files.read(Path::new(&*place.file)) {
            Ok(source) => source.error(span, message),
            Err(_) => Diagnostic::at(&place.file, "", span, message),
        }
    }

    pub(super) fn options(&self) -> &LoadOptions {
        &self.options
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// The module of a short or full name.
    pub(super) fn module(&self, name: &str) -> Option<&'static dyn Module> {
        (self.modules.find)(name)
    }

    /// What an action's name means.
    pub(super) fn target(&self, name: &str) -> Option<Target> {
        let short = ["ansible.builtin.", "ansible.legacy."].iter().find_map(|prefix| name.strip_prefix(prefix));
        let short = short.unwrap_or(name);
        if let Some(action) = known::ACTIONS.iter().find(|action| **action == short) {
            return Some(Target::Language(action));
        }
        self.module(name).map(Target::Module)
    }

    /// What to say of a module that is not here: the message and the hint.
    pub(super) fn unknown_module(&self, name: &str, playbook: &Path, context: &Context) -> (String, String) {
        let specs: Vec<_> = (self.modules.all)().into_iter().map(Module::spec).collect();
        let (collection, short) = name.rsplit_once('.').unwrap_or(("", name));
        let full = |short: &str| {
            let spec = specs.iter().find(|spec| spec.name == short || spec.aliases.contains(&short));
            spec.and_then(|spec| spec.collections.first()).map_or_else(
                || short.to_owned(),
                |first| if collection.is_empty() { short.to_owned() } else { format!("{first}.{short}") },
            )
        };
        let names = specs.iter().flat_map(|spec| std::iter::once(&spec.name).chain(spec.aliases)).copied();
        let near_module = near::nearest(short, names.chain(known::ACTIONS.iter().copied()));
        let local = local_module(short, playbook, context);
        let hint = match (near_module, local) {
            (_, Some(path)) => format!("{} is a program for Python on the host, which is not run", path.display()),
            (Some(near), None) => format!("did you mean `{}`?", full(near)),
            (None, None) => "`opsctl doc` lists the modules there are".to_owned(),
        };
        let is_known = collection.is_empty() || specs.iter().any(|spec| spec.collections.contains(&collection));
        if is_known {
            (format!("unknown module `{name}`"), hint)
        } else {
            (format!("the module `{name}` is not here, nor is any other of the collection {collection}"), hint)
        }
    }
}

impl Inclusion<'_> {
    /// The level that is included.
    fn parent(&self) -> Parent {
        Parent { include_vars: self.vars.clone(), ..Parent::below(&self.task.parent, self.apply.clone()) }
    }
}

impl Reader<'_> {
    fn done<T>(mut self, value: T) -> Result<T, Vec<Diagnostic>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.sorted()) }
    }
}

fn scope_of(play: &Play) -> PlayScope {
    let vars = play.root.keywords.vars.clone().unwrap_or_default();
    let directory = directory_of(Path::new(&*play.place.file));
    PlayScope { directory, vars, files: Dict::new() }
}

/// A module that the playbook or a role brings.
fn local_module(name: &str, playbook: &Path, context: &Context) -> Option<PathBuf> {
    let roles = context.parent.levels().filter_map(|level| level.role.as_ref());
    let roots = roles.map(|role| role.directory.clone()).chain([playbook.to_owned()]);
    roots.map(|root| search::join(&root, "library").join(format!("{name}.py"))).find(|path| path.is_file())
}
