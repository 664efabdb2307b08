//! Reports and runs for the tests of renderers.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::fold::Folder;
use super::{RenderOptions, subscribers};
use crate::event::{
    Captured, Event, EventKind, Failure, FailureKind, HostReport, Invoker, Outcome, RunHeader, RunId, Subscriber,
    Summary, Verb,
};

/// The one run of all tests.
pub fn run_id() -> RunId {
    "01920000-0000-7000-8000-000000000001".parse().unwrap()
}

/// An event at `second` of the run.
pub fn at(second: i64, kind: EventKind) -> Event {
    Event { time: Timestamp::from_second(1_800_000_000 + second).unwrap(), kind }
}

/// A host on which the command printed `stdout` and succeeded.
pub fn ok(host: &str, stdout: &str) -> Arc<HostReport> {
    Arc::new(HostReport {
        outcome: Outcome::Ok,
        rc: Some(0),
        duration: Duration::from_millis(1_500),
        attempts: 1,
        recap: None,
        started: Some(at(0, EventKind::Warning(String::new())).time),
        stdout: Arc::new(Captured::from(stdout.as_bytes())),
        ..HostReport::not_started(host.into())
    })
}

/// A host on which the command printed `stderr` and ended with `rc`.
pub fn failed(host: &str, rc: i32, stderr: &str) -> Arc<HostReport> {
    let failure = Failure { kind: FailureKind::Command, message: format!("exit code {rc}"), hint: None };
    let stderr = Arc::new(Captured::from(stderr.as_bytes()));
    let base = HostReport::clone(&ok(host, ""));
    Arc::new(HostReport { outcome: Outcome::Failed, rc: Some(rc), failure: Some(failure), stderr, ..base })
}

/// A host that refused the connection.
pub fn unreachable(host: &str) -> Arc<HostReport> {
    let message = format!("connect to {host} port 22: connection refused");
    let hint = Some("is sshd running there?".into());
    let failure = Some(Failure { kind: FailureKind::Refused, message, hint });
    Arc::new(HostReport { outcome: Outcome::Unreachable, failure, ..HostReport::not_started(host.into()) })
}

/// A host whose turn never came.
pub fn not_started(host: &str) -> Arc<HostReport> {
    Arc::new(HostReport::not_started(host.into()))
}

/// A folder with these reports.
pub fn folder(reports: &[Arc<HostReport>]) -> Folder {
    let mut folder = Folder::default();
    for report in reports {
        folder.add(report);
    }
    folder
}

/// The header of a run on these hosts.
pub fn header(hosts: &[&str]) -> EventKind {
    EventKind::RunStarted(Arc::new(RunHeader {
        run: run_id(),
        verb: Verb::Exec,
        name: None,
        invoker: Invoker {
            user: "ada".into(),
            sudo_user: None,
            tty: None,
            controller: "control".into(),
            directory: "/".into(),
            pid: 1,
        },
        version: "0.1.0".into(),
        argv: Vec::new(),
        command: "uptime".into(),
        inventory: Vec::new(),
        revision: None,
        pattern: "all".into(),
        hosts: hosts.iter().map(|host| (*host).into()).collect(),
        forks: 64,
    }))
}

/// The events of a whole run in which hosts end as `reports` say.
pub fn run_events(reports: &[Arc<HostReport>]) -> Vec<Event> {
    let hosts: Vec<&str> = reports.iter().map(|report| &*report.host).collect();
    let mut events = vec![at(0, header(&hosts))];
    events.extend(reports.iter().map(|report| at(2, EventKind::HostEnded(Arc::clone(report)))));
    events.push(at(4, summary(reports)));
    events
}

/// The end of a run in which hosts ended as `reports` say.
pub fn summary(reports: &[Arc<HostReport>]) -> EventKind {
    let mut summary = Summary::new(run_id());
    for report in reports {
        summary.count(report);
    }
    summary.duration = Duration::from_millis(4_200);
    EventKind::RunEnded(Arc::new(summary))
}

/// A writer that can be read while someone else owns it.
#[derive(Clone, Default)]
pub struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    /// What was written so far, as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    /// What was written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a run writes to stdout and to stderr.
pub fn show(options: &RenderOptions, events: &[Event]) -> (String, String) {
    let (stdout, stderr) = (Page::default(), Page::default());
    let mut renderers = subscribers(options, Box::new(stdout.clone()), Box::new(stderr.clone())).unwrap();
    for event in events {
        deliver(&mut renderers, event);
    }
    (stdout.text(), stderr.text())
}

/// Hands `event` to all as the bus does.
pub fn deliver(renderers: &mut [Box<dyn Subscriber>], event: &Event) {
    for renderer in renderers {
        if renderer.wants_output() || !matches!(event.kind, EventKind::Output { .. }) {
            renderer.on_event(event).unwrap();
        }
    }
}
