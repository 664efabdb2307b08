//! The records of a run's journal, as they stand on disk (format version 1).
//!
//! These types are the file format: apart from events, so that an event may change and the format not. Within a
//! version, fields and types of records may be added; readers skip what they do not know.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Digest;
use super::heads::Head;
use crate::event::{Failure, Fate, Outcome, RunHeader, RunId, StopCause, Summary};

/// The format version written, and the newest one read.
pub const VERSION: u32 = 1;

/// One line of a run's journal.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Format version.
    pub v: u32,
    /// Number of the record, from 1: its line.
    pub seq: u64,
    /// SHA-256 of the previous line without its newline; zeros in the first.
    pub prev: Digest,
    /// When the controller learnt it.
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub body: Body,
}

/// Borrowed form of [`Record`], for writing.
#[derive(Serialize)]
pub(super) struct RecordRef<'a> {
    pub v: u32,
    pub seq: u64,
    pub prev: Digest,
    pub time: Timestamp,
    #[serde(flatten)]
    pub body: &'a Body,
}

/// What a record says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Body {
    /// The intent of the run, and what the directory's `heads` file said before it.
    RunStart(Box<RunStart>),
    /// The engine began with a host.
    HostStart {
        /// Inventory name.
        host: Arc<str>,
    },
    /// A host reached its outcome.
    HostEnd(Box<HostEnd>),
    /// A play began, or its next batch.
    PlayStart(Box<crate::event::PlayInfo>),
    /// A task began.
    TaskStart(Box<crate::event::TaskInfo>),
    /// A task is about to change a host.
    TaskIntent {
        /// Inventory name.
        host: Arc<str>,
        /// The number that its start gave the task.
        task: u32,
        /// Handlers that the host still owes.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        owed: Vec<String>,
    },
    /// One item of a loop ended on a host.
    ItemEnd(Box<super::TaskEnd>),
    /// A task ended on a host.
    TaskEnd(Box<super::TaskEnd>),
    /// A host left a play while handlers were still notified.
    HandlersOwed {
        /// Inventory name.
        host: Arc<str>,
        /// Their names.
        handlers: Vec<String>,
    },
    /// Something that is no host's outcome.
    Warning {
        /// One line.
        message: String,
    },
    /// The run began to wind down early.
    Stopping {
        /// Why.
        cause: StopCause,
    },
    /// The run is over.
    RunEnd(RunEnd),
    /// A type that a later opsctl added within this format version.
    #[serde(other)]
    Other,
}

/// The first record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunStart {
    /// The intent.
    pub header: RunHeader,
    /// The witness for earlier runs.
    pub heads: Witness,
}

/// What the `heads` file said when a run began: later runs bear witness for earlier ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Witness {
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of those bytes.
    pub sha256: Digest,
    /// The last runs in it and their heads, oldest first; at most [`Witness::LAST`].
    pub last: Vec<Head>,
}

impl Witness {
    /// How many runs a witness names; the digest covers all of them.
    pub const LAST: usize = 64;
}

/// How a host ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HostEnd {
    /// Inventory name.
    pub host: Arc<str>,
    /// The final state.
    pub outcome: Outcome,
    /// The command's exit code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rc: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signal: Option<String>,
    /// What became of the remote process group.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fate: Option<Fate>,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// When the engine began with the host.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started: Option<Timestamp>,
    /// In seconds.
    pub duration: f64,
    /// Connection attempts made.
    pub attempts: u32,
    /// How its tasks ended, when it is a run of playbooks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recap: Option<crate::event::Recap>,
    /// What the command printed on stdout.
    pub stdout: StoredStream,
    /// What the command printed on stderr.
    pub stderr: StoredStream,
}

/// One stream of a host's output, as far as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredStream {
    /// Bytes that the command printed.
    pub bytes: u64,
    /// Bytes of them that are not kept.
    pub dropped: u64,
    /// The first bytes.
    #[serde(skip_serializing_if = "Bytes::is_empty", default)]
    pub head: Bytes,
    /// The last bytes, when some were dropped between.
    #[serde(skip_serializing_if = "Bytes::is_empty", default)]
    pub tail: Bytes,
}

/// Bytes as JSON: `{"text": …}` when they are UTF-8, else `{"base64": …}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoded<T> {
    Text(T),
    Base64(String),
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use base64::Engine as _;
        match std::str::from_utf8(&self.0) {
            Ok(text) => Encoded::Text(text),
            Err(_) => Encoded::Base64(base64::engine::general_purpose::STANDARD.encode(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use base64::Engine as _;
        match Encoded::<String>::deserialize(deserializer)? {
            Encoded::Text(text) => Ok(Self(text.into_bytes())),
            Encoded::Base64(text) => {
                let bytes = base64::engine::general_purpose::STANDARD.decode(text);
                bytes.map(Self).map_err(serde::de::Error::custom)
            }
        }
    }
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// Hosts for each outcome.
    pub counts: BTreeMap<Outcome, usize>,
    /// Why the run stopped early, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stopped: Option<StopCause>,
    /// Wall time in seconds.
    pub duration: f64,
    /// Largest remote exit code seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_rc: Option<i32>,
}

impl From<&Summary> for RunEnd {
    fn from(summary: &Summary) -> Self {
        Self {
            counts: summary.counts.clone(),
            stopped: summary.stopped,
            duration: summary.duration.as_secs_f64(),
            max_rc: summary.max_rc,
        }
    }
}

impl Body {
    /// The run that a first record begins.
    #[must_use]
    pub fn run(&self) -> Option<RunId> {
        match self {
            Self::RunStart(start) => Some(start.header.run),
            _ => None,
        }
    }
}
