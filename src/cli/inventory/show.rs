//! `opsctl inventory show`: how a host is reached, and its variables, each with its origin.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{unknown, write_json};
use crate::cli::inventory_args::warn_all;
use crate::cli::password::Passwords;
use crate::cli::plan::{self, HostDefaults};
use crate::cli::run_args::PrivilegeArgs;
use crate::cli::stdout::{finish, terminal_width};
use crate::cli::transports::{Way, jumps, with_tilde};
use crate::cli::{CliError, Config, ExitCode};
use crate::engine::{ConnectionKind, PlannedHost};
use crate::inventory::{self, Host, Inventory};
use crate::journal::redact;
use crate::render::Table;
use crate::transport::{Auto, Choice, Setup, Target, TransportKind};

#[derive(Args, Debug)]
pub(super) struct ShowArgs {
    /// Inventory name of the host
    host: String,
    /// Show what this transport would do [default: as configured, else auto]
    #[arg(long, value_enum, value_name = "auto|native|openssh")]
    transport: Option<TransportKind>,
    /// Form of what is shown
    #[arg(long, value_enum, default_value_t)]
    format: ShowFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ShowFormat {
    /// Tables
    #[default]
    Human,
    /// One JSON document
    Json,
}

/// Shows a host.
pub(super) fn show(args: &ShowArgs, inventory: &Inventory, config: &Config) -> Result<ExitCode, CliError> {
    let Some(host) = inventory.host(&args.host) else {
        return Err(match inventory.group(&args.host) {
            Some(group) => CliError::usage(anyhow::anyhow!("`{}` is a group", group.name()))
                .hint(format!("`opsctl inventory list {}` shows its hosts", group.name())),
            None => unknown(inventory, "host", &args.host),
        });
    };
    let connection = match connection(host, inventory, args.transport, config) {
        Ok(connection) => Some(connection),
        Err(error) => {
            warn_all(&[error.to_string()]);
            None
        }
    };
    let mut out = io::stdout().lock();
    finish(match args.format {
        ShowFormat::Human => out.write_all(text(host, inventory, connection.as_ref()).as_bytes()),
        ShowFormat::Json => write_json(&mut out, &document(host, inventory, connection.as_ref())),
    })
}

/// How a host is reached; what is left to `ssh` is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Connection {
    transport: &'static str,
    reason: Option<String>,
    address: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    identity_files: Vec<PathBuf>,
    jump_hosts: Vec<String>,
    host_key_files: Vec<PathBuf>,
}

fn connection(
    host: &Host,
    inventory: &Inventory,
    transport: Option<TransportKind>,
    config: &Config,
) -> Result<Connection, CliError> {
    let mut vars = inventory.connection(host)?;
    if let Err(error) = &vars.password {
        // Said, but no reason to show nothing.
        warn_all(&[error.to_string()]);
        vars.password = Ok(None);
    }
    let kind = match vars.connection {
        inventory::Connection::Ssh => ConnectionKind::Ssh,
        inventory::Connection::Local => ConnectionKind::Local,
    };
    let args = PrivilegeArgs::default();
    let target = plan::target(vars, &HostDefaults { args: &args, config, passwords: Passwords::default() })?;
    let ssh = Auto::new(Setup { kind: transport.unwrap_or(config.transport), passphrases: None });
    let host = PlannedHost { name: Arc::clone(host.name()), connection: kind, target, privilege: None, shell: None };
    Ok(described(&Way::of(&host, &ssh), host.target))
}

fn described(way: &Way, target: Target) -> Connection {
    let start = Connection { transport: way.name(), reason: way.reason(), ..Connection::default() };
    match way {
        Way::Local => start,
        Way::Ssh(Choice::Native(settings)) => Connection {
            address: Some(settings.hostname.clone()),
            port: Some(settings.port),
            user: Some(settings.user.clone()),
            identity_files: settings.authentication.identities.clone(),
            jump_hosts: jumps(settings),
            host_key_files: [&settings.host_keys.user_files[..], &settings.host_keys.global_files].concat(),
            ..start
        },
        Way::Ssh(_) => Connection {
            address: Some(target.address),
            port: target.port,
            user: target.user,
            identity_files: target.private_key_file.into_iter().collect(),
            ..start
        },
    }
}

fn text(host: &Host, inventory: &Inventory, connection: Option<&Connection>) -> String {
    let groups: Vec<&str> = inventory.groups_of(host).iter().map(|group| &**group.name()).collect();
    let mut text = format!("{}  (groups: {})\n\n", host.name(), groups.join(", "));
    if let Some(connection) = connection {
        text += &connection_table(connection).render(terminal_width());
        text.push('\n');
    }
    let mut table = Table::new(&["VARIABLE", "VALUE", "FROM"]);
    for (name, var) in sorted_vars(host, inventory) {
        table.row([name, &inventory::shown(name, &var.value, redact::is_secret_name), &var.source.to_string()]);
    }
    text + &table.render(terminal_width())
}

fn connection_table(connection: &Connection) -> Table {
    let mut table = Table::new(&["CONNECTION", ""]);
    let transport = match &connection.reason {
        Some(reason) => format!("{} ({reason})", connection.transport),
        None => connection.transport.to_owned(),
    };
    table.row(["transport", &transport]);
    let port = connection.port.map(|port| port.to_string());
    let values = [("address", &connection.address), ("port", &port), ("user", &connection.user)];
    for (name, value) in values {
        if let Some(value) = value {
            table.row([name, value]);
        }
    }
    let jumps = connection.jump_hosts.clone();
    let lists = [
        ("identity file", texts(&connection.identity_files)),
        ("jump host", jumps),
        ("host key file", texts(&connection.host_key_files)),
    ];
    for (name, values) in lists {
        for (index, value) in values.iter().enumerate() {
            table.row([if index == 0 { name } else { "" }, &with_tilde(value)]);
        }
    }
    if connection.transport == "openssh" {
        table.row(["the rest", "as `ssh -G` has it"]);
    }
    table
}

fn texts(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

fn document(host: &Host, inventory: &Inventory, connection: Option<&Connection>) -> Value {
    let groups: Vec<&str> = inventory.groups_of(host).iter().map(|group| &**group.name()).collect();
    let vars = sorted_vars(host, inventory).into_iter().map(|(name, var)| {
        let shown = inventory::shown(name, &var.value, redact::is_secret_name);
        // Texts, and what stands for a secret, are shown as they are; all else as JSON.
        let json = var.value.to_string();
        let value = if shown == json { var.value.clone() } else { json!(shown) };
        (name.to_owned(), json!({"value": value, "from": var.source.to_string()}))
    });
    json!({
        "host": host.name(),
        "groups": groups,
        "connection": connection.map(|connection| json!({
            "transport": connection.transport,
            "reason": connection.reason,
            "address": connection.address,
            "port": connection.port,
            "user": connection.user,
            "identity_files": texts(&connection.identity_files),
            "jump_hosts": connection.jump_hosts,
            "host_key_files": texts(&connection.host_key_files),
        })),
        "variables": vars.collect::<serde_json::Map<_, _>>(),
    })
}

fn sorted_vars<'a>(host: &'a Host, inventory: &'a Inventory) -> Vec<(&'a str, &'a inventory::Var)> {
    let mut vars: Vec<_> = inventory.vars(host).into_iter().collect();
    vars.sort_by_key(|(name, _)| *name);
    vars
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::transports::tests::settings;

    #[test]
    fn what_native_would_do_is_shown() {
        let bastion = settings("bastion");
        let settings = crate::transport::Settings { via: Some(Arc::new(bastion)), port: 2222, ..settings("10.0.0.1") };
        let way = Way::Ssh(Choice::Native(Box::new(settings)));
        let connection = described(&way, Target::default());
        insta::assert_snapshot!(connection_table(&connection).render(Some(80)), @"
        CONNECTION
        transport      native
        address        10.0.0.1
        port           2222
        user           ops
        identity file  /u/id_ed25519
        jump host      ops@bastion
        host key file  /u/known_hosts
                       /etc/ssh/ssh_known_hosts
        ");
    }

    #[test]
    fn what_is_left_to_ssh_is_not_guessed() {
        let way = Way::Ssh(Choice::OpenSsh("ProxyCommand at /u/.ssh/config:12".into()));
        let target = Target { address: "db1".into(), user: Some("ops".into()), ..Target::default() };
        insta::assert_snapshot!(connection_table(&described(&way, target)).render(Some(80)), @"
        CONNECTION
        transport   openssh (ProxyCommand at /u/.ssh/config:12)
        address     db1
        user        ops
        the rest    as `ssh -G` has it
        ");
    }
}
