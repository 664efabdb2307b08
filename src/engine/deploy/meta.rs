//! `meta`: orders to the engine itself.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::context::PlayContext;
use super::cursor::Position;
use super::host::{HostRun, HostState};
use super::prepare::{NotPrepared, TaskView};
use super::{linear, progress};
use crate::event::{DeployEvent, TaskInfo, TaskReport, TaskStatus};
use crate::playbook::Task;
use crate::template::{Dict, Value};

/// Carries out the word of a `meta` task for the hosts where its condition holds.
pub(super) async fn run(
    play: &Arc<PlayContext>,
    hosts: &mut [HostRun],
    members: &[usize],
    task: &Arc<Task>,
    word: &Value,
    position: &Position,
) {
    let word = word.to_string();
    let mut chosen = Vec::new();
    let is_plain = matches!(word.as_str(), "noop" | "refresh_inventory" | "reset_connection");
    if is_plain && (task.parent.levels().any(|level| !level.keywords.when.is_empty()) || !task.keywords.when.is_empty())
    {
        play.run.warn(format!("{}: `when` means nothing to meta: {word}", task.place)).await;
    }
    for &member in members {
        if is_plain {
            chosen.push(member);
            continue;
        }
        match holds(play, &hosts[member], task).await {
            Ok(true) => chosen.push(member),
            Ok(false) => {}
            Err(failure) => fail(play, &mut hosts[member], task, &failure.message).await,
        }
    }
    match word.as_str() {
        "end_play" | "end_batch" if !chosen.is_empty() => {
            play.ended.store(word == "end_play", Ordering::Relaxed);
            hosts.iter_mut().for_each(end);
        }
        "refresh_inventory" => {
            if let Err(message) = refresh(play).await {
                for member in chosen {
                    fail(play, &mut hosts[member], task, &message).await;
                }
            }
        }
        _ => {
            for member in chosen {
                one(play, &mut hosts[member], &word, task, position).await;
            }
        }
    }
}

async fn holds(play: &Arc<PlayContext>, host: &HostRun, task: &Arc<Task>) -> Result<bool, NotPrepared> {
    let failing = progress::compute(play, host, task, TaskView::fails_condition).await?;
    Ok(failing.is_none())
}

async fn one(play: &Arc<PlayContext>, host: &mut HostRun, word: &str, task: &Arc<Task>, position: &Position) {
    match word {
        "flush_handlers" => host.cursor.flush(position),
        "end_host" => end(host),
        "end_role" => {
            let role = task.parent.role().map(Arc::as_ptr);
            host.cursor.skip_while(|task| role.is_some() && task.parent.role().map(Arc::as_ptr) == role);
        }
        "clear_facts" => play.layers.store.forget_facts(&host.name),
        "reset_connection" => {
            for session in play.run.sessions.take(&host.name) {
                session.close().await;
            }
        }
        "clear_host_errors" => {
            host.cursor.forgive();
            play.cleared.store(true, Ordering::Relaxed);
        }
        // `noop`.
        _ => {}
    }
}

fn end(host: &mut HostRun) {
    if host.state == HostState::Going {
        host.cursor.end();
        host.state = HostState::Ended;
    }
}

/// Reads the inventory anew: the plays that follow have its hosts, and all have its variables.
async fn refresh(play: &Arc<PlayContext>) -> Result<(), String> {
    let Some(reload) = play.run.reload.clone() else { return Ok(()) };
    let store = Arc::clone(&play.layers.store);
    let reading = tokio::task::spawn_blocking(move || reload().map(|inventory| store.refresh(&inventory)));
    let read = reading.await.expect("reading an inventory does not panic");
    read.map_err(|error| format!("the inventory cannot be read anew: {error}"))
}

async fn fail(play: &Arc<PlayContext>, host: &mut HostRun, task: &Arc<Task>, message: &str) {
    let info = linear::begin(play, host, task, false, Some(1)).await;
    tell_failed(play, host, &info, message).await;
    let result = Value::dict(Dict::from_iter([("msg".into(), Value::text(message))]));
    progress::fail(play, host, task, &result).await;
}

async fn tell_failed(play: &PlayContext, host: &HostRun, info: &Arc<TaskInfo>, message: &str) {
    let report = TaskReport {
        task: Arc::clone(info),
        host: Arc::clone(&host.name),
        delegate: None,
        status: TaskStatus::Failed,
        ignored: false,
        item: None,
        message: Some(message.to_owned()),
        result: Arc::new(serde_json::json!({"failed": true, "msg": message})),
        arguments: None,
        diff: Vec::new(),
        warnings: Vec::new(),
        duration: std::time::Duration::ZERO,
        attempts: 1,
    };
    play.run.count(&host.name, |recap| recap.failed += 1);
    play.run.tell(DeployEvent::TaskEnded(Arc::new(report))).await;
}
