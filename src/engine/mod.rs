//! Drives hosts through a run: batches, budgets, cancel; emits events.
//!
//! Every host of the plan ends in exactly one [`HostReport`]. A host that fails never stops another, unless a budget
//! says so.

mod control;
pub mod deploy;
mod host;
mod host_keys;
mod output;
mod plan;

pub use control::{Control, Phase};
pub use host_keys::{ConfirmHostKeys, UnknownHostKey};
pub use plan::{ConnectionKind, Plan, PlannedHost, Work};

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use self::host::{Shared, TurnEnd, run_turn};
use self::output::Memory;
use crate::event::{EventKind, EventSender, HostReport, Outcome, RunHeader, StopCause, Summary};
use crate::remote::StopSignal;
use crate::transport::Transport;

/// What a run needs besides its plan.
pub struct Context {
    /// For hosts over SSH.
    pub ssh: Arc<dyn Transport>,
    /// For hosts that are the controller itself.
    pub local: Arc<dyn Transport>,
    /// Where events go.
    pub events: EventSender,
    /// Told as soon as the run is on record.
    pub warnings: Vec<String>,
    /// Stops the run.
    pub control: Control,
    /// Asked about unknown host keys, all at once, when everything else is done.
    pub confirm: Option<Box<dyn ConfirmHostKeys>>,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The intent could not be recorded, so no host was touched.
    #[error("the run could not be recorded, so nothing was started: {0}")]
    NotRecorded(#[source] crate::event::BusError),
}

/// Runs `plan` to its end.
///
/// # Errors
/// Fails only when the intent cannot be recorded; then no host has been touched.
pub async fn execute(plan: Plan, header: Arc<RunHeader>, context: Context) -> Result<Summary, EngineError> {
    let started = Instant::now();
    let id = header.run;
    let recorded = context.events.send_recorded(EventKind::RunStarted(header)).await;
    recorded.map_err(EngineError::NotRecorded)?;
    for warning in context.warnings {
        // The bus ends only after every sender is gone; this is one.
        let _ = context.events.send(EventKind::Warning(warning)).await;
    }
    let confirm = context.confirm;
    let (kill, stop) = StopSignal::channel();
    let mut run = Run {
        queue: VecDeque::new(),
        running: JoinSet::new(),
        summary: Summary::new(id),
        failures: 0,
        shared: Arc::new(Shared {
            ssh: context.ssh,
            local: context.local,
            events: context.events.clone(),
            memory: Memory::default(),
            deadline: plan.deadline,
            ask_host_keys: confirm.is_some(),
            plan,
        }),
        unknown_keys: Vec::new(),
        control: context.control,
        events: context.events,
        stop,
    };
    let deadline = run.shared.deadline;
    let watchdog = tokio::spawn(enforce(deadline, run.control.clone(), run.events.clone()));
    let watcher = tokio::spawn(raise_when_killed(run.control.watch(), kill));
    run.run_batches((0..run.shared.plan.hosts.len()).map(|index| (index, None)).collect()).await;
    if let Some(confirm) = confirm {
        run.run_confirmed(confirm).await;
    }
    watchdog.abort();
    watcher.abort();
    Ok(run.finish(started).await)
}

/// Ends the run at its deadline.
async fn enforce(deadline: Option<Instant>, control: Control, events: EventSender) {
    let Some(deadline) = deadline else { return };
    sleep_until(deadline).await;
    control.kill(StopCause::Deadline);
    // The deadline waits for nobody: with the bus full, it goes unannounced and is in the summary.
    let _ = events.send_if_room(EventKind::Stopping(StopCause::Deadline));
}

/// Raises the kill switch when the phase says so.
pub(crate) async fn raise_when_killed(mut phase: watch::Receiver<Phase>, kill: watch::Sender<bool>) {
    // The control outlives this task, so waiting cannot fail.
    let _ = phase.wait_for(|phase| matches!(phase, Phase::Kill(_))).await;
    kill.send_replace(true);
}

/// A host's turn: its place in the plan, and the fingerprint that a person has accepted for it.
type Turn = (usize, Option<String>);

/// A run under way.
struct Run {
    queue: VecDeque<Turn>,
    running: JoinSet<TurnEnd>,
    summary: Summary,
    failures: usize,
    shared: Arc<Shared>,
    unknown_keys: Vec<(usize, UnknownHostKey, Arc<HostReport>)>,
    control: Control,
    events: EventSender,
    stop: StopSignal,
}

impl Run {
    async fn run_batches(&mut self, turns: Vec<Turn>) {
        let sizes = self.shared.plan.batch_sizes(turns.len());
        self.queue = turns.into();
        for (number, size) in sizes.into_iter().enumerate() {
            if number > 0 {
                self.pause().await;
            }
            self.run_batch(size).await;
        }
        while let Some((index, _)) = self.queue.pop_front() {
            self.skip(index).await;
        }
    }

    /// Runs the first `size` turns of the queue.
    async fn run_batch(&mut self, size: usize) {
        let after = self.queue.len().saturating_sub(size);
        loop {
            while self.running.len() < self.shared.plan.forks.max(1)
                && self.queue.len() > after
                && self.control.phase() == Phase::Run
            {
                let Some((index, confirmed)) = self.queue.pop_front() else { break };
                self.running.spawn(run_turn(Arc::clone(&self.shared), index, confirmed, self.stop.clone()));
            }
            match self.running.join_next().await {
                Some(end) => self.take(end.expect("a host's task neither panics nor is aborted")).await,
                None => break,
            }
        }
    }

    /// Hosts whose keys a person has confirmed get a second turn, within the same limits.
    async fn run_confirmed(&mut self, mut confirm: Box<dyn ConfirmHostKeys>) {
        let unknown = std::mem::take(&mut self.unknown_keys);
        if unknown.is_empty() {
            return;
        }
        let keys: Vec<UnknownHostKey> = unknown.iter().map(|(_, key, _)| key.clone()).collect();
        let mut phase = self.control.watch();
        let accepted = tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase != Phase::Run) => false,
            accepted = confirm.confirm(&keys) => accepted,
        };
        if accepted {
            self.run_batches(unknown.into_iter().map(|(index, key, _)| (index, Some(key.fingerprint))).collect()).await;
        } else {
            for (_, _, report) in unknown {
                self.end(report).await;
            }
        }
    }

    async fn take(&mut self, end: TurnEnd) {
        match end {
            TurnEnd::Ended(report) => self.count(&report).await,
            TurnEnd::UnknownKey(index, key, report) => self.unknown_keys.push((index, key, report)),
            TurnEnd::OffTheRecord(index) => {
                self.control.drain(StopCause::Journal);
                self.skip(index).await;
            }
        }
    }

    async fn count(&mut self, report: &HostReport) {
        self.summary.count(report);
        if !report.outcome.is_success() && report.outcome != Outcome::Cancelled {
            self.failures += 1;
        }
        let plan = &self.shared.plan;
        let is_spent = plan.failure_budget.is_some_and(|budget| self.failures > budget);
        // With nobody left to start, there is nothing to stop.
        let is_waited_for = !self.queue.is_empty() || !self.unknown_keys.is_empty();
        let before = self.control.phase();
        // Those that a deadline or a person ends are not what the budget is for.
        if is_spent && is_waited_for && !matches!(before, Phase::Kill(_)) {
            self.control.drain(plan.budget_cause);
            if self.control.phase() != before {
                self.tell(EventKind::Stopping(plan.budget_cause)).await;
            }
        }
    }

    async fn skip(&mut self, index: usize) {
        let report = HostReport::not_started(Arc::clone(&self.shared.plan.hosts[index].name));
        self.summary.count(&report);
        self.tell(EventKind::HostEnded(Arc::new(report))).await;
    }

    async fn end(&mut self, report: Arc<HostReport>) {
        self.tell(EventKind::HostEnded(Arc::clone(&report))).await;
        self.count(&report).await;
    }

    async fn pause(&mut self) {
        let mut phase = self.control.watch();
        tokio::select! {
            () = sleep(self.shared.plan.pause) => {}
            _ = phase.wait_for(|phase| *phase != Phase::Run) => {}
        }
    }

    async fn finish(mut self, started: Instant) -> Summary {
        self.summary.duration = started.elapsed();
        self.summary.stopped = match self.control.phase() {
            Phase::Run => None,
            Phase::Drain(cause) | Phase::Kill(cause) => Some(cause),
        };
        self.tell(EventKind::RunEnded(Arc::new(self.summary.clone()))).await;
        self.summary
    }

    async fn tell(&self, kind: EventKind) {
        // The bus ends only after every sender is gone; this is one.
        let _ = self.events.send(kind).await;
    }
}
