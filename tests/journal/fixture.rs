//! Runs to record, and a journal directory that is gone after the test.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use opsctl::event::{
    Captured, Event, EventKind, Failure, FailureKind, Fate, HostReport, Invoker, Outcome, RunHeader, RunId, StopCause,
    Subscriber, Summary, Verb,
};
use opsctl::journal::{JournalOptions, JournalWriter};
use tempfile::TempDir;

/// A journal directory.
pub struct Journal {
    scratch: TempDir,
    pub options: JournalOptions,
}

impl Journal {
    pub fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let options = JournalOptions::new(scratch.path().join("state"));
        Self { scratch, options }
    }

    pub fn dir(&self) -> PathBuf {
        self.scratch.path().join("state")
    }

    pub fn heads(&self) -> PathBuf {
        self.dir().join("heads")
    }

    pub fn file(&self, run: RunId) -> PathBuf {
        self.dir().join(format!("runs/{run}.jsonl"))
    }

    pub fn lines(&self, run: RunId) -> Vec<String> {
        fs::read_to_string(self.file(run)).unwrap().lines().map(str::to_owned).collect()
    }

    pub fn set_lines(&self, run: RunId, lines: &[String]) {
        fs::write(self.file(run), lines.join("\n") + "\n").unwrap();
    }

    /// Records a run to its end.
    pub fn record(&self, hosts: &[(&str, Outcome)]) -> RunId {
        self.record_run(&header(hosts), hosts, None)
    }

    pub fn record_run(&self, header: &RunHeader, hosts: &[(&str, Outcome)], stopped: Option<StopCause>) -> RunId {
        let (mut writer, mut summary) = self.begin(header, hosts);
        if let Some(cause) = stopped {
            send(&mut writer, EventKind::Stopping(cause));
            summary.stopped = stopped;
        }
        summary.duration = Duration::from_millis(1500);
        send(&mut writer, EventKind::RunEnded(Arc::new(summary)));
        header.run
    }

    /// Records a run up to the last host's end, and lets go of it as a crash would.
    pub fn interrupt(&self, hosts: &[(&str, Outcome)]) -> RunId {
        let header = header(hosts);
        drop(self.begin(&header, hosts));
        header.run
    }

    /// Records a run up to the last host's end.
    pub fn begin(&self, header: &RunHeader, hosts: &[(&str, Outcome)]) -> (JournalWriter, Summary) {
        let mut writer = JournalWriter::create(&self.options).unwrap();
        let mut summary = Summary::new(header.run);
        send(&mut writer, EventKind::RunStarted(Arc::new(header.clone())));
        for (host, outcome) in hosts {
            let report = report(host, *outcome);
            summary.count(&report);
            if *outcome != Outcome::NotStarted {
                send(&mut writer, EventKind::HostStarted { host: (*host).into() });
            }
            send(&mut writer, EventKind::HostEnded(Arc::new(report)));
        }
        (writer, summary)
    }
}

pub fn send(writer: &mut JournalWriter, kind: EventKind) {
    writer.on_event(&Event::now(kind)).unwrap();
}

pub fn header(hosts: &[(&str, Outcome)]) -> RunHeader {
    RunHeader {
        run: RunId::new(),
        verb: Verb::Exec,
        name: None,
        invoker: Invoker {
            user: "ada".into(),
            sudo_user: None,
            tty: None,
            controller: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            directory: "/srv".into(),
            pid: 7,
        },
        version: "0.1.0".into(),
        argv: ["opsctl", "exec", "all", "--", "uptime"].map(String::from).to_vec(),
        command: "uptime".into(),
        inventory: Vec::new(),
        revision: None,
        pattern: "all".into(),
        hosts: hosts.iter().map(|(host, _)| (*host).into()).collect(),
        forks: 64,
    }
}

pub fn report(host: &str, outcome: Outcome) -> HostReport {
    if outcome == Outcome::NotStarted {
        return HostReport::not_started(host.into());
    }
    let failure = (!outcome.is_success()).then(|| Failure {
        kind: FailureKind::Command,
        message: format!("{host}: it went wrong"),
        hint: None,
    });
    HostReport {
        outcome,
        rc: Some(i32::from(!outcome.is_success())),
        fate: Some(Fate::Ended),
        failure,
        started: Some(jiff::Timestamp::now()),
        duration: Duration::from_millis(250),
        attempts: 1,
        stdout: Arc::new(Captured::from(format!("hello from {host}\n").as_bytes())),
        ..HostReport::not_started(host.into())
    }
}
