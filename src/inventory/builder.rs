//! Puts an inventory together: groups, hosts, edges and variables as the sources name them, then the rules that
//! hold at the end.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::vars::{Adjacent, Spare};
use super::{Group, Host, Inventory, LOCALHOST, Source, Var, Vars};
use crate::vault::Vault;

/// Most hosts of one inventory, so that a slip such as `web[1:999999999]` ends in a message.
const HOST_LIMIT: usize = 1_000_000;

/// What cannot be added, as a lower-case fragment.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("group `{child}` cannot be a child of `{parent}`: that closes a circle")]
    Cycle { parent: Arc<str>, child: Arc<str> },
    #[error("ansible_group_priority must be a whole number")]
    Priority,
    #[error("more than {HOST_LIMIT} hosts")]
    TooMany,
    #[error("a {0} name cannot be empty")]
    Empty(&'static str),
}

/// An inventory under construction.
#[derive(Debug)]
pub struct Builder {
    groups: IndexMap<Arc<str>, Group>,
    hosts: IndexMap<Arc<str>, Host>,
    names: HashSet<Arc<str>>,
}

/// Index of the group `all`.
pub const ALL: usize = 0;
/// Index of the group `ungrouped`.
pub const UNGROUPED: usize = 1;

impl Builder {
    /// An inventory of `all` and `ungrouped`.
    pub fn new() -> Self {
        let mut builder = Self { groups: IndexMap::new(), hosts: IndexMap::new(), names: HashSet::new() };
        builder.insert_group("all");
        builder.insert_group("ungrouped");
        builder.link(ALL, UNGROUPED);
        builder
    }

    /// Whether a group of that name is known.
    pub fn group_index(&self, name: &str) -> Option<usize> {
        self.groups.get_index_of(name)
    }

    /// Adds a group unless it is known.
    pub fn add_group(&mut self, name: &str) -> Result<usize, BuildError> {
        if name.is_empty() {
            return Err(BuildError::Empty("group"));
        }
        Ok(self.group_index(name).unwrap_or_else(|| self.insert_group(name)))
    }

    fn insert_group(&mut self, name: &str) -> usize {
        let name = self.intern(name);
        let group = Group {
            name: Arc::clone(&name),
            vars: Vars::new(),
            adjacent: Adjacent::default(),
            children: Vec::new(),
            parents: Vec::new(),
            hosts: IndexSet::new(),
            depth: 0,
            priority: 1,
        };
        self.groups.insert_full(name, group).0
    }

    /// Adds a host unless it is known, and puts it into `group`.
    pub fn add_host(&mut self, name: &str, group: usize) -> Result<usize, BuildError> {
        if name.is_empty() {
            return Err(BuildError::Empty("host"));
        }
        let index = match self.hosts.get_index_of(name) {
            Some(index) => index,
            None if self.hosts.len() >= HOST_LIMIT => return Err(BuildError::TooMany),
            None => {
                let name = self.intern(name);
                self.hosts.insert_full(Arc::clone(&name), new_host(name)).0
            }
        };
        if self.groups[group].hosts.insert(index) {
            self.hosts[index].groups.push(group);
        }
        Ok(index)
    }

    /// Puts group `child` into group `parent`.
    pub fn add_child(&mut self, parent: usize, child: usize) -> Result<(), BuildError> {
        if self.groups[parent].children.contains(&child) {
            return Ok(());
        }
        if self.is_within(parent, child) {
            let name = |group: usize| Arc::clone(&self.groups[group].name);
            return Err(BuildError::Cycle { parent: name(parent), child: name(child) });
        }
        self.link(parent, child);
        Ok(())
    }

    fn link(&mut self, parent: usize, child: usize) {
        self.groups[parent].children.push(child);
        self.groups[child].parents.push(parent);
    }

    /// Whether `group` is `ancestor` or stands anywhere below it.
    fn is_within(&self, group: usize, ancestor: usize) -> bool {
        let mut found = IndexSet::from([group]);
        let mut next = 0;
        while let Some(&group) = found.get_index(next) {
            if group == ancestor {
                return true;
            }
            found.extend(self.groups[group].parents.iter().copied());
            next += 1;
        }
        false
    }

    /// Sets a group's variable; `ansible_group_priority` is the group's own.
    pub fn set_group_var(&mut self, group: usize, name: &str, value: Value, source: Source) -> Result<(), BuildError> {
        if name == "ansible_group_priority" {
            self.groups[group].priority = priority(&value).ok_or(BuildError::Priority)?;
            return Ok(());
        }
        let name = self.intern(name);
        self.groups[group].vars.insert(name, Var { value, source });
        Ok(())
    }

    /// Sets a host's variable.
    pub fn set_host_var(&mut self, host: usize, name: &str, value: Value, source: Source) {
        let name = self.intern(name);
        self.hosts[host].vars.insert(name, Var { value, source });
    }

    fn intern(&mut self, name: &str) -> Arc<str> {
        if let Some(name) = self.names.get(name) {
            return Arc::clone(name);
        }
        let name: Arc<str> = Arc::from(name);
        self.names.insert(Arc::clone(&name));
        name
    }

    /// Applies the rules that hold at the end: every group is within `all`, a host without a group is in `ungrouped`,
    /// a host with a group is not.
    pub fn finish(mut self) -> Inventory {
        for group in 1..self.groups.len() {
            if self.groups[group].parents.is_empty() {
                self.link(ALL, group);
            }
        }
        self.sort_out_ungrouped();
        self.set_depths();
        let implicit = LOCALHOST.iter().map(|name| (Arc::from(*name), implicit_host(name))).collect();
        Inventory { groups: self.groups, hosts: self.hosts, implicit, spare: Spare::default(), vault: Vault::default() }
    }

    fn sort_out_ungrouped(&mut self) {
        let is_grouped = |host: &Host| host.groups.iter().any(|group| ![ALL, UNGROUPED].contains(group));
        for (index, host) in self.hosts.values_mut().enumerate() {
            if is_grouped(host) {
                host.groups.retain(|group| *group != UNGROUPED);
            } else if self.groups[UNGROUPED].hosts.insert(index) {
                host.groups.push(UNGROUPED);
            }
        }
        let hosts = &self.hosts;
        self.groups[UNGROUPED].hosts.retain(|host| hosts[*host].groups.contains(&UNGROUPED));
    }

    /// A group's depth is the longest way from `all` to it.
    fn set_depths(&mut self) {
        let mut changed = vec![ALL];
        while let Some(group) = changed.pop() {
            let depth = self.groups[group].depth + 1;
            for child in self.groups[group].children.clone() {
                if self.groups[child].depth < depth {
                    self.groups[child].depth = depth;
                    changed.push(child);
                }
            }
        }
    }
}

fn new_host(name: Arc<str>) -> Host {
    Host { name, vars: Vars::new(), adjacent: Adjacent::default(), groups: Vec::new() }
}

fn implicit_host(name: &str) -> Host {
    let source = Source { file: Arc::from("implicit localhost"), line: None };
    let local = Var { value: Value::from("local"), source };
    Host { vars: Vars::from_iter([(Arc::from("ansible_connection"), local)]), ..new_host(Arc::from(name)) }
}

fn priority(value: &Value) -> Option<i64> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "a priority is cut to a whole number, as Ansible does")]
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(value) => Some(i64::from(*value)),
        _ => None,
    }
}
