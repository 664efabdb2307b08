//! An inventory in the shapes of `ansible-inventory --list`, as JSON and as YAML.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Group, Host, HostVars, Inventory, VarsResolver};

/// What `ansible-inventory --list` prints; serialises without copying a variable.
pub struct JsonListing<'a> {
    inventory: &'a Inventory,
    hosts: Vec<&'a Host>,
    names: HashSet<&'a str>,
}

/// What `ansible-inventory --list --yaml` prints.
pub struct YamlListing<'a>(JsonListing<'a>);

impl<'a> JsonListing<'a> {
    /// Lists `hosts` (names in the inventory) and the groups they are in.
    #[must_use]
    pub fn new(inventory: &'a Inventory, hosts: &[Arc<str>]) -> Self {
        let hosts: Vec<&Host> = hosts.iter().filter_map(|name| inventory.hosts.get(name)).collect();
        let names = hosts.iter().map(|host| &**host.name()).collect();
        Self { inventory, hosts, names }
    }

    /// The same hosts in the YAML shape.
    #[must_use]
    pub fn into_yaml(self) -> YamlListing<'a> {
        YamlListing(self)
    }

    fn members(&self, group: &'a Group) -> Vec<&'a str> {
        if &*group.name == "all" {
            return Vec::new();
        }
        let names = self.inventory.members(group).map(|host| &**host.name());
        names.filter(|name| self.names.contains(name)).collect()
    }
}

/// Variables that Ansible makes itself; `ansible-inventory` leaves them out even when an inventory sets them.
pub(super) const INTERNAL: [&str; 33] = [
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "groups",
    "group_names",
    "hostvars",
    "playbook_dir",
    "play_hosts",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
];

#[derive(Serialize)]
struct JsonGroup<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hosts: Vec<&'a str>,
}

impl Serialize for JsonListing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_meta", &Meta(self))?;
        for group in self.inventory.groups() {
            let children = self.inventory.children(group).map(|child| &**child.name()).collect();
            let group_body = JsonGroup { children, hosts: self.members(group) };
            if !group_body.children.is_empty() || !group_body.hosts.is_empty() {
                map.serialize_entry(&**group.name(), &group_body)?;
            }
        }
        map.end()
    }
}

struct Meta<'a, 'l>(&'l JsonListing<'a>);

impl Serialize for Meta<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("hostvars", &AllHostVars(self.0))?;
        map.serialize_entry("profile", "inventory_legacy")?;
        map.end()
    }
}

struct AllHostVars<'a, 'l>(&'l JsonListing<'a>);

impl Serialize for AllHostVars<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut resolver = VarsResolver::new(self.0.inventory);
        let mut map = serializer.serialize_map(None)?;
        for host in &self.0.hosts {
            let vars = OwnVars(resolver.vars(host));
            if vars.shown().next().is_some() {
                map.serialize_entry(&**host.name(), &vars)?;
            }
        }
        map.end()
    }
}

struct OwnVars<'a>(HostVars<'a>);

impl<'a> OwnVars<'a> {
    fn shown(&self) -> impl Iterator<Item = (&&'a str, &&'a super::Var)> {
        self.0.iter().filter(|(name, _)| !INTERNAL.contains(name))
    }
}

impl Serialize for OwnVars<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.shown().map(|(name, var)| (name, &var.value)))
    }
}

impl Serialize for YamlListing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seen = Seen {
            groups: RefCell::default(),
            hosts: RefCell::default(),
            resolver: RefCell::new(VarsResolver::new(self.0.inventory)),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("all", &YamlGroup { listing: &self.0, seen: &seen, group: self.0.inventory.all_group() })?;
        map.end()
    }
}

/// Groups and hosts are written whole only where they come first.
struct Seen<'a> {
    groups: RefCell<HashSet<&'a str>>,
    hosts: RefCell<HashSet<&'a str>>,
    resolver: RefCell<VarsResolver<'a>>,
}

#[derive(Clone, Copy)]
struct YamlGroup<'a, 'l> {
    listing: &'l JsonListing<'a>,
    seen: &'l Seen<'a>,
    group: &'a Group,
}

impl Serialize for YamlGroup<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.listing.inventory.children(self.group).next().is_some() {
            map.serialize_entry("children", &YamlChildren(*self))?;
        }
        if !self.listing.members(self.group).is_empty() {
            map.serialize_entry("hosts", &YamlHosts(*self))?;
        }
        map.end()
    }
}

struct YamlChildren<'a, 'l>(YamlGroup<'a, 'l>);

impl Serialize for YamlChildren<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for group in self.0.listing.inventory.children(self.0.group) {
            if self.0.seen.groups.borrow_mut().insert(group.name()) {
                map.serialize_entry(&**group.name(), &YamlGroup { group, ..self.0 })?;
            } else {
                map.serialize_entry(&**group.name(), &serde_json::Map::new())?;
            }
        }
        map.end()
    }
}

struct YamlHosts<'a, 'l>(YamlGroup<'a, 'l>);

impl Serialize for YamlHosts<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let YamlGroup { listing, seen, group } = self.0;
        let mut map = serializer.serialize_map(None)?;
        for name in listing.members(group) {
            let host = seen.hosts.borrow_mut().insert(name).then(|| &listing.inventory.hosts[name]);
            let vars = host.map(|host| seen.resolver.borrow_mut().vars(host)).unwrap_or_default();
            map.serialize_entry(name, &OwnVars(vars))?;
        }
        map.end()
    }
}
