//! `--format json`: one document when the run is over, after an interrupt too.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::fold::Folder;
use super::json_text::json_line;
use super::record;
use super::sink::Sink;
use crate::event::{Event, EventKind, RunHeader, RunId, Subscriber, SubscriberError, Summary};

/// Collects a run and writes it as one JSON document.
pub struct Json {
    stdout: Sink,
    stderr: Sink,
    header: Option<(Arc<RunHeader>, Timestamp)>,
    hosts: Folder,
    ends: Vec<Timestamp>,
    warnings: Vec<String>,
}

impl Json {
    /// Writes to `stdout`.
    #[must_use]
    pub fn new(stdout: Sink, stderr: Sink) -> Self {
        Self { stdout, stderr, header: None, hosts: Folder::default(), ends: Vec::new(), warnings: Vec::new() }
    }

    fn write(&self, run: RunId, summary: &Summary, time: Timestamp) {
        let header = self.header.as_ref().map(|(header, time)| record::run(header, *time));
        let mut hosts: Vec<_> = self.hosts.reports().iter().zip(&self.ends).collect();
        hosts.sort_by(|(a, _), (b, _)| a.host.cmp(&b.host));
        let start = json_line(&json!({"v": record::SCHEMA, "run": header, "warnings": self.warnings}));
        self.stdout.write(start.strip_suffix('}').unwrap_or_default());
        self.stdout.write(",\n\"hosts\":[");
        for (index, (report, end)) in hosts.into_iter().enumerate() {
            // One value at a time: the document may be much larger than what is held.
            let value: Value = record::host(report, run, *end);
            self.stdout.write(if index == 0 { "\n" } else { ",\n" });
            self.stdout.write(json_line(&value));
        }
        self.stdout.write("\n],\n\"summary\":");
        self.stdout.write(json_line(&record::summary(summary, time)));
        self.stdout.line("}");
        self.stdout.flush();
    }
}

impl Subscriber for Json {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::RunStarted(header) => self.header = Some((Arc::clone(header), event.time)),
            EventKind::HostEnded(report) => {
                self.hosts.add(report);
                self.ends.push(event.time);
            }
            EventKind::Warning(text) => self.warnings.push(text.clone()),
            EventKind::RunEnded(summary) => {
                self.write(summary.run, summary, event.time);
                super::tell_if_closed(&self.stdout, &self.stderr, summary.run);
                return super::finish(&self.stdout, &self.stderr);
            }
            EventKind::Deploy(_)
            | EventKind::HostStarted { .. }
            | EventKind::Output { .. }
            | EventKind::Stopping(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{failed, ok, run_events, show};
    use super::super::{Format, RenderOptions};
    use super::*;

    #[test]
    fn the_document_holds_run_hosts_and_summary() {
        let options = RenderOptions { format: Format::Json, ..RenderOptions::default() };
        let (stdout, _) = show(&options, &run_events(&[ok("b", "x\n"), failed("a", 2, "no\n")]));
        let document: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((&document["v"], &document["run"]["command"]), (&json!(1), &json!("uptime")));
        assert_eq!(
            (&document["hosts"][0]["host"], &document["hosts"][1]["stdout"]["text"]),
            (&json!("a"), &json!("x\n"))
        );
        assert_eq!(document["summary"]["counts"], json!({"ok": 1, "failed": 1}));
    }
}
