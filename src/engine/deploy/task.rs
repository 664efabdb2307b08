//! One task on one host: its loop, its tries, its result.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::PlayContext;
use super::execute::{Executed, Finished, execute, execute_all};
use super::gather::{Gathered, gather_wanted};
use super::items::{self, Items};
use super::prepare::{NotPrepared, Prepared, TaskView, Verdict, module_name};
use super::result::{self, Judged};
use crate::event::{DeployEvent, TaskInfo, TaskReport, TaskStatus, TextDiff};
use crate::modules::TaskResult;
use crate::playbook::{Action, Task};
use crate::template::{Dict, Key, Value};

/// How a task ended on a host.
#[derive(Clone, Debug)]
pub(super) struct TaskEnd {
    pub status: TaskStatus,
    /// Whether its failure does not count.
    pub ignored: bool,
    /// What `register` sees.
    pub result: Value,
    /// What is notified.
    pub notify: Vec<String>,
    /// Whether the host's tasks were stopped: the run was ended while the task ran.
    pub stopped: bool,
}

impl TaskEnd {
    /// Whether it went wrong, and that counts.
    pub fn is_bad(&self) -> bool {
        matches!(self.status, TaskStatus::Failed | TaskStatus::Unreachable) && !self.ignored
    }
}

/// A task about to run on a host.
#[derive(Clone, Debug)]
pub(super) struct TaskRun {
    pub play: Arc<PlayContext>,
    pub host: Arc<str>,
    pub task: Arc<Task>,
    pub info: Arc<TaskInfo>,
    /// Variables of this moment: `ansible_failed_task` and the like.
    pub local: Dict,
    /// Handlers that the host owes, for the record.
    pub owed: Vec<String>,
    /// Whether nothing of the task may be shown, not even that it could not begin.
    pub no_log: bool,
}

/// How one item, or a task without a loop, ended.
struct ItemEnd {
    judged: Judged,
    /// What the module was given.
    arguments: Option<serde_json::Value>,
    diff: Vec<TextDiff>,
    warnings: Vec<String>,
    delegate: Option<Arc<str>>,
    attempts: u32,
    stopped: bool,
    duration: Duration,
}

/// Runs a task on a host and tells how it ended.
pub(super) async fn run_task(run: &TaskRun) -> TaskEnd {
    let run = &TaskRun { no_log: run.hides().await, ..run.clone() };
    let end = match run.compute(Dict::new(), items::of).await {
        Err(failure) => run.judge_failure(failure, &Dict::new()).await,
        Ok(Items::None) => run.item(&Dict::new()).await,
        Ok(Items::Skipped(condition)) => ItemEnd::of(result::skipped(&condition)),
        Ok(Items::List(items)) => return run.all_items(items).await,
    };
    run.finish(end).await
}

impl TaskRun {
    /// Computes something of the task on a blocking thread; facts that it asks for are gathered first.
    pub async fn compute<T: Send + 'static>(
        &self,
        local: Dict,
        compute: impl Fn(&TaskView) -> Result<T, NotPrepared> + Send + Sync + 'static,
    ) -> Result<T, NotPrepared> {
        let compute = Arc::new(compute);
        loop {
            let run = self.clone();
            let (local, compute) = (local.clone(), Arc::clone(&compute));
            let computing = tokio::task::spawn_blocking(move || {
                let mut all = run.local.clone();
                all.extend(local);
                let view = TaskView::new(&run.play, &run.host, &run.task, all);
                let computed = compute(&view);
                (computed, view.wanted.take())
            });
            let mut stop = self.play.run.stop.clone();
            let (computed, wanted) = tokio::select! {
                computing = computing => computing.expect("templates do not panic"),
                // A lookup may run a program that takes its time.
                () = stop.raised() => return Err(NotPrepared::new("the run was stopped while its templates were computed")),
            };
            for warning in self.play.layers.environment.take_warnings() {
                self.play.run.warn(warning).await;
            }
            match gather_wanted(&self.play, &wanted, &self.host).await {
                Gathered::Nothing => return computed,
                Gathered::Facts => {}
                Gathered::Lost(error) => return Err(NotPrepared::unreachable(error)),
            }
        }
    }

    /// Whether `no_log` holds; where that cannot be told (it may depend on the item), it does.
    async fn hides(&self) -> bool {
        if !self.no_log {
            return false;
        }
        let flag = |view: &TaskView| view.flag("no_log", |keywords| keywords.no_log.as_ref());
        !matches!(self.compute(Dict::new(), flag).await, Ok(Some(false) | None))
    }

    /// The task failed before it ran.
    pub async fn tell_failed(&self, message: &str) -> TaskEnd {
        self.finish(ItemEnd::failed(&NotPrepared::new(message))).await
    }

    async fn all_items(&self, items: Vec<items::Item>) -> TaskEnd {
        if let Some(prepared) = self.prepare_all(&items).await {
            return self.items_together(items, prepared).await;
        }
        let mut results = Vec::new();
        let mut ends = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let mut end = self.item(&item.vars).await;
            item.add_to(&mut end.judged.result);
            let label = self.label(item, &mut end).await;
            results.push(end.judged.result.clone());
            let is_over = end.stopped || end.judged.status == TaskStatus::Unreachable;
            let breaks = self.breaks(item, &end).await;
            self.report_item(&end, label).await;
            ends.push(end);
            if is_over || breaks {
                break;
            }
            if let Some(pause) = item.pause.filter(|_| place + 1 < items.len()) {
                self.pause(pause).await;
            }
        }
        let duration = ends.iter().map(|end| end.duration).sum();
        self.finish_loop(results, ends, duration).await
    }

    async fn finish_loop(&self, results: Vec<Value>, mut ends: Vec<ItemEnd>, duration: Duration) -> TaskEnd {
        let notify = ends.iter_mut().flat_map(|end| std::mem::take(&mut end.judged.notify)).collect();
        let mut whole = ItemEnd::of(result::of_loop(results, ends.iter().map(|end| &end.judged)));
        whole.stopped = ends.iter().any(|end| end.stopped);
        whole.duration = duration;
        whole.judged.notify = notify;
        self.finish(whole).await
    }

    /// The items of a loop made ready all at once; none where one may depend on the one before, or they differ in where
    /// and as whom they run.
    async fn prepare_all(&self, items: &[items::Item]) -> Option<Vec<Result<Verdict, NotPrepared>>> {
        let Action::Module(module, _) = &self.task.action else { return None };
        let one_by_one = items.len() < 2
            || items.iter().any(|item| item.label.is_none())
            || !module.spec().asks_ahead()
            || self.task.until.is_some()
            || self.task.retries.is_some()
            || self.task.control.pause.is_some()
            || !self.task.control.break_when.is_empty();
        if one_by_one {
            return None;
        }
        let vars: Vec<Dict> = items.iter().map(|item| item.vars.clone()).collect();
        let preparing = self.compute(Dict::new(), move |view| {
            Ok(vars.iter().map(|vars| view.within(vars.clone()).prepare()).collect::<Vec<_>>())
        });
        let all = preparing.await.ok()?;
        let mut runs = all.iter().filter_map(|verdict| match verdict {
            Ok(Verdict::Run(prepared)) => Some(prepared),
            _ => None,
        });
        let first = runs.next()?;
        runs.all(|prepared| prepared.runs_like(first)).then_some(all)
    }

    async fn items_together(&self, items: Vec<items::Item>, verdicts: Vec<Result<Verdict, NotPrepared>>) -> TaskEnd {
        let started = Instant::now();
        let runs: Vec<&Prepared> = verdicts
            .iter()
            .filter_map(|verdict| match verdict {
                Ok(Verdict::Run(prepared)) => Some(prepared.as_ref()),
                _ => None,
            })
            .collect();
        let mut executed = execute_all(self, &runs).await.into_iter();
        let (mut results, mut ends) = (Vec::new(), Vec::new());
        for (item, verdict) in items.iter().zip(&verdicts) {
            let mut end = match verdict {
                Err(failure) => self.judge_failure(failure.clone(), &item.vars).await,
                Ok(Verdict::Skip(condition)) => ItemEnd::of(result::skipped(condition)),
                Ok(Verdict::Run(prepared)) => {
                    let executed = executed.next().expect("every item that ran has an end");
                    if executed.wants_facts {
                        // Nothing has come of it yet: from the beginning, as one that runs by itself.
                        let mut end = self.item(&item.vars).await;
                        item.add_to(&mut end.judged.result);
                        results.push(end.judged.result.clone());
                        self.report_item(&end, item.label.clone().unwrap_or_default()).await;
                        ends.push(end);
                        continue;
                    }
                    let stopped = executed.stopped;
                    ItemEnd { stopped, ..self.judge(executed, prepared, &item.vars, 1).await }
                }
            };
            item.add_to(&mut end.judged.result);
            results.push(end.judged.result.clone());
            self.report_item(&end, item.label.clone().unwrap_or_default()).await;
            ends.push(end);
        }
        self.finish_loop(results, ends, started.elapsed()).await
    }

    /// What is shown of an item; where that cannot be told of its result either, the item has failed.
    async fn label(&self, item: &items::Item, end: &mut ItemEnd) -> String {
        if let Some(label) = &item.label {
            return label.clone();
        }
        let mut local = item.vars.clone();
        self.add_registered(&mut local, &end.judged.result);
        match self.compute(local, items::label).await {
            Ok(label) => label,
            Err(failure) => {
                let mut failed = self.judge_failure(failure, &item.vars).await;
                item.add_to(&mut failed.judged.result);
                *end = ItemEnd { stopped: end.stopped, duration: end.duration, ..failed };
                String::new()
            }
        }
    }

    /// Whether `break_when` ends the loop here.
    async fn breaks(&self, item: &items::Item, end: &ItemEnd) -> bool {
        if self.task.control.break_when.is_empty() {
            return false;
        }
        let mut local = item.vars.clone();
        self.add_registered(&mut local, &end.judged.result);
        self.compute(local, |view| view.all_hold(&view.task.control.break_when)).await.unwrap_or(false)
    }

    fn add_registered(&self, local: &mut Dict, result: &Value) {
        if let Some(name) = &self.task.register {
            local.insert(Key::from(name.as_str()), result.clone());
        }
    }

    /// One item, or the task itself: prepared, run, judged, tried again.
    async fn item(&self, local: &Dict) -> ItemEnd {
        let started = Instant::now();
        let mut end = loop {
            let prepared = match self.compute(local.clone(), TaskView::prepare).await {
                Err(failure) => break self.judge_failure(failure, local).await,
                Ok(Verdict::Skip(condition)) => break ItemEnd::of(result::skipped(&condition)),
                Ok(Verdict::Run(prepared)) => prepared,
            };
            if let Some(end) = self.tries(&prepared, local).await {
                break end;
            }
            let wanted = prepared.wanted.take();
            if let Gathered::Lost(error) = gather_wanted(&self.play, &wanted, &self.host).await {
                break self.judge_failure(NotPrepared::unreachable(error), local).await;
            }
        };
        end.duration = started.elapsed();
        end
    }

    /// A task that could not be prepared has failed, unless nothing counts as a failure.
    async fn judge_failure(&self, failure: NotPrepared, local: &Dict) -> ItemEnd {
        let outcome = if failure.is_unreachable {
            Some(Finished::Unreachable(failure.message.clone()))
        } else {
            failure.is_result.then(|| Finished::Result(TaskResult::failed(failure.message.clone())))
        };
        if let Some(outcome) = outcome {
            let vars = local.clone();
            let judging = self.compute(local.clone(), move |view| Ok(result::judge(view, &outcome, &vars, None)));
            return ItemEnd::of(judging.await.unwrap_or_else(|failure| result::failed(&failure.message)));
        }
        let mut end = ItemEnd::failed(&failure);
        let ignores =
            self.compute(local.clone(), |view| view.flag("ignore_errors", |keywords| keywords.ignore_errors.as_ref()));
        end.judged.ignored = ignores.await.ok().flatten().unwrap_or(false);
        end
    }

    /// Runs the module until that is enough; none when facts are to be gathered first.
    async fn tries(&self, prepared: &Prepared, local: &Dict) -> Option<ItemEnd> {
        let tries = prepared.tries.map_or(1, |tries| tries.retries.saturating_add(1));
        let mut attempt = 1;
        loop {
            let executed = execute(self, prepared).await;
            if executed.wants_facts {
                return None;
            }
            let stopped = executed.stopped;
            let mut end = self.judge(executed, prepared, local, attempt).await;
            end.stopped = stopped;
            let is_last = attempt >= tries || end.judged.status == TaskStatus::Unreachable;
            if end.judged.is_satisfied || stopped || is_last {
                if prepared.tries.is_some() && !end.judged.is_satisfied {
                    end.judged.give_up(attempt);
                }
                return Some(end);
            }
            attempt += 1;
            self.pause(prepared.tries.map_or(Duration::ZERO, |tries| tries.delay)).await;
        }
    }

    async fn judge(&self, executed: Executed, prepared: &Prepared, local: &Dict, attempt: u32) -> ItemEnd {
        let Executed { outcome, diff, warnings, .. } = executed;
        let has_tries = prepared.tries.is_some();
        let local = local.clone();
        let judging = self.compute(local.clone(), move |view| {
            Ok(result::judge(view, &outcome, &local, has_tries.then_some(attempt)))
        });
        let judged = judging.await.unwrap_or_else(|failure| result::failed(&failure.message));
        let delegate = prepared.delegate.clone();
        let is_shown = self.play.run.options.verbosity > 1 || judged.status == TaskStatus::Failed;
        let arguments = is_shown.then(|| result::arguments(prepared));
        ItemEnd { arguments, diff, warnings, delegate, attempts: attempt, ..ItemEnd::of(judged) }
    }

    /// Waits, or less when the run is ended.
    async fn pause(&self, duration: Duration) {
        let mut stop = self.play.run.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            () = stop.raised() => {}
        }
    }

    async fn report_item(&self, end: &ItemEnd, label: String) {
        let report = self.report(end, Some(label));
        self.play.run.tell(DeployEvent::ItemEnded(Arc::new(report))).await;
    }

    /// Registers the result, counts the task and tells of it.
    async fn finish(&self, end: ItemEnd) -> TaskEnd {
        let report = self.report(&end, None);
        self.play.run.tell(DeployEvent::TaskEnded(Arc::new(report))).await;
        let ItemEnd { judged, stopped, .. } = end;
        TaskEnd {
            status: judged.status,
            ignored: judged.ignored,
            result: judged.result,
            notify: judged.notify,
            stopped: stopped || self.play.run.stop.is_raised(),
        }
    }

    fn report(&self, end: &ItemEnd, item: Option<String>) -> TaskReport {
        let secrets = self.play.layers.environment.secrets();
        let mask = |text: &str| crate::secret::masked(text, &secrets);
        let judged = &end.judged;
        let no_log = self.no_log || judged.no_log;
        let (result, message) = if no_log {
            (result::censored(judged), None)
        } else {
            (result::masked(&judged.result, &secrets), judged.message.as_deref().map(mask))
        };
        let diff = |diff: &TextDiff| TextDiff { before: mask(&diff.before), after: mask(&diff.after), ..diff.clone() };
        TaskReport {
            task: Arc::clone(&self.info),
            host: Arc::clone(&self.host),
            delegate: end.delegate.clone(),
            status: judged.status,
            ignored: judged.ignored,
            item: item.map(|item| if no_log { "(censored due to no_log)".to_owned() } else { mask(&item) }),
            message,
            result: Arc::new(result),
            arguments: end
                .arguments
                .as_ref()
                .filter(|_| !no_log)
                .map(|arguments| Arc::new(result::hidden(arguments.clone(), &secrets))),
            diff: if no_log { Vec::new() } else { end.diff.iter().map(diff).collect() },
            warnings: if no_log { Vec::new() } else { end.warnings.iter().map(|text| mask(text)).collect() },
            duration: end.duration,
            attempts: end.attempts,
        }
    }
}

impl ItemEnd {
    fn of(judged: Judged) -> Self {
        Self {
            judged,
            arguments: None,
            diff: Vec::new(),
            warnings: Vec::new(),
            delegate: None,
            attempts: 1,
            stopped: false,
            duration: Duration::ZERO,
        }
    }

    fn failed(failure: &NotPrepared) -> Self {
        Self::of(result::failed(&failure.message))
    }
}

/// What is shown of a task before it begins.
pub(super) fn info(view: &TaskView, id: u32, handler: bool, hosts: Option<usize>) -> TaskInfo {
    TaskInfo {
        id,
        name: crate::secret::masked(&view.name(), &view.templar.environment().secrets()),
        module: module_name(&view.task.action),
        role: view.task.parent.role().map(|role| role.name.clone()),
        handler,
        place: view.task.place.to_string(),
        hosts: hosts.and_then(|hosts| u32::try_from(hosts).ok()),
    }
}
