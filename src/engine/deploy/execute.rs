//! Drives one module on one host: its steps over a session, its effects on the run.

use std::collections::VecDeque;
use std::sync::Arc;

use super::context::PlayContext;
use super::files::Files;
use super::gather;
use super::jobs::{self, Jobs};
use super::prepare::Prepared;
use super::session::{Access, Trouble};
use super::steps::{Ahead, Detach, Driver, Mode, Record, StepsEnd, run_steps};
use super::task::TaskRun;
use crate::engine::host::fate_sentence;
use crate::event::{DeployEvent, TextDiff};
use crate::modules::{Action, Effect, Step, TaskResult};
use crate::remote::Limits;
use crate::template::{Dict, Value};
use crate::transport::BoxFuture;

/// What a module ended with.
#[derive(Clone, Debug)]
pub(super) enum Finished {
    /// Its result.
    Result(TaskResult),
    /// The host could not be reached.
    Unreachable(String),
}

/// A module that has run.
#[derive(Debug)]
pub(super) struct Executed {
    pub outcome: Finished,
    pub diff: Vec<TextDiff>,
    pub warnings: Vec<String>,
    /// Whether it ended because the run was stopped.
    pub stopped: bool,
    /// Whether it changed nothing yet and is to begin again once facts are gathered.
    pub wants_facts: bool,
}

/// Runs a task's module.
pub(super) async fn execute(run: &TaskRun, prepared: &Prepared) -> Executed {
    let mut all = execute_all(run, &[prepared]).await;
    all.pop().expect("one module gives one end")
}

/// Runs a module for the items of a loop that all run on the same host as the same user: what they ask first is asked
/// for all of them at once.
pub(super) async fn execute_all(run: &TaskRun, items: &[&Prepared]) -> Vec<Executed> {
    let recorder = Recorder { run: Some(run) };
    let Some(first) = items.first() else { return Vec::new() };
    drive(&run.play, items, &recorder, &mut |effect| apply(&run.play, run, first, effect)).await
}

/// Runs a module that is no task of the play; its effects are the caller's.
pub(super) async fn execute_quietly(play: &Arc<PlayContext>, prepared: &Prepared) -> Executed {
    let mut all = drive(play, &[prepared], &Recorder { run: None }, &mut |_| None).await;
    all.pop().expect("one module gives one end")
}

/// Records a task's intent before it changes the host.
struct Recorder<'a> {
    /// The task; none for what only reads.
    run: Option<&'a TaskRun>,
}

impl Record for Recorder<'_> {
    fn record<'a>(&'a self, _: &'a Action) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let Some(run) = self.run else { return Ok(()) };
            let (host, owed) = (Arc::clone(&run.host), run.owed.clone());
            let event = DeployEvent::TaskIntent { host, task: run.info.id, owed };
            run.play.run.record(event).await
        })
    }
}

async fn drive(
    play: &Arc<PlayContext>,
    items: &[&Prepared],
    record: &Recorder<'_>,
    effects: &mut (dyn FnMut(Effect) -> Option<bool> + Send),
) -> Vec<Executed> {
    let Some(prepared) = items.first() else { return Vec::new() };
    let host = &prepared.reached.0;
    let access = Access { privilege: host.privilege.clone(), environment: prepared.environment.clone() };
    let local = Files {
        search: Arc::clone(prepared.context.templar.search()),
        environment: Arc::clone(&play.layers.environment),
        loader: Arc::clone(&play.run.loader),
        prompt: play.run.prompt.clone(),
    };
    let mut session = play.run.sessions.borrow(host);
    let mut stop = play.run.stop.clone();
    let mut driver = Driver {
        session: &mut session,
        access: &access,
        mode: if prepared.context.check { Mode::Check } else { Mode::Real },
        detach: None,
        effects: &mut *effects,
        local: &local,
        record,
        wants_facts: &|| record.run.is_some() && gather::can_gather(play, &prepared.wanted),
        limits: Limits { timeout: prepared.timeout.or(prepared.detached.map(|detached| detached.limit)) },
        stop: &mut stop,
    };
    // Once the host is lost or the run stopped, the items that are left share the reason instead of trying again.
    let mut over: Option<Trouble> = None;
    let mut steps: VecDeque<Step> = VecDeque::new();
    for item in items {
        let (module, context) = (item.module.0, item.context.clone());
        let first = driver.compute(move || module.start(context)).await;
        steps.push_back(first.unwrap_or_else(|trouble| {
            over = Some(trouble);
            Step::Done(TaskResult::default())
        }));
    }
    let is_status = prepared.module.0.spec().name == "async_status";
    let mut ahead = Ahead::default();
    let mut ends = Vec::with_capacity(items.len());
    for item in items {
        let looked = match over.clone() {
            None => ahead.look(&mut driver, &mut steps).await,
            Some(trouble) => Err(trouble),
        };
        let first = steps.pop_front().expect("there is a step for each item");
        let end = match looked {
            Ok(()) if is_status => jobs::tell(&play.run.jobs, &mut driver, &item.context.args).await,
            Ok(()) => run_item(&play.run.jobs, &mut driver, first, &mut ahead, item).await,
            Err(trouble) => StepsEnd { trouble: Some(trouble), ..StepsEnd::default() },
        };
        over = over.or_else(|| end.trouble.clone().filter(ends_all));
        ends.push((end, *item));
    }
    if let (Some(run), Some(fate)) = (record.run, ends.iter().find_map(|(end, _)| end.trouble.as_ref()?.fate())) {
        run.play.run.note_fate(&run.host, fate);
    }
    // As Ansible does: whatever a module says of facts is remembered.
    let sets_vars = matches!(prepared.module.0.spec().name, "set_fact" | "include_vars");
    for (end, _) in ends.iter().filter(|_| !sets_vars) {
        if let Some(facts) = end.result.fields.get("ansible_facts").and_then(Value::as_dict) {
            effects(Effect::Facts(facts.clone()));
        }
    }
    play.run.sessions.give_back(host, session);
    ends.into_iter().map(|(end, item)| executed(end, item)).collect()
}

/// Drives a module to its end, or until what it does goes on by itself.
async fn run_item(
    jobs: &Jobs,
    driver: &mut Driver<'_>,
    first: Step,
    ahead: &mut Ahead,
    prepared: &Prepared,
) -> StepsEnd {
    let Some(detached) = prepared.detached.filter(|_| driver.mode == Mode::Real) else {
        return run_steps(driver, first, ahead).await;
    };
    let jid = Jobs::name();
    if !detached.poll.is_zero() {
        let mut end = run_steps(driver, first, ahead).await;
        if end.trouble.is_none() {
            end.result = jobs::waited(end.result, &jid);
        }
        return end;
    }
    driver.detach = Some(Detach { jid: jid.clone(), limit: detached.limit });
    let mut end = run_steps(driver, first, ahead).await;
    driver.detach = None;
    jobs.started(&jid, &mut end);
    end
}

/// Whether nothing more can be done on the host.
fn ends_all(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Unreachable(_) | Trouble::Lost { .. } | Trouble::Stopped { .. })
}

fn executed(end: StepsEnd, prepared: &Prepared) -> Executed {
    let diff = end.diffs.into_iter().map(|diff| TextDiff {
        before_header: diff.before_header,
        after_header: diff.after_header,
        before: diff.before,
        after: diff.after,
    });
    let diff = if prepared.context.diff { diff.collect() } else { Vec::new() };
    match end.trouble {
        None => {
            let warnings = end.result.warnings.clone();
            let wants_facts = end.wants_facts;
            Executed { outcome: Finished::Result(end.result), diff, warnings, stopped: false, wants_facts }
        }
        Some(trouble) => Executed { diff, ..Executed::troubled(trouble, prepared) },
    }
}

impl Executed {
    fn failed(result: TaskResult) -> Self {
        let outcome = Finished::Result(result);
        Self { outcome, diff: Vec::new(), warnings: Vec::new(), stopped: false, wants_facts: false }
    }

    fn troubled(trouble: Trouble, prepared: &Prepared) -> Self {
        let stopped = matches!(trouble, Trouble::Stopped { .. });
        let outcome = match trouble {
            Trouble::Unreachable(error) | Trouble::Lost { error, .. } => Finished::Unreachable(error.to_string()),
            Trouble::TimedOut { fate } => {
                let limit = prepared.timeout.or(prepared.detached.map(|detached| detached.limit)).unwrap_or_default();
                let what = fate.map_or("it had not been started here", fate_sentence);
                let message = format!("the task took longer than {} s; {what}", limit.as_secs_f64());
                let period = Value::dict(Dict::from_iter([("period".into(), limit.as_secs_f64().into())]));
                Finished::Result(TaskResult::failed(message).field("timedout", period))
            }
            Trouble::Stopped { fate } => {
                let what = fate.map_or("it had not been started here", fate_sentence);
                Finished::Result(TaskResult::failed(format!("the run was stopped; {what}")))
            }
            other => Finished::Result(TaskResult::failed(other.to_string())),
        };
        Self { outcome, stopped, ..Self::failed(TaskResult::default()) }
    }
}

/// What a module changes of the run. Tells of hosts and groups whether they are new.
fn apply(play: &PlayContext, run: &TaskRun, prepared: &Prepared, effect: Effect) -> Option<bool> {
    let store = &play.layers.store;
    let host = prepared.delegate.as_ref().filter(|_| prepared.delegates_facts).unwrap_or(&run.host);
    match effect {
        Effect::Facts(facts) => {
            store.add_facts(host, &facts);
            if is_setup(prepared) {
                store.mark_gathered(host);
            }
        }
        Effect::SetFacts { vars, cacheable } => {
            if cacheable {
                store.add_facts(host, &vars);
            }
            store.set(host, vars);
        }
        Effect::IncludeVars(vars) => store.include(host, vars),
        Effect::AddHost { name, groups, vars } => return Some(store.add_host(&name, &groups, vars)),
        Effect::GroupBy { group, parents } => return Some(store.group_by(&run.host, &group, &parents)),
    }
    None
}

/// Whether the module gathers the facts of its host.
fn is_setup(prepared: &Prepared) -> bool {
    matches!(prepared.module.0.spec().name, "setup" | "gather_facts")
}
