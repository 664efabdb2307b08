//! Playbooks and inventory, read before anything is touched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::config::Config;
use crate::cli::inventory_args::load_inventory_with;
use crate::cli::{AnsibleConfig, CliError, InventoryArgs, warn_all};
use crate::inventory::{HostPattern, Inventory, LoadOptions, Loaded};
use crate::playbook::Playbook;
use crate::template::Value;
use crate::vault::Vault;
use crate::yaml::Diagnostic;

/// The hosts that the plays name; all of them where a pattern is a template.
pub fn touched(playbooks: &[Playbook], loaded: &Loaded, limit: Option<&HostPattern>) -> Vec<Arc<str>> {
    let mut hosts = indexmap::IndexSet::new();
    for play in playbooks.iter().flat_map(|playbook| &playbook.plays) {
        let parts = play.hosts.as_list().unwrap_or(std::slice::from_ref(&play.hosts));
        let is_template = parts.iter().any(|part| matches!(part, Value::String(text) if text.is_active()));
        let pattern = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let pattern = if is_template { "all" } else { pattern.as_str() };
        let selected = HostPattern::parse(pattern).map(|pattern| loaded.inventory.select(&pattern, limit).hosts);
        hosts.extend(selected.unwrap_or_default());
    }
    hosts.into_iter().collect()
}

/// Gives the playbooks; everything that is wrong with any of them is told.
///
/// # Errors
/// When anything is.
pub fn playbooks(
    read: impl Iterator<Item = Result<Playbook, Vec<Diagnostic>>>,
    quiet: bool,
) -> Result<Vec<Playbook>, CliError> {
    let mut playbooks = Vec::new();
    let mut errors = Vec::new();
    for playbook in read {
        match playbook {
            Ok(playbook) => playbooks.push(playbook),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        if !quiet {
            let warnings = playbooks.iter().flat_map(|playbook| &playbook.warnings);
            warn_all(&warnings.map(ToString::to_string).collect::<Vec<_>>());
        }
        return Ok(playbooks);
    }
    Err(refused(&errors))
}

/// The error that tells of all that is wrong.
pub fn refused(errors: &[Diagnostic]) -> CliError {
    let shown = |error: &Diagnostic| {
        let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("{error}{hint}")
    };
    CliError::usage(anyhow!("{}", errors.iter().map(shown).collect::<Vec<_>>().join("\n")))
}

/// Where an inventory is looked for when nobody names one.
const DEFAULT: &str = "/etc/ansible/hosts";

/// Loads the inventory, with the variables that stand beside a playbook in `directory`.
///
/// # Errors
/// When it cannot be loaded.
pub fn inventory(
    args: &InventoryArgs,
    directory: Option<PathBuf>,
    (config, ansible): (&Config, &AnsibleConfig),
    vault: Vault,
    quiet: bool,
) -> Result<Loaded, CliError> {
    let options =
        LoadOptions { playbook_dir: directory, vault: (!vault.is_empty()).then_some(vault), ..LoadOptions::default() };
    let configured = if config.inventory.is_empty() { ansible.inventory() } else { config.inventory.clone() };
    let is_silent = args.inventory.is_empty() && configured.is_empty();
    // As Ansible does: without an inventory there is this machine alone, which is reached without SSH.
    let loaded = if is_silent && std::env::var_os("ANSIBLE_INVENTORY").is_none() && !Path::new(DEFAULT).exists() {
        let loaded = Inventory::load(&[], &options)?;
        Loaded { warnings: Vec::new(), ..loaded }
    } else {
        load_inventory_with(args, &configured, options)?
    };
    if !quiet {
        warn_all(&loaded.warnings);
    }
    Ok(loaded)
}
