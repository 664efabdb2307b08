//! `--passthrough`: one host, its bytes unaltered, as `ssh host command` gives them.
//!
//! Only where a stream leads to a terminal, what would harm it is made visible, line by line.

use super::human::Place;
use super::lines::Lines;
use super::message::{error, warn};
use super::sanitize::sanitize;
use super::sink::Sink;
use super::{RenderOptions, Terminal};
use crate::event::{Event, EventKind, FailureKind, HostReport, Stream, Subscriber, SubscriberError};

/// Hands output on.
pub struct Passthrough {
    stdout: (Place, Terminal),
    stderr: (Place, Terminal),
    lines: Lines,
}

impl Passthrough {
    /// Writes each stream to its like.
    #[must_use]
    pub fn new(options: &RenderOptions, stdout: Sink, stderr: Sink) -> Self {
        let place = |sink, terminal: Terminal| (Place { sink, palette: terminal.palette(options.color) }, terminal);
        Self { stdout: place(stdout, options.stdout), stderr: place(stderr, options.stderr), lines: Lines::default() }
    }

    fn end_host(&mut self, report: &HostReport) {
        let (stdout, stderr) = (&self.stdout.0.sink, &self.stderr.0.sink);
        self.lines.end(&report.host, |stream, line| {
            let sink = if stream == Stream::Stdout { stdout } else { stderr };
            sink.write(sanitize(line).as_bytes());
            sink.flush();
        });
        if let Some(failure) = report.failure.as_ref().filter(|failure| failure.kind != FailureKind::Command) {
            let hints: Vec<String> = failure.hint.iter().cloned().collect();
            self.say(|out, palette| error(out, palette, &format!("{}: {}", report.host, failure.message), &hints));
        }
    }

    fn say(&self, write: impl FnOnce(&mut dyn std::io::Write, super::Palette) -> std::io::Result<()>) {
        let place = &self.stderr.0;
        let mut text = Vec::new();
        // Writing to a Vec cannot fail.
        let _ = write(&mut text, place.palette);
        place.sink.write(text);
        place.sink.flush();
    }
}

impl Subscriber for Passthrough {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::Output { host, stream, bytes } => {
                let (place, terminal) = if *stream == Stream::Stdout { &self.stdout } else { &self.stderr };
                if terminal.is_terminal {
                    self.lines.push(host, *stream, bytes, |line| place.sink.line(line_text(line)));
                } else {
                    place.sink.write(bytes);
                }
                place.sink.flush();
            }
            EventKind::HostEnded(report) => self.end_host(report),
            EventKind::Warning(text) => self.say(|out, palette| warn(out, palette, text)),
            EventKind::RunEnded(summary) => {
                let (stdout, stderr) = (&self.stdout.0.sink, &self.stderr.0.sink);
                super::tell_if_closed(stdout, stderr, summary.run);
                return super::finish(stdout, stderr);
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_output(&self) -> bool {
        true
    }
}

fn line_text(line: &[u8]) -> String {
    sanitize(line.strip_suffix(b"\r").unwrap_or(line)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Page, at, failed, run_events, unreachable};
    use super::*;

    fn show(terminal: bool, events: &[Event]) -> (Vec<u8>, String) {
        let (stdout, stderr) = (Page::default(), Page::default());
        let terminal = Terminal { is_terminal: terminal, ..Terminal::default() };
        let options = RenderOptions { stdout: terminal, stderr: terminal, ..RenderOptions::default() };
        let sink = |page: &Page| Sink::new(Box::new(page.clone()));
        let mut subscriber = Passthrough::new(&options, sink(&stdout), sink(&stderr));
        for event in events {
            subscriber.on_event(event).unwrap();
        }
        (stdout.bytes(), stderr.text())
    }

    #[test]
    fn a_pipe_gets_the_bytes_and_a_terminal_is_spared() {
        let bytes = b"\x1b[2J\xff\nend"[..].into();
        let mut events = run_events(&[failed("a", 3, "")]);
        events.insert(1, at(1, EventKind::Output { host: "a".into(), stream: Stream::Stdout, bytes }));
        assert_eq!(show(false, &events), (b"\x1b[2J\xff\nend".to_vec(), String::new()));
        assert_eq!(show(true, &events), (b"\\x1b[2J\\xff\nend".to_vec(), String::new()));
    }

    #[test]
    fn a_host_that_could_not_be_asked_is_an_error() {
        insta::assert_snapshot!(show(false, &run_events(&[unreachable("a")])).1, @"
        error: a: connect to a port 22: connection refused
        hint: is sshd running there?
        ");
    }
}
