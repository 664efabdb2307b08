//! Drives one module through its steps on one host.
//!
//! Knows no playbook: what runs, as whom and what becomes of the result is said by others.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::session::{Access, Session, Trouble};
use crate::modules::{
    Action, Answer, Change, Diff, Effect, LocalRead, LocalReply, ModuleError, Question, Step, TaskResult,
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
    /// Takes changes of the run, in order.
    pub effects: &'a mut (dyn FnMut(Effect) + Send),
    /// Reads on the controller.
    pub local: &'a dyn ReadLocal,
    /// Records each change before it is made.
    pub record: &'a dyn Record,
    /// How long all steps together may take.
    pub limits: Limits,
    /// Ends what runs.
    pub stop: &'a mut StopSignal,
}

/// How a module ended.
#[derive(Debug, Default)]
pub struct StepsEnd {
    /// Its result; a failed one when it was in trouble.
    pub result: TaskResult,
    /// What differs, a change after the other.
    pub diffs: Vec<Diff>,
    /// Why it did not come to its end.
    pub trouble: Option<Trouble>,
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
            *step = driver.to_question(taken).await?;
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
    let ended = loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        step = match step {
            Step::Done(result) => break Ok(result),
            step => match driver.take(step, Limits { timeout: left }, &mut diffs, ahead).await {
                Ok(next) => next,
                Err(trouble) => break Err(trouble),
            },
        };
    };
    let (result, trouble) = match ended {
        Ok(result) => (result, None),
        Err(trouble) => (TaskResult::failed(trouble.to_string()), Some(trouble)),
    };
    StepsEnd { result, diffs, trouble, round_trips: driver.session.round_trips() - before }
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
            Step::Local(read, next) => match self.read(&read, limits).await? {
                Ok(reply) => next(reply),
                Err(error) => Err(error),
            },
            Step::Change(change, next) => next(self.change(change, limits, diffs, ahead).await?),
            Step::Wait(mut wait) => {
                ahead.forget();
                wait.limit = limits.timeout.map_or(wait.limit, |left| wait.limit.min(left));
                let waited = self.session.wait(self.access, &mut wait, self.stop).await?;
                (wait.next)(waited)
            }
            Step::Effect(effects, next) => {
                ahead.forget();
                effects.into_iter().for_each(|effect| (self.effects)(effect));
                next(())
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
        ahead.forget();
        self.record.record(&change.action).await.map_err(Trouble::Unrecorded)?;
        // What stopped the run meanwhile must find nothing changed after it.
        self.go_on(limits)?;
        self.session.act(self.access, &change.action, limits, self.stop).await.map(Some)
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

    /// Takes the steps on the controller before a question.
    async fn to_question(&mut self, mut step: Step) -> Result<Step, Trouble> {
        loop {
            step = match step {
                Step::Local(read, next) if !matches!(read, LocalRead::Pause { .. }) => {
                    let reply = self.read(&read, self.limits).await?;
                    reply.and_then(next).unwrap_or_else(failed)
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
