//! Variables that Ansible sets itself.

use std::path::Path;
use std::sync::{Arc, RwLock};

use indexmap::IndexSet;

use super::hostvars::{HostvarsObject, ScopeObject};
use super::{HostVars, Layers, TaskScope};
use crate::playbook::{Parent, Role};
use crate::template::{Dict, Key, SearchPath, Templar, Value};

/// The names that are always there.
pub(super) const NAMES: &[&str] = &[
    "ansible_check_mode",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_name",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "omit",
    "play_hosts",
    "playbook_dir",
];

/// What is known of the run and of the play under way.
#[derive(Debug, Default)]
pub(in crate::engine::deploy) struct RunFacts {
    /// Names with a value that holds for the whole play.
    pub fixed: Dict,
    /// Hosts of the batch that are still in the play: `ansible_play_hosts`.
    pub alive: RwLock<Vec<Arc<str>>>,
    /// All hosts of the batch: `ansible_play_batch` once those that failed are taken away.
    pub batch: Vec<Arc<str>>,
    /// All hosts of the play.
    pub all: Vec<Arc<str>>,
}

/// Who asks.
pub(super) struct Asked<'a> {
    pub layers: &'a Layers,
    pub host: &'a Arc<str>,
    pub vars: &'a HostVars,
    pub parent: Option<&'a Arc<Parent>>,
    pub search: &'a Arc<SearchPath>,
}

/// The value of a name that Ansible sets itself.
pub(super) fn get(name: &str, asked: &Asked<'_>) -> Option<Value> {
    let run = &asked.layers.run;
    let alive = || run.alive.read().expect("nothing panics while it holds the lock");
    Some(match name {
        "inventory_hostname" => Value::text(Arc::clone(asked.host)),
        "inventory_hostname_short" => Value::text(asked.host.split('.').next().unwrap_or_default()),
        "groups" => asked.layers.store.groups().value(),
        "group_names" => asked.layers.store.groups().of(asked.host),
        "hostvars" => {
            Value::Object(Arc::new(HostvarsObject { layers: asked.layers.clone(), search: Arc::clone(asked.search) }))
        }
        "vars" => vars(asked),
        "omit" => Value::Omit,
        "ansible_play_hosts" | "play_hosts" => names(&alive()),
        "ansible_play_batch" => {
            let alive = alive();
            names(&run.batch.iter().filter(|host| alive.contains(host)).cloned().collect::<Vec<_>>())
        }
        "ansible_play_hosts_all" => names(&run.all),
        "role_path" => path(&asked.parent?.role()?.directory),
        "role_name" | "ansible_role_name" => Value::text(asked.parent?.role()?.name.as_str()),
        "ansible_parent_role_names" => parents(asked, |role| Value::text(role.name.as_str()))?,
        "ansible_parent_role_paths" => parents(asked, |role| path(&role.directory))?,
        "ansible_collection_name" => Value::text(asked.parent?.role()?.collection.clone()?),
        "ansible_search_path" => {
            Value::list(asked.search.directories.iter().map(|directory| path(directory)).collect())
        }
        // Of the second, anybody may say something else.
        "environment" | DEFAULT => return None,
        "inventory_dir" | "inventory_file" => inventory(name, asked)?,
        _ => return run.fixed.get(name).cloned(),
    })
}

/// The one magic variable that is weaker than all others.
const DEFAULT: &str = "ansible_managed";

/// What [`DEFAULT`] is where nobody says it.
pub fn default(name: &str, layers: &Layers) -> Option<Value> {
    if name == DEFAULT { layers.run.fixed.get(name).cloned() } else { None }
}

/// `vars`: everything that the host has, seen from no task.
fn vars(asked: &Asked<'_>) -> Value {
    let scope = TaskScope::new(asked.layers, asked.host, None, Arc::clone(asked.search));
    let environment = Arc::clone(&asked.layers.environment);
    let templar = Templar::new(environment, Arc::new(scope), Arc::clone(asked.search));
    Value::Object(Arc::new(ScopeObject { templar }))
}

fn inventory(name: &str, asked: &Asked<'_>) -> Option<Value> {
    asked.vars.inventory.get(name).or_else(|| asked.layers.run.fixed.get(name)).cloned()
}

/// Of the roles whose `include_role` or `import_role` made this one run, nearest first; there may be none.
fn parents(asked: &Asked<'_>, tell: impl Fn(&Role) -> Value) -> Option<Value> {
    let mut roles = asked.parent?.levels().filter_map(|level| level.role.as_ref());
    let own = roles.next()?;
    let parents: Vec<Value> = roles
        .filter(|role| !own.parents.iter().any(|dependent| dependent.directory == role.directory))
        .map(|role| tell(role))
        .collect();
    (!parents.is_empty()).then(|| Value::list(parents))
}

/// The names of a play's roles: of those that it lists itself, of those that these depend on, and of all.
pub fn role_names(roles: &[Arc<Role>]) -> Dict {
    let (listed, depended): (Vec<_>, Vec<_>) = roles.iter().partition(|role| role.parents.is_empty());
    let own: Vec<&str> = listed.iter().map(|role| role.name.as_str()).collect();
    let dependent: IndexSet<&str> = depended.iter().map(|role| role.name.as_str()).collect();
    let all: IndexSet<&str> = dependent.iter().chain(&own).copied().collect();
    let value = |names: Vec<&str>| Value::list(names.into_iter().map(Value::text).collect());
    let (own, dependent, all) = (value(own), value(dependent.into_iter().collect()), value(all.into_iter().collect()));
    [
        ("role_names", own.clone()),
        ("ansible_play_role_names", own),
        ("dependent_role_names", dependent.clone()),
        ("ansible_dependent_role_names", dependent),
        ("ansible_role_names", all),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect()
}

fn names(hosts: &[Arc<str>]) -> Value {
    Value::list(hosts.iter().map(|host| Value::text(Arc::clone(host))).collect())
}

fn path(path: &Path) -> Value {
    Value::text(path.to_string_lossy())
}

/// Facts as `ansible_facts` has them: without their prefix.
pub(super) fn without_prefix(facts: &Dict) -> Value {
    let entry = |(key, value): (&Key, &Value)| {
        let name = key.as_str().filter(|name| *name != "ansible_local").and_then(|name| name.strip_prefix("ansible_"));
        (name.map_or_else(|| key.clone(), Key::from), value.clone())
    };
    Value::dict(facts.iter().map(entry).collect::<Dict>())
}
