//! The variables that one task on one host sees.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock, RwLock};

use super::facts::{FactsWanted, may_be_fact};
use super::magic::{self, RunFacts};
use super::{HostVars, Store};
use crate::playbook::{Parent, Role, Task};
use crate::template::{Dict, Environment, Key, Scope, SearchPath, Value};

/// What a play contributes, for all of its hosts.
#[derive(Debug, Default)]
pub(in crate::engine::deploy) struct PlayVars {
    /// Variables on the command line; nothing is stronger.
    pub extra: Arc<Dict>,
    /// `vars_files`.
    pub files: PlayFiles,
    /// Answers to `vars_prompt`.
    pub prompted: Dict,
    /// `vars` of the play.
    pub vars: Dict,
    /// Roles whose variables and defaults the whole play sees, in order.
    pub roles: std::sync::Mutex<Vec<Arc<Role>>>,
}

/// What `vars_files` hold: the same for all hosts, or of each its own.
#[derive(Debug, Default)]
pub(in crate::engine::deploy) struct PlayFiles {
    shared: Dict,
    own: RwLock<HashMap<Arc<str>, Arc<Dict>>>,
}

impl PlayFiles {
    /// Those that are the same for all hosts.
    pub fn shared(vars: Dict) -> Self {
        Self { shared: vars, own: RwLock::default() }
    }

    /// Gives a host its own.
    pub fn set(&self, host: &Arc<str>, vars: Arc<Dict>) {
        self.own.write().expect("nothing panics while it holds the lock").insert(Arc::clone(host), vars);
    }

    fn own(&self, host: &Arc<str>) -> Option<Arc<Dict>> {
        self.own.read().expect("nothing panics while it holds the lock").get(host).cloned()
    }

    fn get(&self, host: &Arc<str>, name: &str) -> Option<Value> {
        self.shared.get(name).cloned().or_else(|| self.own(host)?.get(name).cloned())
    }
}

/// What is the same for every task of a play on every host.
#[derive(Clone, Debug)]
pub(in crate::engine::deploy) struct Layers {
    /// What hosts have.
    pub store: Arc<Store>,
    /// The play's own variables.
    pub play: Arc<PlayVars>,
    /// What is known of the run.
    pub run: Arc<RunFacts>,
    /// What templates share.
    pub environment: Arc<Environment>,
    /// Facts asked for before they were gathered.
    pub wanted: FactsWanted,
}

/// The variables that one task on one host sees.
#[derive(Debug)]
pub(in crate::engine::deploy) struct TaskScope {
    layers: Layers,
    host: Arc<str>,
    vars: HostVars,
    /// The task; none for the templates of a play itself.
    task: Option<Arc<Task>>,
    /// Loop variables, the task's own result, and what else is set for this one evaluation.
    local: Dict,
    search: Arc<SearchPath>,
    names: OnceLock<Vec<Arc<str>>>,
}

impl TaskScope {
    pub fn new(layers: &Layers, host: &Arc<str>, task: Option<&Arc<Task>>, search: Arc<SearchPath>) -> Self {
        let vars = layers.store.host(host).unwrap_or_default();
        let (layers, host, task) = (layers.clone(), Arc::clone(host), task.cloned());
        Self { layers, host, vars, task, local: Dict::new(), search, names: OnceLock::new() }
    }

    /// The same with further variables that are stronger than all others.
    pub fn with(mut self, local: Dict) -> Self {
        self.local.extend(local);
        self
    }

    fn parent(&self) -> Option<&Arc<Parent>> {
        self.task.as_ref().map(|task| &task.parent)
    }

    fn role(&self) -> Option<&Arc<Role>> {
        self.parent().and_then(Parent::role)
    }

    fn of_includes(&self, name: &str) -> Option<&Value> {
        self.parent()?.levels().find_map(|level| level.include_vars.get(name))
    }

    fn of_task(&self, name: &str) -> Option<&Value> {
        let task = self.task.as_ref()?;
        let own = task.keywords.vars.as_ref().and_then(|vars| vars.get(name));
        own.or_else(|| {
            let levels = task.parent.levels().take_while(|level| level.up.is_some());
            levels.filter_map(|level| level.keywords.vars.as_ref()).find_map(|vars| vars.get(name))
        })
    }

    fn of_roles(&self, name: &str, pick: impl Fn(&Role) -> &Dict) -> Option<Value> {
        let own = self.role().and_then(|role| {
            let found = pick(role).get(name).cloned();
            found
                .or_else(|| role.dependencies.iter().rev().find_map(|role| of_dependency(role, name, &pick)))
                .or_else(|| role.parents.iter().find_map(|role| pick(role).get(name).cloned()))
        });
        own.or_else(|| {
            let roles = self.layers.play.roles.lock().expect("nothing panics while it holds the lock");
            roles.iter().rev().find_map(|role| pick(role).get(name).cloned())
        })
    }

    fn of_facts(&self, name: &str) -> Option<Value> {
        if name == "ansible_facts" {
            return Some(magic::without_prefix(&self.vars.facts));
        }
        self.vars.facts.get(name).cloned()
    }

    fn lookup(&self, name: &str) -> Option<Value> {
        let play = &self.layers.play;
        let params = |name: &str| self.role().and_then(|role| role.params.get(name));
        self.local
            .get(name)
            .cloned()
            .or_else(|| self.magic(name))
            .or_else(|| play.extra.get(name).cloned())
            .or_else(|| self.of_includes(name).cloned())
            .or_else(|| params(name).cloned())
            .or_else(|| self.vars.set.get(name).cloned())
            .or_else(|| self.vars.included.get(name).cloned())
            .or_else(|| self.of_task(name).cloned())
            .or_else(|| self.of_roles(name, |role| &role.vars))
            .or_else(|| play.files.get(&self.host, name))
            .or_else(|| play.prompted.get(name).cloned())
            .or_else(|| play.vars.get(name).cloned())
            .or_else(|| self.of_facts(name))
            .or_else(|| self.vars.inventory.get(name).cloned())
            .or_else(|| self.of_roles(name, |role| &role.defaults))
            .or_else(|| magic::default(name, &self.layers))
            .or_else(|| self.address(name))
    }

    /// `ansible_host`, which every task knows: the host's name where nothing else is said.
    fn address(&self, name: &str) -> Option<Value> {
        (name == "ansible_host" && self.task.is_some()).then(|| Value::text(Arc::clone(&self.host)))
    }

    fn magic(&self, name: &str) -> Option<Value> {
        magic::get(
            name,
            &magic::Asked {
                layers: &self.layers,
                host: &self.host,
                vars: &self.vars,
                parent: self.parent(),
                search: &self.search,
            },
        )
    }

    fn all_names(&self) -> Vec<Arc<str>> {
        let mut names = BTreeSet::new();
        let mut add = |dict: &Dict| {
            names.extend(dict.keys().filter_map(Key::as_str).map(Arc::<str>::from));
        };
        let play = &self.layers.play;
        [&self.local, &play.extra, &self.vars.set, &self.vars.included, &self.vars.facts, &self.vars.inventory]
            .into_iter()
            .for_each(&mut add);
        [&play.files.shared, &play.prompted, &play.vars].into_iter().for_each(&mut add);
        play.files.own(&self.host).iter().for_each(|vars| add(vars));
        for role in play.roles.lock().expect("nothing panics while it holds the lock").iter() {
            [&role.vars, &role.defaults].into_iter().for_each(&mut add);
        }
        if let Some(task) = &self.task {
            task.keywords.vars.iter().for_each(&mut add);
            for level in task.parent.levels() {
                level.keywords.vars.iter().for_each(&mut add);
                add(&level.include_vars);
            }
            if let Some(role) = task.parent.role() {
                [&role.vars, &role.defaults, &role.params].into_iter().for_each(&mut add);
            }
        }
        names.extend(magic::NAMES.iter().map(|name| Arc::from(*name)));
        names.into_iter().collect()
    }
}

/// The variable of a role or of those it depends on.
fn of_dependency(role: &Role, name: &str, pick: &impl Fn(&Role) -> &Dict) -> Option<Value> {
    let found = pick(role).get(name).cloned();
    found.or_else(|| role.dependencies.iter().rev().find_map(|role| of_dependency(role, name, pick)))
}

impl Scope for TaskScope {
    fn get(&self, name: &str) -> Option<Value> {
        let is_asked_early = !self.vars.has_facts && may_be_fact(name);
        let found = self.lookup(name);
        if is_asked_early && (found.is_none() || name == "ansible_facts") {
            self.layers.wanted.note(&self.host);
        }
        found
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.names.get_or_init(|| self.all_names()).clone()
    }
}
