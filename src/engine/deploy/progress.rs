//! What a task's end means for its host, and for the batch.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::PlayContext;
use super::cursor::{AfterFailure, FailedTask};
use super::gather::{Gathered, gather_wanted};
use super::host::{HostRun, HostState};
use super::prepare::{NotPrepared, TaskView};
use super::task::TaskEnd;
use crate::event::{EventKind, StopCause, TaskStatus};
use crate::playbook::{Action, Task};
use crate::template::{Dict, Key, Value};

/// Takes note of a task's end; `is_own` tells whether it ran on this very host (`run_once` runs on one of them).
pub(super) async fn take(play: &Arc<PlayContext>, host: &mut HostRun, task: &Arc<Task>, end: &TaskEnd, is_own: bool) {
    if let Some(name) = &task.register {
        let vars = Dict::from_iter([(Key::from(name.as_str()), end.result.clone())]);
        play.layers.store.set(&host.name, vars);
    }
    if is_own {
        count(play, host, end);
    }
    for name in &end.notify {
        notify(play, host, name).await;
    }
    match end.status {
        TaskStatus::Unreachable if !end.ignored => leave(play, host, HostState::Unreachable).await,
        TaskStatus::Failed if !end.ignored && !end.stopped => {
            fail(play, host, task, &end.result).await;
        }
        _ => {}
    }
}

/// Lets a host fail: a `rescue` takes over, or it leaves the play.
pub(super) async fn fail(play: &Arc<PlayContext>, host: &mut HostRun, task: &Arc<Task>, result: &Value) {
    let failure = FailedTask { task: Arc::clone(task), result: result.clone() };
    match host.cursor.fail(failure) {
        AfterFailure::Rescued => play.run.count(&host.name, |recap| {
            recap.rescued += 1;
            recap.failed = recap.failed.saturating_sub(1);
        }),
        AfterFailure::Always => {}
        AfterFailure::Failed => leave(play, host, HostState::Failed).await,
    }
}

/// Takes a host out of the play; handlers that it owes run first where that is asked for.
async fn leave(play: &Arc<PlayContext>, host: &mut HostRun, state: HostState) {
    if state == HostState::Failed && play.force_handlers && !host.owed().is_empty() {
        // `has_failed` is known to the cursor: after the handlers the host has failed.
        host.cursor.flush(&vec![u32::MAX]);
        return;
    }
    let owed = host.owed();
    if !owed.is_empty() {
        let event = crate::event::DeployEvent::HandlersOwed { host: Arc::clone(&host.name), handlers: owed };
        play.run.tell(event).await;
    }
    host.state = state;
}

fn count(play: &PlayContext, host: &HostRun, end: &TaskEnd) {
    play.run.count(&host.name, |recap| match end.status {
        TaskStatus::Ok => recap.ok += 1,
        TaskStatus::Changed => {
            recap.ok += 1;
            recap.changed += 1;
        }
        TaskStatus::Skipped => recap.skipped += 1,
        TaskStatus::Failed if end.ignored => {
            recap.ok += 1;
            recap.ignored += 1;
            recap.changed += u32::from(end.result.get("changed").is_some_and(Value::is_true));
        }
        TaskStatus::Failed => recap.failed += 1,
        TaskStatus::Unreachable if end.ignored => recap.skipped += 1,
        TaskStatus::Unreachable => recap.unreachable += 1,
    });
}

/// Notifies the handler of a name, and all that listen to it.
async fn notify(play: &Arc<PlayContext>, host: &mut HostRun, name: &str) {
    let found = play.handlers.find(name);
    for handler in &found {
        host.cursor.notify(*handler);
    }
    if found.is_empty() {
        let message = format!(
            "{}: the requested handler '{name}' was not found in either the main handlers list nor in the listening \
             handlers list",
            host.name
        );
        play.run.warn(message).await;
    }
}

/// Whether `--tags`, `--skip-tags` and `--start-at-task` let the task run.
pub(super) fn is_selected(play: &PlayContext, host: &HostRun, task: &Arc<Task>) -> bool {
    if !play.run.has_started(task) {
        return false;
    }
    let view = |value: &Value| -> Vec<String> {
        let is_template = matches!(value, Value::String(text) if text.is_active());
        let rendered = is_template.then(|| play.plain_templar(&host.name).render(value).ok()).flatten();
        let rendered = rendered.unwrap_or_else(|| value.clone());
        match rendered {
            Value::List(items) => items.iter().map(ToString::to_string).collect(),
            other => other.to_string().split(',').map(|tag| tag.trim().to_owned()).collect(),
        }
    };
    let own: Vec<String> =
        task.parent.levels().flat_map(|level| &level.keywords.tags).chain(&task.keywords.tags).flat_map(view).collect();
    play.run.options.tags.runs(&own)
}

/// Whether the task is to run: with `--step` a person says so, or that all the rest is.
pub(super) async fn is_wanted(play: &Arc<PlayContext>, host: &HostRun, task: &Arc<Task>) -> bool {
    let run = &play.run;
    let Some(prompt) = run.prompt.clone().filter(|_| run.steps.load(Ordering::Relaxed)) else { return true };
    if matches!(task.action, Action::Meta(_)) {
        return true;
    }
    let name = compute(play, host, task, |view| Ok(view.name())).await.unwrap_or_default();
    let name = crate::secret::masked(&name, &run.environment.secrets());
    let question = format!("Perform task: {name} (N)o/(y)es/(c)ontinue: ");
    let mut stop = run.stop.clone();
    let answer = tokio::select! {
        answer = prompt.ask(&question, true, None) => answer,
        () = stop.raised() => None,
    };
    match answer.unwrap_or_default().trim().to_lowercase().as_str() {
        "y" | "yes" => true,
        "c" | "continue" => {
            run.steps.store(false, Ordering::Relaxed);
            true
        }
        _ => false,
    }
}

/// Whether the task runs on one host for all.
pub(super) async fn runs_once(play: &Arc<PlayContext>, host: &HostRun, task: &Arc<Task>) -> bool {
    // As in Ansible: these concern the run, not a host.
    if matches!(&task.action, Action::Module(module, _) if matches!(module.spec().name, "add_host" | "pause")) {
        return true;
    }
    if task.keyword(|keywords| keywords.run_once.as_ref()).is_none() {
        return false;
    }
    let flag = |view: &TaskView| view.flag("run_once", |keywords| keywords.run_once.as_ref());
    compute(play, host, task, flag).await.ok().flatten().unwrap_or(false)
}

/// Whether one failure of the task ends the batch (`any_errors_fatal`).
pub(super) async fn is_fatal(play: &Arc<PlayContext>, host: &HostRun, task: &Arc<Task>) -> bool {
    let flag = |view: &TaskView| view.flag("any_errors_fatal", |keywords| keywords.any_errors_fatal.as_ref());
    compute(play, host, task, flag).await.ok().flatten().unwrap_or(play.run.options.any_errors_fatal)
}

/// How many hosts run the task at once.
pub(super) async fn slots(play: &Arc<PlayContext>, host: &HostRun, task: &Arc<Task>) -> usize {
    let forks = play.run.options.forks.max(1);
    if task.keyword(|keywords| keywords.throttle.as_ref()).is_none() {
        return forks;
    }
    let throttle = |view: &TaskView| view.number("throttle", view.task.keyword(|keywords| keywords.throttle.as_ref()));
    match compute(play, host, task, throttle).await {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be finite and positive"
        )]
        Ok(Some(throttle)) if throttle >= 1.0 => forks.min(throttle as usize),
        _ => forks,
    }
}

/// Computes something of a task that is no module's; facts that it asks for are gathered first.
pub(super) async fn compute<T: Send + 'static>(
    play: &Arc<PlayContext>,
    host: &HostRun,
    task: &Arc<Task>,
    compute: impl Fn(&TaskView) -> Result<T, NotPrepared> + Send + Sync + 'static,
) -> Result<T, NotPrepared> {
    let compute = Arc::new(compute);
    loop {
        let (play_of_view, name, task, compute) =
            (Arc::clone(play), Arc::clone(&host.name), Arc::clone(task), Arc::clone(&compute));
        let computing = tokio::task::spawn_blocking(move || {
            let view = TaskView::new(&play_of_view, &name, &task, Dict::new());
            let computed = compute(&view);
            (computed, view.wanted.take())
        });
        let (computed, wanted) = computing.await.expect("templates do not panic");
        match gather_wanted(play, &wanted, &host.name).await {
            Gathered::Nothing => return computed,
            Gathered::Facts => {}
            Gathered::Lost(error) => return Err(NotPrepared::unreachable(error)),
        }
    }
}

/// Whether so many hosts have failed that the batch ends: `any_errors_fatal`, `max_fail_percentage`.
pub(super) async fn is_spent(play: &Arc<PlayContext>, hosts: &mut [HostRun]) -> bool {
    let failed = hosts.iter().filter(|host| matches!(host.state, HostState::Failed | HostState::Unreachable)).count();
    if failed == 0 {
        return false;
    }
    let going = hosts.iter().any(|host| host.state == HostState::Going);
    let is_over = |percentage: f64| {
        #[expect(clippy::cast_precision_loss, reason = "no fleet has so many hosts")]
        let share = failed as f64 / hosts.len() as f64 * 100.0;
        share > percentage
    };
    let spent = play.fatal.load(Ordering::Relaxed) || play.max_fail_percentage.is_some_and(is_over);
    if spent && going {
        play.run.control.drain(StopCause::Budget);
        play.run.send(EventKind::Stopping(StopCause::Budget)).await;
    }
    spent
}

/// Notes which hosts are still in the play.
pub(super) fn tell_alive(play: &PlayContext, hosts: &[HostRun]) {
    let alive = hosts.iter().filter(|host| matches!(host.state, HostState::Going | HostState::Ended));
    let alive = alive.map(|host| Arc::clone(&host.name)).collect();
    *play.layers.run.alive.write().expect("nothing panics while it holds the lock") = alive;
}
