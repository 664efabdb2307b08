//! What all tasks of a run and of a play share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;

use super::connect::Connections;
use super::handlers::Handlers;
use super::jobs::Jobs;
use super::sessions::Sessions;
use super::vars::{FactsWanted, Layers, TaskScope};
use crate::engine::Control;
use crate::event::{DeployEvent, EventKind, EventSender, Fate, Recap};
use crate::inventory::Inventory;
use crate::playbook::{Loader, Play, TagFilter, Task, search_path};
use crate::remote::StopSignal;
use crate::template::{Dict, Environment, SearchPath, Templar};

/// What the command line says about a run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct DeployOptions {
    /// `--check`.
    pub check: bool,
    /// `--diff`.
    pub diff: bool,
    /// `-v` to `-vvv`.
    pub verbosity: u8,
    /// Hosts in flight at once; at least 1.
    pub forks: usize,
    /// `--tags` and `--skip-tags`.
    pub tags: TagFilter,
    /// `--limit`.
    pub limit: Option<crate::inventory::HostPattern>,
    /// `--extra-vars`.
    pub extra_vars: Dict,
    /// `--start-at-task`.
    pub start_at: Option<String>,
    /// `--step`.
    pub step: bool,
    /// `--force-handlers`.
    pub force_handlers: bool,
    /// Whether facts are gathered for plays that do not say (`gathering`).
    pub gathers: bool,
    /// `any_errors_fatal` of plays that do not say.
    pub any_errors_fatal: bool,
    /// The strategy of plays that do not say.
    pub strategy: String,
    /// Connection variables of hosts that have none of these names: `ansible_ssh_common_args` and the like.
    pub ssh_args: Vec<(&'static str, String)>,
    /// Names that are the same everywhere: `ansible_version`, `inventory_dir`, …
    pub fixed_vars: Dict,
}

/// Reads the inventory anew; says why it cannot.
pub type Reload = Arc<dyn Fn() -> Result<Arc<Inventory>, String> + Send + Sync>;

/// What all tasks of a run share.
pub(super) struct RunContext {
    pub options: DeployOptions,
    /// Reads the inventory anew.
    pub reload: Option<Reload>,
    pub loader: Arc<Loader>,
    pub connections: Arc<dyn Connections>,
    /// What all templates share.
    pub environment: Arc<Environment>,
    pub sessions: Sessions,
    /// Tasks that go on by themselves.
    pub jobs: Jobs,
    /// Where events go; nowhere once the run has ended: a template that is still computed must not hold the bus.
    pub events: Mutex<Option<EventSender>>,
    pub control: Control,
    pub stop: StopSignal,
    pub recaps: Mutex<IndexMap<Arc<str>, Recap>>,
    /// What became of what ran on a host when it was ended.
    pub fates: Mutex<IndexMap<Arc<str>, Fate>>,
    pub prompt: Option<Arc<dyn super::files::Prompt>>,
    /// The number of the last task that began.
    pub last_task: std::sync::atomic::AtomicU32,
    /// Whether the task that `--start-at-task` names has come.
    pub started: AtomicBool,
    /// Whether a person is asked before each task: `--step`, until they say that it shall go on.
    pub steps: AtomicBool,
}

/// What all tasks of a play's batch share.
pub(super) struct PlayContext {
    pub run: Arc<RunContext>,
    pub play: Arc<Play>,
    pub layers: Layers,
    /// Gathers facts.
    pub setup: Arc<Task>,
    /// Whether facts that are asked for may be gathered.
    pub gathers: bool,
    /// The handlers.
    pub handlers: Handlers,
    /// Whether hosts that failed still run their handlers.
    pub force_handlers: bool,
    /// Whether a task failed that ends the batch with it.
    pub fatal: AtomicBool,
    /// Whether `meta: clear_host_errors` lets later plays take hosts that failed.
    pub cleared: AtomicBool,
    /// Whether `meta: end_play` leaves out the batches that are left.
    pub ended: AtomicBool,
    /// `max_fail_percentage`.
    pub max_fail_percentage: Option<f64>,
}

impl std::fmt::Debug for PlayContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.play.place.fmt(f)
    }
}

impl RunContext {
    /// Tells what happened.
    pub async fn tell(&self, event: DeployEvent) {
        self.send(EventKind::Deploy(Arc::new(event))).await;
    }

    /// Says something that is no host's outcome.
    pub async fn warn(&self, text: impl Into<String>) {
        let text = crate::secret::masked(&text.into(), &self.environment.secrets());
        self.send(EventKind::Warning(text)).await;
    }

    /// Sends any event.
    pub async fn send(&self, kind: EventKind) {
        if let Some(events) = self.events() {
            // The bus ends only after every sender is gone; this is one.
            let _ = events.send(kind).await;
        }
    }

    /// Sends an event and waits until it is on record; says why it cannot be.
    pub async fn record(&self, event: DeployEvent) -> Result<(), String> {
        let Some(events) = self.events() else { return Err("the run has ended".to_owned()) };
        let recorded = events.send_recorded(EventKind::Deploy(Arc::new(event))).await;
        recorded.map_err(|error| error.to_string())
    }

    /// Ends the events of the run.
    pub fn end_events(&self) {
        self.events.lock().expect("nothing panics while it holds the lock").take();
    }

    fn events(&self) -> Option<EventSender> {
        self.events.lock().expect("nothing panics while it holds the lock").clone()
    }

    /// The number of the next task to begin.
    pub fn next_task(&self) -> u32 {
        self.last_task.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether the task that `--start-at-task` names has come, this one included.
    pub fn has_started(&self, task: &Task) -> bool {
        let Some(wanted) = &self.options.start_at else { return true };
        let name = task.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let role = task.parent.role().map(|role| format!("{} : {name}", role.name));
        if name == *wanted || role.as_deref() == Some(wanted) {
            self.started.store(true, Ordering::Relaxed);
        }
        self.started.load(Ordering::Relaxed)
    }

    /// Notes what became of what ran on a host when it was ended.
    pub fn note_fate(&self, host: &Arc<str>, fate: Fate) {
        self.fates.lock().expect("nothing panics while it holds the lock").insert(Arc::clone(host), fate);
    }

    /// Changes the recap of a host.
    pub fn count(&self, host: &Arc<str>, change: impl FnOnce(&mut Recap)) {
        let mut recaps = self.recaps.lock().expect("nothing panics while it holds the lock");
        change(recaps.entry(Arc::clone(host)).or_default());
    }
}

impl PlayContext {
    /// Where the files that a task names are looked for.
    pub fn search(&self, task: &Task) -> SearchPath {
        search_path(&task.parent, &self.play.directory)
    }

    /// Computes what belongs to no task.
    pub fn plain_templar(&self, host: &Arc<str>) -> Templar {
        let search = Arc::new(SearchPath {
            directories: vec![self.play.directory.clone()],
            playbook: self.play.directory.clone(),
        });
        let scope = TaskScope::new(&self.fresh_layers(), host, None, Arc::clone(&search));
        Templar::new(Arc::clone(&self.layers.environment), Arc::new(scope), search)
    }

    /// The layers with a note of their own of the facts that are asked for.
    pub fn fresh_layers(&self) -> Layers {
        Layers { wanted: FactsWanted::default(), ..self.layers.clone() }
    }
}
