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
    for &member in members {
        match holds(play, &hosts[member], task).await {
            Ok(true) => chosen.push(member),
            Ok(false) => {}
            Err(failure) => {
                let info = linear::begin(play, &hosts[member], task, false, Some(1)).await;
                tell_failed(play, &hosts[member], &info, &failure.message).await;
                let result = Value::dict(Dict::from_iter([("msg".into(), Value::text(failure.message.as_str()))]));
                progress::fail(play, &mut hosts[member], task, &result).await;
            }
        }
    }
    match word.as_str() {
        "end_play" | "end_batch" if !chosen.is_empty() => {
            play.ended.store(word == "end_play", Ordering::Relaxed);
            hosts.iter_mut().for_each(end);
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
        "refresh_inventory" => {
            play.run.warn("meta: refresh_inventory: the inventory is read once a run; add_host adds to it").await;
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
