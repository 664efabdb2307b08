//! Records of a run of playbooks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::Body;
use super::redact::redact_text;
use crate::event::{DeployEvent, TaskReport, TaskStatus, TextDiff};

/// A task, or one item of its loop, as it ended on one host.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskEnd {
    /// Inventory name.
    pub host: Arc<str>,
    /// The number that its start gave the task.
    pub task: u32,
    /// The item's label, when this is one of a loop.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<String>,
    /// The host that it ran on instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delegate: Option<Arc<str>>,
    /// How it ended.
    pub status: TaskStatus,
    /// Whether its failure does not count.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub ignored: bool,
    /// What a person needs first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// What `register` saw.
    #[serde(skip_serializing_if = "Value::is_null", default)]
    pub result: Value,
    /// What differed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub diff: Vec<TextDiff>,
    /// In seconds.
    pub duration: f64,
    /// Tries made.
    pub attempts: u32,
}

/// The record of an event; none for those that are not kept.
pub(super) fn body(event: &DeployEvent, secrets: &[String]) -> Body {
    match event {
        DeployEvent::PlayStarted(play) => Body::PlayStart(Box::new(play.clone())),
        DeployEvent::TaskStarted(task) => Body::TaskStart(Box::new(task.as_ref().clone())),
        DeployEvent::TaskIntent { host, task, owed } => {
            Body::TaskIntent { host: Arc::clone(host), task: *task, owed: owed.clone() }
        }
        DeployEvent::ItemEnded(report) => Body::ItemEnd(Box::new(task_end(report, secrets))),
        DeployEvent::TaskEnded(report) => Body::TaskEnd(Box::new(task_end(report, secrets))),
        DeployEvent::HandlersOwed { host, handlers } => {
            Body::HandlersOwed { host: Arc::clone(host), handlers: handlers.clone() }
        }
    }
}

fn task_end(report: &TaskReport, secrets: &[String]) -> TaskEnd {
    let text = |text: &str| redact_text(text, secrets).into_owned();
    let diff = |diff: &TextDiff| TextDiff { before: text(&diff.before), after: text(&diff.after), ..diff.clone() };
    TaskEnd {
        host: Arc::clone(&report.host),
        task: report.task.id,
        item: report.item.as_deref().map(text),
        delegate: report.delegate.clone(),
        status: report.status,
        ignored: report.ignored,
        message: report.message.as_deref().map(text),
        result: redacted(&report.result, secrets),
        diff: report.diff.iter().map(diff).collect(),
        duration: report.duration.as_secs_f64(),
        attempts: report.attempts,
    }
}

/// The value with known secrets hidden in all its texts.
fn redacted(value: &Value, secrets: &[String]) -> Value {
    match value {
        Value::String(text) => Value::from(redact_text(text, secrets).into_owned()),
        Value::Array(items) => items.iter().map(|item| redacted(item, secrets)).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.clone(), redacted(value, secrets))).collect())
        }
        other => other.clone(),
    }
}
