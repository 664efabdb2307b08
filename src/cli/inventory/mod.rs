//! `opsctl inventory`: shows what an inventory says, in Ansible's forms and in our own.

mod show;

use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use anyhow::anyhow;
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use crate::cli::inventory_args::{InventoryArgs, limit, load_inventory_with, warn_all};
use crate::cli::stdout::{finish, terminal_width};
use crate::cli::{CliError, Config, ExitCode, VaultArgs};
use crate::inventory::{
    self, Connection, ConnectionVars, GraphVars, Host, HostPattern, Inventory, JsonListing, LoadOptions, Loaded,
};
use crate::journal::redact;
use crate::render::{Table, write_json_pretty};

/// Shows what an inventory says
#[derive(Args, Debug)]
pub struct InventoryCommand {
    #[command(flatten)]
    selection: InventoryArgs,
    #[command(flatten)]
    vault: VaultArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists hosts and groups, by default as `ansible-inventory --list` does
    List(ListArgs),
    /// Draws the tree of groups and hosts
    Graph(GraphArgs),
    /// Shows how a host is reached and why so, and its variables, each with the file and line it came from
    Show(show::ShowArgs),
    /// Reports everything that is wrong or odd, each with its place; exit code 2 if anything is wrong
    Check,
}

#[derive(Args, Debug)]
struct ListArgs {
    /// Hosts to list
    #[arg(default_value = "all")]
    pattern: String,
    /// Form of the list
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ListFormat {
    /// As `ansible-inventory --list`
    #[default]
    Json,
    /// As `ansible-inventory --list --yaml`
    Yaml,
    /// One line a host: name, address, user, port, groups
    Table,
}

#[derive(Args, Debug)]
struct GraphArgs {
    /// Group to begin with
    #[arg(default_value = "all")]
    group: String,
    /// Draw variables too: each host's, and each group's own
    #[arg(long)]
    vars: bool,
}

/// Runs the subcommand.
///
/// # Errors
/// When the inventory cannot be loaded, or what is asked for is not in it.
pub fn run(command: &InventoryCommand) -> Result<ExitCode, CliError> {
    let config = Config::load()?;
    let options = LoadOptions { vault: command.vault.vault_if_any()?, ..LoadOptions::default() };
    let loaded = load_inventory_with(&command.selection, &config.inventory, options)?;
    warn_all(&loaded.warnings);
    match &command.action {
        Action::List(args) => list(args, &command.selection, &loaded.inventory),
        Action::Graph(args) => graph(args, &loaded.inventory),
        Action::Show(args) => show::show(args, &loaded.inventory, &config),
        Action::Check => check(&loaded),
    }
}

fn list(args: &ListArgs, selection: &InventoryArgs, inventory: &Inventory) -> Result<ExitCode, CliError> {
    let pattern = HostPattern::parse(&args.pattern)?;
    let selected = inventory.select(&pattern, limit(selection)?.as_ref());
    warn_all(&selected.warnings);
    let mut out = BufWriter::new(io::stdout().lock());
    let listing = JsonListing::new(inventory, &selected.hosts);
    let written = match args.format {
        ListFormat::Json => write_json(&mut out, &listing),
        ListFormat::Yaml => write_yaml(&mut out, &listing.into_yaml()),
        ListFormat::Table => out.write_all(host_table(inventory, &selected.hosts).as_bytes()),
    };
    finish(written.and_then(|()| out.flush()))
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_json_pretty(out, value, "    ")?;
    writeln!(out)
}

fn write_yaml(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    // As text first: the YAML writer would hide that the reader went away.
    let text = serde_yaml::to_string(value).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn host_table(inventory: &Inventory, names: &[Arc<str>]) -> String {
    let mut table = Table::new(&["HOST", "ADDRESS", "USER", "PORT", "GROUPS"]).right(3);
    for host in names.iter().filter_map(|name| inventory.host(name)) {
        let groups: Vec<&str> = inventory.groups_of(host).iter().map(|group| &**group.name()).collect();
        let [address, user, port] = match inventory.connection(host) {
            Ok(vars) => connection_cells(vars),
            Err(error) => {
                warn_all(&[error.to_string()]);
                ["?", "?", "?"].map(String::from)
            }
        };
        table.row([host.name(), address.as_str(), &user, &port, &groups.join(",")]);
    }
    table.render(terminal_width())
}

fn connection_cells(vars: ConnectionVars) -> [String; 3] {
    let port = vars.port.map(|port| port.to_string());
    [vars.address, vars.user.unwrap_or_default(), port.unwrap_or_default()]
}

fn graph(args: &GraphArgs, inventory: &Inventory) -> Result<ExitCode, CliError> {
    let draw = if args.vars { GraphVars::Drawn } else { GraphVars::Hidden };
    let group = inventory.group(&args.group).ok_or_else(|| unknown(inventory, "group", &args.group))?;
    finish(io::stdout().write_all(inventory::graph(inventory, group, draw, redact::is_secret_name).as_bytes()))
}

fn check(loaded: &Loaded) -> Result<ExitCode, CliError> {
    warn_all(&loaded.notes);
    let inventory = &loaded.inventory;
    let wrong: Vec<CliError> = inventory.hosts().filter_map(|host| connection_error(inventory, host)).collect();
    for error in &wrong {
        crate::cli::report(error);
    }
    if !wrong.is_empty() {
        return Ok(ExitCode::Usage);
    }
    let (hosts, groups, files) = (inventory.hosts().len(), inventory.groups().len(), loaded.files.len());
    let warnings = loaded.warnings.len() + loaded.notes.len();
    let text = format!("{hosts} hosts in {groups} groups from {files} files, {warnings} warnings\n");
    finish(io::stdout().write_all(text.as_bytes()))
}

/// Why a host's connection variables cannot be used; a password counts where the host has use for it.
fn connection_error(inventory: &Inventory, host: &Host) -> Option<CliError> {
    let vars = match inventory.connection(host) {
        Err(error) => return Some(error.into()),
        Ok(vars) => vars,
    };
    let login = vars.password.err().filter(|_| vars.connection == Connection::Ssh);
    let raise = vars.privilege.password.err().filter(|_| vars.privilege.enabled == Some(true));
    login.or(raise).map(CliError::from)
}

fn unknown(inventory: &Inventory, what: &str, name: &str) -> CliError {
    let error = CliError::usage(anyhow!("{what} `{name}` is not in the inventory"));
    match inventory.nearest(name) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error,
    }
}
