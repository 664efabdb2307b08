//! Tasks that go on by themselves (`async` with `poll: 0`), and what `async_status` tells of them.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::session::{JobStatus, Trouble};
use super::steps::{Ahead, Detached, Driver, StepsEnd, after, run_steps};
use crate::modules::{Answer, Args, TaskResult, running};
use crate::remote::Limits;
use crate::template::Value;

/// What this run knows of its jobs, by their names.
#[derive(Default)]
pub(super) struct Jobs(Mutex<HashMap<String, Job>>);

enum Job {
    /// It goes on; its module waits for its end.
    Running(Detached),
    /// Its module has ended.
    Ended(TaskResult),
}

impl Jobs {
    /// A new job's name, which no other has.
    pub fn name() -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // A failing random source leaves names that differ all the same.
        let random = getrandom::u64().unwrap_or_default() % 1_000_000_000_000;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        format!("j{random:012}.{}{count}", std::process::id())
    }

    /// Takes note of a task that shall go on by itself: the result that it has for now.
    pub fn started(&self, jid: &str, end: &mut StepsEnd) {
        if end.trouble.is_some() || end.result.failed {
            return;
        }
        let directory = end.detached.as_ref().map(|detached| detached.directory.clone());
        let job = match end.detached.take() {
            Some(detached) => Job::Running(detached),
            // There was nothing to do, so it has ended already.
            None => Job::Ended(end.result.clone()),
        };
        self.insert(jid, job);
        let file = directory.unwrap_or_else(|| file_of(jid));
        end.result =
            about(TaskResult::changed(), jid, State { started: true, finished: false }).field("results_file", file);
    }

    fn insert(&self, jid: &str, job: Job) {
        self.0.lock().expect("nothing panics while it holds the lock").insert(jid.to_owned(), job);
    }

    /// The result of a job that has ended.
    fn result(&self, jid: &str) -> Option<TaskResult> {
        match self.0.lock().expect("nothing panics while it holds the lock").get(jid) {
            Some(Job::Ended(result)) => Some(result.clone()),
            _ => None,
        }
    }

    fn remove(&self, jid: &str) -> Option<Job> {
        self.0.lock().expect("nothing panics while it holds the lock").remove(jid)
    }
}

/// Whether a job was started and has ended.
#[derive(Clone, Copy)]
struct State {
    started: bool,
    finished: bool,
}

/// What a task gets that was waited for (`poll` above 0).
pub(super) fn waited(result: TaskResult, jid: &str) -> TaskResult {
    about(result, jid, State { started: true, finished: true }).field("results_file", file_of(jid))
}

/// Carries out `async_status`.
pub(super) async fn tell(jobs: &Jobs, driver: &mut Driver<'_>, args: &Args) -> StepsEnd {
    let jid = args.needed("jid").to_owned();
    let limits = driver.limits;
    let told = if args.text("mode") == Some("cleanup") {
        forget(jobs, driver, &jid, limits).await
    } else {
        status(jobs, driver, &jid, limits).await
    };
    told.unwrap_or_else(|trouble| StepsEnd {
        result: TaskResult::failed(trouble.to_string()),
        trouble: Some(trouble),
        ..StepsEnd::default()
    })
}

async fn forget(jobs: &Jobs, driver: &mut Driver<'_>, jid: &str, limits: Limits) -> Result<StepsEnd, Trouble> {
    driver.session.forget_job(driver.access, jid, limits, driver.stop).await?;
    jobs.remove(jid);
    let result = silent(about(TaskResult::ok(), jid, State { started: false, finished: false }));
    Ok(ended(result.field("erased", file_of(jid))))
}

async fn status(jobs: &Jobs, driver: &mut Driver<'_>, jid: &str, limits: Limits) -> Result<StepsEnd, Trouble> {
    if let Some(result) = jobs.result(jid) {
        return Ok(ended(waited(result, jid)));
    }
    let status = driver.session.job_status(driver.access, jid, limits, driver.stop).await?;
    let (answer, timed_out) = match status {
        JobStatus::Missing => return Ok(failed(jid, "could not find job")),
        JobStatus::Lost => {
            let message = "the job is gone, and nobody wrote down its end: the host was restarted, or it was killed";
            return Ok(failed(jid, message));
        }
        JobStatus::Running => {
            let state = State { started: true, finished: false };
            let result = silent(about(TaskResult::ok(), jid, state)).field("results_file", file_of(jid));
            return Ok(ended(result));
        }
        JobStatus::Ended { answer, timed_out } => (answer, timed_out),
    };
    let known = jobs.remove(jid);
    if timed_out {
        let result = running::outputs(TaskResult::failed("Job reached its maximum time limit."), &answer, true);
        jobs.insert(jid, Job::Ended(result.clone()));
        return Ok(ended(waited(result, jid)));
    }
    let mut end = match known {
        Some(Job::Running(detached)) => run_steps(driver, after(detached, answer), &mut Ahead::default()).await,
        Some(Job::Ended(result)) => ended(result),
        None => ended(unknown(&answer)),
    };
    if end.trouble.is_none() {
        jobs.insert(jid, Job::Ended(end.result.clone()));
        end.result = waited(end.result, jid);
    }
    Ok(end)
}

/// The result of a job that another run has started: what it was is not known here.
fn unknown(answer: &Answer) -> TaskResult {
    let result = running::outputs(TaskResult::changed().field("rc", answer.rc), answer, true);
    if answer.rc == 0 { result } else { TaskResult { failed: true, ..result.message("non-zero return code") } }
}

fn failed(jid: &str, message: &str) -> StepsEnd {
    let result = silent(about(TaskResult::failed(message), jid, State { started: true, finished: true }));
    ended(result.field("results_file", file_of(jid)))
}

fn ended(result: TaskResult) -> StepsEnd {
    StepsEnd { result, ..StepsEnd::default() }
}

fn about(result: TaskResult, jid: &str, state: State) -> TaskResult {
    result.field("ansible_job_id", jid).field("started", state.started).field("finished", state.finished)
}

fn silent(result: TaskResult) -> TaskResult {
    let none = || Value::list(Vec::new());
    result.field("stdout", "").field("stdout_lines", none()).field("stderr", "").field("stderr_lines", none())
}

fn file_of(jid: &str) -> String {
    format!("~/.ansible_async/{jid}")
}
