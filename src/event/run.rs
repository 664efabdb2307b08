//! A run as a whole: its identity, its intent and its summary.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{HostReport, Outcome};

/// Identifies a run: a time-ordered UUID (version 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(Uuid);

impl RunId {
    /// Makes a new id from the current time and random bits.
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for RunId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RunId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What kind of run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// A command or script on hosts.
    Exec,
    /// Files from here to hosts.
    Copy,
    /// Files from hosts to here.
    Fetch,
    /// Playbooks.
    Deploy,
}

impl Verb {
    /// The word used in every output format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Copy => "copy",
            Self::Fetch => "fetch",
            Self::Deploy => "deploy",
        }
    }
}

/// Who started the run, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoker {
    /// Name (or number) of the effective user.
    pub user: String,
    /// `SUDO_USER`, when set.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sudo_user: Option<String>,
    /// The terminal's path; none under cron and in pipes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tty: Option<String>,
    /// Name of the controller.
    pub controller: String,
    /// Working directory.
    pub directory: PathBuf,
    /// Process id on the controller.
    pub pid: u32,
}

/// An input file and the SHA-256 of its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHash {
    /// Path as given.
    pub path: String,
    /// Hexadecimal SHA-256.
    pub sha256: String,
}

/// The intent of a run: all that is known before any host is touched. Holds no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHeader {
    /// The run's id.
    pub run: RunId,
    /// What kind of run.
    pub verb: Verb,
    /// `--name`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Who and where.
    pub invoker: Invoker,
    /// Version of opsctl.
    pub version: String,
    /// The command line, secrets replaced by `***`.
    pub argv: Vec<String>,
    /// What is run, in one line, secrets replaced by `***`.
    pub command: String,
    /// Inventory sources and their hashes.
    pub inventory: Vec<SourceHash>,
    /// Git revision of the inventory's directory, with a `+dirty` suffix when it differs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<String>,
    /// The host pattern as given.
    pub pattern: String,
    /// Names of the selected hosts, in order.
    pub hosts: Vec<std::sync::Arc<str>>,
    /// Hosts in flight at once.
    pub forks: usize,
}

/// Why a run wound down before every host had its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopCause {
    /// Ctrl-C (SIGINT).
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    Hangup,
    /// `--deadline` passed.
    Deadline,
    /// `--fail-fast`: a host failed.
    FailFast,
    /// Too many hosts failed (`--max-fail`, `max_fail_percentage`, `any_errors_fatal`).
    Budget,
    /// A play could not begin: its hosts or variables cannot be told.
    Play,
    /// The journal could not be written.
    Journal,
}

impl StopCause {
    /// The one of two causes that the run's exit code tells; this one when neither outranks the other.
    ///
    /// A gap in the record comes before everything; then as the exit codes do: 7 before a signal's before 124.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Journal => 3,
            Self::FailFast | Self::Budget | Self::Play => 2,
            Self::Interrupt | Self::Terminate | Self::Hangup => 1,
            Self::Deadline => 0,
        }
    }
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The run's id.
    pub run: RunId,
    /// Hosts for each outcome; outcomes with no host are left out.
    pub counts: BTreeMap<Outcome, usize>,
    /// Why the run stopped early, if it did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stopped: Option<StopCause>,
    /// Wall time of the run.
    pub duration: Duration,
    /// Largest remote exit code seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_rc: Option<i32>,
}

impl Summary {
    /// An empty summary, to be fed with [`Summary::count`].
    #[must_use]
    pub fn new(run: RunId) -> Self {
        Self { run, counts: BTreeMap::new(), stopped: None, duration: Duration::ZERO, max_rc: None }
    }

    /// Adds one host.
    pub fn count(&mut self, report: &HostReport) {
        *self.counts.entry(report.outcome).or_default() += 1;
        self.max_rc = self.max_rc.max(report.rc);
    }

    /// Number of hosts with `outcome`.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> usize {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }

    /// Number of hosts in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }
}
