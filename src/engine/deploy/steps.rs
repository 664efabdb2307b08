//! Drives one module through its steps on one host.
//!
//! Knows no playbook: what runs, as whom and what becomes of the result is said by others.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::session::{Access, Session, Trouble};
use crate::modules::{
    Action, Answer, Change, Diff, Effect, LocalRead, LocalReply, ModuleError, Next, Question, Step, TaskResult,
};
use crate::remote::{Limits, StopSignal};
use crate::transport::BoxFuture;

/// Whether changes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are predicted.
    Check,
    /// They are made.
    Real,
}

/// Reads what modules want of the controller.
pub trait ReadLocal: Send + Sync {
    /// Reads, or waits.
    ///
    /// # Errors
    /// When it cannot be read; the task fails with the message.
    fn read<'a>(&'a self, read: &'a LocalRead) -> BoxFuture<'a, Result<LocalReply, ModuleError>>;
}

/// Puts on record what is about to be changed.
pub trait Record: Send + Sync {
    /// Returns when the intent is on disk.
    ///
    /// # Errors
    /// Says why it could not be recorded; then nothing is changed.
    fn record<'a>(&'a self, action: &'a Action) -> BoxFuture<'a, Result<(), String>>;
}

/// What a module's steps are carried out with.
pub struct Driver<'a> {
    /// The host.
    pub session: &'a mut Session,
    /// As whom, with which environment.
    pub access: &'a Access,
    /// Whether changes are made.
    pub mode: Mode,
    /// Has the first change on the host outlive the task.
    pub detach: Option<Detach>,
    /// Takes changes of the run, in order.
    pub effects: &'a mut (dyn FnMut(Effect) -> Option<bool> + Send),
    /// Reads on the controller.
    pub local: &'a dyn ReadLocal,
    /// Records each change before it is made.
    pub record: &'a dyn Record,
    /// Whether what was computed asks for facts that are still to be gathered.
    pub wants_facts: &'a (dyn Fn() -> bool + Send + Sync),
    /// How long all steps together may take.
    pub limits: Limits,
    /// Ends what runs.
    pub stop: &'a mut StopSignal,
}

/// A change that shall outlive its task (`async`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detach {
    /// The job's name.
    pub jid: String,
    /// How long it may run.
    pub limit: Duration,
}

/// A change that was started and goes on.
pub struct Detached {
    /// The job's directory on the host.
    pub directory: String,
    /// What follows its end; see [`after`].
    pub next: Next<Option<Answer>>,
}

/// How a module ended.
#[derive(Default)]
pub struct StepsEnd {
    /// Its result; a failed one when it was in trouble.
    pub result: TaskResult,
    /// What differs, a change after the other.
    pub diffs: Vec<Diff>,
    /// Why it did not come to its end.
    pub trouble: Option<Trouble>,
    /// What goes on, where [`Driver::detach`] asked for that.
    pub detached: Option<Detached>,
    /// Whether it changed nothing yet and is to begin again once facts are gathered.
    pub wants_facts: bool,
    /// Round trips that it took.
    pub round_trips: u32,
}

/// Answers to questions that a task's items will ask first, asked all at once.
///
/// They hold only as long as nothing changes, so a change throws away those that are left. The more often that
/// happens, the fewer are asked ahead.
#[derive(Debug)]
pub struct Ahead {
    known: VecDeque<(Question, Answer)>,
    /// How many items are looked at next time.
    window: usize,
    /// How many of them have not had their turn.
    covered: usize,
}

impl Default for Ahead {
    fn default() -> Self {
        Self { known: VecDeque::new(), window: usize::MAX, covered: 0 }
    }
}

impl Ahead {
    /// Looks at the first steps of the items that are left, this one included, and asks what they ask when nothing is
    /// known of them. Steps on the controller that come before a question are taken.
    ///
    /// # Errors
    /// When the host cannot be asked at all.
    pub async fn look(&mut self, driver: &mut Driver<'_>, steps: &mut VecDeque<Step>) -> Result<(), Trouble> {
        if self.covered > 0 || steps.len() < 2 || self.window < 2 {
            if self.covered == 0 {
                // One item alone asks for itself; the one after it may be looked at together with others.
                self.covered = 1;
                self.window = self.window.saturating_mul(2);
            }
            self.covered -= 1;
            return Ok(());
        }
        self.covered = self.window.min(steps.len());
        for step in steps.iter_mut().take(self.covered) {
            let taken = std::mem::replace(step, Step::Done(TaskResult::ok()));
            *step = driver.advance(taken).await?;
        }
        let asked = steps.iter().take(self.covered).filter_map(questions).flatten().cloned().collect::<Vec<_>>();
        self.covered -= 1;
        self.window = self.window.saturating_mul(2);
        self.known.clear();
        match driver.ask(&asked, driver.limits).await {
            Ok(answers) => self.known = asked.into_iter().zip(answers).collect(),
            // One probe that gives no answer is a matter of its own item.
            Err(Trouble::Failed(_)) => {}
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }

    /// The answers to `questions`, if all are known.
    fn take(&mut self, questions: &[Question]) -> Option<Vec<Answer>> {
        let known = |question: &Question| self.known.iter().position(|(known, _)| is_same(known, question));
        // Those of items that were left out stand before them.
        let first = known(questions.first()?)?;
        let found = self.known.iter().skip(first).zip(questions);
        if self.known.len() - first < questions.len()
            || !found.into_iter().all(|((known, _), asked)| is_same(known, asked))
        {
            return None;
        }
        self.known.drain(..first);
        Some(self.known.drain(..questions.len()).map(|(_, answer)| answer).collect())
    }

    /// Something has changed: nothing is known any more.
    fn forget(&mut self) {
        if self.covered > 0 {
            (self.covered, self.window) = (0, 1);
        }
        self.known.clear();
    }
}

fn questions(step: &Step) -> Option<&Vec<Question>> {
    match step {
        Step::Ask(questions, _) => Some(questions),
        _ => None,
    }
}

fn is_same(one: &Question, other: &Question) -> bool {
    std::ptr::eq(one.probe, other.probe)
        && one.words == other.words
        && one.secrets == other.secrets
        && one.limit == other.limit
}

/// Drives a module from its first step to its end; `ahead` may know answers, and is told of changes.
pub async fn run_steps(driver: &mut Driver<'_>, first: Step, ahead: &mut Ahead) -> StepsEnd {
    let before = driver.session.round_trips();
    let mut diffs = Vec::new();
    let deadline = driver.limits.timeout.map(|limit| Instant::now() + limit);
    let mut step = first;
    let mut has_acted = false;
    let ended = loop {
        if !has_acted && (driver.wants_facts)() {
            break Ok(Last::WantsFacts);
        }
        has_acted |= matches!(step, Step::Change(..) | Step::Wait(_) | Step::Effect(..));
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        step = match step {
            Step::Done(result) => break Ok(Last::Result(result)),
            Step::Change(change, next) if driver.detaches(&change) => {
                let started = driver.start(change, &mut diffs, ahead).await;
                break started.map(|directory| Last::Detached(Detached { directory, next }));
            }
            step => match driver.take(step, Limits { timeout: left }, &mut diffs, ahead).await {
                Ok(next) => next,
                Err(trouble) => break Err(trouble),
            },
        };
    };
    let mut end = StepsEnd { diffs, round_trips: driver.session.round_trips() - before, ..StepsEnd::default() };
    match ended {
        Ok(Last::Result(result)) => end.result = result,
        Ok(Last::WantsFacts) => end.wants_facts = true,
        Ok(Last::Detached(detached)) => (end.result.changed, end.detached) = (true, Some(detached)),
        Err(trouble) => (end.result, end.trouble) = (TaskResult::failed(trouble.to_string()), Some(trouble)),
    }
    end
}

/// The step that follows the end of a detached change.
#[must_use]
pub fn after(detached: Detached, answer: Answer) -> Step {
    (detached.next)(Some(answer)).unwrap_or_else(failed)
}

/// What a module's steps lead to.
enum Last {
    Result(TaskResult),
    WantsFacts,
    Detached(Detached),
}

impl Driver<'_> {
    /// Takes one step and returns the next.
    async fn take(
        &mut self,
        step: Step,
        limits: Limits,
        diffs: &mut Vec<Diff>,
        ahead: &mut Ahead,
    ) -> Result<Step, Trouble> {
        self.go_on(limits)?;
        let next = match step {
            Step::Ask(questions, next) => {
                let answers = match ahead.take(&questions) {
                    Some(answers) => answers,
                    None => self.ask(&questions, limits).await?,
                };
                next(answers)
            }
            Step::Local(read, next) => {
                let reply = self.read(&read, limits).await?;
                return self.compute(move || reply.and_then(next)).await;
            }
            Step::Change(change, next) => next(self.change(change, limits, diffs, ahead).await?),
            Step::Wait(mut wait) => {
                ahead.forget();
                wait.limit = limits.timeout.map_or(wait.limit, |left| wait.limit.min(left));
                let waited = self.session.wait(self.access, &mut wait, self.stop).await?;
                (wait.next)(waited)
            }
            Step::Effect(effects, next) => {
                ahead.forget();
                let news: Vec<bool> = effects.into_iter().filter_map(|effect| (self.effects)(effect)).collect();
                match next(()) {
                    // The run has all of it already.
                    Ok(Step::Done(result)) if !news.is_empty() && !news.contains(&true) => {
                        Ok(Step::Done(TaskResult { changed: false, ..result }))
                    }
                    other => other,
                }
            }
            Step::Done(result) => Ok(Step::Done(result)),
        };
        Ok(next.unwrap_or_else(failed))
    }

    async fn ask(&mut self, questions: &[Question], limits: Limits) -> Result<Vec<Answer>, Trouble> {
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        self.session.ask(self.access, questions, limits, self.stop).await
    }

    /// Makes a change, or in check mode only notes what would differ.
    async fn change(
        &mut self,
        change: Change,
        limits: Limits,
        diffs: &mut Vec<Diff>,
        ahead: &mut Ahead,
    ) -> Result<Option<Answer>, Trouble> {
        diffs.extend(change.diff);
        if self.mode == Mode::Check {
            return Ok(None);
        }
        self.prepare(&change.action, limits, ahead).await?;
        self.session.act(self.access, &change.action, limits, self.stop).await.map(Some)
    }

    /// Whether this change is one that outlives the task.
    fn detaches(&self, change: &Change) -> bool {
        let on_the_host = matches!(change.action, Action::Script(_) | Action::Command(_));
        self.detach.is_some() && self.mode == Mode::Real && on_the_host
    }

    /// Starts a change that outlives the task; returns its directory on the host.
    async fn start(&mut self, change: Change, diffs: &mut Vec<Diff>, ahead: &mut Ahead) -> Result<String, Trouble> {
        let Some(Detach { jid, limit }) = self.detach.clone() else { unreachable!("only then it is started") };
        self.prepare(&change.action, self.limits, ahead).await?;
        diffs.extend(change.diff);
        self.session.start_job(self.access, &change.action, (&jid, limit), self.stop).await
    }

    /// What comes before each change: it is put on record, and what stopped the run meanwhile finds nothing changed
    /// after it.
    async fn prepare(&mut self, action: &Action, limits: Limits, ahead: &mut Ahead) -> Result<(), Trouble> {
        self.go_on(limits)?;
        ahead.forget();
        self.record.record(action).await.map_err(Trouble::Unrecorded)?;
        self.go_on(limits)
    }

    /// Reads on the controller; neither limit nor stop wait for that.
    async fn read(&mut self, read: &LocalRead, limits: Limits) -> Result<Result<LocalReply, ModuleError>, Trouble> {
        let local = self.local;
        let limit = async {
            match limits.timeout {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            reply = local.read(read) => Ok(reply),
            () = limit => Err(Trouble::TimedOut { fate: None }),
            () = self.stop.raised() => Err(Trouble::Stopped { fate: None }),
        }
    }

    /// Lets a module compute away from the runtime: a template may take its time, and a stop does not wait for it.
    pub(super) async fn compute(
        &mut self,
        compute: impl FnOnce() -> Result<Step, ModuleError> + Send + 'static,
    ) -> Result<Step, Trouble> {
        tokio::select! {
            step = tokio::task::spawn_blocking(compute) => Ok(step.expect("modules do not panic").unwrap_or_else(failed)),
            () = self.stop.raised() => Err(Trouble::Stopped { fate: None }),
        }
    }

    /// Takes the steps on the controller before a question.
    async fn advance(&mut self, mut step: Step) -> Result<Step, Trouble> {
        loop {
            step = match step {
                Step::Local(read, next) if !matches!(read, LocalRead::Pause { .. }) => {
                    let reply = self.read(&read, self.limits).await?;
                    self.compute(move || reply.and_then(next)).await?
                }
                step => return Ok(step),
            }
        }
    }

    /// Whether there is time left and nobody has stopped the run.
    fn go_on(&self, limits: Limits) -> Result<(), Trouble> {
        if self.stop.is_raised() {
            return Err(Trouble::Stopped { fate: None });
        }
        if limits.timeout.is_some_and(|left| left.is_zero()) {
            return Err(Trouble::TimedOut { fate: None });
        }
        Ok(())
    }
}

/// The end of a module that cannot go on.
fn failed(error: ModuleError) -> Step {
    Step::Done(TaskResult { fields: error.fields, ..TaskResult::failed(error.message) })
}
