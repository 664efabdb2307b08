//! A run of playbooks: its plays, their batches, and how each host ends.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use indexmap::{IndexMap, IndexSet};
use tokio::time::Instant;

use super::connect::Connections;
use super::context::{DeployOptions, PlayContext, Reload, RunContext};
use super::cursor::Cursor;
use super::files::Prompt;
use super::handlers::Handlers;
use super::host::{HostRun, HostState};
use super::linear;
use super::questions;
use super::session::Reach;
use super::sessions::Sessions;
use super::setup::{Selected, SetUp, pattern};
use super::vars::{FactsWanted, Layers, PlayFiles, PlayVars, RunFacts, Store};
use super::vars_files;
use crate::engine::{Control, EngineError, Phase, raise_when_killed};
use crate::event::{
    DeployEvent, EventKind, EventSender, Failure, FailureKind, HostReport, Outcome, PlayInfo, RunHeader, Summary,
};
use crate::inventory::{HostPattern, Inventory};
use crate::modules::{self, to_bool};
use crate::playbook::{Action, Arguments, Entry, Keywords, Loader, Parent, Play, Playbook, Task};
use crate::remote::StopSignal;
use crate::template::{Dict, Environment, Key, SearchPath, Templar, Value};

/// What a run of playbooks needs besides them.
pub struct DeployContext {
    /// Who there is.
    pub inventory: Arc<Inventory>,
    /// Reads the inventory anew; none where it does not change.
    pub reload: Option<Reload>,
    /// Loads what plays include.
    pub loader: Arc<Loader>,
    /// What all templates share.
    pub environment: Arc<Environment>,
    /// Completes connection variables.
    pub connections: Arc<dyn Connections>,
    /// How hosts are reached.
    pub reach: Arc<Reach>,
    /// Where events go.
    pub events: EventSender,
    /// Stops the run.
    pub control: Control,
    /// Asks a person; none where nobody is there.
    pub prompt: Option<Arc<dyn Prompt>>,
    /// What the command line says.
    pub options: DeployOptions,
    /// Told as soon as the run is on record.
    pub warnings: Vec<String>,
}

/// Runs playbooks to their end.
///
/// # Errors
/// Fails only when the intent cannot be recorded; then no host has been touched.
pub async fn deploy(
    playbooks: &[Playbook],
    header: Arc<RunHeader>,
    context: DeployContext,
) -> Result<Summary, EngineError> {
    let started = Instant::now();
    let id = header.run;
    let recorded = context.events.send_recorded(EventKind::RunStarted(header)).await;
    recorded.map_err(EngineError::NotRecorded)?;
    let (kill, stop) = StopSignal::channel();
    let watcher = tokio::spawn(raise_when_killed(context.control.watch(), kill));
    let store = Arc::new(Store::new(&context.inventory));
    let steps = AtomicBool::new(context.options.step);
    let run = Arc::new(RunContext {
        options: context.options,
        reload: context.reload,
        loader: context.loader,
        connections: context.connections,
        environment: Arc::clone(&context.environment),
        sessions: Sessions::new(context.reach),
        jobs: super::jobs::Jobs::default(),
        events: Mutex::new(Some(context.events)),
        control: context.control,
        stop,
        recaps: Mutex::default(),
        fates: Mutex::default(),
        prompt: context.prompt,
        last_task: AtomicU32::new(0),
        started: AtomicBool::new(false),
        steps,
    });
    for warning in context.warnings {
        run.warn(warning).await;
    }
    let mut plays = Plays {
        run: Arc::clone(&run),
        store,
        environment: context.environment,
        ends: IndexMap::new(),
        cleared: IndexSet::new(),
        has_ended: false,
    };
    let mut number = 0;
    'all: for playbook in playbooks {
        for play in &playbook.plays {
            number += 1;
            if run.control.phase() != Phase::Run || !plays.play(play, number).await {
                break 'all;
            }
        }
        if plays.have_failed() {
            break;
        }
    }
    for session in run.sessions.take_all() {
        session.close().await;
    }
    watcher.abort();
    Ok(plays.finish(id, started).await)
}

/// A run under way.
struct Plays {
    run: Arc<RunContext>,
    store: Arc<Store>,
    environment: Arc<Environment>,
    /// Every host that a play named, and what has become of it.
    ends: IndexMap<Arc<str>, HostState>,
    /// Hosts whose failure `meta: clear_host_errors` has undone: later plays take them again.
    cleared: IndexSet<Arc<str>>,
    /// Whether `meta: end_play` has ended the play in its last batch.
    has_ended: bool,
}

impl Plays {
    /// Whether a host has failed or is lost; then no further playbook is begun.
    fn have_failed(&self) -> bool {
        self.ends.values().any(|state| matches!(state, HostState::Failed | HostState::Unreachable))
    }

    /// Runs one play; tells whether others follow: not when a whole batch has failed.
    async fn play(&mut self, play: &Arc<Play>, number: u32) -> bool {
        let setup = match self.set_up(play).await {
            Ok(setup) => setup,
            Err(message) => return self.cannot_begin(play, &message).await,
        };
        if setup.hosts.is_empty() {
            self.run.warn(format!("{}: {}", play.place, setup.no_hosts())).await;
        }
        let batches = setup.batches();
        let count = u32::try_from(batches.len()).unwrap_or(u32::MAX);
        for (batch, hosts) in (1..).zip(batches) {
            let info = PlayInfo {
                name: setup.name.clone(),
                number,
                batch,
                batches: count,
                hosts: hosts.clone(),
                place: play.place.to_string(),
            };
            self.run.tell(DeployEvent::PlayStarted(info)).await;
            if !self.batch(play, &setup, hosts).await || self.run.control.phase() != Phase::Run {
                if let Some(left) = setup.left_after(batch) {
                    self.run.warn(format!("{}: {left}", play.place)).await;
                }
                return false;
            }
            if self.has_ended {
                break;
            }
        }
        true
    }

    async fn cannot_begin(&self, play: &Play, message: &str) -> bool {
        self.run.warn(format!("{}: {message}", play.place)).await;
        self.run.control.drain(crate::event::StopCause::Play);
        false
    }

    /// Runs one batch; tells whether any of its hosts is left.
    async fn batch(&mut self, play: &Arc<Play>, setup: &SetUp, hosts: Vec<Arc<str>>) -> bool {
        let context = Arc::new(self.context(play, setup, &hosts));
        let entries: Arc<[Entry]> = entries(play).into();
        let handlers = context.handlers.all();
        let mut runs = Vec::new();
        for (number, name) in hosts.into_iter().enumerate() {
            self.store.begin_play(&name);
            if !self.ends.contains_key(&name) {
                let event = EventKind::HostStarted { host: Arc::clone(&name) };
                self.run.send(event).await;
            }
            self.ends.insert(Arc::clone(&name), HostState::Going);
            self.cleared.shift_remove(&name);
            let cursor = Cursor::new(Arc::clone(&entries), Arc::clone(&handlers));
            runs.push(HostRun { name, number, cursor, state: HostState::Going, roles: Vec::new() });
        }
        let names: Vec<Arc<str>> = runs.iter().map(|host| Arc::clone(&host.name)).collect();
        if vars_files::differ(play)
            && let Err(message) = vars_files::of_hosts(&context, &names).await
        {
            return self.cannot_begin(play, &message).await;
        }
        match setup.strategy.as_str() {
            "free" | "host_pinned" => linear::run_free(&context, &mut runs).await,
            other => {
                if !matches!(other, "linear" | "mitogen_linear") {
                    self.run.warn(format!("{}: there is no strategy `{other}`; linear is taken", play.place)).await;
                }
                linear::run(&context, &mut runs).await;
            }
        }
        for host in &mut runs {
            host.peek();
            self.ends.insert(Arc::clone(&host.name), host.state);
        }
        self.has_ended = context.ended.load(Ordering::Relaxed);
        if context.cleared.load(Ordering::Relaxed) {
            self.cleared.extend(setup.hosts.iter().chain(&setup.gone).cloned());
        }
        runs.iter().any(|host| matches!(host.state, HostState::Going | HostState::Ended))
    }

    fn context(&self, play: &Arc<Play>, setup: &SetUp, hosts: &[Arc<str>]) -> PlayContext {
        let facts = RunFacts {
            fixed: setup.fixed.clone(),
            alive: RwLock::new(hosts.to_vec()),
            batch: hosts.to_vec(),
            all: setup.hosts.clone(),
        };
        let layers = Layers { run: Arc::new(facts), ..setup.layers.clone() };
        let options = &self.run.options;
        let rendered = |value: Option<&Value>| value.and_then(|value| setup.templar.render(value).ok());
        let flag = |value: Option<&Value>, default| rendered(value).as_ref().and_then(to_bool).unwrap_or(default);
        let percentage = rendered(play.max_fail_percentage.as_ref())
            .and_then(|value| value.to_string().trim_end_matches('%').trim().parse().ok());
        PlayContext {
            run: Arc::clone(&self.run),
            play: Arc::clone(play),
            handlers: Handlers::new(&play.handlers, setup.templar.clone()),
            layers,
            setup: setup_task(play),
            gathers: flag(play.gather_facts.as_ref(), options.gathers),
            force_handlers: flag(play.force_handlers.as_ref(), options.force_handlers),
            fatal: AtomicBool::new(false),
            cleared: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            max_fail_percentage: percentage,
        }
    }

    async fn set_up(&self, play: &Arc<Play>) -> Result<SetUp, String> {
        let options = &self.run.options;
        let mut fixed = options.fixed_vars.clone();
        fixed.insert("playbook_dir".into(), Value::text(play.directory.to_string_lossy()));
        fixed.insert("ansible_check_mode".into(), options.check.into());
        fixed.insert("ansible_diff_mode".into(), options.diff.into());
        fixed.insert("ansible_forks".into(), options.forks.into());
        fixed.insert("ansible_verbosity".into(), i64::from(options.verbosity).into());
        let texts = |texts: &[String]| Value::list(texts.iter().map(|text| Value::text(text.as_str())).collect());
        fixed.insert("ansible_skip_tags".into(), texts(&options.tags.skip));
        let only = if options.tags.only.is_empty() { vec!["all".to_owned()] } else { options.tags.only.clone() };
        fixed.insert("ansible_run_tags".into(), texts(&only));
        fixed.extend(super::vars::role_names(&play.roles));
        let vars = PlayVars {
            extra: Arc::new(options.extra_vars.clone()),
            vars: play.root.keywords.vars.clone().unwrap_or_default(),
            roles: Mutex::new(play.roles.clone()),
            ..PlayVars::default()
        };
        let layers = |vars: PlayVars, fixed: &Dict| Layers {
            store: Arc::clone(&self.store),
            play: Arc::new(vars),
            run: Arc::new(RunFacts { fixed: fixed.clone(), ..RunFacts::default() }),
            environment: Arc::clone(&self.environment),
            wanted: FactsWanted::default(),
        };
        let first = layers(vars, &fixed);
        let templar = self.templar(play, &first, &"localhost".into());
        let render = |value: &Value| templar.render(value).map_err(|error| error.to_string());
        let name = play
            .name
            .as_ref()
            .map_or_else(|| Ok(pattern(&play.hosts)), |name| render(name).map(|name| name.to_string()))?;
        fixed.insert("ansible_play_name".into(), Value::text(name.as_str()));
        let order = play.order.as_ref().map(render).transpose()?.map(|order| order.to_string());
        let pattern = pattern(&render(&play.hosts)?);
        let Selected { hosts, gone, limited } = self.select(&pattern, order.as_deref())?;
        let serial = play.serial.iter().map(render).collect::<Result<Vec<_>, _>>()?;
        let strategy = play
            .strategy
            .as_ref()
            .map_or_else(|| Ok(options.strategy.clone()), |strategy| render(strategy).map(|name| name.to_string()))?;
        let host = hosts.first().cloned().unwrap_or_else(|| "localhost".into());
        let shared = if vars_files::differ(play) {
            Dict::new()
        } else {
            vars_files::shared(&self.run, play, &self.templar(play, &first, &host))?
        };
        let vars = PlayVars {
            extra: Arc::new(options.extra_vars.clone()),
            files: PlayFiles::shared(shared),
            prompted: questions::prompted(&self.run, play, &templar).await?,
            vars: play.root.keywords.vars.clone().unwrap_or_default(),
            roles: Mutex::new(play.roles.clone()),
        };
        let layers = layers(vars, &fixed);
        let templar = self.templar(play, &layers, &host);
        let strategy = strategy.rsplit('.').next().unwrap_or_default().to_owned();
        Ok(SetUp { name, pattern, hosts, gone, limited, serial, strategy, layers, templar, fixed })
    }

    fn templar(&self, play: &Play, layers: &Layers, host: &Arc<str>) -> Templar {
        let search =
            Arc::new(SearchPath { directories: vec![play.directory.clone()], playbook: play.directory.clone() });
        let scope = super::vars::TaskScope::new(layers, host, None, Arc::clone(&search));
        Templar::new(Arc::clone(&self.environment), Arc::new(scope), search)
    }

    /// The hosts of a pattern, in the play's order.
    fn select(&self, pattern: &str, order: Option<&str>) -> Result<Selected, String> {
        let parsed = HostPattern::parse(pattern).map_err(|error| format!("hosts: {error}"))?;
        let limit = self.run.options.limit.as_ref();
        let inventory = self.store.inventory();
        let selection = inventory.select(&parsed, limit);
        let limited = selection.hosts.is_empty() && !inventory.select(&parsed, None).hosts.is_empty();
        let mut hosts: IndexSet<Arc<str>> = selection.hosts.into_iter().collect();
        let groups = self.store.groups();
        for part in pattern.split([',', ':']).map(str::trim) {
            // What tasks added is in no inventory.
            let is_new_group = inventory.group(part).is_none();
            let of_group = groups.hosts(part).into_iter().flatten();
            hosts.extend(of_group.filter(|host| is_new_group || inventory.host(host).is_none()).cloned());
            if inventory.host(part).is_none() && self.store.knows(part) {
                hosts.insert(part.into());
            }
        }
        let has_failed =
            |host: &Arc<str>| matches!(self.ends.get(host), Some(HostState::Failed | HostState::Unreachable));
        let is_gone = |host: &Arc<str>| has_failed(host) && !self.cleared.contains(host);
        let (gone, hosts): (Vec<Arc<str>>, Vec<Arc<str>>) = hosts.into_iter().partition(is_gone);
        for host in &hosts {
            self.store.ensure(host);
        }
        let mut hosts = hosts;
        match order {
            Some("sorted") => hosts.sort(),
            Some("reverse_sorted") => hosts.sort_by(|one, two| two.cmp(one)),
            Some("reverse_inventory") => hosts.reverse(),
            _ => {}
        }
        Ok(Selected { hosts, gone, limited })
    }

    async fn finish(self, id: crate::event::RunId, started: Instant) -> Summary {
        let mut summary = Summary::new(id);
        let recaps = self.run.recaps.lock().expect("nothing panics while it holds the lock").clone();
        let fates = self.run.fates.lock().expect("nothing panics while it holds the lock").clone();
        let stopped = match self.run.control.phase() {
            Phase::Run => None,
            Phase::Drain(cause) | Phase::Kill(cause) => Some(cause),
        };
        for (host, state) in &self.ends {
            let recap = recaps.get(host).copied().unwrap_or_default();
            let (outcome, failure) = match state {
                HostState::Failed => (Outcome::Failed, Some((FailureKind::Command, "a task failed"))),
                HostState::Unreachable => {
                    (Outcome::Unreachable, Some((FailureKind::Lost, "the host could not be reached")))
                }
                HostState::Going if stopped.is_some() => {
                    (Outcome::Cancelled, Some((FailureKind::Cancelled, "the run was stopped")))
                }
                _ if recap.changed > 0 => (Outcome::Changed, None),
                _ => (Outcome::Ok, None),
            };
            let failure = failure.map(|(kind, message)| Failure { kind, message: message.to_owned(), hint: None });
            let report = HostReport {
                outcome,
                failure,
                duration: started.elapsed(),
                recap: Some(recap),
                fate: fates.get(host).copied(),
                ..HostReport::not_started(Arc::clone(host))
            };
            summary.count(&report);
            self.run.send(EventKind::HostEnded(Arc::new(report))).await;
        }
        summary.duration = started.elapsed();
        summary.stopped = stopped;
        self.run.send(EventKind::RunEnded(Arc::new(summary.clone()))).await;
        self.run.end_events();
        summary
    }
}

/// All tasks of a play, handlers flushed where Ansible flushes them.
fn entries(play: &Play) -> Vec<Entry> {
    let flush = || Entry::Task(Arc::new(order(play, Action::Meta(Value::text("flush_handlers")))));
    let mut entries = play.pre_tasks.clone();
    if !play.pre_tasks.is_empty() {
        entries.push(flush());
    }
    entries.extend(play.role_tasks.iter().chain(&play.tasks).cloned());
    entries.push(flush());
    if !play.post_tasks.is_empty() {
        entries.extend(play.post_tasks.iter().cloned());
        entries.push(flush());
    }
    entries
}

/// The task that gathers facts.
fn setup_task(play: &Play) -> Arc<Task> {
    let module = modules::find("setup").expect("`setup` is registered");
    let mut named = Dict::new();
    let given = [
        ("gather_subset", &play.gather_subset),
        ("gather_timeout", &play.gather_timeout),
        ("fact_path", &play.fact_path),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            named.insert(Key::from(name), value.clone());
        }
    }
    Arc::new(order(play, Action::Module(module, Arguments { named, whole: None })))
}

/// A task of our own, which no tag leaves out.
fn order(play: &Play, action: Action) -> Task {
    let keywords = Keywords { tags: vec![Value::text("always")], ..Keywords::default() };
    Task { keywords, ..Task::new(play.place.clone(), action, Arc::<Parent>::clone(&play.root)) }
}
