//! One transfer's commands on one host: they share its time limit, and the first that goes wrong ends it.

use tokio::time::Instant;

use super::Transferred;
use crate::event::{Failure, FailureKind, Stream};
use crate::remote::command::Command;
use crate::remote::direct::Input;
use crate::remote::running::{End, EndCause, Limits, OutputSink, StopSignal};
use crate::remote::shell::Shell;
use crate::transport::BoxFuture;

/// Kept of what a host says on standard error, in bytes.
const TALK_LIMIT: usize = 8 * 1024;

/// A host's shell, and what ends the transfer early.
pub(super) struct Exchange<'a> {
    pub(super) shell: &'a mut Shell,
    pub(super) stop: &'a mut StopSignal,
    deadline: Option<Instant>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(shell: &'a mut Shell, limits: Limits, stop: &'a mut StopSignal) -> Self {
        let deadline = limits.timeout.map(|limit| Instant::now() + limit);
        Self { shell, stop, deadline }
    }

    /// What is left of the time limit.
    pub(super) fn limits(&self) -> Limits {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        Limits { timeout: left }
    }

    /// Runs `command` and returns up to `limit` bytes of its standard output.
    pub(super) async fn ask(&mut self, command: &Command, limit: usize) -> Result<String, Transferred> {
        let mut reply = Reply::new(limit);
        let limits = self.limits();
        let end = self.shell.run(command, limits, &mut reply, self.stop).await;
        reply.judge(end)
    }

    /// Runs `command` with `input`.
    pub(super) async fn feed(&mut self, command: &Command, input: Input) -> Result<(), Transferred> {
        let mut reply = Reply::new(0);
        let limits = self.limits();
        let end = self.shell.run_fed(command, Some(input), limits, &mut reply, self.stop).await;
        reply.judge(end).map(|_| ())
    }
}

/// A failure of the transfer itself.
pub(super) fn failed(message: impl Into<String>) -> Transferred {
    Transferred::Failed(Failure { kind: FailureKind::Transfer, message: message.into(), hint: None })
}

/// What a command said.
struct Reply {
    stdout: Vec<u8>,
    stdout_limit: usize,
    stderr: Vec<u8>,
}

impl Reply {
    fn new(stdout_limit: usize) -> Self {
        Self { stdout: Vec::new(), stdout_limit, stderr: Vec::new() }
    }

    fn judge(self, end: End) -> Result<String, Transferred> {
        match (end.cause, end.rc) {
            (EndCause::Exit, Some(0)) => Ok(String::from_utf8_lossy(&self.stdout).into_owned()),
            (EndCause::Exit, rc) => Err(failed(reason(&self.stderr, rc))),
            _ => Err(Transferred::Ended(end)),
        }
    }
}

/// The first line said, which names the cause, and the last, which names the place.
pub(super) fn reason(stderr: &[u8], rc: Option<i32>) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(first), Some(last)) => format!("{first}; {last}"),
        (Some(only), None) => only.to_owned(),
        _ => rc.map_or("the host did not tell why".into(), |rc| format!("exit code {rc}, and no reason given")),
    }
}

impl OutputSink for Reply {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => keep(&mut self.stdout, bytes, self.stdout_limit),
            Stream::Stderr => keep(&mut self.stderr, bytes, TALK_LIMIT),
        }
    }
}

/// Keeps the beginning, up to `limit` bytes.
pub(super) fn keep(kept: &mut Vec<u8>, bytes: &[u8], limit: usize) {
    let room = limit.saturating_sub(kept.len());
    kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
}
