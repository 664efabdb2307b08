//! Roles: found, their files read, their dependencies and tasks put in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entries::nodes_of;
use super::keyword::boolean;
use super::reader::{Context, Reader, Section};
use super::role_files::{self, Extension};
use super::search::{self, FoundRole, RolePlaces};
use super::source::Source;
use super::{Action, Arguments, Block, Entry, Handler, Keywords, Parent, Role, Task};
use crate::modules;
use crate::template::{Dict, Key, Value};
use crate::yaml::{Node, NodeKind, Span};

/// A role that is asked for.
pub struct Request {
    /// Its name.
    pub name: String,
    /// Where it is asked for.
    pub span: Span,
    /// Parameters.
    pub params: Dict,
    /// Keywords of the entry.
    pub keywords: Keywords,
    /// The files that are read in the place of `main`.
    pub files: RoleFiles,
    /// Whether its variables are seen by the whole play.
    pub is_public: bool,
    /// Whether its arguments are checked.
    pub validates: bool,
    /// Whether another role depends on it.
    pub is_dependency: bool,
    /// Whether it runs again where it ran before; none leaves that to its `meta`.
    pub repeats: Option<bool>,
    /// Variables that an include gives it beside its keywords.
    pub given: Dict,
}

/// Names of files that are read in the place of `main`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleFiles {
    pub tasks: Option<String>,
    pub vars: Option<String>,
    pub defaults: Option<String>,
    pub handlers: Option<String>,
}

/// A role with all that comes along.
pub struct Loaded {
    /// The role.
    pub role: Arc<Role>,
    /// Its level.
    pub parent: Arc<Parent>,
    /// Blocks of its dependencies, then its own.
    pub entries: Vec<Entry>,
    /// Handlers of its dependencies, then its own.
    pub handlers: Vec<Arc<Handler>>,
    /// The roles it depends on, theirs before them, then itself.
    pub roles: Vec<Arc<Role>>,
}

/// What `meta/main.yml` says.
#[derive(Default)]
struct Meta {
    source: Option<Arc<Source>>,
    dependencies: Vec<Node>,
    allows_duplicates: bool,
    collections: Vec<String>,
    specs: Option<(Arc<Source>, Node)>,
}

/// A role that is part of the play already.
pub struct Seen {
    directory: PathBuf,
    params: Dict,
    vars: Option<Dict>,
    when: Vec<Value>,
    tags: Vec<Value>,
}

impl Reader<'_> {
    /// Reads a role with its dependencies.
    #[expect(clippy::needless_pass_by_value, reason = "a request is made for one reading")]
    pub fn role(&mut self, context: &Context, request: Request) -> Option<Loaded> {
        let found = self.find_role(context, &request)?;
        let before = self.errors.len();
        let loaded = self.found_role(context, &request, &found);
        self.counts.role(&found.directory, self.errors.len() > before);
        loaded
    }

    fn found_role(&mut self, context: &Context, request: &Request, found: &FoundRole) -> Option<Loaded> {
        self.refuse_dependency_cycle(context, request, found)?;
        let meta = self.meta_of(found);
        let role = Arc::new(Role {
            name: found.name.clone(),
            collection: found.collection.clone(),
            directory: absolute(&found.directory),
            defaults: self.role_vars(context, request, &found.directory, "defaults")?,
            vars: self.role_vars(context, request, &found.directory, "vars")?,
            params: request.params.clone(),
            parents: self.parents(request),
            dependencies: Vec::new(),
            identity: identity(found, request),
            allows_duplicates: request.repeats.unwrap_or(meta.allows_duplicates),
            is_public: request.is_public,
            place: context.source.origin(request.span),
        });
        let level = |role: Arc<Role>, section: Section| {
            let mut keywords = request.keywords.clone();
            keywords.collections = found.collection.iter().chain(&meta.collections).cloned().collect();
            Arc::new(Parent {
                role: Some(role),
                directory: Some(found.directory.join(section.directory())),
                ..Parent::below(&context.parent, keywords)
            })
        };
        let mut loaded = Loaded {
            parent: level(Arc::clone(&role), Section::Tasks),
            role,
            entries: Vec::new(),
            handlers: Vec::new(),
            roles: Vec::new(),
        };
        if !meta.dependencies.is_empty() {
            // A role and those it depends on name each other; these name one that knows of no dependencies.
            let mut whole = Role::clone(&loaded.role);
            self.dependencies(context, &meta, &mut loaded, &mut whole, &found.directory);
            loaded.role = Arc::new(whole);
            loaded.parent = level(Arc::clone(&loaded.role), Section::Tasks);
        }
        loaded.roles.push(Arc::clone(&loaded.role));
        if self.is_repeated(&loaded, request) {
            return Some(loaded);
        }
        let tasks = role_context(context, &loaded.parent, Section::Tasks);
        self.role_tasks(&tasks, (request, &found.directory), &meta, &mut loaded);
        let parent = level(Arc::clone(&loaded.role), Section::Handlers);
        let handlers = role_context(context, &parent, Section::Handlers);
        self.role_handlers(&handlers, request, &found.directory, &mut loaded);
        Some(loaded)
    }

    fn find_role(&mut self, context: &Context, request: &Request) -> Option<FoundRole> {
        let options = self.loader.options();
        let collections = context.parent.levels().map(|level| &level.keywords.collections);
        let places = RolePlaces {
            playbook: &self.scope.directory,
            roles_path: &options.roles_path,
            collections_path: &options.collections_path,
            dependent: self.dependents.last().map(|(_, directory)| directory.as_path()),
            collections: collections.into_iter().find(|names| !names.is_empty()).map_or(&[], Vec::as_slice),
        };
        match search::role(&request.name, &places) {
            Ok(found) => Some(found),
            Err(looked) => {
                let message = format!("there is no role `{}`", request.name);
                self.error_at(&context.source, request.span, message, search::looked(&looked));
                None
            }
        }
    }

    fn refuse_dependency_cycle(&mut self, context: &Context, request: &Request, found: &FoundRole) -> Option<()> {
        let position = self.dependents.iter().position(|(_, directory)| *directory == found.directory);
        let Some(start) = position.filter(|_| request.is_dependency) else { return Some(()) };
        let mut chain: Vec<&str> = self.dependents[start..].iter().map(|(role, _)| role.name.as_str()).collect();
        chain.push(&found.name);
        let hint = format!("the chain: {}", chain.join(" -> "));
        self.error_at(&context.source, request.span, format!("role `{}` depends on itself", found.name), hint);
        None
    }

    /// The roles that made this one come along, nearest first.
    fn parents(&self, request: &Request) -> Vec<Arc<Role>> {
        match self.dependents.last().filter(|_| request.is_dependency) {
            Some((parent, _)) => std::iter::once(parent).chain(&parent.parents).cloned().collect(),
            None => Vec::new(),
        }
    }

    fn role_vars(&mut self, context: &Context, request: &Request, directory: &Path, kind: &str) -> Option<Dict> {
        let from = if kind == "vars" { &request.files.vars } else { &request.files.defaults };
        let Some(files) = role_files::vars(&directory.join(kind), from.as_deref()) else {
            let from = from.as_deref()?;
            let message = format!("role `{}` has no file `{kind}/{from}`", request.name);
            self.error_at(&context.source, request.span, message, format!("looked in {}", directory.display()));
            return None;
        };
        let mut vars = Dict::new();
        for file in files {
            if let Some(source) = self.read(&file) {
                let mut of_file = Dict::new();
                self.merge_vars(&source, &mut of_file);
                self.check_variables(&file, &of_file);
                vars.extend(of_file);
            }
        }
        Some(vars)
    }

    /// Adds the variables of a file.
    pub fn merge_vars(&mut self, source: &Source, into: &mut Dict) {
        let Some(root) = source.root.as_ref().filter(|root| !root.is_falsy()) else { return };
        let Some(mapping) = root.as_mapping() else {
            let message = format!("variables must be a mapping, not {}", root.type_name());
            return self.error_at(source, root.span, message, "write `name: value`");
        };
        for (key, value) in &mapping.entries {
            into.insert(key.to_key().into(), source.value(value));
        }
    }

    fn meta_of(&mut self, found: &FoundRole) -> Meta {
        let mut meta = Meta::default();
        let directory = found.directory.join("meta");
        if let Some(source) = role_files::one(&directory, None).and_then(|file| self.read(&file)) {
            match source.root.as_ref().map(|root| (root, &root.kind)) {
                Some((_, NodeKind::Mapping(mapping))) => {
                    for (key, value) in &mapping.entries {
                        self.meta_key(&source, &mut meta, key, value);
                    }
                }
                None | Some((_, NodeKind::Null)) => {}
                Some((root, _)) => {
                    let message = format!("meta must be a mapping, not {}", root.type_name());
                    self.error_at(&source, root.span, message, "write `dependencies: []`");
                }
            }
            meta.source = Some(source);
        }
        let specs = role_files::named(&directory, "argument_specs", &[Extension::Yml, Extension::Yaml]);
        if let Some(source) = specs.and_then(|file| self.read(&file)) {
            let specs = source.root.as_ref().and_then(Node::as_mapping).and_then(|root| root.get("argument_specs"));
            meta.specs = specs.cloned().map(|specs| (Arc::clone(&source), specs));
        }
        meta
    }

    fn meta_key(&mut self, source: &Arc<Source>, meta: &mut Meta, key: &Node, value: &Node) {
        let name = key.to_key();
        match name.as_str() {
            "dependencies" => meta.dependencies = self.items(source, "dependencies", value, "roles").to_vec(),
            "allow_duplicates" => meta.allows_duplicates = boolean(&source.value(value)) == Some(true),
            "collections" => meta.collections = self.texts(source, "collections", value),
            "argument_specs" => meta.specs = Some((Arc::clone(source), value.clone())),
            "galaxy_info" => {}
            _ => self.warn_at(source, key.span, format!("`{name}` has no effect in a role's meta")),
        }
    }

    fn dependencies(&mut self, context: &Context, meta: &Meta, loaded: &mut Loaded, role: &mut Role, directory: &Path) {
        let Some(source) = meta.source.as_ref() else { return };
        self.dependents.push((Arc::clone(&loaded.role), directory.to_owned()));
        let inner = Context {
            source: Arc::clone(source),
            parent: Arc::clone(&loaded.parent),
            chain: context.chain.clone(),
            ..context.clone()
        };
        for node in &meta.dependencies {
            let request = self.role_entry(&inner, node);
            let Some(request) = request else { continue };
            let Some(dependency) = self.role(&inner, Request { is_dependency: true, ..request }) else { continue };
            role.dependencies.push(dependency.role);
            loaded.entries.extend(dependency.entries);
            loaded.handlers.extend(dependency.handlers);
            loaded.roles.extend(dependency.roles);
        }
        self.dependents.pop();
    }

    /// Whether the same role is part of the play already, under the same conditions.
    fn is_repeated(&mut self, loaded: &Loaded, request: &Request) -> bool {
        if request.repeats.is_some() {
            return false;
        }
        let levels = || loaded.parent.levels();
        let seen = Seen {
            directory: loaded.role.directory.clone(),
            params: loaded.role.params.clone(),
            vars: request.keywords.vars.clone(),
            when: levels().flat_map(|level| level.keywords.when.iter().cloned()).collect(),
            tags: levels().flat_map(|level| level.keywords.tags.iter().cloned()).collect(),
        };
        let same = |known: &Seen| {
            known.directory == seen.directory
                && known.params == seen.params
                && known.vars == seen.vars
                && known.when == seen.when
                && known.tags == seen.tags
        };
        let repeated = !loaded.role.allows_duplicates && self.seen.iter().any(same);
        self.seen.push(seen);
        repeated
    }

    fn role_tasks(
        &mut self,
        context: &Context,
        (request, directory): (&Request, &Path),
        meta: &Meta,
        loaded: &mut Loaded,
    ) {
        let from = request.files.tasks.as_deref();
        let Some(read) = self.role_file(context, request, directory, from) else { return };
        let mut body = Vec::new();
        if request.validates {
            body.extend(self.validation(context, request, meta, &loaded.role));
        }
        if let Some(context) = read {
            let source = Arc::clone(&context.source);
            body.extend(self.entries(&context, nodes_of(source.root.as_ref())));
        }
        loaded.entries.push(Entry::Block(Arc::new(Block {
            name: None,
            place: context.source.origin(request.span),
            parent: Arc::clone(&loaded.parent),
            body,
            rescue: Vec::new(),
            always: Vec::new(),
        })));
    }

    fn role_handlers(&mut self, context: &Context, request: &Request, directory: &Path, loaded: &mut Loaded) {
        let from = request.files.handlers.as_deref();
        if let Some(Some(context)) = self.role_file(context, request, directory, from) {
            let source = Arc::clone(&context.source);
            loaded.handlers.extend(self.handlers(&context, nodes_of(source.root.as_ref())));
        }
    }

    /// Opens a role's file of tasks or handlers; the inner none says that the role has none.
    #[expect(clippy::option_option, reason = "the doc names both")]
    fn role_file(
        &mut self,
        context: &Context,
        request: &Request,
        directory: &Path,
        from: Option<&str>,
    ) -> Option<Option<Context>> {
        let kind = context.section.directory();
        let Some(path) = role_files::one(&directory.join(kind), from) else {
            let Some(from) = from else { return Some(None) };
            let message = format!("role `{}` has no file `{kind}/{from}`", request.name);
            self.error_at(&context.source, request.span, message, format!("looked in {}", directory.display()));
            return None;
        };
        let shown: Arc<str> = path.to_string_lossy().into();
        self.refuse_cycle(context, request.span, &shown)?;
        let source = self.read(&path)?;
        self.task_list(&source)?;
        let mut chain = context.chain.clone();
        chain.push(shown);
        Some(Some(Context { source, chain, ..context.clone() }))
    }

    /// The task that checks a role's arguments, where it says what it takes.
    fn validation(&mut self, context: &Context, request: &Request, meta: &Meta, role: &Arc<Role>) -> Option<Entry> {
        let entry_point = request.files.tasks.as_deref().unwrap_or("main");
        let (source, specs) = meta.specs.as_ref()?;
        let spec = specs.as_mapping()?.get(entry_point)?;
        let module = self.loader.module("ansible.builtin.validate_argument_spec")?;
        let mapping = spec.as_mapping()?;
        let options = mapping.get("options").map_or_else(|| Value::dict(Dict::new()), |node| source.value(node));
        let about = mapping.get("short_description").and_then(Node::as_str);
        let about = about.map_or_else(String::new, |about| format!(" - {about}"));
        let named = Dict::from_iter([
            ("argument_spec".into(), options),
            ("provided_arguments".into(), Value::dict(role.params.clone())),
            ("validate_args_context".into(), validation_context(role, entry_point)),
        ]);
        let keywords = Keywords { tags: vec![Value::text("always")], ..Keywords::default() };
        let place = source.origin(spec.span);
        let name = format!("Validating arguments against arg spec '{entry_point}'{about}");
        Some(Entry::Task(Arc::new(plain_task(context, module, (name, place), named, keywords))))
    }
}

fn validation_context(role: &Role, entry_point: &str) -> Value {
    Value::dict(Dict::from_iter([
        ("type".into(), Value::text("role")),
        ("name".into(), Value::text(role.name.as_str())),
        ("argument_spec_name".into(), Value::text(entry_point)),
        ("path".into(), Value::text(role.directory.to_string_lossy().as_ref())),
    ]))
}

fn plain_task(
    context: &Context,
    module: &'static dyn modules::Module,
    (name, place): (String, crate::template::Origin),
    named: Dict,
    keywords: Keywords,
) -> Task {
    Task {
        name: Some(Value::text(name)),
        place,
        action: Action::Module(module, Arguments { named, whole: None }),
        keywords,
        parent: Arc::clone(&context.parent),
        repeat: None,
        control: super::LoopControl::default(),
        register: None,
        changed_when: None,
        failed_when: None,
        until: None,
        retries: None,
        delay: None,
        r#async: None,
        poll: None,
        notify: Vec::new(),
    }
}

fn role_context(context: &Context, parent: &Arc<Parent>, section: Section) -> Context {
    Context { parent: Arc::clone(parent), section, notify: Vec::new(), ..context.clone() }
}

/// What makes two uses of a role the same.
fn identity(found: &FoundRole, request: &Request) -> Arc<str> {
    let Request { params, keywords, files, given, repeats, .. } = request;
    let part = |(key, value): (&Key, &Value)| [&*key.to_string(), "=", &value.repr(), ","].concat();
    let texts = |values: &[Value]| values.iter().map(Value::repr).collect::<Vec<_>>().join(",");
    let dict = |dict: &Dict| dict.iter().map(part).collect::<String>();
    let vars: String = keywords.vars.iter().chain([given]).map(dict).collect();
    let start = format!("{}|{}|{vars}|{files:?}", found.directory.display(), dict(params));
    if repeats.is_some() {
        // Conditions and tags of an import or include belong to that task, not to the role.
        return format!("{start}|included").into();
    }
    format!("{start}|{}|{}", texts(&keywords.when), texts(&keywords.tags)).into()
}

/// The path from the root of the file system, links resolved where it exists.
pub fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
