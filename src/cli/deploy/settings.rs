//! What `ansible.cfg` says of connections, where neither the command line nor opsctl's own configuration does.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::anyhow;

use crate::cli::config::Config;
use crate::cli::run_args::PrivilegeArgs;
use crate::cli::{AnsibleConfig, CliError};
use crate::inventory::PrivilegeMethod;
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
    for name in ["log_path", "error_on_undefined_vars"] {
        if ansible.text(name).is_some() {
            warnings.push(format!("ansible.cfg: {name} has no effect"));
        }
    }
    let number = |name: &str| ansible.number(name).filter(|number| *number > 0);
    let forks = number("forks").and_then(|forks| usize::try_from(forks).ok());
    let timeout = number("timeout").map(Duration::from_secs);
    let names = [
        ("ansible_ssh_args", "ssh_args"),
        ("ansible_ssh_common_args", "ssh_common_args"),
        ("ansible_ssh_extra_args", "ssh_extra_args"),
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
        warnings,
    })
}

fn method_of(name: &str) -> Option<PrivilegeMethod> {
    let short = name.rsplit('.').next().unwrap_or(name);
    [PrivilegeMethod::Sudo, PrivilegeMethod::Su, PrivilegeMethod::Doas]
        .into_iter()
        .find(|method| method.name() == short)
}
