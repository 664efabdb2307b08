//! One host, from connecting to its final report.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::host_keys::UnknownHostKey;
use super::output::{HostOutput, Memory};
use super::plan::{ConnectionKind, Plan, PlannedHost, Work, may_have_started};
use crate::event::{BusError, EventKind, EventSender, Failure, FailureKind, Fate, HostReport, Outcome};
use crate::remote::{Command, End, EndCause, Limits, OpenError, Program, Shell, ShellOptions, StopSignal, Transferred};
use crate::transport::{ConnectError, ConnectOptions, HostKeyPolicy, Transport};

/// Before the second connection attempt; doubles with each further one, up to [`MAX_BACKOFF`].
const FIRST_BACKOFF: Duration = Duration::from_millis(250);

/// Longest wait between connection attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// What every host's task shares.
pub(super) struct Shared {
    pub(super) plan: Plan,
    pub(super) ssh: Arc<dyn Transport>,
    pub(super) local: Arc<dyn Transport>,
    pub(super) events: EventSender,
    pub(super) memory: Memory,
    pub(super) deadline: Option<Instant>,
    pub(super) ask_host_keys: bool,
}

/// How a host's turn ended.
pub(super) enum TurnEnd {
    /// With its final report, already sent.
    Ended(Arc<HostReport>),
    /// With an unknown host key that a person may confirm; the report is for the case that nobody does.
    UnknownKey(usize, UnknownHostKey, Arc<HostReport>),
    /// Before it began: that it begins could not be recorded.
    OffTheRecord(usize),
}

/// What is known when a host's work is over.
struct Verdict {
    outcome: Outcome,
    rc: Option<i32>,
    fate: Option<Fate>,
    failure: Option<Failure>,
}

/// Takes the host at `index` from connecting to its report; `confirmed` is the fingerprint that a person has accepted
/// for it.
pub(super) async fn run_turn(
    shared: Arc<Shared>,
    index: usize,
    confirmed: Option<String>,
    mut stop: StopSignal,
) -> TurnEnd {
    let host = &shared.plan.hosts[index];
    let turn = Turn { shared: &shared, host, started: (Timestamp::now(), Instant::now()) };
    let begins = match confirmed {
        Some(_) => Ok(Begin::Go),
        None => turn.begin(&mut stop).await,
    };
    let Ok(begin) = begins else { return TurnEnd::OffTheRecord(index) };
    let asking = shared.ask_host_keys && confirmed.is_none();
    let mut output = HostOutput::new(Arc::clone(&host.name), shared.events.clone(), shared.memory.clone());
    let (attempts, opened) = match begin {
        Begin::Go => turn.connect(confirmed, &mut stop).await,
        Begin::Stopped => (0, Err(OpenError::Stopped(None))),
    };
    let mut key = None;
    let result = match opened {
        Ok(mut shell) => {
            let result = turn.work(&mut shell, &mut output, &mut stop).await;
            shell.close().await;
            result
        }
        Err(OpenError::Connect(error)) => {
            key = error.host_key.clone().filter(|_| asking && error.kind == FailureKind::HostKeyUnknown);
            Verdict::unreachable(error)
        }
        Err(OpenError::Stopped(fate)) => turn.stopped(None, fate),
    };
    let report = Arc::new(turn.report(result, attempts, output));
    if let Some((kind, fingerprint)) = key {
        let address = host.target.address.clone();
        let key = UnknownHostKey { host: Arc::clone(&host.name), address, kind, fingerprint };
        return TurnEnd::UnknownKey(index, key, report);
    }
    turn.tell(EventKind::HostEnded(Arc::clone(&report))).await;
    TurnEnd::Ended(report)
}

/// Whether a host is begun with.
enum Begin {
    /// Its start is on record.
    Go,
    /// The run was told to end first.
    Stopped,
}

struct Turn<'a> {
    shared: &'a Shared,
    host: &'a PlannedHost,
    started: (Timestamp, Instant),
}

impl Turn<'_> {
    /// Waits until the start is on record: nothing happens on a host that the journal does not know of.
    async fn begin(&self, stop: &mut StopSignal) -> Result<Begin, BusError> {
        let started = EventKind::HostStarted { host: Arc::clone(&self.host.name) };
        tokio::select! {
            recorded = self.shared.events.send_recorded(started) => recorded.map(|()| Begin::Go),
            () = stop.raised() => Ok(Begin::Stopped),
        }
    }

    /// Connects, with retries; returns the number of attempts made.
    async fn connect(&self, confirmed: Option<String>, stop: &mut StopSignal) -> (u32, Result<Shell, OpenError>) {
        let connect = ConnectOptions {
            host_keys: confirmed.map_or(self.shared.plan.connect.host_keys.clone(), HostKeyPolicy::Confirmed),
            ..self.shared.plan.connect.clone()
        };
        let mut backoff = FIRST_BACKOFF;
        for attempt in 1.. {
            let opened = self.open(&connect, stop).await;
            let transient = matches!(&opened, Err(OpenError::Connect(error)) if error.is_transient());
            if !transient || attempt > self.shared.plan.retries {
                return (attempt, opened);
            }
            tokio::select! {
                () = sleep(backoff) => {}
                () = stop.raised() => return (attempt, Err(OpenError::Stopped(None))),
            }
            backoff = (backoff * 2).min(MAX_BACKOFF);
        }
        unreachable!("the loop above has no end of its own")
    }

    async fn open(&self, connect: &ConnectOptions, stop: &mut StopSignal) -> Result<Shell, OpenError> {
        let transport = match self.host.connection {
            ConnectionKind::Ssh => self.shared.ssh.as_ref(),
            ConnectionKind::Local => self.shared.local.as_ref(),
        };
        let first = match &self.shared.plan.work {
            Work::Exec { command, shell_is_fixed, input: None } => Some(self.command(command, *shell_is_fixed)),
            Work::Exec { .. } => None,
            Work::Copy(upload) => Some(Cow::Owned(upload.first_command())),
            Work::Fetch(download) => Some(Cow::Owned(download.first_command())),
        };
        let options = ShellOptions {
            transport,
            target: &self.host.target,
            connect,
            privilege: self.host.privilege.as_ref(),
            first: first.as_deref(),
            limits: self.limits(),
        };
        Shell::open(options, stop).await
    }

    /// The plan's command, with the host's own shell.
    fn command<'a>(&'a self, command: &'a Command, shell_is_fixed: bool) -> Cow<'a, Command> {
        match (&command.program, &self.host.shell) {
            (Program::Line { line, .. }, Some(own)) if !shell_is_fixed => {
                let program = Program::Line { shell: own.clone(), line: line.clone() };
                Cow::Owned(Command { program, env: command.env.clone(), chdir: command.chdir.clone() })
            }
            _ => Cow::Borrowed(command),
        }
    }

    fn limits(&self) -> Limits {
        let left = self.shared.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        Limits { timeout: [self.shared.plan.timeout, left].into_iter().flatten().min() }
    }

    async fn work(&self, shell: &mut Shell, output: &mut HostOutput, stop: &mut StopSignal) -> Verdict {
        match &self.shared.plan.work {
            Work::Exec { command, shell_is_fixed, input } => {
                let command = self.command(command, *shell_is_fixed);
                let end = match input {
                    Some(file) => shell.run_direct(&command, Some(file), self.limits(), output, stop).await,
                    None => shell.run(&command, self.limits(), output, stop).await,
                };
                self.judge(end)
            }
            Work::Copy(upload) => self.judge_transfer(upload.run(shell, self.limits(), stop).await),
            Work::Fetch(download) => {
                self.judge_transfer(download.run(&self.host.name, shell, self.limits(), output, stop).await)
            }
        }
    }

    fn judge_transfer(&self, transferred: Transferred) -> Verdict {
        let ended = |outcome, failure| Verdict { outcome, rc: None, fate: Some(Fate::Ended), failure };
        match transferred {
            Transferred::Done { changed: true } => ended(Outcome::Changed, None),
            Transferred::Done { changed: false } => ended(Outcome::Ok, None),
            Transferred::Failed(failure) => ended(Outcome::Failed, Some(failure)),
            // The exit code would be that of our own script.
            Transferred::Ended(end) => Verdict { rc: None, ..self.judge(end) },
        }
    }

    fn judge(&self, end: End) -> Verdict {
        match end.cause {
            EndCause::Exit => self.judge_code(&end),
            EndCause::Timeout => self.timed_out(&end),
            EndCause::Cancel => self.stopped(end.rc, end.fate),
            EndCause::Lost => {
                let error = end.lost.unwrap_or_else(|| ConnectError::new(FailureKind::Lost, "the connection was lost"));
                Verdict { fate: end.fate, ..Verdict::unreachable(error) }
            }
        }
    }

    fn judge_code(&self, end: &End) -> Verdict {
        let ok = end.rc.is_some_and(|rc| self.shared.plan.ok_codes.contains(&rc));
        let message = match end.rc {
            Some(rc) => signal_name(rc).map_or(format!("exit code {rc}"), |name| format!("exit code {rc} (SIG{name})")),
            None => "the host did not tell the exit code".into(),
        };
        Verdict {
            outcome: if ok { Outcome::Ok } else { Outcome::Failed },
            rc: end.rc,
            fate: end.fate,
            failure: (!ok).then_some(Failure { kind: FailureKind::Command, message, hint: None }),
        }
    }

    fn timed_out(&self, end: &End) -> Verdict {
        let run_over = self.shared.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let (kind, limit) = if run_over {
            (FailureKind::Deadline, "the run's deadline passed".to_owned())
        } else {
            let seconds = self.shared.plan.timeout.unwrap_or_default().as_secs_f64();
            (FailureKind::Timeout, format!("still running after {seconds} s"))
        };
        let message = format!("{limit}; {}", end.fate.map_or("it had not been started here", fate_sentence));
        let failure = Some(Failure { kind, message, hint: None });
        Verdict { outcome: Outcome::TimedOut, rc: end.rc, fate: end.fate, failure }
    }

    /// The run was told to end what runs.
    fn stopped(&self, rc: Option<i32>, fate: Option<Fate>) -> Verdict {
        let run_over = self.shared.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let (outcome, kind, cause) = if run_over {
            (Outcome::TimedOut, FailureKind::Deadline, "the run's deadline passed")
        } else {
            (Outcome::Cancelled, FailureKind::Cancelled, "the run was stopped")
        };
        let what = fate.map_or("it had not been started here", fate_sentence);
        let failure = Some(Failure { kind, message: format!("{cause}; {what}"), hint: None });
        Verdict { outcome, rc, fate, failure }
    }

    fn report(&self, result: Verdict, attempts: u32, output: HostOutput) -> HostReport {
        let (stdout, stderr) = output.finish();
        HostReport {
            host: Arc::clone(&self.host.name),
            outcome: result.outcome,
            rc: result.rc,
            signal: result.rc.and_then(signal_name).map(str::to_owned),
            fate: result.fate,
            failure: result.failure,
            started: Some(self.started.0),
            duration: self.started.1.elapsed(),
            attempts,
            recap: None,
            stdout,
            stderr,
        }
    }

    async fn tell(&self, kind: EventKind) {
        // The bus ends only after every sender is gone; this task holds one.
        let _ = self.shared.events.send(kind).await;
    }
}

impl Verdict {
    fn unreachable(error: ConnectError) -> Self {
        let outcome = match error.kind {
            FailureKind::Become | FailureKind::ShellMissing | FailureKind::Transfer | FailureKind::Local => {
                Outcome::Failed
            }
            _ => Outcome::Unreachable,
        };
        let fate = may_have_started(error.kind).then_some(Fate::Unknown);
        Self { outcome, rc: None, fate, failure: Some(error.into()) }
    }
}

/// What became of what ran, as it is said to people.
pub(super) fn fate_sentence(fate: Fate) -> &'static str {
    match fate {
        Fate::Ended => "it had ended by itself",
        Fate::Killed => "its processes were killed",
        Fate::Survived => "some of its processes survived SIGKILL",
        Fate::Unknown => "whether it still runs is unknown",
    }
}

/// Names the signal in a code of 128+n; Linux numbers, of the signals that end commands in practice.
fn signal_name(rc: i32) -> Option<&'static str> {
    Some(match rc.checked_sub(128)? {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        4 => "ILL",
        6 => "ABRT",
        7 => "BUS",
        8 => "FPE",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        14 => "ALRM",
        15 => "TERM",
        24 => "XCPU",
        25 => "XFSZ",
        31 => "SYS",
        _ => return None,
    })
}
