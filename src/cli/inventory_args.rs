//! Which inventory, and which of its hosts: arguments that several subcommands share.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::CliError;
use crate::inventory::{
    ConnectionError, HostPattern, Inventory, InventoryError, LoadOptions, Loaded, PatternError, ProgramGroup,
    ProgramOptions,
};
use crate::render::{self, Color, Terminal};

/// Ansible's own default inventory.
const SYSTEM_INVENTORY: &str = "/etc/ansible/hosts";

/// Which inventory, and which of its hosts.
#[derive(Args, Clone, Debug, Default)]
pub struct InventoryArgs {
    /// Inventory: a file, a directory, a program, or a comma list of hosts (`web1,web2,`); may be given several times
    #[arg(short, long = "inventory", value_name = "SOURCE", global = true, value_hint = ValueHint::AnyPath)]
    pub inventory: Vec<String>,
    /// Keep only hosts that this pattern selects too; `@FILE` reads one a line
    #[arg(short, long, value_name = "PATTERN", global = true)]
    pub limit: Option<String>,
}

/// Loads the inventory that the arguments, the configuration, `ANSIBLE_INVENTORY` or the system name, in this order.
///
/// # Errors
/// When none is named, or it cannot be loaded.
pub fn load_inventory(args: &InventoryArgs, configured: &[String]) -> Result<Loaded, CliError> {
    load_inventory_with(args, configured, LoadOptions::default())
}

/// The same with a playbook's directory and a vault, as `options` have them.
///
/// # Errors
/// When none is named, or it cannot be loaded.
pub fn load_inventory_with(
    args: &InventoryArgs,
    configured: &[String],
    options: LoadOptions,
) -> Result<Loaded, CliError> {
    let sources = sources(args, configured)?;
    // At a terminal Ctrl-C must reach an inventory program; elsewhere its children must end with it at the limit.
    let group = if std::io::stdin().is_terminal() { ProgramGroup::Shared } else { ProgramGroup::Own };
    let options = LoadOptions { programs: ProgramOptions { timeout: program_timeout()?, group }, ..options };
    Ok(Inventory::load(&sources, &options)?)
}

/// Reads the `--limit` pattern.
///
/// # Errors
/// When it has no meaning.
pub fn limit(args: &InventoryArgs) -> Result<Option<HostPattern>, CliError> {
    Ok(args.limit.as_deref().map(HostPattern::parse).transpose()?)
}

/// Writes warnings to standard error.
pub fn warn_all(warnings: &[String]) {
    let palette = Terminal::of_stderr().palette(Color::Auto);
    for warning in warnings {
        // Nowhere is left to report that standard error is gone.
        let _ = render::warn(&mut std::io::stderr(), palette, warning);
    }
}

fn sources(args: &InventoryArgs, configured: &[String]) -> Result<Vec<String>, CliError> {
    if !args.inventory.is_empty() {
        return Ok(args.inventory.clone());
    }
    if !configured.is_empty() {
        return Ok(configured.to_vec());
    }
    if let Some(value) = std::env::var("ANSIBLE_INVENTORY").ok().filter(|value| !value.is_empty()) {
        return Ok(split_sources(&value));
    }
    if Path::new(SYSTEM_INVENTORY).exists() {
        return Ok(vec![SYSTEM_INVENTORY.to_owned()]);
    }
    let hint = "give one with -i FILE, set OPSCTL_INVENTORY, or write `inventory: FILE` into opsctl.yml";
    Err(CliError::usage(anyhow::anyhow!("no inventory is named")).hint(hint))
}

/// Splits a list of paths; a list of host names, which says so by its last comma, stays whole.
pub(super) fn split_sources(value: &str) -> Vec<String> {
    if value.ends_with(',') || Path::new(value).exists() {
        return vec![value.to_owned()];
    }
    value.split(',').map(|source| source.trim().to_owned()).collect()
}

fn program_timeout() -> Result<Duration, CliError> {
    let Ok(value) = std::env::var("OPSCTL_INVENTORY_TIMEOUT") else {
        return Ok(LoadOptions::default().programs.timeout);
    };
    let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0);
    let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    timeout.ok_or_else(|| {
        CliError::usage(anyhow::anyhow!("OPSCTL_INVENTORY_TIMEOUT must be a number of seconds above 0, not `{value}`"))
    })
}

impl From<InventoryError> for CliError {
    fn from(error: InventoryError) -> Self {
        let hint = error.hint();
        let error = Self::usage(error);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<PatternError> for CliError {
    fn from(error: PatternError) -> Self {
        let hint = error.hint();
        let error = Self::usage(error);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<ConnectionError> for CliError {
    fn from(error: ConnectionError) -> Self {
        let hint = error.hint();
        Self::usage(error).hint(hint)
    }
}
