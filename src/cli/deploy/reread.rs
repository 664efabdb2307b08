//! The inventory, read anew while playbooks run (`meta: refresh_inventory`).

use std::path::PathBuf;
use std::sync::Arc;

use super::{Base, load};
use crate::cli::config::Config;
use crate::cli::{AnsibleConfig, InventoryArgs, confirm};
use crate::inventory::{HostPattern, Inventory};
use crate::playbook::Playbook;
use crate::render::host_set;

/// What the inventory was read with, to read it again.
pub struct Reread {
    /// `-i` and `-l`.
    pub args: InventoryArgs,
    /// Where the first playbook stands.
    pub directory: Option<PathBuf>,
    /// The configuration.
    pub configs: (Config, AnsibleConfig),
    /// What else it is loaded with.
    pub base: Base,
    /// What runs.
    pub playbooks: Vec<Playbook>,
    /// `--limit`.
    pub limit: Option<HostPattern>,
    /// Which protected hosts may be touched.
    pub allowed: Allowed,
}

/// Which protected hosts may be touched.
pub enum Allowed {
    /// All of them.
    All,
    /// Those that a person has seen.
    Hosts(Vec<Arc<str>>),
}

impl Reread {
    /// The inventory as it is now.
    ///
    /// # Errors
    /// When it cannot be read, or names protected hosts that nobody has confirmed.
    pub fn read(&self) -> Result<Arc<Inventory>, String> {
        let (config, ansible) = &self.configs;
        let loaded = self.base.inventory(&self.args, self.directory.clone(), (config, ansible), true);
        let loaded = loaded.map_err(|error| format!("{:#}", error.error))?;
        if let Allowed::Hosts(seen) = &self.allowed {
            let mut hosts = load::touched(&self.playbooks, &loaded, self.limit.as_ref());
            hosts.retain(|host| !seen.contains(host));
            let new = confirm::protected_among(&loaded.inventory, &hosts);
            if !new.is_empty() {
                return Err(format!("it names protected hosts that nobody has confirmed: {}", host_set(&new)));
            }
        }
        Ok(Arc::new(loaded.inventory))
    }
}
