//! Modules' steps, one task or a loop's many.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use opsctl::engine::deploy::session::{JobStatus, Trouble};
use opsctl::engine::deploy::steps::{Ahead, Detach, Driver, Mode, ReadLocal, Record, StepsEnd, after, run_steps};
use opsctl::modules::probes::Probe;
use opsctl::modules::{
    Action, Change, Diff, Effect, LocalRead, LocalReply, ModuleError, Question, ScriptCall, Step, TaskResult,
};
use opsctl::remote::Limits;
use opsctl::transport::BoxFuture;

use crate::fixture::{Host, block_on};

static CONTENT: Probe = Probe { name: "content", script: "cat \"$1\" 2>/dev/null\n:" };

/// A module in short: the file shall hold this text.
fn file(path: &Path, wanted: &'static str) -> Step {
    let path = path.to_owned();
    let question = Question::new(&CONTENT, [path.as_os_str()]);
    Step::Ask(
        vec![question],
        Box::new(move |answers| {
            let before = answers[0].text().into_owned();
            if before == wanted {
                return Ok(Step::Done(TaskResult::ok()));
            }
            let script = ScriptCall::new("printf %s \"$2\" >\"$1\"", [path.as_os_str(), wanted.as_ref()]);
            let diff = vec![Diff { before, after: wanted.into(), ..Diff::default() }];
            let change = Change { diff, action: Action::Script(script) };
            Ok(Step::Change(
                change,
                Box::new(|answer| match answer {
                    Some(answer) if answer.rc != 0 => Err(ModuleError::new(answer.errors()).field("rc", 1i64)),
                    _ => Ok(Step::Done(TaskResult::changed())),
                }),
            ))
        }),
    )
}

#[derive(Default)]
struct Around {
    recorded: Mutex<Vec<bool>>,
    watched: std::path::PathBuf,
    refuses: bool,
}

impl Record for Around {
    fn record<'a>(&'a self, _action: &'a Action) -> BoxFuture<'a, Result<(), String>> {
        self.recorded.lock().unwrap().push(self.watched.exists());
        let word = if self.refuses { Err("the disk is full".to_owned()) } else { Ok(()) };
        Box::pin(std::future::ready(word))
    }
}

impl ReadLocal for Around {
    fn read<'a>(&'a self, read: &'a LocalRead) -> BoxFuture<'a, Result<LocalReply, ModuleError>> {
        match read {
            LocalRead::Pause { .. } => Box::pin(std::future::pending()),
            _ => Box::pin(std::future::ready(Ok(LocalReply::Tree(Vec::new())))),
        }
    }
}

/// Runs the items of a loop one after the other, as the engine does.
async fn run_items(host: &mut Host, around: &Around, mode: Mode, items: Vec<Step>) -> Vec<StepsEnd> {
    let mut driver = Driver {
        session: &mut host.session,
        access: &host.access,
        mode,
        detach: None,
        effects: &mut |_: Effect| None,
        local: around,
        record: around,
        wants_facts: &|| false,
        limits: host.limits,
        stop: &mut host.stop,
    };
    let mut ahead = Ahead::default();
    let mut left = VecDeque::from(items);
    let mut ends = Vec::new();
    while !left.is_empty() {
        ahead.look(&mut driver, &mut left).await.unwrap();
        let step = left.pop_front().unwrap();
        ends.push(run_steps(&mut driver, step, &mut ahead).await);
    }
    ends
}

async fn warm() -> Host {
    let mut host = Host::new();
    host.ask(&[Question::new(&CONTENT, ["/dev/null"])]).await.unwrap();
    host
}

#[test]
fn a_task_that_changes_nothing_takes_one_round_trip_and_one_that_changes_two() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    block_on(async {
        let mut host = warm().await;
        let around = Around { watched: path.clone(), ..Around::default() };
        for (trips, changed) in [(2, true), (1, false)] {
            let end = run_items(&mut host, &around, Mode::Real, vec![file(&path, "x")]).await.remove(0);
            assert_eq!((end.round_trips, end.result.changed, end.trouble), (trips, changed, None));
        }
        // What was about to be changed was on record before it was there.
        assert_eq!(*around.recorded.lock().unwrap(), [false]);
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
        host.session.close().await;
    });
}

#[test]
fn check_mode_changes_and_records_nothing_and_shows_what_would_differ() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    block_on(async {
        let mut host = warm().await;
        let around = Around::default();
        let end = run_items(&mut host, &around, Mode::Check, vec![file(&path, "x")]).await.remove(0);
        assert_eq!((end.result.changed, end.diffs[0].after.as_str()), (true, "x"));
        assert!(!path.exists() && around.recorded.lock().unwrap().is_empty());
        host.session.close().await;
    });
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    block_on(async {
        let mut host = warm().await;
        let around = Around { refuses: true, ..Around::default() };
        let end = run_items(&mut host, &around, Mode::Real, vec![file(&path, "x")]).await.remove(0);
        assert_eq!(end.trouble, Some(Trouble::Unrecorded("the disk is full".into())));
        assert!(end.result.failed && !path.exists());
        host.session.close().await;
    });
}

#[test]
fn a_loop_that_changes_nothing_is_one_round_trip() {
    let directory = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..100).map(|number| directory.path().join(format!("{number}"))).collect();
    for path in &paths {
        std::fs::write(path, "x").unwrap();
    }
    block_on(async {
        let mut host = warm().await;
        let items = paths.iter().map(|path| file(path, "x")).collect();
        let ends = run_items(&mut host, &Around::default(), Mode::Real, items).await;
        assert!(ends.iter().all(|end| !end.result.changed && end.trouble.is_none()));
        assert_eq!((ends.len(), host.session.round_trips()), (100, 1));
        host.session.close().await;
    });
}

#[test]
fn a_loop_that_changes_everything_asks_little_more_than_it_must() {
    let directory = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (0..30).map(|number| directory.path().join(format!("{number}"))).collect();
    block_on(async {
        let mut host = warm().await;
        let items = paths.iter().map(|path| file(path, "x")).collect();
        let ends = run_items(&mut host, &Around::default(), Mode::Real, items).await;
        assert!(ends.iter().all(|end| end.result.changed));
        assert_eq!(host.session.round_trips(), 60);
        host.session.close().await;
    });
}

#[test]
fn an_item_sees_what_the_one_before_it_changed() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = (directory.path().join("one"), directory.path().join("two"));
    std::fs::write(&two, "x").unwrap();
    block_on(async {
        let mut host = warm().await;
        // The third item finds the file as the second has left it, not as it was when the loop began.
        let items = vec![file(&two, "x"), file(&one, "x"), file(&one, "x"), file(&two, "x"), file(&two, "y")];
        let ends = run_items(&mut host, &Around::default(), Mode::Real, items).await;
        let changed: Vec<bool> = ends.iter().map(|end| end.result.changed).collect();
        assert_eq!(changed, [false, true, false, false, true]);
        assert_eq!(ends[4].diffs[0].before, "x");
        host.session.close().await;
    });
}

#[test]
fn local_steps_before_a_question_do_not_keep_it_from_being_asked_ahead() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    std::fs::write(&path, "x").unwrap();
    let item = || {
        let path = path.clone();
        let read = LocalRead::File { kind: "files", name: "x".into() };
        Step::Local(read, Box::new(move |_| Ok(file(&path, "x"))))
    };
    block_on(async {
        let mut host = warm().await;
        let ends = run_items(&mut host, &Around::default(), Mode::Real, (0..10).map(|_| item()).collect()).await;
        assert_eq!((ends.len(), host.session.round_trips()), (10, 1));
        host.session.close().await;
    });
}

#[test]
fn a_modules_error_fails_the_task_with_its_fields() {
    block_on(async {
        let mut host = warm().await;
        let item = file(Path::new("/no/such/directory/file"), "x");
        let end = run_items(&mut host, &Around::default(), Mode::Real, vec![item]).await.remove(0);
        assert!(end.result.failed && end.trouble.is_none());
        assert!(end.result.message.unwrap().contains("/no/such/directory/file"));
        assert_eq!(end.result.fields.len(), 1);
        host.session.close().await;
    });
}

#[test]
fn a_limit_and_a_stop_end_what_waits_on_the_controller() {
    let pause = || {
        let read = LocalRead::Pause { limit: None, prompt: None, echo: false };
        Step::Local(read, Box::new(|_| Ok(Step::Done(TaskResult::ok()))))
    };
    block_on(async {
        let mut host = warm().await;
        host.limits = Limits { timeout: Some(Duration::from_millis(50)) };
        let end = run_items(&mut host, &Around::default(), Mode::Real, vec![pause()]).await.remove(0);
        assert_eq!(end.trouble, Some(Trouble::TimedOut { fate: None }));
        host.limits = Limits::default();
        host.switch.send_replace(true);
        let end = run_items(&mut host, &Around::default(), Mode::Real, vec![pause()]).await.remove(0);
        assert_eq!(end.trouble, Some(Trouble::Stopped { fate: None }));
        host.session.close().await;
    });
}

#[test]
fn a_detached_change_is_recorded_and_its_task_goes_on_when_it_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a");
    block_on(async {
        let mut host = warm().await;
        host.access.environment = vec![("HOME".into(), directory.path().into())];
        let around = Around { watched: path.clone(), ..Around::default() };
        let mut driver = Driver {
            session: &mut host.session,
            access: &host.access,
            mode: Mode::Real,
            detach: Some(Detach { jid: "j1".into(), limit: Duration::from_mins(1) }),
            effects: &mut |_: Effect| None,
            local: &around,
            record: &around,
            wants_facts: &|| false,
            limits: host.limits,
            stop: &mut host.stop,
        };
        let end = run_steps(&mut driver, file(&path, "x"), &mut Ahead::default()).await;
        assert_eq!((end.trouble, end.result.changed, end.round_trips), (None, true, 2));
        assert_eq!(*around.recorded.lock().unwrap(), [false]);
        let answer = loop {
            match driver.session.job_status(driver.access, "j1", driver.limits, driver.stop).await.unwrap() {
                JobStatus::Running => tokio::task::yield_now().await,
                JobStatus::Ended { answer, .. } => break answer,
                other => panic!("{other:?}"),
            }
        };
        let last = run_steps(&mut driver, after(end.detached.unwrap(), answer), &mut Ahead::default()).await;
        assert!(last.result.changed && !last.result.failed);
        assert_eq!(std::fs::read(&path).unwrap(), b"x");
        host.session.close().await;
    });
}
