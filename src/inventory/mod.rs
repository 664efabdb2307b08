//! Who: hosts, groups, variables and host patterns.
//!
//! Reads Ansible's inventories (YAML, INI, directories, programs, lists of names) with Ansible's meaning and
//! precedence. Opens no connections and prints nothing.

mod address;
mod builder;
mod connection;
mod connection_error;
mod error;
mod files;
mod glob;
mod graph;
mod host_list;
mod ini_source;
mod listing;
mod load;
mod pattern;
mod python_literal;
mod python_string;
mod range;
mod script_source;
mod select;
mod shell_words;
mod template_reference;
mod vars;
mod vars_files;
mod vaulted;
mod yaml_source;

pub use connection::{Connection, ConnectionVars, Privilege, PrivilegeMethod};
pub use connection_error::ConnectionError;
pub use error::InventoryError;
pub use files::LoadedFile;
pub use graph::{GraphVars, IsSecret, graph, shown};
pub use listing::{JsonListing, YamlListing};
pub use load::{LoadOptions, Loaded, ProgramGroup, ProgramOptions};
pub use pattern::{HostPattern, PatternError};
pub use select::Selection;
pub use template_reference::ReferenceError;
pub use vars::{HostVars, Source, Var, Vars, VarsResolver, vars_of_joined};

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use crate::vault::Vault;
use vars::Adjacent;

/// Names that mean this machine when the inventory does not define them.
const LOCALHOST: [&str; 3] = ["127.0.0.1", "localhost", "::1"];

/// All hosts and groups of the given sources. Immutable once loaded.
#[derive(Clone, Debug)]
pub struct Inventory {
    groups: IndexMap<Arc<str>, Group>,
    hosts: IndexMap<Arc<str>, Host>,
    /// Stand-ins for [`LOCALHOST`] names that no source defines.
    implicit: IndexMap<Arc<str>, Host>,
    /// Variables of groups and hosts that no source defines; tasks may.
    spare: vars::Spare,
    /// Opens vaulted connection variables.
    vault: Vault,
}

/// A group of hosts and of other groups.
#[derive(Clone, Debug)]
pub struct Group {
    name: Arc<str>,
    vars: Vars,
    adjacent: Adjacent,
    children: Vec<usize>,
    parents: Vec<usize>,
    hosts: IndexSet<usize>,
    depth: usize,
    priority: i64,
}

impl Group {
    /// The group's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// `ansible_group_priority`: among groups of one depth the larger one wins.
    #[must_use]
    pub fn priority(&self) -> i64 {
        self.priority
    }
}

/// A host as the inventory names it.
#[derive(Clone, Debug)]
pub struct Host {
    name: Arc<str>,
    vars: Vars,
    adjacent: Adjacent,
    /// Groups that name the host themselves.
    groups: Vec<usize>,
}

impl Host {
    /// The host's inventory name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }
}

impl Inventory {
    /// Reads all `sources`, later ones on top of earlier ones.
    ///
    /// # Errors
    /// When a source is missing, cannot be read, or says something that has no meaning.
    pub fn load(sources: &[String], options: &LoadOptions) -> Result<Loaded, InventoryError> {
        load::load(sources, options)
    }

    /// The hosts, in the order in which the sources name them.
    #[must_use]
    pub fn hosts(&self) -> impl ExactSizeIterator<Item = &Host> {
        self.hosts.values()
    }

    /// The groups, in the order in which the sources name them; `all` and `ungrouped` come first.
    #[must_use]
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.groups.values()
    }

    /// All variables as they were written, those of files beside the sources and the playbook among them.
    pub fn written_vars(&self) -> impl Iterator<Item = &Var> {
        let of_groups = self.groups.values().map(|group| (&group.vars, &group.adjacent));
        let of_hosts = self.hosts.values().map(|host| (&host.vars, &host.adjacent));
        let all = of_groups.chain(of_hosts);
        all.flat_map(|(own, files)| std::iter::once(own).chain(&files.sources).chain([&files.play]))
            .flat_map(|vars| vars.values())
    }

    /// Finds a host; `localhost`, `127.0.0.1` and `::1` are always found.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.get(name).or_else(|| self.localhost(name))
    }

    /// Finds a group.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The groups directly within `group`, in order.
    pub fn children<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Group> {
        group.children.iter().map(|&child| &self.groups[child])
    }

    /// The hosts that `group` itself names, in order.
    pub fn members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Host> {
        group.hosts.iter().map(|&host| &self.hosts[host])
    }

    /// The hosts of `group` and of all groups within it, nearest first, none twice.
    #[must_use]
    pub fn hosts_within(&self, group: &Group) -> Vec<&Host> {
        let mut found = IndexSet::new();
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([group]);
        while let Some(group) = queue.pop_front() {
            found.extend(group.hosts.iter().copied());
            queue.extend(self.children(group).filter(|child| seen.insert(Arc::clone(&child.name))));
        }
        found.into_iter().map(|host| &self.hosts[host]).collect()
    }

    /// All groups that hold the host, `all` left out, sorted by name.
    #[must_use]
    pub fn groups_of(&self, host: &Host) -> Vec<&Group> {
        self.groups_above(&host.groups)
    }

    fn groups_above(&self, direct: &[usize]) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.ancestry(direct).into_iter().map(|group| &self.groups[group]).collect();
        groups.retain(|group| &*group.name != "all");
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups
    }

    /// All variables that hold for `host`, each with its origin. For many hosts use a [`VarsResolver`].
    #[must_use]
    pub fn vars<'a>(&'a self, host: &'a Host) -> HostVars<'a> {
        VarsResolver::new(self).vars(host)
    }

    /// How `host` is reached and which user commands run as, from its variables.
    ///
    /// # Errors
    /// When a variable has no usable value, or asks for what is not supported.
    pub fn connection(&self, host: &Host) -> Result<ConnectionVars, ConnectionError> {
        connection::connection_vars(self, host)
    }

    /// What a name of this machine means where no source defines it: the first other name of this machine that one
    /// does define, else a host with a local connection.
    fn localhost(&self, name: &str) -> Option<&Host> {
        let implicit = self.implicit.get(name)?;
        let defined = LOCALHOST.iter().filter_map(|name| self.hosts.get_full(*name));
        Some(defined.min_by_key(|(place, ..)| *place).map_or(implicit, |(_, _, host)| host))
    }

    fn all_group(&self) -> &Group {
        &self.groups[0]
    }

    /// The host's groups without `all`, weakest first.
    fn groups_by_precedence(&self, direct: &[usize]) -> Vec<&Group> {
        let mut groups = self.groups_above(direct);
        groups.sort_by_key(|group| (group.depth, group.priority));
        groups
    }

    /// `groups` and all groups above them.
    fn ancestry(&self, groups: &[usize]) -> IndexSet<usize> {
        let mut found: IndexSet<usize> = groups.iter().copied().collect();
        let mut next = 0;
        while let Some(&group) = found.get_index(next) {
            found.extend(self.groups[group].parents.iter().copied());
            next += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests;
