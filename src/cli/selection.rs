//! Which hosts a run is about.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::config::Config;
use super::inventory_args::load_inventory_with;
use super::run_args::RunArgs;
use super::{CliError, ExitCode, limit, warn_all};
use crate::inventory::{HostPattern, Inventory, LoadOptions, Loaded, LoadedFile};

/// The outcome of selecting.
pub enum Selected {
    /// At least one host.
    Hosts(Box<SelectedHosts>),
    /// There is nothing to run; the process ends with this code.
    Ended(ExitCode),
}

/// The hosts of a run, and where they come from.
pub struct SelectedHosts {
    /// The inventory.
    pub inventory: Inventory,
    /// Files it was read from.
    pub files: Vec<LoadedFile>,
    /// What its vaulted values hold.
    pub secrets: Vec<String>,
    /// Names, in order, none twice.
    pub hosts: Vec<Arc<str>>,
    /// What is odd about the inventory and the patterns.
    pub warnings: Vec<String>,
}

/// The outcome of choosing from an inventory.
pub enum Chosen {
    /// At least one host; with what is odd about the patterns.
    Hosts(Vec<Arc<str>>, Vec<String>),
    /// There is nothing to run; the process ends with this code.
    Ended(ExitCode),
}

/// Loads the inventory and selects by pattern, `--limit` and `--rerun`.
///
/// # Errors
/// Fails when the inventory or a pattern is wrong, or when no host matches (exit code 5).
pub fn select(pattern: &str, args: &RunArgs, config: &Config, journal_dir: &Path) -> Result<Selected, CliError> {
    let vault = args.vault.vault_if_any()?;
    let options = LoadOptions { vault, ..LoadOptions::default() };
    let loaded = load_inventory_with(&args.inventory, &config.inventory, options)?;
    if !args.output.quiet {
        warn_all(&loaded.warnings);
    }
    let (hosts, warnings) = match choose(&loaded, pattern, args, journal_dir)? {
        Chosen::Hosts(hosts, warnings) => (hosts, warnings),
        Chosen::Ended(code) => return Ok(Selected::Ended(code)),
    };
    let warnings = [loaded.warnings, warnings].concat();
    let (inventory, files, secrets) = (loaded.inventory, loaded.files, loaded.secrets);
    Ok(Selected::Hosts(Box::new(SelectedHosts { inventory, files, secrets, hosts, warnings })))
}

/// Selects hosts of an inventory by pattern, `--limit` and `--rerun`.
///
/// # Errors
/// Fails when a pattern is wrong, or when no host matches (exit code 5).
pub fn choose(loaded: &Loaded, pattern: &str, args: &RunArgs, journal_dir: &Path) -> Result<Chosen, CliError> {
    let pattern_read = HostPattern::parse(pattern)?;
    let limit = limit(&args.inventory)?;
    let selection = loaded.inventory.select(&pattern_read, limit.as_ref());
    let hosts = match &args.limits.rerun {
        Some(rerun) => {
            let (hosts, note) = rerun.keep(selection.hosts, journal_dir)?;
            if !args.output.quiet {
                // Nowhere is left to report that standard error is gone.
                let _ = writeln!(std::io::stderr(), "{note}");
            }
            hosts
        }
        None => selection.hosts,
    };
    if hosts.is_empty() {
        return nothing_matched(pattern, args, &selection.warnings);
    }
    if !args.output.quiet {
        warn_all(&selection.warnings);
    }
    if args.limits.list_hosts {
        return list(&hosts);
    }
    Ok(Chosen::Hosts(hosts, selection.warnings))
}

fn nothing_matched(pattern: &str, args: &RunArgs, warnings: &[String]) -> Result<Chosen, CliError> {
    if args.limits.allow_empty {
        return Ok(Chosen::Ended(ExitCode::Ok));
    }
    let limit = args.inventory.limit.as_ref().map(|limit| format!(" with --limit `{limit}`"));
    let rerun = args.limits.rerun.as_ref().map(|_| " among those that are due again");
    let message = anyhow!("no host matches `{pattern}`{}{}", limit.unwrap_or_default(), rerun.unwrap_or_default());
    let error = CliError::with_code(ExitCode::NoHosts, message);
    let error = warnings.iter().fold(error, |error, warning| error.hint(warning.clone()));
    Err(error.hint("`opsctl inventory graph` shows hosts and groups"))
}

fn list(hosts: &[Arc<str>]) -> Result<Chosen, CliError> {
    let text: String = hosts.iter().flat_map(|host| [host, "\n"]).collect();
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("the hosts cannot be listed").map_err(CliError::from)
        }
        _ => Ok(Chosen::Ended(ExitCode::Ok)),
    }
}
