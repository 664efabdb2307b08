//! A run of plays, from what was loaded to its exit code.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use indexmap::IndexSet;
use tokio::time::Instant;

use super::ask;
use crate::cli::config::Config;
use crate::cli::password::Passwords;
use crate::cli::plan::{self, HostDefaults};
use crate::cli::record::{self, Intent};
use crate::cli::run_args::{PrivilegeArgs, RecordArgs};
use crate::cli::signals::{self, Interrupts};
use crate::cli::transports::{self, Detail};
use crate::cli::{CliError, ExitCode, passphrase, turn};
use crate::engine::deploy::session::Reach;
use crate::engine::deploy::{Connections, DeployContext, DeployOptions, Reload, deploy};
use crate::engine::{Control, EngineError, PlannedHost};
use crate::event::{Bus, Outcome, RunHeader, StopCause, Summary, Verb};
use crate::inventory::{ConnectionVars, Loaded};
use crate::journal::{JournalOptions, JournalWriter};
use crate::playbook::{Loader, Playbook};
use crate::render::{self, Format, Pause, RenderOptions, View};
use crate::template::Environment;
use crate::transport::{Auto, ConnectOptions, HostKeyPolicy, Local, Setup, TransportKind};

/// Events that may wait between the engine and the subscribers.
const BUS_CAPACITY: usize = 1024;

/// How many templates are computed, files read and lookups waited for at once, whatever the number of hosts: each such
/// thread holds memory of its own, some MB.
const COMPUTING: usize = 16;

/// Stack of the threads that compute templates, in bytes: templates may be nested deep.
const STACK: usize = 16 * 1024 * 1024;

/// From this verbosity on, it is said how each host is reached.
const TELLS_CONNECTIONS: u8 = 3;

/// A run that only has to be executed.
pub struct Prepared<'a> {
    /// What runs.
    pub playbooks: Vec<Playbook>,
    /// Loads what they include.
    pub loader: Arc<Loader>,
    /// What all templates share.
    pub environment: Arc<Environment>,
    /// What the command line says.
    pub options: DeployOptions,
    /// The run's identity.
    pub header: RunHeader,
    /// Values that must not reach the record.
    pub secrets: Vec<String>,
    /// Who there is.
    pub loaded: Loaded,
    /// Reads who there is anew.
    pub reload: Option<Reload>,
    /// How it is shown.
    pub render: RenderOptions,
    /// Where it is recorded.
    pub record: &'a RecordArgs,
    /// How hosts are reached.
    pub reach: ReachArgs,
    /// The configuration.
    pub config: &'a Config,
    /// Limit for the whole run.
    pub deadline: Option<Duration>,
    /// Whether changes in check mode are told by the exit code.
    pub detailed: bool,
}

/// How hosts are reached.
pub struct ReachArgs {
    /// As whom.
    pub privilege: PrivilegeArgs,
    /// Passwords that were asked for or read.
    pub passwords: Passwords,
    /// Limit for one connection attempt.
    pub connect_timeout: Duration,
    /// Whether unknown host keys are taken.
    pub host_keys: HostKeyPolicy,
    /// Further connection attempts.
    pub retries: u32,
}

/// Arguments, configuration and passwords, for hosts that do not say.
struct Arguments {
    args: PrivilegeArgs,
    config: Config,
    passwords: Passwords,
    told: Option<Told>,
}

/// Says once for each host how it is reached (`-vvv`).
struct Told {
    hosts: Mutex<IndexSet<Arc<str>>>,
    ssh: Arc<Auto>,
    pause: Pause,
}

impl Connections for Arguments {
    fn plan(&self, vars: ConnectionVars) -> Result<PlannedHost, String> {
        let defaults = HostDefaults { args: &self.args, config: &self.config, passwords: self.passwords.clone() };
        let planned = plan::planned_host(vars, &defaults).map_err(|error| format!("{:#}", error.error))?;
        if let Some(told) = &self.told {
            told.tell(&planned);
        }
        Ok(planned)
    }
}

impl Told {
    fn tell(&self, host: &PlannedHost) {
        let is_new = self.hosts.lock().expect("nothing panics while it holds the lock").insert(Arc::clone(&host.name));
        if is_new {
            let text = transports::describe(std::slice::from_ref(host), &self.ssh, Detail::EachHost);
            let _hold = self.pause.hold();
            // Nowhere is left to report that standard error is gone.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }
}

/// What a run is, for its record.
pub struct Identity<'a> {
    /// What kind of run.
    pub verb: Verb,
    /// `--name`.
    pub name: Option<&'a str>,
    /// What is run.
    pub words: Vec<OsString>,
    /// Which hosts, as given.
    pub pattern: &'a str,
    /// Hosts in flight at once.
    pub forks: usize,
}

/// The header of a run on `hosts`, or on all of `loaded`.
pub fn header(identity: &Identity<'_>, loaded: &Loaded, hosts: Option<&[Arc<str>]>, secrets: &[String]) -> RunHeader {
    let all = || loaded.inventory.hosts().map(|host| Arc::clone(host.name())).collect();
    record::header(Intent {
        verb: identity.verb,
        name: identity.name,
        command: &identity.words,
        inventory: &loaded.files,
        pattern: identity.pattern,
        hosts: hosts.map_or_else(all, <[_]>::to_vec),
        forks: identity.forks,
        secrets,
    })
}

/// Where the record is kept.
///
/// # Errors
/// When there is no place for it.
pub fn journal_dir(args: &RecordArgs, config: &Config) -> Result<PathBuf, CliError> {
    match args.journal_dir.clone().or_else(|| config.journal.dir.clone()) {
        Some(dir) => Ok(dir),
        None => Ok(crate::journal::state_dir()?),
    }
}

fn journal_options(args: &RecordArgs, config: &Config, secrets: Vec<String>) -> Result<JournalOptions, CliError> {
    let dir = journal_dir(args, config)?;
    let stores_output = config.journal.store_output && !args.no_store_output;
    Ok(JournalOptions { dir, output_limit: if stores_output { config.journal.output_limit } else { 0 }, secrets })
}

/// Runs what is prepared.
///
/// # Errors
/// When it cannot be recorded or shown; then nothing was touched.
pub fn execute(prepared: Prepared<'_>) -> Result<ExitCode, CliError> {
    let Prepared { render, reach, config, .. } = &prepared;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .max_blocking_threads(COMPUTING)
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let control = Control::default();
    let interrupts = Interrupts::default();
    let _signals = runtime.spawn(signals::watch(control.clone(), interrupts.clone()));
    let journal = journal_options(prepared.record, config, prepared.secrets.clone())?;
    // A limit beyond all clocks is none.
    let deadline = prepared.deadline.and_then(|limit| Instant::now().checked_add(limit));
    let turn = turn::take_turn(prepared.record, render.quiet, &journal.dir, deadline, &control);
    let lock = match runtime.block_on(turn) {
        Ok(lock) => lock,
        Err(ended) => return ended,
    };
    let writer = JournalWriter::create(&journal)?;
    let renderers = render::subscribers(render, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
        .map_err(CliError::usage)?;
    let (events, bus) = Bus::start(Box::new(writer), renderers, BUS_CAPACITY);
    let kind: TransportKind = reach.privilege.transport.unwrap_or(config.transport);
    let passphrases = passphrase::asker(render.quiet, &render.pause, &control);
    let ssh = Arc::new(Auto::new(Setup { kind, passphrases }));
    let prompt = ask::person(&render.pause, events.barrier());
    let context = DeployContext {
        events,
        control: control.clone(),
        prompt,
        connections: connections(&prepared, &ssh),
        reach: Arc::new(Reach {
            ssh,
            local: Arc::new(Local),
            connect: ConnectOptions { timeout: reach.connect_timeout, host_keys: reach.host_keys.clone() },
            retries: reach.retries,
        }),
        warnings: repeated_warnings(&prepared),
        inventory: Arc::new(prepared.loaded.inventory),
        reload: prepared.reload,
        loader: prepared.loader,
        environment: prepared.environment,
        options: prepared.options,
    };
    let (playbooks, header) = (prepared.playbooks, Arc::new(prepared.header));
    let (ended, shown) = runtime.block_on(async {
        interrupts.attach(context.events.clone(), bus.give_up());
        let limit = tokio::spawn(end_at(deadline, context.control.clone()));
        let guard = tokio::spawn(signals::stop_without_journal(bus.journal_failed(), context.control.clone()));
        let ended = deploy(&playbooks, header, context).await;
        guard.abort();
        limit.abort();
        interrupts.detach(bus.give_up());
        (ended, bus.finish().await)
    });
    runtime.shutdown_background();
    drop(lock);
    let summary = ended.map_err(|EngineError::NotRecorded(source)| {
        CliError::usage(anyhow!("the run cannot be recorded, so nothing was started: {source}"))
    })?;
    let Ok(complaints) = shown else { return Ok(turn::stopped(&control)) };
    Ok(match exit_code(&summary, prepared.detailed) {
        // Output that could not be written is no success.
        ExitCode::Ok if !complaints.is_empty() => ExitCode::Internal,
        code => code,
    })
}

/// Ends what runs when the time is up.
async fn end_at(deadline: Option<Instant>, control: Control) {
    if let Some(deadline) = deadline {
        tokio::time::sleep_until(deadline).await;
        control.kill(StopCause::Deadline);
    }
}

fn connections(prepared: &Prepared<'_>, ssh: &Arc<Auto>) -> Arc<Arguments> {
    let reach = &prepared.reach;
    let tells = prepared.options.verbosity >= TELLS_CONNECTIONS && prepared.render.view == View::Tasks;
    let pause = prepared.render.pause.clone();
    Arc::new(Arguments {
        args: reach.privilege.clone(),
        config: prepared.config.clone(),
        passwords: reach.passwords.clone(),
        told: tells.then(|| Told { hosts: Mutex::default(), ssh: Arc::clone(ssh), pause }),
    })
}

/// Warnings that were written to standard error already stand in machine-readable output too.
fn repeated_warnings(prepared: &Prepared<'_>) -> Vec<String> {
    let repeats = prepared.render.quiet || prepared.render.format != Format::Human;
    if repeats { prepared.loaded.warnings.clone() } else { Vec::new() }
}

fn exit_code(summary: &Summary, detailed: bool) -> ExitCode {
    match ExitCode::of(summary) {
        ExitCode::Ok if summary.total() == 0 => ExitCode::NoHosts,
        ExitCode::Ok if detailed && summary.of(Outcome::Changed) > 0 => ExitCode::Pending,
        code => code,
    }
}
