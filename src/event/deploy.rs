//! What happens while playbooks run.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Something that happened in a run of playbooks.
#[derive(Clone, Debug)]
pub enum DeployEvent {
    /// A play began, or its next batch of hosts.
    PlayStarted(PlayInfo),
    /// A task began on its first host.
    TaskStarted(Arc<TaskInfo>),
    /// A task is about to change a host: recorded and synced before it does.
    TaskIntent {
        /// Inventory name.
        host: Arc<str>,
        /// [`TaskInfo::id`].
        task: u32,
        /// Handlers that the host still owes at that moment.
        owed: Vec<String>,
    },
    /// One item of a loop ended on one host.
    ItemEnded(Arc<TaskReport>),
    /// A task ended on one host.
    TaskEnded(Arc<TaskReport>),
    /// A host left the play while handlers were still notified; they did not run.
    HandlersOwed {
        /// Inventory name.
        host: Arc<str>,
        /// Their names.
        handlers: Vec<String>,
    },
}

/// A play as it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayInfo {
    /// Its name, or its host pattern.
    pub name: String,
    /// Number of the play in the run, from 1.
    pub number: u32,
    /// Number of the batch (`serial`), from 1.
    pub batch: u32,
    /// Number of batches.
    pub batches: u32,
    /// The hosts of the batch.
    pub hosts: Vec<Arc<str>>,
    /// Where it stands: `file:line:column`.
    pub place: String,
}

/// A task as it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskInfo {
    /// Number of the task in the run, from 1, in the order of their beginnings.
    pub id: u32,
    /// Its name, or its module's.
    pub name: String,
    /// Its module.
    pub module: String,
    /// The role it stands in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
    /// Whether it is a handler.
    #[serde(default)]
    pub handler: bool,
    /// Where it stands: `file:line:column`.
    pub place: String,
    /// How many hosts it runs on; none where that is not known as it begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hosts: Option<u32>,
}

/// How a task ended on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Nothing had to be done.
    Ok,
    /// The host was altered, or in check mode would be.
    Changed,
    /// Its condition did not hold.
    Skipped,
    /// It failed.
    Failed,
    /// The host could not be reached.
    Unreachable,
}

/// A task, or one item of its loop, on one host. Holds no secrets.
#[derive(Clone, Debug)]
pub struct TaskReport {
    /// The task.
    pub task: Arc<TaskInfo>,
    /// Inventory name.
    pub host: Arc<str>,
    /// The host that it ran on instead.
    pub delegate: Option<Arc<str>>,
    /// How it ended.
    pub status: TaskStatus,
    /// Whether its failure does not count (`ignore_errors`, `ignore_unreachable`).
    pub ignored: bool,
    /// The item's label, when this is one of a loop.
    pub item: Option<String>,
    /// What a person needs first: the error, or `msg`.
    pub message: Option<String>,
    /// What `register` sees; secrets are masked, and `no_log` leaves nothing of it.
    pub result: Arc<serde_json::Value>,
    /// What the module was given, as far as it may be shown: for failures, and for all from `-vv` on.
    pub arguments: Option<Arc<serde_json::Value>>,
    /// What differs before and after.
    pub diff: Vec<TextDiff>,
    /// What the reader should know.
    pub warnings: Vec<String>,
    /// How long it took.
    pub duration: Duration,
    /// Tries made (`until`).
    pub attempts: u32,
}

/// Two texts that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TextDiff {
    /// What the text before is of.
    pub before_header: String,
    /// What the text after is of.
    pub after_header: String,
    /// Text before.
    pub before: String,
    /// Text after.
    pub after: String,
}

/// How the tasks of a host ended, as Ansible's recap counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recap {
    /// Tasks that went well, changed ones among them.
    pub ok: u32,
    /// Tasks that altered the host.
    pub changed: u32,
    /// Tasks at which the host could not be reached.
    pub unreachable: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// Tasks whose condition did not hold.
    pub skipped: u32,
    /// Failures that a `rescue` took care of.
    pub rescued: u32,
    /// Failures that were ignored.
    pub ignored: u32,
}
