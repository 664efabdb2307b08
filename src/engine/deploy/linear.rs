//! The linear strategy: no host begins a task before every host has ended the one before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::context::PlayContext;
use super::cursor::{Position, Upcoming};
use super::host::HostRun;
use super::include::{self, Included};
use super::prepare::TaskView;
use super::task::{self, TaskEnd, run_task};
use super::{meta, progress};
use crate::engine::Phase;
use crate::event::{DeployEvent, TaskInfo};
use crate::playbook::{Action, Task};
use crate::template::Dict;

/// Takes all hosts of a batch through the play, task by task.
pub(super) async fn run(play: &Arc<PlayContext>, hosts: &mut [HostRun]) {
    while play.run.control.phase() == Phase::Run {
        let Some((position, task, members)) = next_round(hosts) else { return };
        run_round(play, hosts, &position, &task, members).await;
        if progress::is_spent(play, hosts).await {
            return;
        }
        progress::tell_alive(play, hosts);
    }
}

/// The earliest task that any host is at, and the hosts that are there.
fn next_round(hosts: &mut [HostRun]) -> Option<(Position, Upcoming, Vec<usize>)> {
    let mut rounds: BTreeMap<Position, (Upcoming, Vec<usize>)> = BTreeMap::new();
    for (index, host) in hosts.iter_mut().enumerate() {
        if let Some(upcoming) = host.peek() {
            let round = rounds.entry(upcoming.position.clone()).or_insert_with(|| (upcoming, Vec::new()));
            round.1.push(index);
        }
    }
    rounds.into_iter().next().map(|(position, (upcoming, members))| (position, upcoming, members))
}

async fn run_round(
    play: &Arc<PlayContext>,
    hosts: &mut [HostRun],
    position: &Position,
    upcoming: &Upcoming,
    members: Vec<usize>,
) {
    let task = &upcoming.task;
    for &member in &members {
        hosts[member].cursor.advance();
    }
    let is_chosen = |member: &usize| {
        let host = &mut hosts[*member];
        progress::is_selected(play, host, task) && (upcoming.handler.is_some() || !host.repeats_role(task))
    };
    let members: Vec<usize> = members.into_iter().filter(is_chosen).collect();
    if members.is_empty() {
        return;
    }
    if !progress::is_wanted(play, &hosts[members[0]], task).await {
        return;
    }
    match &task.action {
        Action::Meta(word) => meta::run(play, hosts, &members, task, word, position).await,
        Action::Include(_) => run_include(play, hosts, position, upcoming, &members).await,
        Action::Module(..) | Action::Named(..) => {
            run_modules(play, hosts, upcoming, &members).await;
        }
    }
}

/// Tells that a task begins.
pub(super) async fn begin(
    play: &Arc<PlayContext>,
    host: &HostRun,
    task: &Arc<Task>,
    handler: bool,
    hosts: Option<usize>,
) -> Arc<TaskInfo> {
    let id = play.run.next_task();
    let (context, name, of) = (Arc::clone(play), Arc::clone(&host.name), Arc::clone(task));
    let naming = tokio::task::spawn_blocking(move || {
        let view = TaskView::new(&context, &name, &of, Dict::new());
        task::info(&view, id, handler, hosts)
    });
    let info = Arc::new(naming.await.expect("templates do not panic"));
    play.run.tell(DeployEvent::TaskStarted(Arc::clone(&info))).await;
    info
}

async fn run_modules(play: &Arc<PlayContext>, hosts: &mut [HostRun], upcoming: &Upcoming, members: &[usize]) {
    let task = &upcoming.task;
    let run_once = progress::runs_once(play, &hosts[members[0]], task).await;
    let running: &[usize] = if run_once { &members[..1] } else { members };
    let first = &hosts[members[0]];
    let info = begin(play, first, task, upcoming.handler.is_some(), Some(running.len())).await;
    let ends = run_on(play, hosts, task, &info, running).await;
    if ends.values().any(TaskEnd::is_bad) && progress::is_fatal(play, &hosts[members[0]], task).await {
        play.fatal.store(true, Ordering::Relaxed);
    }
    for (index, end) in ends {
        if run_once {
            for &member in members {
                progress::take(play, &mut hosts[member], task, &end, member == index).await;
            }
        } else {
            progress::take(play, &mut hosts[index], task, &end, true).await;
        }
    }
}

/// Runs a task on hosts side by side, as many at once as `forks` and `throttle` let; gives the ends in host order.
async fn run_on(
    play: &Arc<PlayContext>,
    hosts: &[HostRun],
    task: &Arc<Task>,
    info: &Arc<TaskInfo>,
    members: &[usize],
) -> BTreeMap<usize, TaskEnd> {
    let slots = progress::slots(play, &hosts[members[0]], task).await;
    let slots = Arc::new(Semaphore::new(slots));
    let mut running = JoinSet::new();
    for &member in members {
        let run = hosts[member].task_run(play, task, info);
        let slots = Arc::clone(&slots);
        running.spawn(async move {
            let _slot = slots.acquire_owned().await.expect("the semaphore is never closed");
            (member, run_task(&run).await)
        });
    }
    let mut ends = BTreeMap::new();
    while let Some(end) = running.join_next().await {
        let (member, end) = end.expect("a task's future neither panics nor is aborted");
        ends.insert(member, end);
    }
    ends
}

/// Loads what each host includes; what several hosts include alike, they go through side by side.
async fn run_include(
    play: &Arc<PlayContext>,
    hosts: &mut [HostRun],
    position: &Position,
    upcoming: &Upcoming,
    members: &[usize],
) {
    let task = &upcoming.task;
    let info = begin(play, &hosts[members[0]], task, upcoming.handler.is_some(), None).await;
    let run_once = progress::runs_once(play, &hosts[members[0]], task).await;
    let asked: &[usize] = if run_once { &members[..1] } else { members };
    let mut all: Vec<(usize, Vec<Included>)> = Vec::new();
    for &member in asked {
        let run = hosts[member].task_run(play, task, &info);
        match include::requests(&run).await {
            Ok(included) => all.push((member, included)),
            Err(end) => progress::take(play, &mut hosts[member], task, &end, true).await,
        }
    }
    if let (true, Some((_, included))) = (run_once, all.first().cloned()) {
        all.extend(members[1..].iter().map(|member| (*member, included.clone())));
    }
    let mut groups: Vec<Included> = Vec::new();
    for (member, included) in all {
        let mut numbered = Vec::new();
        for one in included {
            let group = groups.iter().position(|known| known.is_like(&one)).unwrap_or_else(|| {
                groups.push(one.clone());
                groups.len() - 1
            });
            numbered.push((group, groups[group].clone()));
        }
        // The last one goes in first: what comes first lies on top.
        for (group, one) in numbered.into_iter().rev() {
            let number = u32::try_from(group).unwrap_or(u32::MAX);
            let Err(message) = include::enter(play, &mut hosts[member], &one, position, number).await else { continue };
            let end = hosts[member].task_run(play, task, &info).tell_failed(&message).await;
            play.run.count(&hosts[member].name, |recap| recap.failed += 1);
            progress::fail(play, &mut hosts[member], task, &end.result).await;
            break;
        }
    }
}

/// One task after the other for each host by itself: the `free` strategy.
pub(super) async fn run_free(play: &Arc<PlayContext>, hosts: &mut Vec<HostRun>) {
    let slots = Arc::new(Semaphore::new(play.run.options.forks.max(1)));
    let mut running = JoinSet::new();
    for mut host in std::mem::take(hosts) {
        let (play, slots) = (Arc::clone(play), Arc::clone(&slots));
        running.spawn(async move {
            let _slot = slots.acquire_owned().await.expect("the semaphore is never closed");
            while play.run.control.phase() == Phase::Run {
                let Some(upcoming) = host.peek() else { break };
                let position = upcoming.position.clone();
                run_round(&play, std::slice::from_mut(&mut host), &position, &upcoming, vec![0]).await;
            }
            host
        });
    }
    while let Some(host) = running.join_next().await {
        hosts.push(host.expect("a host's future neither panics nor is aborted"));
    }
    hosts.sort_by_key(|host| host.number);
    progress::tell_alive(play, hosts);
}
