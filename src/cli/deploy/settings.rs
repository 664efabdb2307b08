//! What `ansible.cfg` says of connections, where neither the command line nor opsctl's own configuration does.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::config::Config;
use crate::cli::run_args::PrivilegeArgs;
use crate::cli::{AnsibleConfig, CliError};
use crate::inventory::PrivilegeMethod;
use crate::render::{Color, TaskView};
use crate::transport::HostKeyPolicy;

/// How hosts are reached.
pub struct Settings {
    /// As whom.
    pub privilege: PrivilegeArgs,
    /// Hosts in flight at once.
    pub forks: usize,
    /// Limit for one connection attempt.
    pub connect_timeout: Duration,
    /// Connection variables of hosts that have none of these names.
    pub ssh_args: Vec<(&'static str, String)>,
    /// Whether unknown host keys are taken.
    pub host_keys: HostKeyPolicy,
    /// Further connection attempts.
    pub retries: u32,
    /// How much is said of tasks.
    pub tasks: TaskView,
    /// The file that it is appended to.
    pub log: Option<PathBuf>,
    /// When to use colour, if it says.
    pub color: Option<Color>,
    /// Settings that have no effect here.
    pub warnings: Vec<String>,
}

/// Completes arguments and configuration by what `ansible.cfg` says.
///
/// # Errors
/// When a setting would change what playbooks mean in a way that is not supported.
pub fn of(args: &PrivilegeArgs, config: &Config, ansible: &AnsibleConfig) -> Result<Settings, CliError> {
    if ansible.text("hash_behaviour") == Some("merge") {
        let error = anyhow!("ansible.cfg: hash_behaviour = merge is not supported");
        return Err(CliError::usage(error).hint("merge with the filter `combine(recursive=true)` where it is meant"));
    }
    if ansible.boolean("no_log") == Some(true) {
        let error = anyhow!("ansible.cfg: no_log = true is not supported");
        return Err(CliError::usage(error).hint("write `no_log: true` into the plays"));
    }
    let mut warnings = Vec::new();
    let mut privilege = args.clone();
    let text = |name: &str| ansible.text(name).map(str::to_owned);
    privilege.user = privilege.user.or_else(|| text("remote_user"));
    privilege.private_key = privilege.private_key.or_else(|| text("private_key_file").map(PathBuf::from));
    privilege.raise |= ansible.boolean("become") == Some(true);
    privilege.become_user = privilege.become_user.or_else(|| text("become_user"));
    privilege.ask_become_pass |=
        ansible.boolean("become_ask_pass") == Some(true) && privilege.become_password_file.is_none();
    if let Some(method) = ansible.text("become_method").filter(|_| privilege.become_method.is_none()) {
        privilege.become_method = method_of(method);
        if privilege.become_method.is_none() {
            let error = anyhow!("ansible.cfg: become_method = {method} is not supported");
            return Err(CliError::usage(error).hint("sudo, su and doas are"));
        }
    }
    if !ansible.ignored.is_empty() {
        warnings.push(format!("ansible.cfg: without effect here: {}", ansible.ignored.join(", ")));
    }
    let number = |name: &str| ansible.number(name).filter(|number| *number > 0);
    let forks = number("forks").and_then(|forks| usize::try_from(forks).ok());
    let timeout = number("timeout").map(Duration::from_secs);
    let retries = ansible.number("retries").and_then(|retries| u32::try_from(retries).ok());
    let names = [
        ("ansible_ssh_args", "ssh_args"),
        ("ansible_ssh_common_args", "ssh_common_args"),
        ("ansible_ssh_extra_args", "ssh_extra_args"),
        ("ansible_become_flags", "become_flags"),
        ("ansible_become_exe", "become_exe"),
        ("ansible_port", "remote_port"),
        ("ansible_shell_executable", "executable"),
    ];
    Ok(Settings {
        privilege,
        forks: forks.filter(|_| !config.sets("forks")).unwrap_or(config.forks),
        connect_timeout: timeout.filter(|_| !config.sets("connect_timeout")).unwrap_or(config.connect_timeout),
        ssh_args: names.into_iter().filter_map(|(variable, name)| text(name).map(|args| (variable, args))).collect(),
        host_keys: match ansible.boolean("host_key_checking") {
            Some(false) => HostKeyPolicy::AcceptNew,
            _ => HostKeyPolicy::Strict,
        },
        retries: retries.filter(|_| !config.sets("retries")).unwrap_or(config.retries),
        tasks: tasks(ansible),
        log: text("log_path").map(PathBuf::from),
        color: color(ansible),
        warnings,
    })
}

fn tasks(ansible: &AnsibleConfig) -> TaskView {
    let is_timer = |name: &String| matches!(short(name), "profile_tasks" | "profile_roles" | "timer");
    TaskView {
        verbosity: ansible.number("verbosity").and_then(|level| u8::try_from(level).ok()).unwrap_or_default(),
        skipped: ansible.boolean("display_skipped_hosts") != Some(false),
        times: ansible.list("callbacks_enabled").iter().any(is_timer),
        ad_hoc: false,
    }
}

fn color(ansible: &AnsibleConfig) -> Option<Color> {
    match (ansible.boolean("nocolor"), ansible.boolean("force_color")) {
        (Some(true), _) => Some(Color::Never),
        (_, Some(true)) => Some(Color::Always),
        _ => None,
    }
}

/// A name without its collection.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn method_of(name: &str) -> Option<PrivilegeMethod> {
    [PrivilegeMethod::Sudo, PrivilegeMethod::Su, PrivilegeMethod::Doas]
        .into_iter()
        .find(|method| method.name() == short(name))
}
