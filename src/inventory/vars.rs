//! Variables with the place each came from, and Ansible's precedence between them.
//!
//! Weakest first: `all` in the sources, groups in the sources (by depth, priority, name), `group_vars/all` beside the
//! sources, then beside the playbook, `group_vars` of the groups beside both, then the host: sources, `host_vars`
//! beside the sources, then beside the playbook. A stronger value replaces a weaker one whole.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Host, Inventory};

/// Where a variable was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// The line, where the format has lines.
    pub line: Option<u32>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// A variable's value and origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// The value; vaulted and unsafe strings in the form of [`crate::yaml::Node::to_value`].
    pub value: Value,
    /// Where it was set.
    pub source: Source,
}

/// Variables by name, in the order in which they were first set.
pub type Vars = IndexMap<Arc<str>, Var>;

/// The variables that hold for one host, borrowed from an inventory.
pub type HostVars<'a> = IndexMap<&'a str, &'a Var>;

/// Variables of one group or host from the directories beside the sources and the playbook.
#[derive(Clone, Debug, Default)]
pub(super) struct Adjacent {
    /// One for each directory beside a source, in the order of the sources; shorter when the rest is empty.
    pub(super) sources: Vec<Vars>,
    /// Beside the playbook.
    pub(super) play: Vars,
}

/// Resolves the variables of many hosts; hosts in the same groups share the work.
pub struct VarsResolver<'a> {
    inventory: &'a Inventory,
    of_groups: HashMap<&'a [usize], HostVars<'a>>,
}

impl<'a> VarsResolver<'a> {
    /// A resolver for hosts of `inventory`.
    #[must_use]
    pub fn new(inventory: &'a Inventory) -> Self {
        Self { inventory, of_groups: HashMap::new() }
    }

    /// All variables that hold for `host`.
    pub fn vars(&mut self, host: &'a Host) -> HostVars<'a> {
        let inventory = self.inventory;
        let groups = self.of_groups.entry(&host.groups).or_insert_with(|| group_vars(inventory, &host.groups));
        let mut vars = groups.clone();
        of_host(&mut vars, host);
        vars
    }
}

/// All variables that hold for a host that is in the groups `joined` besides those of the inventory, which may not know
/// it at all.
#[must_use]
pub fn vars_of_joined<'a>(inventory: &'a Inventory, name: &str, joined: &[&str]) -> HostVars<'a> {
    let host = inventory.hosts.get(name);
    let mut direct = host.map(|host| host.groups.clone()).unwrap_or_default();
    direct.extend(joined.iter().filter_map(|group| inventory.groups.get_index_of(*group)));
    let mut vars = group_vars(inventory, &direct);
    joined.iter().filter_map(|group| inventory.spare.groups.get(*group)).for_each(|group| of_files(&mut vars, group));
    match host {
        Some(host) => of_host(&mut vars, host),
        None => inventory.spare.hosts.get(name).into_iter().for_each(|host| of_files(&mut vars, host)),
    }
    vars
}

/// Variables in files for what no source defines, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Spare {
    /// For groups.
    pub groups: HashMap<Arc<str>, Adjacent>,
    /// For hosts.
    pub hosts: HashMap<Arc<str>, Adjacent>,
}

fn of_host<'a>(vars: &mut HostVars<'a>, host: &'a Host) {
    extend(vars, &host.vars);
    of_files(vars, &host.adjacent);
}

fn of_files<'a>(vars: &mut HostVars<'a>, adjacent: &'a Adjacent) {
    adjacent.sources.iter().for_each(|adjacent| extend(vars, adjacent));
    extend(vars, &adjacent.play);
}

fn group_vars<'a>(inventory: &'a Inventory, direct: &[usize]) -> HostVars<'a> {
    let all = inventory.all_group();
    let groups = inventory.groups_by_precedence(direct);
    let roots = inventory.groups().map(|group| group.adjacent.sources.len()).max().unwrap_or(0);
    let mut vars = HostVars::new();
    extend(&mut vars, &all.vars);
    for group in &groups {
        extend(&mut vars, &group.vars);
    }
    all.adjacent.sources.iter().for_each(|adjacent| extend(&mut vars, adjacent));
    extend(&mut vars, &all.adjacent.play);
    for root in 0..roots {
        let adjacent = groups.iter().filter_map(|group| group.adjacent.sources.get(root));
        adjacent.for_each(|adjacent| extend(&mut vars, adjacent));
    }
    for group in &groups {
        extend(&mut vars, &group.adjacent.play);
    }
    vars
}

fn extend<'a>(vars: &mut HostVars<'a>, stronger: &'a Vars) {
    vars.extend(stronger.iter().map(|(name, var)| (&**name, var)));
}
