//! Run, host and summary as JSON values; [`super`] documents the schema.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::event::{
    Captured, DeployEvent, HostReport, RunHeader, RunId, StopCause, Stream, Summary, TaskReport, encode_bytes,
};

/// The version of the schema: raised when a field changes its meaning or goes; new fields may come without.
pub const SCHEMA: u32 = 1;

/// The intent of a run.
#[must_use]
pub fn run(header: &RunHeader, time: Timestamp) -> Value {
    let mut record = record("run", header.run, time);
    record.insert("name".into(), json!(header.name));
    record.insert("verb".into(), json!(header.verb.name()));
    record.insert("command".into(), json!(header.command));
    record.insert("pattern".into(), json!(header.pattern));
    record.insert("forks".into(), json!(header.forks));
    record.insert("hosts".into(), json!(header.hosts));
    Value::Object(record)
}

/// A host's end.
#[must_use]
pub fn host(report: &HostReport, run: RunId, time: Timestamp) -> Value {
    let mut record = record("host", run, time);
    record.insert("host".into(), json!(report.host));
    record.insert("status".into(), json!(report.outcome.name()));
    record.insert("rc".into(), json!(report.rc));
    record.insert("signal".into(), json!(report.signal));
    record.insert("fate".into(), json!(report.fate.map(crate::event::Fate::name)));
    record.insert("started".into(), json!(report.started));
    record.insert("duration".into(), json!(report.duration.as_secs_f64()));
    record.insert("attempts".into(), json!(report.attempts));
    if let Some(recap) = &report.recap {
        record.insert("recap".into(), json!(recap));
    }
    captured(&mut record, "stdout", &report.stdout);
    captured(&mut record, "stderr", &report.stderr);
    let error = report.failure.as_ref().map(|f| json!({"kind": f.kind, "message": f.message, "hint": f.hint}));
    record.insert("error".into(), json!(error));
    Value::Object(record)
}

/// Something that happened in a run of playbooks; none for what only the journal keeps.
#[must_use]
pub fn deploy(event: &DeployEvent, run: RunId, time: Timestamp) -> Option<Value> {
    let (kind, fields) = match event {
        DeployEvent::PlayStarted(play) => ("play", json!(play)),
        DeployEvent::TaskStarted(task) => ("task", json!(task)),
        DeployEvent::ItemEnded(report) => ("item", task_end(report)),
        DeployEvent::TaskEnded(report) => ("result", task_end(report)),
        DeployEvent::HandlersOwed { host, handlers } => ("owed", json!({"host": host, "handlers": handlers})),
        DeployEvent::TaskIntent { .. } => return None,
    };
    let mut record = record(kind, run, time);
    if let Value::Object(fields) = fields {
        record.extend(fields);
    }
    Some(Value::Object(record))
}

fn task_end(report: &TaskReport) -> Value {
    json!({
        "host": report.host,
        "task": report.task.id,
        "item": report.item,
        "delegate": report.delegate,
        "status": report.status,
        "ignored": report.ignored,
        "message": report.message,
        "result": report.result.as_ref(),
        "arguments": report.arguments.as_deref(),
        "diff": report.diff,
        "warnings": report.warnings,
        "duration": report.duration.as_secs_f64(),
        "attempts": report.attempts,
    })
}

/// A piece of output.
#[must_use]
pub fn output(host: &str, stream: Stream, bytes: &[u8], run: RunId, time: Timestamp) -> Value {
    let mut record = record("output", run, time);
    record.insert("host".into(), json!(host));
    record.insert("stream".into(), json!(stream));
    record.insert("data".into(), encode_bytes(bytes));
    Value::Object(record)
}

/// A warning.
#[must_use]
pub fn warning(text: &str, run: RunId, time: Timestamp) -> Value {
    let mut record = record("warning", run, time);
    record.insert("message".into(), json!(text));
    Value::Object(record)
}

/// The beginning of a stop.
#[must_use]
pub fn stopping(cause: StopCause, run: RunId, time: Timestamp) -> Value {
    let mut record = record("stopping", run, time);
    record.insert("cause".into(), json!(cause));
    Value::Object(record)
}

/// The end of a run.
#[must_use]
pub fn summary(summary: &Summary, time: Timestamp) -> Value {
    let mut record = record("summary", summary.run, time);
    record.insert("hosts".into(), json!(summary.total()));
    record.insert("counts".into(), json!(summary.counts));
    record.insert("stopped".into(), json!(summary.stopped));
    record.insert("duration".into(), json!(summary.duration.as_secs_f64()));
    record.insert("max_rc".into(), json!(summary.max_rc));
    Value::Object(record)
}

fn record(kind: &str, run: RunId, time: Timestamp) -> Map<String, Value> {
    let mut record = Map::new();
    record.insert("v".into(), json!(SCHEMA));
    record.insert("type".into(), json!(kind));
    record.insert("run".into(), json!(run));
    record.insert("time".into(), json!(time));
    record
}

fn captured(record: &mut Map<String, Value>, stream: &str, captured: &Captured) {
    record.insert(stream.into(), encode_bytes(&captured.head));
    record.insert(format!("{stream}_bytes"), json!(captured.total()));
    record.insert(format!("{stream}_dropped"), json!(captured.dropped));
    if captured.is_truncated() {
        record.insert(format!("{stream}_tail"), encode_bytes(&captured.tail));
    }
}
