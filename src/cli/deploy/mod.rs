//! `opsctl deploy`: runs playbooks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use clap::{ArgAction, Args};

mod settings;

use crate::cli::config::Config;
use crate::cli::inventory_args::load_inventory_with;
use crate::cli::password::Passwords;
use crate::cli::plan::{self, HostDefaults};
use crate::cli::record::{self, Intent};
use crate::cli::run_args::{PrivilegeArgs, RecordArgs};
use crate::cli::signals::{self, Interrupts};
use crate::cli::vault_args::{VaultArgs, VaultSettings};
use crate::cli::{
    self, AnsibleConfig, CliError, ExitCode, InventoryArgs, confirm, passphrase, password, turn, warn_all,
};
use crate::engine::deploy::session::Reach;
use crate::engine::deploy::{Connections, DeployContext, DeployOptions, deploy};
use crate::engine::{Control, EngineError, PlannedHost};
use crate::event::{Bus, RunHeader, Verb};
use crate::inventory::{ConnectionVars, HostPattern, LoadOptions as InventoryOptions, Loaded};
use crate::journal::{JournalOptions, JournalWriter};
use crate::playbook::{LoadOptions, Loader, Playbook, TagFilter};
use crate::render::{self, Color, Format, RenderOptions, View};
use crate::template::{Dict, Environment, Key, Origin, Value};
use crate::transport::{Auto, ConnectOptions, HostKeyPolicy, Local, Setup, TransportKind};

/// Events that may wait between the engine and the subscribers.
const BUS_CAPACITY: usize = 1024;

/// Stack of the threads that compute templates, in bytes: templates may be nested deep.
const STACK: usize = 16 * 1024 * 1024;

/// Runs playbooks
///
/// Reads Ansible's playbooks and roles as they are. Modules, arguments and keywords that are not supported are refused
/// before the first connection.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct DeployCommand {
    /// The playbooks, run one after the other
    #[arg(value_name = "PLAYBOOK", required = true)]
    playbooks: Vec<PathBuf>,
    #[command(flatten)]
    inventory: InventoryArgs,
    #[command(flatten)]
    privilege: PrivilegeArgs,
    #[command(flatten)]
    vault: VaultArgs,
    #[command(flatten)]
    record: RecordArgs,
    /// Run only tasks with these tags
    #[arg(short, long, value_name = "TAGS", value_delimiter = ',')]
    tags: Vec<String>,
    /// Leave out tasks with these tags
    #[arg(long, value_name = "TAGS", value_delimiter = ',')]
    skip_tags: Vec<String>,
    /// Set variables: `k=v`, JSON, YAML, or `@FILE`; nothing is stronger
    #[arg(short, long, value_name = "VARS")]
    extra_vars: Vec<String>,
    /// Change nothing; say what would change
    #[arg(short = 'C', long)]
    check: bool,
    /// Show what differs before and after
    #[arg(short = 'D', long)]
    diff: bool,
    /// Hosts in flight at once [default: 64]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    forks: Option<u32>,
    /// Begin at the task of this name
    #[arg(long, value_name = "NAME")]
    start_at_task: Option<String>,
    /// Run the notified handlers of hosts that failed, too
    #[arg(long)]
    force_handlers: bool,
    /// Load everything, refuse what is not supported, and stop
    #[arg(long)]
    syntax_check: bool,
    /// Exit with 10 when something would change
    #[arg(long, requires = "check")]
    detailed_exitcode: bool,
    /// Do not ask before touching protected hosts
    #[arg(short = 'y', long)]
    yes: bool,
    /// Form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Say nothing on success, and everything needed on failure
    #[arg(short, long)]
    quiet: bool,
    /// Run `debug` tasks of a higher verbosity too; up to -vvvv
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    verbose: u8,
    /// When to use colour
    #[arg(long, value_enum, value_name = "WHEN")]
    color: Option<Color>,
}

/// Runs the subcommand.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
#[expect(clippy::similar_names, reason = "the pairs are what they are called")]
pub fn run(args: &DeployCommand) -> Result<ExitCode, CliError> {
    let config = Config::load()?;
    let ansible = AnsibleConfig::of_process()?;
    if !args.quiet {
        warn_all(&ansible.warnings);
    }
    let settings = VaultSettings {
        password_file: ansible.text("vault_password_file").map(str::to_owned),
        identities: ansible.text("vault_identity_list").map(split).unwrap_or_default(),
    };
    let vault = args.vault.vault(&settings)?;
    let environment = Arc::new(Environment::new(vault.clone()));
    let extra_vars = extra_vars(&args.extra_vars)?;
    let loader = Arc::new(Loader::new(LoadOptions {
        roles_path: ansible.roles_path(),
        collections_path: ansible.collections_path(),
        extra_vars: extra_vars.clone(),
        environment: Arc::clone(&environment),
    }));
    let playbooks = load(args, &loader)?;
    if args.syntax_check {
        return Ok(ExitCode::Ok);
    }
    let loaded = inventory(args, &config, &ansible, vault)?;
    loaded.secrets.iter().for_each(|secret| environment.add_secret(secret));
    let limit = cli::limit(&args.inventory)?;
    if !args.yes
        && let Some(code) = confirm::protected_hosts(&loaded.inventory, &touched(&playbooks, &loaded, limit.as_ref()))?
    {
        return Ok(code);
    }
    let settings = settings::of(&args.privilege, &config, &ansible)?;
    if !args.quiet {
        warn_all(&settings.warnings);
    }
    let passwords = password::read(&settings.privilege)?;
    let secrets = [passwords.texts(), loaded.secrets.clone()].concat();
    let forks = args.forks.map_or(settings.forks, |forks| forks as usize);
    let header = Arc::new(header(args, &loaded, forks, &secrets));
    let options = DeployOptions {
        check: args.check,
        diff: args.diff || ansible.boolean("always_diff") == Some(true),
        verbosity: args.verbose.min(4),
        forks,
        tags: TagFilter { only: args.tags.clone(), skip: args.skip_tags.clone() },
        limit,
        extra_vars,
        start_at: args.start_at_task.clone(),
        step: false,
        force_handlers: args.force_handlers || ansible.boolean("force_handlers") == Some(true),
        gathers: ansible.text("gathering") != Some("explicit"),
        any_errors_fatal: ansible.boolean("any_errors_fatal") == Some(true),
        strategy: ansible.text("strategy").unwrap_or("linear").to_owned(),
        ssh_args: settings.ssh_args,
        fixed_vars: fixed_vars(args, &ansible),
    };
    let connect_timeout = settings.connect_timeout;
    let journal = journal_options(args, &config, secrets)?;
    let connections = Arc::new(Arguments { args: settings.privilege, config: config.clone(), passwords });
    let prepared =
        Prepared { playbooks, loader, environment, options, journal, header, connections, loaded, connect_timeout };
    execute(prepared, args, &config, &ansible)
}

/// The hosts that the plays name; all of them where a pattern is a template.
fn touched(playbooks: &[Playbook], loaded: &Loaded, limit: Option<&HostPattern>) -> Vec<Arc<str>> {
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

fn split(text: &str) -> Vec<String> {
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Loads all playbooks; everything that is wrong with any of them is told.
fn load(args: &DeployCommand, loader: &Loader) -> Result<Vec<Playbook>, CliError> {
    let mut playbooks = Vec::new();
    let mut errors = Vec::new();
    for path in &args.playbooks {
        match loader.playbook(path) {
            Ok(playbook) => playbooks.push(playbook),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() {
        if !args.quiet {
            let warnings = playbooks.iter().flat_map(|playbook| &playbook.warnings);
            warn_all(&warnings.map(ToString::to_string).collect::<Vec<_>>());
        }
        return Ok(playbooks);
    }
    let shown = |error: &crate::yaml::Diagnostic| {
        let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        format!("{error}{hint}")
    };
    Err(CliError::usage(anyhow!("{}", errors.iter().map(shown).collect::<Vec<_>>().join("\n"))))
}

fn inventory(
    args: &DeployCommand,
    config: &Config,
    ansible: &AnsibleConfig,
    vault: crate::vault::Vault,
) -> Result<Loaded, CliError> {
    let directory = args.playbooks.first().and_then(|path| path.parent()).map(|path| match path {
        path if path.as_os_str().is_empty() => PathBuf::from("."),
        path => path.to_owned(),
    });
    let options = InventoryOptions {
        playbook_dir: directory,
        vault: (!vault.is_empty()).then_some(vault),
        ..InventoryOptions::default()
    };
    let configured = if config.inventory.is_empty() { ansible.inventory() } else { config.inventory.clone() };
    // As Ansible does: without an inventory there is this machine.
    let args_with_default = match (&args.inventory.inventory[..], &configured[..]) {
        ([], []) if std::env::var_os("ANSIBLE_INVENTORY").is_none() && !Path::new("/etc/ansible/hosts").exists() => {
            InventoryArgs { inventory: vec!["localhost,".to_owned()], ..args.inventory.clone() }
        }
        _ => args.inventory.clone(),
    };
    let loaded = load_inventory_with(&args_with_default, &configured, options)?;
    if !args.quiet {
        warn_all(&loaded.warnings);
    }
    Ok(loaded)
}

fn header(args: &DeployCommand, loaded: &Loaded, forks: usize, secrets: &[String]) -> RunHeader {
    let words: Vec<OsString> = args.playbooks.iter().map(|path| path.clone().into_os_string()).collect();
    record::header(Intent {
        verb: Verb::Deploy,
        name: args.record.name.as_deref(),
        command: &words,
        inventory: &loaded.files,
        pattern: args.inventory.limit.as_deref().unwrap_or("all"),
        hosts: loaded.inventory.hosts().map(|host| Arc::clone(host.name())).collect(),
        forks,
        secrets,
    })
}

fn journal_options(args: &DeployCommand, config: &Config, secrets: Vec<String>) -> Result<JournalOptions, CliError> {
    let dir = match args.record.journal_dir.clone().or_else(|| config.journal.dir.clone()) {
        Some(dir) => dir,
        None => crate::journal::state_dir()?,
    };
    let stores_output = config.journal.store_output && !args.record.no_store_output;
    Ok(JournalOptions { dir, output_limit: if stores_output { config.journal.output_limit } else { 0 }, secrets })
}

fn fixed_vars(args: &DeployCommand, ansible: &AnsibleConfig) -> Dict {
    let version = Dict::from_iter([
        (Key::from("full"), Value::text("2.19.0")),
        (Key::from("string"), Value::text("2.19.0")),
        (Key::from("major"), Value::Int(2)),
        (Key::from("minor"), Value::Int(19)),
        (Key::from("revision"), Value::Int(0)),
    ]);
    let mut vars = Dict::from_iter([
        (Key::from("ansible_version"), Value::dict(version)),
        (Key::from("ansible_managed"), Value::text(ansible.text("ansible_managed").unwrap_or("Ansible managed"))),
        (Key::from("ansible_playbook_python"), Value::text("/usr/bin/python3")),
    ]);
    if let Some(limit) = &args.inventory.limit {
        vars.insert("ansible_limit".into(), Value::text(limit.as_str()));
    }
    if let Some(source) = args.inventory.inventory.first().filter(|source| !source.contains(',')) {
        let path = std::path::absolute(source).unwrap_or_else(|_| PathBuf::from(source));
        let directory = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(Path::new("/")) };
        vars.insert("inventory_dir".into(), Value::text(directory.to_string_lossy()));
        vars.insert("inventory_file".into(), Value::text(path.to_string_lossy()));
    }
    vars
}

/// Variables of `-e`: `k=v` words, a JSON or YAML mapping, or a file of one.
fn extra_vars(given: &[String]) -> Result<Dict, CliError> {
    let mut vars = Dict::new();
    for text in given {
        let found = match text.strip_prefix('@') {
            Some(path) => {
                let content = std::fs::read_to_string(path)
                    .with_context(|| format!("the variables cannot be read from {path}"))
                    .map_err(CliError::usage)?;
                mapping(path, &content)?
            }
            None if text.trim_start().starts_with(['{', '[']) => mapping("--extra-vars", text)?,
            None => pairs(text)?,
        };
        vars.extend(found);
    }
    Ok(vars)
}

fn mapping(name: &str, text: &str) -> Result<Dict, CliError> {
    let file: Arc<str> = name.into();
    let document = crate::yaml::parse(&file, text).map_err(|error| CliError::usage(anyhow!("{error}")))?;
    let value = document.root.map_or_else(|| Value::dict(Dict::new()), |root| Value::of_node(&root, &file));
    match value.as_dict() {
        Some(dict) => Ok(dict.clone()),
        None => Err(CliError::usage(anyhow!("{name}: variables are a mapping, not {}", value.type_name()))),
    }
}

fn pairs(text: &str) -> Result<Dict, CliError> {
    let origin = Origin { file: "--extra-vars".into(), line: 0, column: 0 };
    let words = crate::playbook::key_values(text).map_err(|error| CliError::usage(anyhow!("--extra-vars: {error}")))?;
    let entry = |(name, value): (String, String)| (Key::from(name), Value::template(value, origin.clone()));
    Ok(words.into_iter().map(entry).collect())
}

/// Arguments, configuration and passwords, for hosts that do not say.
struct Arguments {
    args: PrivilegeArgs,
    config: Config,
    passwords: Passwords,
}

impl Connections for Arguments {
    fn plan(&self, vars: ConnectionVars) -> Result<PlannedHost, String> {
        let defaults = HostDefaults { args: &self.args, config: &self.config, passwords: self.passwords.clone() };
        plan::planned_host(vars, &defaults).map_err(|error| format!("{:#}", error.error))
    }
}

/// A run that only has to be executed.
struct Prepared {
    playbooks: Vec<Playbook>,
    loader: Arc<Loader>,
    environment: Arc<Environment>,
    options: DeployOptions,
    journal: JournalOptions,
    header: Arc<RunHeader>,
    connections: Arc<Arguments>,
    loaded: Loaded,
    connect_timeout: Duration,
}

fn execute(
    prepared: Prepared,
    args: &DeployCommand,
    config: &Config,
    ansible: &AnsibleConfig,
) -> Result<ExitCode, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let control = Control::default();
    let interrupts = Interrupts::default();
    let _signals = runtime.spawn(signals::watch(control.clone(), interrupts.clone()));
    let turn = turn::take_turn(&args.record, args.quiet, &prepared.journal.dir, None, &control);
    let lock = match runtime.block_on(turn) {
        Ok(lock) => lock,
        Err(ended) => return ended,
    };
    let render = RenderOptions {
        format: args.format,
        view: if args.format == Format::Human { View::Tasks } else { View::Fold },
        quiet: args.quiet,
        color: args.color.unwrap_or(config.color),
        ..RenderOptions::detect()
    };
    let writer = JournalWriter::create(&prepared.journal)?;
    let renderers = render::subscribers(&render, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
        .map_err(CliError::usage)?;
    let (events, bus) = Bus::start(Box::new(writer), renderers, BUS_CAPACITY);
    let kind: TransportKind = args.privilege.transport.unwrap_or(config.transport);
    let host_keys = match ansible.boolean("host_key_checking") {
        Some(false) => HostKeyPolicy::AcceptNew,
        _ => HostKeyPolicy::Strict,
    };
    let reach = Arc::new(Reach {
        ssh: Arc::new(Auto::new(Setup { kind, passphrases: passphrase::asker(args.quiet, &render.pause, &control) })),
        local: Arc::new(Local),
        connect: ConnectOptions { timeout: prepared.connect_timeout, host_keys },
        retries: config.retries,
    });
    let context = DeployContext {
        inventory: Arc::new(prepared.loaded.inventory),
        loader: prepared.loader,
        environment: prepared.environment,
        connections: prepared.connections,
        reach,
        events,
        control: control.clone(),
        prompt: None,
        options: prepared.options,
        warnings: if args.quiet || args.format != Format::Human { prepared.loaded.warnings } else { Vec::new() },
    };
    let (playbooks, header) = (prepared.playbooks, prepared.header);
    let (ended, shown) = runtime.block_on(async {
        interrupts.attach(context.events.clone(), bus.give_up());
        let guard = tokio::spawn(signals::stop_without_journal(bus.journal_failed(), context.control.clone()));
        let ended = deploy(&playbooks, header, context).await;
        guard.abort();
        interrupts.detach(bus.give_up());
        (ended, bus.finish().await)
    });
    runtime.shutdown_background();
    drop(lock);
    let summary = ended.map_err(|EngineError::NotRecorded(source)| {
        CliError::usage(anyhow!("the run cannot be recorded, so nothing was started: {source}"))
    })?;
    let Ok(complaints) = shown else { return Ok(turn::stopped(&control)) };
    let code = match ExitCode::of(&summary) {
        ExitCode::Ok if summary.total() == 0 => ExitCode::NoHosts,
        ExitCode::Ok if args.detailed_exitcode && summary.of(crate::event::Outcome::Changed) > 0 => ExitCode::Pending,
        code => code,
    };
    Ok(if code == ExitCode::Ok && !complaints.is_empty() { ExitCode::Internal } else { code })
}
