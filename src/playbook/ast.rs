//! The tree that a playbook becomes. Values are as written: templates in them are computed when they are used.

use std::path::PathBuf;
use std::sync::Arc;

use super::Keywords;
use crate::modules::Module;
use crate::template::{Dict, Origin, Value};
use crate::yaml::Diagnostic;

/// A playbook with all that it imports.
#[derive(Clone, Debug)]
pub struct Playbook {
    /// The file, as the user named it.
    pub path: Arc<str>,
    /// Its plays, those of imported playbooks among them, in order.
    pub plays: Vec<Arc<Play>>,
    /// What the reader should know: removed syntax, keywords without effect.
    pub warnings: Vec<Diagnostic>,
    /// Every file that was read, in order, for the record.
    pub files: Vec<PathBuf>,
}

/// One play.
#[derive(Debug)]
pub struct Play {
    /// `name`.
    pub name: Option<Value>,
    /// Where it stands.
    pub place: Origin,
    /// `hosts`: a pattern, or a list of patterns.
    pub hosts: Value,
    /// The directory of the playbook file: `playbook_dir` of this play.
    pub directory: PathBuf,
    /// What it hands down: the root of every [`Parent`] chain within it.
    pub root: Arc<Parent>,
    /// `gather_facts`.
    pub gather_facts: Option<Value>,
    /// `gather_subset`.
    pub gather_subset: Option<Value>,
    /// `gather_timeout`, in seconds.
    pub gather_timeout: Option<Value>,
    /// `fact_path`.
    pub fact_path: Option<Value>,
    /// `serial`, as a list.
    pub serial: Vec<Value>,
    /// `strategy`.
    pub strategy: Option<Value>,
    /// `order`.
    pub order: Option<Value>,
    /// `max_fail_percentage`.
    pub max_fail_percentage: Option<Value>,
    /// `force_handlers`.
    pub force_handlers: Option<Value>,
    /// `vars_files`: each a name or a list of alternatives.
    pub vars_files: Vec<Value>,
    /// `vars_prompt`.
    pub vars_prompt: Vec<Prompt>,
    /// The roles of `roles:` with their dependencies, in order. A repeat that would never run has no tasks; others are
    /// told by [`Role::identity`].
    pub roles: Vec<Arc<Role>>,
    /// `pre_tasks`.
    pub pre_tasks: Vec<Entry>,
    /// The tasks of `roles`, one block a role.
    pub role_tasks: Vec<Entry>,
    /// `tasks`.
    pub tasks: Vec<Entry>,
    /// `post_tasks`.
    pub post_tasks: Vec<Entry>,
    /// Handlers of its roles, then its own, then those of roles that are imported: the order in which they run.
    /// Of several with one name the last counts.
    pub handlers: Vec<Arc<Handler>>,
}

/// A question before the play.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The variable.
    pub name: String,
    /// What is asked.
    pub prompt: Option<Value>,
    /// The value when nothing is typed.
    pub default: Option<Value>,
    /// Whether what is typed is hidden.
    pub private: bool,
    /// Whether it is typed twice.
    pub confirm: bool,
    /// The hash that is made of it (`sha512_crypt`, …).
    pub encrypt: Option<String>,
    /// Length of the hash's salt.
    pub salt_size: Option<i64>,
    /// The hash's salt.
    pub salt: Option<Value>,
    /// Whether the value is never templated.
    pub r#unsafe: bool,
}

/// A role that is used: by a play, as a dependency, or by `import_role` and `include_role`.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name as written: `common`, `geerlingguy.nginx`, `community.general.x`.
    pub name: String,
    /// `namespace.collection`, when it is a collection's.
    pub collection: Option<String>,
    /// Its directory: `role_path`.
    pub directory: PathBuf,
    /// `defaults/main.yml` or what `defaults_from` names.
    pub defaults: Dict,
    /// `vars/main.yml` or what `vars_from` names.
    pub vars: Dict,
    /// Parameters: unknown keys of its entry under `roles:` or `dependencies:`.
    pub params: Dict,
    /// Roles whose `meta` made it come along, nearest first.
    pub parents: Vec<Arc<Role>>,
    /// Roles that its `meta/main.yml` depends on, in order.
    pub dependencies: Vec<Arc<Role>>,
    /// The same for two uses of a role with the same parameters, conditions, tags and variables: the second one is not
    /// run on a host where the first one ran, unless it [allows](Self::allows_duplicates) that.
    pub identity: Arc<str>,
    /// Whether it runs again where it ran before: `allow_duplicates`, of its `meta` or of what imports or includes it.
    pub allows_duplicates: bool,
    /// Whether its variables are seen by the whole play (`public`; always so under `roles:` and for `import_role`).
    pub is_public: bool,
    /// Where it is used.
    pub place: Origin,
}

/// A task or a block.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A task.
    Task(Arc<Task>),
    /// A block.
    Block(Arc<Block>),
}

/// Tasks with what rescues them and what always follows.
#[derive(Debug)]
pub struct Block {
    /// `name`.
    pub name: Option<Value>,
    /// Where it stands.
    pub place: Origin,
    /// Its own keywords and those above.
    pub parent: Arc<Parent>,
    /// `block`.
    pub body: Vec<Entry>,
    /// `rescue`.
    pub rescue: Vec<Entry>,
    /// `always`.
    pub always: Vec<Entry>,
}

/// One level of what hands keywords down: a play, role, block, import or include.
#[derive(Debug)]
pub struct Parent {
    /// The level's keywords.
    pub keywords: Keywords,
    /// The level above; none for a play.
    pub up: Option<Arc<Parent>>,
    /// The role, at the level where one begins.
    pub role: Option<Arc<Role>>,
    /// Variables that an include or import passes on; stronger than `vars` of blocks and tasks within.
    pub include_vars: Dict,
    /// The directory of the file whose tasks stand here, where it differs from the level above.
    pub directory: Option<PathBuf>,
    /// Whether a `rescue` around it catches what fails.
    pub rescued: bool,
}

/// One task.
#[derive(Debug)]
pub struct Task {
    /// `name`.
    pub name: Option<Value>,
    /// Where it stands.
    pub place: Origin,
    /// What it does.
    pub action: Action,
    /// Its own keywords.
    pub keywords: Keywords,
    /// The level above.
    pub parent: Arc<Parent>,
    /// `loop` or `with_*`.
    pub repeat: Option<Loop>,
    /// `loop_control`.
    pub control: LoopControl,
    /// `register`.
    pub register: Option<String>,
    /// `changed_when`, as a list; all must hold. None when not given.
    pub changed_when: Option<Vec<Value>>,
    /// `failed_when`, as a list; all must hold. None when not given.
    pub failed_when: Option<Vec<Value>>,
    /// `until`, as a list; all must hold. None when not given.
    pub until: Option<Vec<Value>>,
    /// `retries`.
    pub retries: Option<Value>,
    /// `delay`, in seconds.
    pub delay: Option<Value>,
    /// `async`, in seconds.
    pub r#async: Option<Value>,
    /// `poll`, in seconds.
    pub poll: Option<Value>,
    /// `notify`.
    pub notify: Vec<Value>,
}

/// A handler.
#[derive(Debug)]
pub struct Handler {
    /// Its task; an include may stand here too.
    pub task: Arc<Task>,
    /// `listen`.
    pub listen: Vec<Value>,
}

/// What a task does.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one for a task, and an inclusion is about to be followed")]
pub enum Action {
    /// Runs a module.
    Module(&'static dyn Module, Arguments),
    /// Runs a module whose name is a template (`action: "{{ ansible_pkg_mgr }} name=x"`).
    Named(Value, Arguments),
    /// Loads tasks or a role while the run goes on.
    Include(Include),
    /// Ends, flushes, refreshes: the word of `meta`.
    Meta(Value),
}

/// A task's arguments as written. Unknown names and literal values of the wrong type were refused when it was loaded.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// By name; free-form text is `_raw_params`.
    pub named: Dict,
    /// `args: "{{ name }}"`: a template that gives a dictionary; entries of `named` win.
    pub whole: Option<Value>,
}

/// `include_tasks`, `include_role` (and `include`).
#[derive(Clone, Debug)]
pub struct Include {
    /// What is included.
    pub kind: IncludeKind,
    /// Arguments: `file`, or `name`, `tasks_from`, `vars_from`, `defaults_from`, `handlers_from`, `public`,
    /// `allow_duplicates`, `rolespec_validate`.
    pub arguments: Arguments,
    /// `apply`: keywords of what is included.
    pub apply: Keywords,
}

/// What is included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncludeKind {
    /// A file of tasks.
    Tasks,
    /// A role.
    Role,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Where its items come from.
    pub source: LoopSource,
    /// The value of the keyword.
    pub value: Value,
}

/// Where a loop's items come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoopSource {
    /// `loop`: the value is the list.
    List,
    /// `with_X`: the value holds the terms of lookup `X`.
    Lookup(String),
}

/// `loop_control`.
#[derive(Clone, Debug, Default)]
pub struct LoopControl {
    /// `loop_var`; `item` unless told.
    pub loop_var: Option<Value>,
    /// `index_var`.
    pub index_var: Option<Value>,
    /// `label`.
    pub label: Option<Value>,
    /// `pause`, in seconds.
    pub pause: Option<Value>,
    /// `extended`.
    pub extended: Option<Value>,
    /// `extended_allitems`.
    pub extended_allitems: Option<Value>,
    /// `break_when`, as a list.
    pub break_when: Vec<Value>,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Module(module, arguments) => write!(f, "{} {arguments:?}", module.spec().name),
            Self::Named(name, arguments) => write!(f, "{name} {arguments:?}"),
            Self::Include(include) => include.fmt(f),
            Self::Meta(word) => write!(f, "meta {word}"),
        }
    }
}

impl Parent {
    /// The level of a play.
    #[must_use]
    pub fn root(keywords: Keywords) -> Self {
        Self { keywords, up: None, role: None, include_vars: Dict::new(), directory: None, rescued: false }
    }

    /// A level below another one.
    #[must_use]
    pub fn below(up: &Arc<Self>, keywords: Keywords) -> Self {
        Self { up: Some(Arc::clone(up)), rescued: up.rescued, ..Self::root(keywords) }
    }

    /// This level and those above, nearest first.
    pub fn levels(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |level| level.up.as_ref())
    }

    /// The role that this level stands in.
    #[must_use]
    pub fn role(self: &Arc<Self>) -> Option<&Arc<Role>> {
        self.levels().find_map(|level| level.role.as_ref())
    }
}

impl Task {
    /// A task with nothing said of it but what it does and where it stands.
    #[must_use]
    pub fn new(place: Origin, action: Action, parent: Arc<Parent>) -> Self {
        Self {
            name: None,
            place,
            action,
            keywords: Keywords::default(),
            parent,
            repeat: None,
            control: LoopControl::default(),
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

    /// The nearest setting of a keyword: the task's own, else that of the levels above.
    pub fn keyword<'a>(&'a self, pick: impl Fn(&'a Keywords) -> Option<&'a Value>) -> Option<&'a Value> {
        pick(&self.keywords).or_else(|| self.parent.levels().find_map(|level| pick(&level.keywords)))
    }
}
