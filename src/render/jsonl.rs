//! `--format jsonl`: one line an event, as it happens; the last one is always the summary.

use serde_json::Value;

use super::json_text::json_line;
use super::record;
use super::sink::Sink;
use crate::event::{Event, EventKind, RunId, Subscriber, SubscriberError};

/// Writes JSON lines.
pub struct JsonLines {
    stdout: Sink,
    stderr: Sink,
    output: bool,
    run: RunId,
}

impl JsonLines {
    /// Writes to `stdout`; `output` says whether pieces of output are wanted as they come.
    #[must_use]
    pub fn new(stdout: Sink, stderr: Sink, output: bool) -> Self {
        Self { stdout, stderr, output, run: RunId::default() }
    }

    fn line(&self, value: &Value) {
        self.stdout.line(json_line(value));
        self.stdout.flush();
    }
}

impl Subscriber for JsonLines {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::RunStarted(header) => {
                self.run = header.run;
                self.line(&record::run(header, event.time));
            }
            EventKind::Output { host, stream, bytes } if self.output => {
                self.line(&record::output(host, *stream, bytes, self.run, event.time));
            }
            EventKind::HostEnded(report) => self.line(&record::host(report, self.run, event.time)),
            EventKind::Warning(text) => self.line(&record::warning(text, self.run, event.time)),
            EventKind::Stopping(cause) => self.line(&record::stopping(*cause, self.run, event.time)),
            EventKind::RunEnded(summary) => {
                self.line(&record::summary(summary, event.time));
                super::tell_if_closed(&self.stdout, &self.stderr, self.run);
                return super::finish(&self.stdout, &self.stderr);
            }
            EventKind::Deploy(happened) => {
                if let Some(line) = record::deploy(happened, self.run, event.time) {
                    self.line(&line);
                }
            }
            EventKind::Output { .. } | EventKind::HostStarted { .. } => {}
        }
        Ok(())
    }

    fn wants_output(&self) -> bool {
        self.output
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::fixture::{at, failed, ok, run_events, show};
    use super::super::{Format, RenderOptions, View};
    use crate::event::{EventKind, Stream};

    #[test]
    fn each_line_is_typed_and_the_last_is_the_summary() {
        let options = RenderOptions { format: Format::Jsonl, ..RenderOptions::default() };
        let (stdout, stderr) = show(&options, &run_events(&[ok("a", "x\n"), failed("b", 2, "no\n")]));
        assert_snapshot!(stdout, @r#"
        {"v":1,"type":"run","run":"01920000-0000-7000-8000-000000000001","time":"2027-01-15T08:00:00Z","name":null,"verb":"exec","command":"uptime","pattern":"all","forks":64,"hosts":["a","b"]}
        {"v":1,"type":"host","run":"01920000-0000-7000-8000-000000000001","time":"2027-01-15T08:00:02Z","host":"a","status":"ok","rc":0,"signal":null,"fate":null,"started":"2027-01-15T08:00:00Z","duration":1.5,"attempts":1,"stdout":{"text":"x\n"},"stdout_bytes":2,"stdout_dropped":0,"stderr":{"text":""},"stderr_bytes":0,"stderr_dropped":0,"error":null}
        {"v":1,"type":"host","run":"01920000-0000-7000-8000-000000000001","time":"2027-01-15T08:00:02Z","host":"b","status":"failed","rc":2,"signal":null,"fate":null,"started":"2027-01-15T08:00:00Z","duration":1.5,"attempts":1,"stdout":{"text":""},"stdout_bytes":0,"stdout_dropped":0,"stderr":{"text":"no\n"},"stderr_bytes":3,"stderr_dropped":0,"error":{"kind":"command","message":"exit code 2","hint":null}}
        {"v":1,"type":"summary","run":"01920000-0000-7000-8000-000000000001","time":"2027-01-15T08:00:04Z","hosts":2,"counts":{"ok":1,"failed":1},"stopped":null,"duration":4.2,"max_rc":2}
        "#);
        assert_eq!(stderr, "");
    }

    #[test]
    fn no_control_character_reaches_a_terminal_inside_a_string() {
        for format in [Format::Jsonl, Format::Json] {
            let options = RenderOptions { format, ..RenderOptions::default() };
            let (stdout, _) = show(&options, &run_events(&[ok("a", "\u{9b}31m\u{7f}\u{202e}\u{1b}")]));
            assert!(stdout.contains(r"\u009b31m\u007f\u202e\u001b"), "{stdout}");
            assert!(stdout.chars().all(|character| character == '\n' || (' '..='~').contains(&character)), "{stdout}");
        }
    }

    #[test]
    fn streamed_output_keeps_bytes_that_are_no_text() {
        let mut events = run_events(&[ok("a", "")]);
        let bytes = b"\xff\n"[..].into();
        events.insert(1, at(1, EventKind::Output { host: "a".into(), stream: Stream::Stderr, bytes }));
        let options = RenderOptions { format: Format::Jsonl, view: View::Stream, ..RenderOptions::default() };
        let (stdout, _) = show(&options, &events);
        let line: serde_json::Value = serde_json::from_str(stdout.lines().nth(1).unwrap()).unwrap();
        assert_eq!((&line["type"], &line["stream"]), (&"output".into(), &"stderr".into()));
        assert_eq!(line["data"], serde_json::json!({"base64": "/wo="}));
    }
}
