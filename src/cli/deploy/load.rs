//! Playbooks and inventory, read before anything is touched.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::config::Config;
use crate::cli::inventory_args::load_inventory_with;
use crate::cli::{AnsibleConfig, CliError, InventoryArgs, warn_all};
use crate::inventory::{HostPattern, Inventory, LoadOptions, Loaded};
use crate::playbook::Playbook;
use crate::template::{Origin, Value, check_value};
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

/// What could never be computed in variables of the inventory, which may serve other playbooks too.
fn wrong_templates(inventory: &Inventory) -> Vec<String> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for var in inventory.written_vars() {
        let (file, line) = (Arc::clone(&var.source.file), var.source.line.unwrap_or(0));
        let value = Value::of_inventory(&var.value, &Origin { file: Arc::clone(&file), line, column: 0 });
        for error in check_value(&value) {
            let line = error.origin.as_ref().map_or(line, |origin| origin.line);
            // A file beside both the inventory and the playbook is known by two names.
            let path = Path::new(&*file).canonicalize().unwrap_or_else(|_| PathBuf::from(&*file));
            if seen.insert((path, line, error.message.clone())) {
                found.push(format!("{file}:{line}: if this variable is used, the task fails: {}", error.message));
            }
        }
    }
    found
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
    let mut loaded = loaded;
    loaded.warnings.extend(wrong_templates(&loaded.inventory));
    if !quiet {
        warn_all(&loaded.warnings);
    }
    Ok(loaded)
}
