//! One run, from its arguments to its exit code: select, ask, record, execute.

use std::ffi::OsString;
use std::io::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::time::Instant;

use super::config::Config;
use super::plan::{self, HostDefaults, Job};
use super::record::{self, Intent};
use super::run_args::RunArgs;
use super::selection::{self, Selected};
use super::signals::{self, Interrupts};
use super::transports::{self, Detail};
use super::turn::{stopped, take_turn};
use super::{CliError, ExitCode, confirm, descriptors, passphrase, password};
use crate::engine::{self, ConfirmHostKeys, Context, Control, Work};
use crate::event::{Bus, GivenUp, RunHeader, SubscriberError, Summary, Verb};
use crate::journal::{JournalOptions, JournalWriter};
use crate::render::{self, Color, Format, RenderOptions, View};
use crate::transport::{Auto, Local, Setup};

/// Events that may wait between the engine and the subscribers.
const BUS_CAPACITY: usize = 1024;

/// What one run shall do.
pub struct Request<'a> {
    /// What kind of run.
    pub verb: Verb,
    /// The host pattern.
    pub pattern: &'a str,
    /// Reads what is done on each host; called once the hosts are known and confirmed.
    pub work: Box<dyn FnOnce() -> Result<Work, CliError> + 'a>,
    /// What is run, for the record, which leaves secrets out.
    pub words: Vec<OsString>,
    /// Values that must not reach the record.
    pub secrets: Vec<String>,
    /// Exit codes that count as success.
    pub ok_codes: Vec<i32>,
    /// All the rest.
    pub args: &'a RunArgs,
}

/// Runs what `request` asks for.
///
/// # Errors
/// Fails before any host is touched; what happens on hosts is in the exit code.
pub fn run(request: Request<'_>) -> Result<ExitCode, CliError> {
    // A limit beyond all clocks is none.
    let deadline = request.args.limits.deadline.and_then(|limit| Instant::now().checked_add(limit));
    let config = Config::load()?;
    let args = request.args;
    let journal_dir = super::deploy::journal_dir(&args.record, &config)?;
    let selected = match selection::select(request.pattern, args, &config, &journal_dir)? {
        Selected::Hosts(selected) => selected,
        Selected::Ended(code) => return Ok(code),
    };
    if args.output.passthrough && selected.hosts.len() != 1 {
        let count = selected.hosts.len();
        return Err(CliError::usage(anyhow!("--passthrough takes exactly one host; {count} are selected")));
    }
    if !args.limits.yes
        && let Some(code) = confirm::protected_hosts(&selected.inventory, &selected.hosts)?
    {
        return Ok(code);
    }
    plan::refuse_idle_become(&selected, &args.privilege)?;
    let passwords = password::read(&args.privilege)?;
    let secrets = [request.secrets.clone(), passwords.texts()].concat();
    let defaults = HostDefaults { args: &args.privilege, config: &config, passwords };
    let hosts = plan::hosts(&selected, &defaults)?;
    let secrets = [secrets, plan::passwords(&hosts), selected.secrets.clone()].concat();
    let work = (request.work)()?;
    let header = Arc::new(record::header(Intent {
        verb: request.verb,
        name: args.record.name.as_deref(),
        command: &request.words,
        inventory: &selected.files,
        pattern: request.pattern,
        hosts: selected.hosts.clone(),
        forks: plan::forks(args, &config),
        secrets: &secrets,
    }));
    let stores_output = config.journal.store_output && !args.record.no_store_output;
    let options = JournalOptions {
        dir: journal_dir,
        output_limit: if stores_output { config.journal.output_limit } else { 0 },
        secrets,
    };
    let job = Job { work, deadline, ok_codes: request.ok_codes };
    let plan = plan::plan(hosts, job, args, &config);
    let warnings = if repeats_warnings(args) { selected.warnings } else { Vec::new() };
    execute(Prepared { plan, header, journal: options, warnings }, args, &config)
}

/// Whether the form of the output has a place for warnings, or may need them at its end: they were written to standard
/// error, or, with `--quiet`, nowhere yet.
fn repeats_warnings(args: &RunArgs) -> bool {
    args.output.quiet || (args.output.format != Format::Human && !args.output.passthrough)
}

/// A run that only has to be executed.
struct Prepared {
    plan: engine::Plan,
    header: Arc<RunHeader>,
    journal: JournalOptions,
    warnings: Vec<String>,
}

fn execute(prepared: Prepared, args: &RunArgs, config: &Config) -> Result<ExitCode, CliError> {
    let Prepared { mut plan, header, journal, mut warnings } = prepared;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let control = Control::default();
    let interrupts = Interrupts::default();
    let _signals = runtime.spawn(signals::watch(control.clone(), interrupts.clone()));
    let lock = match runtime.block_on(take_turn(&args.record, args.output.quiet, &journal.dir, plan.deadline, &control))
    {
        Ok(lock) => lock,
        Err(ended) => return ended,
    };
    let render = render_options(args, config.color);
    let kind = args.privilege.transport.unwrap_or(config.transport);
    let ssh =
        Arc::new(Auto::new(Setup { kind, passphrases: passphrase::asker(args.output.quiet, &render.pause, &control) }));
    warnings.extend(descriptors::fit(&mut plan, &ssh));
    tell_transports(&plan, &ssh, args.output.verbose);
    let writer = JournalWriter::create(&journal)?;
    let renderers = render::subscribers(&render, Box::new(std::io::stdout()), Box::new(std::io::stderr()))
        .map_err(CliError::usage)?;
    let (events, bus) = Bus::start(Box::new(writer), renderers, BUS_CAPACITY);
    let context = Context {
        ssh,
        local: Arc::new(Local),
        events,
        warnings,
        control: control.clone(),
        confirm: asks_host_keys(args)
            .then(|| Box::new(confirm::AtTerminal(render.pause.clone())) as Box<dyn ConfirmHostKeys>),
    };
    let (ended, shown) = runtime.block_on(run_and_show(plan, header, context, bus, &interrupts));
    // A question that nobody answered may still wait for the terminal.
    runtime.shutdown_background();
    drop(lock);
    let summary = ended.map_err(|error| match error {
        engine::EngineError::NotRecorded(source) => journal_error(&source.to_string()),
    })?;
    let Ok(complaints) = shown else { return Ok(stopped(&control)) };
    for complaint in &complaints {
        let palette = render.stderr.palette(render.color);
        // Nowhere is left to report that standard error is gone.
        let _ = render::warn(&mut std::io::stderr(), palette, &complaint.to_string());
    }
    Ok(exit_code(&summary, args, complaints.is_empty()))
}

/// Says what connects to which host, as often as `-v` was given asks for.
fn tell_transports(plan: &engine::Plan, ssh: &Auto, verbose: u8) {
    let detail = match verbose {
        0 => return,
        1 => Detail::Folded,
        _ => Detail::EachHost,
    };
    // Nowhere is left to report that standard error is gone.
    let _ = std::io::stderr().write_all(transports::describe(&plan.hosts, ssh, detail).as_bytes());
}

/// Runs the plan, and waits until all of it is recorded and shown; a signal gives up those who do not read.
async fn run_and_show(
    plan: engine::Plan,
    header: Arc<RunHeader>,
    context: Context,
    bus: Bus,
    interrupts: &Interrupts,
) -> (Result<Summary, engine::EngineError>, Result<Vec<SubscriberError>, GivenUp>) {
    interrupts.attach(context.events.clone(), bus.give_up());
    let guard = tokio::spawn(signals::stop_without_journal(bus.journal_failed(), context.control.clone()));
    let ended = engine::execute(plan, header, context).await;
    guard.abort();
    interrupts.detach(bus.give_up());
    (ended, bus.finish().await)
}

fn journal_error(reason: &str) -> CliError {
    CliError::usage(anyhow!("the run cannot be recorded, so nothing was started: {reason}"))
        .hint("--journal-dir names another place for the journal")
}

/// Unknown host keys are asked about at a terminal; a changed key never is.
fn asks_host_keys(args: &RunArgs) -> bool {
    confirm::can_ask() && !args.output.quiet && !args.limits.accept_new_host_keys
}

fn render_options(args: &RunArgs, color: Color) -> RenderOptions {
    let output = &args.output;
    let view = match (output.stream, output.diff_output, output.fields) {
        (true, ..) => View::Stream,
        (_, true, _) => View::Diff,
        (_, _, true) => View::Fields,
        _ => View::Fold,
    };
    RenderOptions {
        format: if output.passthrough { Format::Passthrough } else { output.format },
        view,
        quiet: output.quiet,
        color: output.color.unwrap_or(color),
        output_dir: output.output_dir.clone(),
        ..RenderOptions::detect()
    }
}

fn exit_code(summary: &Summary, args: &RunArgs, complete: bool) -> ExitCode {
    let code = match ExitCode::of(summary) {
        code @ (ExitCode::Ok | ExitCode::Failed) if args.output.passthrough || args.output.maxrc => {
            match summary.max_rc {
                Some(rc) if rc > 0 => ExitCode::Remote(u8::try_from(rc.min(255)).unwrap_or(255)),
                _ => code,
            }
        }
        // As ssh says it.
        ExitCode::Unreachable if args.output.passthrough => ExitCode::Remote(255),
        code => code,
    };
    // Output that could not be written is no success.
    if code == ExitCode::Ok && !complete { ExitCode::Internal } else { code }
}
