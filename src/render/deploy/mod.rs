//! A run of playbooks for a person: a line a play and task, hosts folded by outcome, a recap at the end.

mod failure;
mod fold;
mod hunks;
mod live;
mod recap;
mod task;
mod value;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use self::live::Live;
use self::recap::Times;
use super::host_set::host_set;
use super::message::warn;
use super::sanitize::sanitize_line;
use super::sink::Sink;
use super::style::Palette;
use super::{RenderOptions, terminal_width};
use crate::event::{
    DeployEvent, Event, EventKind, HostReport, PlayInfo, RunHeader, Subscriber, SubscriberError, Summary, TaskInfo,
    TaskReport, TaskStatus,
};

/// How much is said of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// `-v`: results as well; `-vv`: arguments too.
    pub verbosity: u8,
    /// Whether skipped tasks are shown.
    pub skipped: bool,
    /// Whether it is one module and no play: of it there is nothing but the result.
    pub ad_hoc: bool,
    /// Whether the times of all tasks matter, however short they were.
    pub times: bool,
}

impl Default for TaskView {
    fn default() -> Self {
        Self { verbosity: 0, skipped: true, ad_hoc: false, times: false }
    }
}

/// What a run of playbooks is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person who waits for it.
    Person,
    /// Whoever reads the file later.
    Log,
}

/// In which form tasks are shown.
#[derive(Clone, Copy, Debug)]
struct Look {
    palette: Palette,
    /// Columns to keep within, where there are any.
    width: Option<usize>,
    view: TaskView,
}

/// A task that has begun.
#[derive(Debug)]
struct Open {
    task: Arc<TaskInfo>,
    ended: Vec<Arc<TaskReport>>,
    items: Vec<Arc<TaskReport>>,
    started: Timestamp,
    last: Timestamp,
}

impl Open {
    /// Puts what hosts said into the play's order, items into that of their loop.
    fn sort(&mut self, hosts: &[Arc<str>]) {
        let places: HashMap<&Arc<str>, usize> = hosts.iter().zip(0..).collect();
        let place = |report: &Arc<TaskReport>| places.get(&report.host).copied().unwrap_or(usize::MAX);
        self.ended.sort_by_key(place);
        let mut labels: HashMap<Option<String>, usize> = HashMap::new();
        for item in &self.items {
            let next = labels.len();
            labels.entry(item.item.clone()).or_insert(next);
        }
        self.items.sort_by_key(|item| (labels[&item.item], place(item)));
    }

    fn is_complete(&self) -> bool {
        self.task.hosts.is_some_and(|hosts| self.ended.len() >= hosts as usize)
    }
}

/// Shows a run of playbooks.
pub(super) struct Tasks {
    stdout: Sink,
    stderr: Sink,
    look: Look,
    stderr_palette: Palette,
    quiet: bool,
    reader: Reader,
    live: Option<Live>,
    /// Hosts of the play that are still in it.
    hosts: Vec<Arc<str>>,
    open: BTreeMap<u32, Open>,
    recaps: Vec<Arc<HostReport>>,
    warned: HashSet<String>,
    times: Times,
}

impl Tasks {
    pub(super) fn new(options: &RenderOptions, stdout: Sink, stderr: Sink, reader: Reader) -> Self {
        let is_live = options.stderr.redraws && !options.quiet && reader == Reader::Person;
        let fits = options.stdout.is_terminal || options.width.is_some();
        let width = fits.then(|| usize::from(options.width.unwrap_or_else(terminal_width)));
        Self {
            look: Look { palette: options.stdout.palette(options.color), width, view: options.tasks },
            stderr_palette: options.stderr.palette(options.color),
            quiet: options.quiet,
            reader,
            live: is_live.then(|| Live::new(stderr.clone(), options.width, options.pause.clone())),
            stdout,
            stderr,
            hosts: Vec::new(),
            open: BTreeMap::new(),
            recaps: Vec::new(),
            warned: HashSet::new(),
            times: Times::default(),
        }
    }

    fn begin_run(&self, header: &RunHeader, time: Timestamp) {
        if self.reader == Reader::Log {
            let words = sanitize_line(&header.command);
            self.stdout.line(format!("\n{time}  run {}: {} {words}", header.run, header.verb.name()));
        }
    }

    fn play(&mut self, play: &PlayInfo) {
        self.show_rest();
        self.hosts.clone_from(&play.hosts);
        if self.quiet || self.look.view.ad_hoc {
            return;
        }
        let text = task::play(play, self.look);
        self.aside(|| self.stdout.line(text));
        self.stdout.flush();
    }

    fn begin(&mut self, task: &Arc<TaskInfo>, time: Timestamp) {
        // Of what includes nobody tells when it has ended.
        let unknown: Vec<u32> =
            self.open.iter().filter(|(_, open)| open.task.hosts.is_none()).map(|(id, _)| *id).collect();
        for id in unknown {
            self.show(id);
        }
        let open = Open { task: Arc::clone(task), ended: Vec::new(), items: Vec::new(), started: time, last: time };
        self.open.insert(task.id, open);
    }

    fn ended(&mut self, report: &Arc<TaskReport>, time: Timestamp) {
        if matches!(report.status, TaskStatus::Failed | TaskStatus::Unreachable) && !report.ignored {
            self.hosts.retain(|host| *host != report.host || report.status == TaskStatus::Failed);
        }
        let id = report.task.id;
        let open = self.open.entry(id).or_insert_with(|| Open {
            task: Arc::clone(&report.task),
            ended: Vec::new(),
            items: Vec::new(),
            started: time,
            last: time,
        });
        open.last = time;
        open.ended.push(Arc::clone(report));
        if open.is_complete() {
            self.show(id);
        }
    }

    /// Shows a task that has ended.
    fn show(&mut self, id: u32) {
        let Some(mut open) = self.open.remove(&id) else { return };
        if open.ended.is_empty() {
            return;
        }
        open.sort(&self.hosts);
        if open.ended.iter().any(|report| report.status != TaskStatus::Skipped) {
            self.times.add(&open);
        }
        for text in open.ended.iter().chain(&open.items).flat_map(|report| &report.warnings) {
            self.warning(text);
        }
        let is_bad = |report: &Arc<TaskReport>| {
            matches!(report.status, TaskStatus::Failed | TaskStatus::Unreachable) && !report.ignored
        };
        if self.quiet && !open.ended.iter().any(is_bad) {
            return;
        }
        if !self.look.view.skipped && open.ended.iter().all(|report| report.status == TaskStatus::Skipped) {
            return;
        }
        let text = task::task(&open, self.hosts.len(), self.look);
        self.aside(|| self.stdout.write(text));
        self.stdout.flush();
    }

    fn show_rest(&mut self) {
        let left: Vec<u32> = self.open.keys().copied().collect();
        for id in left {
            self.show(id);
        }
    }

    fn warning(&mut self, text: &str) {
        if !self.quiet && self.warned.insert(text.to_owned()) {
            let mut out = Vec::new();
            // Nowhere is left to report that standard error is gone.
            let _ = warn(&mut out, self.stderr_palette, &sanitize_line(text));
            self.aside(|| {
                self.stderr.write(out);
                self.stderr.flush();
            });
        }
    }

    /// Writes while the live line is away.
    fn aside(&self, write: impl FnOnce()) {
        match &self.live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }

    fn draw(&mut self, now: Timestamp) {
        if let Some(live) = &mut self.live {
            live.draw(self.open.values(), &self.hosts, now);
        }
    }

    fn owed(&mut self, host: &str, handlers: &[String]) {
        self.warning(&format!("{host}: these handlers were notified and did not run: {}", handlers.join(", ")));
    }

    fn end(&mut self, summary: &Summary) {
        self.show_rest();
        if let Some(live) = self.live.take() {
            live.clear();
        }
        let failed = self.recaps.iter().any(|report| !report.outcome.is_success());
        if self.quiet && !failed {
            return;
        }
        if !self.recaps.is_empty() {
            self.stdout.line("\nRECAP");
            self.stdout.write(recap::table(&self.recaps, self.look));
        }
        self.stdout.write(self.times.slowest(self.look));
        self.stdout.line(super::tally::tally(summary, self.look.palette));
    }

    fn deploy(&mut self, event: &DeployEvent, time: Timestamp) {
        match event {
            DeployEvent::PlayStarted(play) => self.play(play),
            DeployEvent::TaskStarted(task) => self.begin(task, time),
            DeployEvent::ItemEnded(report) => {
                if let Some(open) = self.open.get_mut(&report.task.id) {
                    open.items.push(Arc::clone(report));
                }
            }
            DeployEvent::TaskEnded(report) => self.ended(report, time),
            DeployEvent::HandlersOwed { host, handlers } => self.owed(host, handlers),
            DeployEvent::TaskIntent { .. } => {}
        }
    }
}

/// Hosts in range notation, made harmless.
fn names(hosts: &[&str]) -> String {
    sanitize_line(&host_set(hosts)).into_owned()
}

impl Subscriber for Tasks {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::Deploy(happened) => self.deploy(happened, event.time),
            EventKind::RunStarted(header) => self.begin_run(header, event.time),
            EventKind::HostEnded(report) => self.recaps.push(Arc::clone(report)),
            EventKind::Warning(text) => self.warning(text),
            EventKind::Stopping(cause) => {
                let text = format!("{}; what is running is being ended", super::tally::stop_words(*cause));
                self.warning(&text);
            }
            EventKind::RunEnded(summary) => {
                self.end(summary);
                return super::finish(&self.stdout, &self.stderr);
            }
            EventKind::HostStarted { .. } | EventKind::Output { .. } => {}
        }
        self.draw(event.time);
        Ok(())
    }

    fn on_tick(&mut self) {
        self.draw(Timestamp::now());
    }
}
