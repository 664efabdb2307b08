//! What happened: events, outcomes and summaries, and the bus that carries them.
//!
//! Knows nothing of SSH, inventories or terminals. An event is a fact about the past; subscribers (journal,
//! renderers) decide what becomes of it.

mod bus;
mod capture;
mod deploy;
mod outcome;
mod run;

pub use bus::{Barrier, Bus, BusError, EventSender, GiveUp, GivenUp, Subscriber, SubscriberError};
pub use capture::{Capture, Captured, encode_bytes};
pub use deploy::{DeployEvent, PlayInfo, Recap, TaskInfo, TaskReport, TaskStatus, TextDiff};
pub use outcome::{Failure, FailureKind, Fate, HostReport, Outcome};
pub use run::{Invoker, RunHeader, RunId, SourceHash, StopCause, Summary, Verb};

use std::sync::Arc;

use jiff::Timestamp;

/// One of a command's two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output, file descriptor 1.
    Stdout,
    /// Standard error, file descriptor 2.
    Stderr,
}

/// A fact about a run, with the time at which the controller learnt it.
#[derive(Clone, Debug)]
pub struct Event {
    /// When the controller learnt it.
    pub time: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

impl Event {
    /// Stamps `kind` with the current time.
    #[must_use]
    pub fn now(kind: EventKind) -> Self {
        Self { time: Timestamp::now(), kind }
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// The run's intent: the first event, journaled and synced before any host is touched.
    RunStarted(Arc<RunHeader>),
    /// The engine began to connect to a host.
    HostStarted {
        /// Inventory name.
        host: Arc<str>,
    },
    /// A piece of output, as it came. Sent only when a subscriber asked for it.
    Output {
        /// Inventory name.
        host: Arc<str>,
        /// Which stream it came on.
        stream: Stream,
        /// The bytes, unaltered.
        bytes: Arc<[u8]>,
    },
    /// Something happened in a run of playbooks.
    Deploy(Arc<DeployEvent>),
    /// A host reached its one final outcome.
    HostEnded(Arc<HostReport>),
    /// The run began to wind down before every host had its turn.
    Stopping(StopCause),
    /// Something the user should know that is no host's outcome.
    Warning(String),
    /// The run is over: the last event, always sent.
    RunEnded(Arc<Summary>),
}
