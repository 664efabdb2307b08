//! From inventory variables and arguments to the engine's plan.

use std::sync::Arc;

use anyhow::anyhow;
use serde_json::Value;
use tokio::time::Instant;

use super::CliError;
use super::amount::Amount;
use super::config::Config;
use super::password::Passwords;
use super::run_args::{PrivilegeArgs, RunArgs};
use super::selection::SelectedHosts;
use crate::engine::{ConnectionKind, Plan, PlannedHost, Work};
use crate::event::StopCause;
use crate::inventory::{self, Connection, ConnectionError, ConnectionVars};
use crate::remote::Privilege;
use crate::secret::Secret;
use crate::transport::{ConnectOptions, HostKeyPolicy, Target};

/// What hosts get where their own variables are silent; as in Ansible, a variable wins over an argument.
pub struct HostDefaults<'a> {
    /// The arguments.
    pub args: &'a PrivilegeArgs,
    /// The configuration.
    pub config: &'a Config,
    /// The passwords that were asked for or read.
    pub passwords: Passwords,
}

/// Reads every selected host's connection variables.
///
/// # Errors
/// Fails at the first variable that cannot be used.
pub fn hosts(selected: &SelectedHosts, defaults: &HostDefaults<'_>) -> Result<Vec<PlannedHost>, CliError> {
    selected.hosts.iter().map(|name| planned(name, selected, defaults)).collect()
}

/// Refuses arguments about another user where no host becomes one: the command would run as somebody else than meant.
///
/// # Errors
/// When there are such arguments, or a variable cannot be used.
pub fn refuse_idle_become(selected: &SelectedHosts, args: &PrivilegeArgs) -> Result<(), CliError> {
    let given = [
        ("--become-user", args.become_user.is_some()),
        ("--become-method", args.become_method.is_some()),
        ("--ask-become-pass", args.ask_become_pass),
        ("--become-password-file", args.become_password_file.is_some()),
    ];
    let Some((name, _)) = given.into_iter().find(|(_, given)| *given && !args.raise) else { return Ok(()) };
    for host in selected.hosts.iter().filter_map(|name| selected.inventory.host(name)) {
        if selected.inventory.connection(host)?.privilege.enabled == Some(true) {
            return Ok(());
        }
    }
    Err(CliError::usage(anyhow!("{name} means nothing here: no selected host becomes another user"))
        .hint("-b (--become) does that"))
}

/// Passwords of all hosts, for logging in and for becoming another user, which must not reach the record.
#[must_use]
pub fn passwords(hosts: &[PlannedHost]) -> Vec<String> {
    let raise = hosts.iter().filter_map(|host| host.privilege.as_ref()?.password.as_ref());
    let passwords = hosts.iter().filter_map(|host| host.target.password.as_ref()).chain(raise);
    let unique: std::collections::BTreeSet<String> = passwords.map(|secret| secret.expose().to_owned()).collect();
    unique.into_iter().collect()
}

/// Hosts in flight at once.
#[must_use]
pub fn forks(args: &RunArgs, config: &Config) -> usize {
    let given = args.limits.forks.map(|forks| forks as usize);
    given.unwrap_or(config.forks)
}

/// What runs, until when, and which exit codes count as success.
pub struct Job {
    /// What is done on each host.
    pub work: Work,
    /// When the whole run must have ended.
    pub deadline: Option<Instant>,
    /// Exit codes that count as success.
    pub ok_codes: Vec<i32>,
}

/// Puts the plan together.
#[must_use]
pub fn plan(hosts: Vec<PlannedHost>, job: Job, args: &RunArgs, config: &Config) -> Plan {
    let Job { work, deadline, ok_codes } = job;
    let limits = &args.limits;
    let total = hosts.len();
    let host_keys = if limits.accept_new_host_keys { HostKeyPolicy::AcceptNew } else { HostKeyPolicy::Strict };
    let timeout = limits.connect_timeout.unwrap_or(config.connect_timeout);
    Plan {
        work,
        forks: forks(args, config),
        batches: limits.serial.iter().map(|size| size.of(total).max(1)).collect(),
        pause: limits.pause.unwrap_or_default(),
        connect: ConnectOptions { timeout, host_keys },
        retries: limits.retries.unwrap_or(config.retries),
        timeout: limits.timeout.or(config.timeout),
        deadline,
        failure_budget: if limits.fail_fast {
            Some(0)
        } else {
            limits.max_fail.map(|amount| Amount::of(amount, total))
        },
        budget_cause: if limits.fail_fast { StopCause::FailFast } else { StopCause::Budget },
        ok_codes,
        hosts,
    }
}

/// Whether a variable means yes, as Ansible's booleans do.
#[must_use]
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => matches!(text.to_lowercase().as_str(), "yes" | "true" | "on" | "y" | "t" | "1"),
        _ => false,
    }
}

fn planned(name: &Arc<str>, selected: &SelectedHosts, defaults: &HostDefaults<'_>) -> Result<PlannedHost, CliError> {
    let host = selected.inventory.host(name).expect("a selected host is in the inventory");
    planned_host(selected.inventory.connection(host)?, defaults)
}

/// A host as its connection variables have it, completed by arguments, configuration and passwords.
///
/// # Errors
/// When the host needs a password that cannot be had.
pub fn planned_host(vars: ConnectionVars, defaults: &HostDefaults<'_>) -> Result<PlannedHost, CliError> {
    let connection = match vars.connection {
        Connection::Ssh => ConnectionKind::Ssh,
        Connection::Local => ConnectionKind::Local,
    };
    Ok(PlannedHost {
        name: Arc::clone(&vars.host),
        connection,
        privilege: privilege(&vars.privilege, defaults)?,
        shell: vars.shell_executable.clone(),
        target: target(vars, defaults)?,
    })
}

/// Where a host is, and what logs in there.
///
/// # Errors
/// When the host needs a password that cannot be had.
pub fn target(vars: ConnectionVars, defaults: &HostDefaults<'_>) -> Result<Target, CliError> {
    let password = match vars.connection {
        Connection::Ssh => password(&vars.password, defaults.passwords.connection.as_ref())?,
        Connection::Local => None,
    };
    Ok(Target {
        host: vars.host,
        address: vars.address,
        port: vars.port,
        user: vars.user.or_else(|| defaults.args.user.clone()),
        private_key_file: vars.private_key_file.or_else(|| defaults.args.private_key.clone()),
        ssh_args: vars.ssh_args,
        ssh_executable: vars.ssh_executable,
        password,
    })
}

/// A host's own password, or else the one that was given; an unusable one of its own counts only without another.
fn password(own: &Result<Option<Secret>, ConnectionError>, given: Option<&Secret>) -> Result<Option<Secret>, CliError> {
    match (own, given) {
        (Ok(Some(password)), _) => Ok(Some(password.clone())),
        (Err(error), None) => Err(error.clone().into()),
        (_, given) => Ok(given.cloned()),
    }
}

fn privilege(vars: &inventory::Privilege, defaults: &HostDefaults<'_>) -> Result<Option<Privilege>, CliError> {
    if !vars.enabled.unwrap_or(defaults.args.raise) {
        return Ok(None);
    }
    let method = vars.method.or(defaults.args.become_method).unwrap_or(defaults.config.become_method);
    let user = vars.user.clone().or_else(|| defaults.args.become_user.clone());
    Ok(Some(Privilege {
        method,
        user: user.unwrap_or_else(|| "root".into()),
        password: password(&vars.password, defaults.passwords.raise.as_ref())?,
        executable: vars.executable.clone(),
        flags: (!vars.flags.is_empty()).then(|| vars.flags.join(" ")),
    }))
}
