//! What a running command and those who wait for it share: its limits, its output, the signal to stop it, its end.

use std::time::Duration;

use tokio::sync::watch;

use crate::event::{Fate, Stream};
use crate::transport::{BoxFuture, ConnectError};

/// Limits for one command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How long it may run; the host arms this itself (in whole seconds, rounded up).
    pub timeout: Option<Duration>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Its exit code, 128+n for a signal; none when the host could not say.
    pub rc: Option<i32>,
    /// What ended it.
    pub cause: EndCause,
    /// What became of its process group; none when nothing had been started.
    pub fate: Option<Fate>,
    /// Why the host could not say, when the connection broke.
    pub lost: Option<ConnectError>,
}

/// What ended a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// Itself.
    Exit,
    /// Its time limit.
    Timeout,
    /// Our order.
    Cancel,
    /// The connection broke while it ran.
    Lost,
}

/// Takes a command's output as it comes.
pub trait OutputSink: Send {
    /// Takes bytes; waits when they cannot be taken yet.
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()>;

    /// Takes bytes without waiting: whatever has no room is counted and dropped.
    fn write_now(&mut self, stream: Stream, bytes: &[u8]);
}

/// Tells when running commands must be ended.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Receiver<bool>);

impl StopSignal {
    /// Makes a signal and the switch that raises it (by sending `true`).
    #[must_use]
    pub fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Whether it has been raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is raised; for ever when its switch is gone.
    pub async fn raised(&mut self) {
        if self.0.wait_for(|raised| *raised).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl End {
    /// The connection broke while the command ran.
    pub(super) fn lost(error: ConnectError) -> Self {
        Self { rc: None, cause: EndCause::Lost, fate: Some(Fate::Unknown), lost: Some(error) }
    }

    /// The command could not be started.
    pub(super) fn not_begun(error: ConnectError) -> Self {
        Self { fate: None, ..Self::lost(error) }
    }

    /// The command had not been started when it was to end.
    pub(super) fn before_begin(cause: EndCause) -> Self {
        Self { rc: None, cause, fate: None, lost: None }
    }
}

/// Most that a [`Collector`] keeps of each stream, in bytes.
const COLLECTED: usize = 64 * 1024;

/// Collects a small output in memory, and drops what is too much.
#[derive(Default)]
pub(super) struct Collector {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

impl OutputSink for Collector {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let room = COLLECTED.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }
}
