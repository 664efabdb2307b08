//! Which hosts a run is about.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use super::config::Config;
use super::run_args::RunArgs;
use super::{CliError, ExitCode, limit, load_inventory, warn_all};
use crate::inventory::{HostPattern, Inventory, LoadedFile};

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
    /// Names, in order, none twice.
    pub hosts: Vec<Arc<str>>,
    /// What is odd about the inventory and the patterns.
    pub warnings: Vec<String>,
}

/// Loads the inventory and selects by pattern, `--limit` and `--rerun`.
///
/// # Errors
/// Fails when the inventory or a pattern is wrong, or when no host matches (exit code 5).
pub fn select(pattern: &str, args: &RunArgs, config: &Config, journal_dir: &Path) -> Result<Selected, CliError> {
    let loaded = load_inventory(&args.inventory, &config.inventory)?;
    let pattern_read = HostPattern::parse(pattern)?;
    let limit = limit(&args.inventory)?;
    let selection = loaded.inventory.select(&pattern_read, limit.as_ref());
    if !args.output.quiet {
        warn_all(&loaded.warnings);
    }
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
    let warnings = [loaded.warnings, selection.warnings].concat();
    Ok(Selected::Hosts(Box::new(SelectedHosts { inventory: loaded.inventory, files: loaded.files, hosts, warnings })))
}

fn nothing_matched(pattern: &str, args: &RunArgs, warnings: &[String]) -> Result<Selected, CliError> {
    if args.limits.allow_empty {
        return Ok(Selected::Ended(ExitCode::Ok));
    }
    let limit = args.inventory.limit.as_ref().map(|limit| format!(" with --limit `{limit}`"));
    let rerun = args.limits.rerun.as_ref().map(|_| " among those that are due again");
    let message = anyhow!("no host matches `{pattern}`{}{}", limit.unwrap_or_default(), rerun.unwrap_or_default());
    let error = CliError::with_code(ExitCode::NoHosts, message);
    let error = warnings.iter().fold(error, |error, warning| error.hint(warning.clone()));
    Err(error.hint("`opsctl inventory graph` shows hosts and groups"))
}

fn list(hosts: &[Arc<str>]) -> Result<Selected, CliError> {
    let text: String = hosts.iter().flat_map(|host| [host, "\n"]).collect();
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("the hosts cannot be listed").map_err(CliError::from)
        }
        _ => Ok(Selected::Ended(ExitCode::Ok)),
    }
}
