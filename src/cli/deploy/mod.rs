//! `opsctl deploy`: runs playbooks.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use clap::{ArgAction, Args};

pub mod ad_hoc;
mod ask;
mod list;
mod load;
mod reread;
mod run;
mod settings;
mod syntax;
mod vars;

pub use self::run::journal_dir;

use self::list::{Lister, Wanted};
use self::reread::{Allowed, Reread};
use self::run::{Identity, Prepared, ReachArgs};
use crate::cli::config::Config;
use crate::cli::run_args::{PrivilegeArgs, RecordArgs};
use crate::cli::vault_args::{VaultArgs, VaultSettings};
use crate::cli::{
    self, AnsibleConfig, CliError, ExitCode, InventoryArgs, confirm, parse_duration, password, stdout, warn_all,
};
use crate::engine::deploy::DeployOptions;
use crate::event::Verb;
use crate::inventory::{HostPattern, Loaded};
use crate::playbook::{LoadOptions, Loader, Playbook, TagFilter};
use crate::render::{Color, Format, RenderOptions, TaskView, View};
use crate::template::{Dict, Environment};

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
    /// Limit for one connection attempt; a bare number is seconds [default: 10s]
    #[arg(short = 'T', long, value_name = "DURATION", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// Begin at the task of this name
    #[arg(long, value_name = "NAME")]
    start_at_task: Option<String>,
    /// Run the notified handlers of hosts that failed, too
    #[arg(long)]
    force_handlers: bool,
    /// Ask before each task whether it is to run: no, yes, or yes to all the rest
    #[arg(long)]
    step: bool,
    /// Load everything, refuse what is not supported, and stop; a role's directory or a *.j2 file may stand for a playbook
    #[arg(long)]
    syntax_check: bool,
    /// Show the hosts of each play and stop
    #[arg(long)]
    list_hosts: bool,
    /// Show the tasks of each play and stop
    #[arg(long)]
    list_tasks: bool,
    /// Show the tags of each play and stop
    #[arg(long)]
    list_tags: bool,
    /// Forget what facts say of hosts; no effect here, since facts are kept for one run only
    #[arg(long)]
    flush_cache: bool,
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
    /// Show results too; -vv: and arguments; -vvv: and how each host is reached
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
pub fn run(args: &DeployCommand) -> Result<ExitCode, CliError> {
    let config = Config::load()?;
    let ansible = AnsibleConfig::of_process()?;
    if !args.quiet {
        warn_all(&ansible.warnings);
    }
    let base = Base::new(&args.vault, &args.extra_vars, &ansible)?;
    if args.syntax_check {
        return syntax::check(args, &base.loader);
    }
    let read = args.playbooks.iter().map(|path| base.loader.playbook(path));
    let playbooks = load::playbooks(read, args.quiet)?;
    let directory = args.playbooks.first().and_then(|path| path.parent()).map(|path| match path {
        path if path.as_os_str().is_empty() => PathBuf::from("."),
        path => path.to_owned(),
    });
    let loaded = base.inventory(&args.inventory, directory.clone(), (&config, &ansible), args.quiet)?;
    let limit = cli::limit(&args.inventory)?;
    let filter = tags(args, &ansible);
    if let Some(listed) = listed(args, &playbooks, &loaded, &base, (limit.as_ref(), &filter)) {
        return stdout::finish(std::io::stdout().write_all(listed.as_bytes()));
    }
    if let Some(code) = confirmed(args, &playbooks, &loaded, limit.as_ref())? {
        return Ok(code);
    }
    let settings = settings::of(&args.privilege, &config, &ansible)?;
    if !args.quiet {
        warn_all(&settings.warnings);
    }
    let passwords = password::read(&settings.privilege)?;
    let secrets = [passwords.texts(), loaded.secrets.clone()].concat();
    let forks = args.forks.map_or(settings.forks, |forks| forks as usize);
    let identity = Identity {
        verb: Verb::Deploy,
        name: args.record.name.as_deref(),
        words: args.playbooks.iter().map(|path| path.clone().into_os_string()).collect(),
        pattern: args.inventory.limit.as_deref().unwrap_or("all"),
        forks,
    };
    let options = DeployOptions {
        check: args.check,
        diff: args.diff || ansible.boolean("always_diff") == Some(true),
        verbosity: settings.tasks.verbosity.max(args.verbose).min(4),
        forks,
        tags: filter,
        limit: limit.clone(),
        extra_vars: base.extra_vars.clone(),
        start_at: args.start_at_task.clone(),
        step: args.step,
        force_handlers: args.force_handlers || ansible.boolean("force_handlers") == Some(true),
        gathers: ansible.text("gathering") != Some("explicit"),
        any_errors_fatal: ansible.boolean("any_errors_fatal") == Some(true),
        strategy: ansible.text("strategy").unwrap_or("linear").to_owned(),
        ssh_args: settings.ssh_args,
        fixed_vars: vars::fixed_vars(&args.inventory, &ansible),
    };
    let reload = Reread {
        args: args.inventory.clone(),
        directory,
        configs: (config.clone(), ansible.clone()),
        base: base.clone(),
        allowed: if args.yes {
            Allowed::All
        } else {
            Allowed::Hosts(load::touched(&playbooks, &loaded, limit.as_ref()))
        },
        playbooks: playbooks.clone(),
        limit,
    };
    run::execute(Prepared {
        playbooks,
        reload: Some(Arc::new(move || reload.read())),
        header: run::header(&identity, &loaded, None, &secrets),
        options,
        secrets,
        loader: base.loader,
        environment: base.environment,
        loaded,
        render: RenderOptions {
            format: args.format,
            view: if args.format == Format::Human { View::Tasks } else { View::Fold },
            tasks: TaskView { verbosity: settings.tasks.verbosity.max(args.verbose), ..settings.tasks },
            log: settings.log,
            quiet: args.quiet,
            color: args.color.or(settings.color).unwrap_or(config.color),
            ..RenderOptions::detect()
        },
        record: &args.record,
        reach: ReachArgs {
            privilege: settings.privilege,
            passwords,
            connect_timeout: args.timeout.unwrap_or(settings.connect_timeout),
            host_keys: settings.host_keys,
            retries: settings.retries,
        },
        config: &config,
        deadline: None,
        detailed: args.detailed_exitcode,
    })
}

/// What everything else is loaded with.
#[derive(Clone)]
pub struct Base {
    /// What all templates share.
    pub environment: Arc<Environment>,
    /// Loads playbooks.
    pub loader: Arc<Loader>,
    /// `-e`.
    pub extra_vars: Dict,
}

impl Base {
    /// Reads vault passwords and variables.
    ///
    /// # Errors
    /// When there are none where they should be.
    pub fn new(vault: &VaultArgs, given: &[String], ansible: &AnsibleConfig) -> Result<Self, CliError> {
        let vault = vault.vault(&VaultSettings::of(ansible))?;
        let environment = Arc::new(Environment::new(vault));
        let extra_vars = vars::extra_vars(given)?;
        let loader = Arc::new(Loader::new(LoadOptions {
            roles_path: ansible.roles_path(),
            collections_path: ansible.collections_path(),
            extra_vars: extra_vars.clone(),
            environment: Arc::clone(&environment),
        }));
        Ok(Self { environment, loader, extra_vars })
    }

    /// Keeps texts out of everything that is shown.
    pub fn secrets(&self, secrets: &[String]) {
        for secret in secrets {
            self.environment.add_secret(secret);
        }
    }

    /// Loads the inventory; what its vaulted values hold is shown nowhere.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn inventory(
        &self,
        args: &InventoryArgs,
        directory: Option<PathBuf>,
        configs: (&Config, &AnsibleConfig),
        quiet: bool,
    ) -> Result<Loaded, CliError> {
        let loaded = load::inventory(args, directory, configs, self.environment.vault.clone(), quiet)?;
        self.secrets(&loaded.secrets);
        Ok(loaded)
    }
}

/// Tags of the command line, or else of `ansible.cfg`.
fn tags(args: &DeployCommand, ansible: &AnsibleConfig) -> TagFilter {
    let or_set = |given: &[String], name: &str| match given {
        [] => ansible.list(name),
        given => given.to_vec(),
    };
    TagFilter { only: or_set(&args.tags, "tags_run"), skip: or_set(&args.skip_tags, "tags_skip") }
}

fn listed(
    args: &DeployCommand,
    playbooks: &[Playbook],
    loaded: &Loaded,
    base: &Base,
    (limit, filter): (Option<&HostPattern>, &TagFilter),
) -> Option<String> {
    let wanted = Wanted { hosts: args.list_hosts, tasks: args.list_tasks, tags: args.list_tags };
    let lister = Lister {
        inventory: &loaded.inventory,
        limit,
        filter,
        extra_vars: &base.extra_vars,
        environment: &base.environment,
        wanted,
    };
    wanted.any().then(|| playbooks.iter().map(|playbook| lister.playbook(playbook)).collect())
}

/// Whether hosts may be touched; the exit code when not.
fn confirmed(
    args: &DeployCommand,
    playbooks: &[Playbook],
    loaded: &Loaded,
    limit: Option<&HostPattern>,
) -> Result<Option<ExitCode>, CliError> {
    if args.step && !confirm::can_ask() {
        let error = anyhow!("--step asks before each task, and there is no terminal");
        return Err(CliError::with_code(ExitCode::Declined, error));
    }
    if args.yes {
        return Ok(None);
    }
    confirm::protected_hosts(&loaded.inventory, &load::touched(playbooks, loaded, limit))
}
