//! What each host has: inventory variables, facts, and what tasks set.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use indexmap::IndexMap;

use super::Groups;
use crate::engine::deploy::connect::is_this_machine;
use crate::inventory::{Inventory, VarsResolver, vars_of_joined};
use crate::template::{Dict, Key, Origin, Value};

/// What one host has. Cheap to clone: a task sees the host as it was when the task began.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::deploy) struct HostVars {
    /// Variables of the inventory, and those that `add_host` gave.
    pub inventory: Arc<Dict>,
    /// Those that `add_host` gave; none when it did not name the host.
    pub given: Option<Arc<Dict>>,
    /// Groups that tasks have put it into, and their groups above.
    pub joined: Vec<Joined>,
    /// Whether the inventory, read anew, lists it no more.
    pub is_gone: bool,
    /// Facts, under their `ansible_` names.
    pub facts: Arc<Dict>,
    /// Whether facts were gathered in this run.
    pub has_facts: bool,
    /// Whether `meta: clear_facts` took them away in this play.
    pub forgot_facts: bool,
    /// What `include_vars` loaded.
    pub included: Arc<Dict>,
    /// What `set_fact` and `register` set.
    pub set: Arc<Dict>,
}

/// What a task has put a host into.
#[derive(Clone, Debug)]
pub(in crate::engine::deploy) struct Joined {
    groups: Vec<String>,
    parents: Vec<String>,
}

/// What all hosts of a run have.
#[derive(Debug)]
pub(in crate::engine::deploy) struct Store {
    hosts: Mutex<IndexMap<Arc<str>, HostVars>>,
    groups: Mutex<Arc<Groups>>,
    inventory: RwLock<Arc<Inventory>>,
}

impl Store {
    /// The store of an inventory in which nothing has happened yet.
    pub fn new(inventory: &Arc<Inventory>) -> Self {
        let mut resolver = VarsResolver::new(inventory);
        let mut hosts = IndexMap::new();
        for host in inventory.hosts() {
            hosts.insert(Arc::clone(host.name()), inventory_vars(&resolver.vars(host)));
        }
        Self {
            hosts: Mutex::new(hosts),
            groups: Mutex::new(Arc::new(Groups::new(inventory))),
            inventory: RwLock::new(Arc::clone(inventory)),
        }
    }

    /// What a host has, at this moment.
    pub fn host(&self, name: &str) -> Option<HostVars> {
        self.lock().get(name).cloned()
    }

    /// Whether the inventory lists the host, or tasks have named it.
    pub fn knows(&self, name: &str) -> bool {
        self.lock().get(name).is_some_and(|state| !state.is_gone)
    }

    /// The inventory as it was last read.
    pub fn inventory(&self) -> Arc<Inventory> {
        Arc::clone(&self.inventory.read().expect("nothing panics while it holds the lock"))
    }

    /// Takes the inventory as it is now: facts, what tasks set, and hosts and groups that tasks made, stay.
    pub fn refresh(&self, inventory: &Arc<Inventory>) {
        *self.inventory.write().expect("nothing panics while it holds the lock") = Arc::clone(inventory);
        let mut groups = Groups::new(inventory);
        let mut resolver = VarsResolver::new(inventory);
        let mut hosts = self.lock();
        let mut before = std::mem::take(&mut *hosts);
        for host in inventory.hosts() {
            let state = before.shift_remove(host.name()).unwrap_or_default();
            let vars = inventory_vars(&resolver.vars(host));
            hosts.insert(Arc::clone(host.name()), HostVars { inventory: vars.inventory, is_gone: false, ..state });
        }
        for (name, mut state) in before {
            // Of a host that is listed no more, the play under way keeps what it had.
            state.is_gone = state.given.is_none() && !is_this_machine(&name);
            hosts.insert(name, state);
        }
        for (name, state) in hosts.iter_mut().filter(|(_, state)| !state.is_gone) {
            for joined in &state.joined {
                groups.add(name, &joined.groups, &joined.parents);
            }
            if state.given.is_some() || !state.joined.is_empty() {
                state.inventory = Arc::new(joined_vars(inventory, name, state));
            }
        }
        *self.groups.lock().expect("nothing panics while it holds the lock") = Arc::new(groups);
    }

    /// Adds a host that the inventory does not list: an implicit `localhost`.
    pub fn ensure(&self, name: &Arc<str>) {
        let inventory = self.inventory();
        let mut hosts = self.lock();
        if hosts.contains_key(name) {
            return;
        }
        let vars = inventory.host(name).map(|host| inventory_vars(&inventory.vars(host))).unwrap_or_default();
        hosts.insert(Arc::clone(name), vars);
    }

    /// The names of all hosts that the inventory or `add_host` named.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.lock().iter().filter(|(_, state)| !state.is_gone).map(|(name, _)| Arc::clone(name)).collect()
    }

    /// The groups as they are now.
    pub fn groups(&self) -> Arc<Groups> {
        Arc::clone(&self.groups.lock().expect("nothing panics while it holds the lock"))
    }

    /// Sets variables as `set_fact` and `register` do.
    pub fn set(&self, host: &str, vars: Dict) {
        self.change(host, |state| Arc::make_mut(&mut state.set).extend(vars));
    }

    /// Sets variables as `include_vars` does.
    pub fn include(&self, host: &str, vars: Dict) {
        self.change(host, |state| Arc::make_mut(&mut state.included).extend(vars));
    }

    /// Adds facts; nothing of them is ever templated.
    pub fn add_facts(&self, host: &str, facts: &Dict) {
        self.change(host, |state| {
            let facts = facts.iter().map(|(key, value)| (key.clone(), value.distrusted()));
            Arc::make_mut(&mut state.facts).extend(facts);
        });
    }

    /// Notes that the facts of a host were gathered.
    pub fn mark_gathered(&self, host: &str) {
        self.change(host, |state| state.has_facts = true);
    }

    /// Whether the facts of a host were gathered.
    pub fn has_facts(&self, host: &str) -> bool {
        self.lock().get(host).is_some_and(|state| state.has_facts)
    }

    /// Whether nothing but its name is known of a host.
    pub fn is_implicit(&self, host: &str) -> bool {
        self.groups().hosts("all").is_none_or(|hosts| !hosts.contains(host))
    }

    /// Forgets the facts of a host (`meta: clear_facts`).
    pub fn clear_facts(&self, host: &str) {
        self.change(host, |state| {
            state.facts = Arc::default();
            state.has_facts = false;
        });
    }

    /// Forgets the facts of a host for the rest of the play: they are not gathered by themselves again.
    pub fn forget_facts(&self, host: &str) {
        self.clear_facts(host);
        self.change(host, |state| {
            state.has_facts = true;
            state.forgot_facts = true;
        });
    }

    /// A play begins: what was forgotten may be gathered again.
    pub fn begin_play(&self, host: &str) {
        self.change(host, |state| {
            if std::mem::take(&mut state.forgot_facts) {
                state.has_facts = false;
            }
        });
    }

    /// Adds a host with its groups and variables (`add_host`); tells whether anything is new.
    pub fn add_host(&self, name: &str, groups: &[String], vars: Dict) -> bool {
        let mut is_new = !self.knows(name);
        self.change(name, |state| {
            state.is_gone = false;
            let given = Arc::make_mut(state.given.get_or_insert_default());
            for (key, value) in vars {
                is_new |= given.get(&key) != Some(&value);
                given.insert(key, value);
            }
        });
        self.join(name, groups, &[]) || is_new
    }

    /// Puts a host into a group (`group_by`); tells whether that is new.
    pub fn group_by(&self, host: &str, group: &str, parents: &[String]) -> bool {
        self.join(host, &[group.to_owned()], parents)
    }

    /// Puts a host into groups: the variables that the inventory has for them hold for it too.
    fn join(&self, host: &str, groups: &[String], parents: &[String]) -> bool {
        let inventory = self.inventory();
        self.change(host, |state| {
            state.joined.push(Joined { groups: groups.to_vec(), parents: parents.to_vec() });
            state.inventory = Arc::new(joined_vars(&inventory, host, state));
        });
        let mut known = self.groups.lock().expect("nothing panics while it holds the lock");
        Arc::make_mut(&mut known).add(host, groups, parents)
    }

    fn change(&self, host: &str, change: impl FnOnce(&mut HostVars)) {
        let mut hosts = self.lock();
        change(hosts.entry(host.into()).or_default());
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<Arc<str>, HostVars>> {
        self.hosts.lock().expect("nothing panics while it holds the lock")
    }
}

/// What the inventory has for a host and for the groups that tasks put it into, and what `add_host` gave.
fn joined_vars(inventory: &Inventory, host: &str, state: &HostVars) -> Dict {
    let names = state.joined.iter().flat_map(|joined| joined.groups.iter().chain(&joined.parents));
    let joined: Vec<&str> = names.map(String::as_str).collect();
    let mut vars = inventory_dict(&vars_of_joined(inventory, host, &joined));
    vars.extend(state.given.iter().flat_map(|given| Dict::clone(given)));
    vars
}

fn inventory_vars(vars: &crate::inventory::HostVars<'_>) -> HostVars {
    HostVars { inventory: Arc::new(inventory_dict(vars)), ..HostVars::default() }
}

fn inventory_dict(vars: &crate::inventory::HostVars<'_>) -> Dict {
    let mut origins: HashMap<&str, Arc<str>> = HashMap::new();
    let mut dict = Dict::new();
    for (name, var) in vars {
        let file = origins.entry(&var.source.file).or_insert_with(|| Arc::clone(&var.source.file));
        let origin = Origin { file: Arc::clone(file), line: var.source.line.unwrap_or(0), column: 0 };
        dict.insert(Key::from(*name), Value::of_inventory(&var.value, &origin));
    }
    dict
}
