//! Which hosts are in which groups: the inventory's, and those that tasks add.

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::inventory::Inventory;
use crate::template::{Dict, Key, Value};

/// The hosts of every group, those of the groups within it among them.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::deploy) struct Groups {
    members: IndexMap<Arc<str>, IndexSet<Arc<str>>>,
    /// `groups` as templates see it.
    shown: Option<Value>,
}

impl Groups {
    pub fn new(inventory: &Inventory) -> Self {
        let mut members: IndexMap<Arc<str>, IndexSet<Arc<str>>> = IndexMap::new();
        for group in inventory.groups() {
            let hosts = inventory.hosts_within(group).into_iter().map(|host| Arc::clone(host.name())).collect();
            members.insert(Arc::clone(group.name()), hosts);
        }
        let all: IndexSet<Arc<str>> = inventory.hosts().map(|host| Arc::clone(host.name())).collect();
        members.insert("all".into(), all);
        members.entry("ungrouped".into()).or_default();
        let mut groups = Self { members, shown: None };
        groups.shown = Some(groups.show());
        groups
    }

    /// Adds a host to groups and to `parents` above them; tells whether that is new.
    pub fn add(&mut self, host: &str, groups: &[String], parents: &[String]) -> bool {
        let mut is_new = false;
        let names = groups.iter().chain(parents).map(String::as_str).chain(["all"]);
        let ungrouped = if groups.is_empty() { Some("ungrouped") } else { None };
        for name in names.chain(ungrouped) {
            is_new |= self.members.entry(name.into()).or_default().insert(host.into());
        }
        if !groups.is_empty()
            && let Some(ungrouped) = self.members.get_mut("ungrouped")
        {
            ungrouped.shift_remove(host);
        }
        self.shown = Some(self.show());
        is_new
    }

    /// The hosts of a group.
    pub fn hosts(&self, group: &str) -> Option<&IndexSet<Arc<str>>> {
        self.members.get(group)
    }

    /// The groups that a host is in, `all` left out, sorted: `group_names`.
    pub fn of(&self, host: &str) -> Value {
        let mut names: Vec<&Arc<str>> = self
            .members
            .iter()
            .filter(|(name, hosts)| &***name != "all" && hosts.contains(host))
            .map(|(name, _)| name)
            .collect();
        names.sort();
        Value::list(names.into_iter().map(|name| Value::text(Arc::clone(name))).collect())
    }

    /// `groups` as templates see it.
    pub fn value(&self) -> Value {
        self.shown.clone().unwrap_or_else(|| self.show())
    }

    fn show(&self) -> Value {
        let hosts =
            |hosts: &IndexSet<Arc<str>>| Value::list(hosts.iter().map(|host| Value::text(Arc::clone(host))).collect());
        let entry = |(name, members): (&Arc<str>, _)| (Key::Text(Arc::clone(name)), hosts(members));
        Value::dict(self.members.iter().map(entry).collect::<Dict>())
    }
}
