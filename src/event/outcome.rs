//! How a host ended, and why.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Captured;

/// The one final state of a host in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The command ran and its code counts as success.
    Ok,
    /// The host was altered, as asked.
    Changed,
    /// The command ran and failed, or its set-up on the host did.
    Failed,
    /// No connection, no authentication, no trusted host key, or the connection was lost.
    Unreachable,
    /// The host's own time limit or the run's deadline ended it.
    TimedOut,
    /// The host was left out on purpose.
    Skipped,
    /// It had begun and was ended by an interrupt or a budget.
    Cancelled,
    /// Its turn never came.
    NotStarted,
}

impl Outcome {
    /// Every outcome, in the order in which tallies show them.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::Changed,
        Self::Failed,
        Self::Unreachable,
        Self::TimedOut,
        Self::Skipped,
        Self::Cancelled,
        Self::NotStarted,
    ];

    /// The word used in every output format: `ok`, `timed-out`, `not-started`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Changed => "changed",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed-out",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::NotStarted => "not-started",
        }
    }

    /// Whether nothing went wrong on this host.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Ok | Self::Changed | Self::Skipped)
    }
}

/// What became of the command's process group on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It ended by itself.
    Ended,
    /// It was ended by us, and the host confirmed that nothing of it is left.
    Killed,
    /// The host said that something of it outlived SIGKILL.
    Survived,
    /// The host could not be asked.
    Unknown,
}

impl Fate {
    /// The word used in every output format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Killed => "killed",
            Self::Survived => "survived",
            Self::Unknown => "unknown",
        }
    }
}

/// The class of a failure; each has its own hint and is told apart from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The host name has no address.
    NameNotFound,
    /// The port refused the connection.
    Refused,
    /// No route to the host or its network.
    NoRoute,
    /// The TCP connection was not established in time.
    ConnectTimeout,
    /// Connected, but no SSH banner came in time.
    BannerTimeout,
    /// Connected and greeted, but authentication did not finish in time.
    AuthTimeout,
    /// The server closed the connection before authentication (often `MaxStartups`).
    Dropped,
    /// The host key is in no `known_hosts` file.
    HostKeyUnknown,
    /// The host key differs from the recorded one, or is revoked.
    HostKeyChanged,
    /// No offered credential was accepted.
    AuthDenied,
    /// Client and server have no algorithm in common, or the protocol broke.
    Protocol,
    /// The connection was lost while the command ran.
    Lost,
    /// The login shell or `/bin/sh` did not start our shell loop.
    ShellMissing,
    /// Privilege could not be raised.
    Become,
    /// The local side could not do its part (ssh not installed, no descriptors, …).
    Local,
    /// The command ended with a code that does not count as success.
    Command,
    /// A file transfer did not complete.
    Transfer,
    /// The host's time limit passed.
    Timeout,
    /// The whole run's deadline passed.
    Deadline,
    /// An interrupt or a budget ended it.
    Cancelled,
}

/// Why a host did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The class of the failure.
    pub kind: FailureKind,
    /// One line: what went wrong.
    pub message: String,
    /// One line: what to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

/// Everything known about one host at its end.
#[derive(Clone, Debug)]
pub struct HostReport {
    /// Inventory name.
    pub host: Arc<str>,
    /// The final state.
    pub outcome: Outcome,
    /// The command's exit code; 128+n when a signal ended it, as shells report it.
    pub rc: Option<i32>,
    /// Name of the signal that ended it (`KILL`), when the code says so.
    pub signal: Option<String>,
    /// What became of the remote process group; none when no command was sent.
    pub fate: Option<Fate>,
    /// Why it did not succeed.
    pub failure: Option<Failure>,
    /// When the engine began with the host; none when its turn never came.
    pub started: Option<Timestamp>,
    /// From the start of connecting to the end.
    pub duration: Duration,
    /// Connection attempts made.
    pub attempts: u32,
    /// How its tasks ended, when it is a run of playbooks.
    pub recap: Option<super::Recap>,
    /// What the command printed on stdout.
    pub stdout: Arc<Captured>,
    /// What the command printed on stderr.
    pub stderr: Arc<Captured>,
}

impl HostReport {
    /// A report for a host whose turn never came.
    #[must_use]
    pub fn not_started(host: Arc<str>) -> Self {
        Self {
            host,
            outcome: Outcome::NotStarted,
            rc: None,
            signal: None,
            fate: None,
            failure: None,
            started: None,
            duration: Duration::ZERO,
            attempts: 0,
            recap: None,
            stdout: Captured::empty(),
            stderr: Captured::empty(),
        }
    }
}
