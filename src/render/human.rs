//! `--format human`: folded output when the run is over, failures last, one tally line.

use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;

use super::block::{Body, Look, Rest, block};
use super::fold::{Folder, Group, Numbers};
use super::message::warn;
use super::progress::{Progress, terminal_width};
use super::run_state::RunState;
use super::sink::Sink;
use super::stream::Streamer;
use super::style::Palette;
use super::tally::tally;
use super::{RenderOptions, View, diff, fields};
use crate::event::{Captured, Event, EventKind, HostReport, StopCause, Stream, Subscriber, SubscriberError, Summary};

/// Lines of each stream that `--quiet` shows of a failure.
const LAST_LINES: usize = 20;

/// One of the process's output streams and its colours.
#[derive(Clone)]
pub struct Place {
    /// Where to write.
    pub sink: Sink,
    /// The colours to use there.
    pub palette: Palette,
}

/// Shows a run to a person.
pub struct Human {
    view: View,
    quiet: bool,
    stdout: Place,
    stderr: Place,
    /// Where words about the run go: stdout only when a person reads it.
    talk: Place,
    /// Columns to keep within; none asks the terminal.
    width: Option<u16>,
    is_read_at_terminal: bool,
    rest: Rest,
    folder: Folder,
    warnings: Vec<String>,
    state: RunState,
    progress: Option<Progress>,
    streamer: Option<Streamer>,
}

impl Human {
    /// Writes output to `stdout`, and all else to `stderr` unless stdout is a terminal too.
    #[must_use]
    pub fn new(options: &RenderOptions, stdout: Sink, stderr: Sink) -> Self {
        let stdout = Place { sink: stdout, palette: options.stdout.palette(options.color) };
        let stderr = Place { sink: stderr, palette: options.stderr.palette(options.color) };
        let talk = if options.stdout.is_terminal && !options.quiet { stdout.clone() } else { stderr.clone() };
        let is_live = options.stderr.redraws && !options.quiet;
        let progress = is_live.then(|| Progress::new(stderr.sink.clone(), options.width, options.pause.clone()));
        let is_streaming = options.view == View::Stream;
        let streamer = is_streaming.then(|| Streamer::new(stdout.clone(), stderr.clone(), options.stdout.is_terminal));
        Self {
            view: options.view,
            quiet: options.quiet,
            stdout,
            stderr,
            talk,
            width: options.width,
            is_read_at_terminal: options.stdout.is_terminal,
            rest: if options.output_dir.is_some() { Rest::OutputDir } else { options.rest },
            folder: Folder::default(),
            warnings: Vec::new(),
            state: RunState::default(),
            progress,
            streamer,
        }
    }

    fn warning(&mut self, text: &str) {
        if self.quiet {
            self.warnings.push(text.to_owned());
            return;
        }
        self.aside(|| write_warning(&self.stderr, text));
    }

    fn stopping(&self, cause: StopCause) {
        if !self.quiet {
            let text = self.stderr.palette.warning(self.state.stop_message(cause));
            self.aside(|| {
                self.stderr.sink.line(text);
                self.stderr.sink.flush();
            });
        }
    }

    fn host_ended(&mut self, report: &Arc<HostReport>) {
        if let Some(streamer) = &mut self.streamer {
            let end = || streamer.end(&report.host);
            aside(self.progress.as_ref(), end);
        }
        // What is not shown at the end need not be kept.
        if self.streamer.is_some() {
            let (stdout, stderr) = (Captured::empty(), Captured::empty());
            self.folder.add(&Arc::new(HostReport { stdout, stderr, ..HostReport::clone(report) }));
        } else if !self.quiet || !report.outcome.is_success() {
            self.folder.add(report);
        }
    }

    fn output(&mut self, host: &Arc<str>, stream: Stream, bytes: &[u8]) {
        if let Some(streamer) = &mut self.streamer {
            aside(self.progress.as_ref(), || streamer.push(host, stream, bytes));
        }
    }

    /// Writes while the progress line is away.
    fn aside(&self, write: impl FnOnce()) {
        aside(self.progress.as_ref(), write);
    }

    fn draw(&mut self, now: Timestamp) {
        if let Some(progress) = &mut self.progress {
            progress.draw(&self.state, now);
        }
    }

    fn end(&mut self, summary: &Summary) -> Result<(), SubscriberError> {
        if let Some(progress) = self.progress.take() {
            progress.clear();
        }
        if self.quiet {
            self.end_quietly(summary);
        } else {
            self.show_groups();
            super::tell_if_closed(&self.stdout.sink, &self.stderr.sink, summary.run);
            self.talk.sink.line(tally(summary, self.talk.palette));
        }
        self.talk.sink.flush();
        super::finish(&self.stdout.sink, &self.stderr.sink)
    }

    fn show_groups(&self) {
        let numbers = if self.view == View::Diff { Numbers::Keep } else { Numbers::Fold };
        let mut groups = self.folder.groups(numbers);
        if self.view == View::Stream {
            groups.retain(|group| !group.shown().outcome.is_success());
        }
        let majority = groups.first().filter(|group| self.view == View::Diff && group.shown().outcome.is_success());
        let deadline = Instant::now() + diff::PATIENCE;
        let width = self.is_read_at_terminal.then(|| self.width.unwrap_or_else(terminal_width));
        for (index, group) in groups.iter().enumerate() {
            let place = if ran(group.shown()) && self.view != View::Stream { &self.stdout } else { &self.talk };
            let text = match majority {
                Some(majority) if index > 0 && ran(group.shown()) => {
                    diff::block(majority, group, deadline, self.look(place))
                }
                _ => block(group, self.body(), self.look(place)),
            };
            place.sink.line(text);
            if self.view == View::Fields && !group.exact {
                place.sink.line(fields::table(group, width));
            }
        }
        if self.is_read_at_terminal && self.view == View::Fold && groups.iter().any(|group| !group.exact) {
            let text = "≈ alike but for own names, addresses, times, ids or numbers; --fields lists them";
            self.talk.sink.line(self.talk.palette.faint(text));
        }
        self.stdout.sink.flush();
    }

    fn look(&self, place: &Place) -> Look {
        Look { palette: place.palette, rest: self.rest }
    }

    fn body(&self) -> Body {
        if self.view == View::Stream { Body::Seen } else { Body::Whole }
    }

    fn end_quietly(&self, summary: &Summary) {
        let failures =
            self.folder.groups(Numbers::Fold).into_iter().filter(|group| !group.shown().outcome.is_success());
        let failures: Vec<Group> = failures.collect();
        if failures.is_empty() && summary.stopped.is_none() {
            return;
        }
        self.warnings.iter().for_each(|text| write_warning(&self.talk, text));
        for group in failures {
            self.talk.sink.line(block(&group, Body::Last(LAST_LINES), self.look(&self.talk)));
        }
        self.talk.sink.line(format!("all of it: opsctl report show {}", summary.run));
        self.talk.sink.line(tally(summary, self.talk.palette));
    }
}

impl Subscriber for Human {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        self.state.update(event);
        match &event.kind {
            EventKind::RunStarted(header) => {
                if let Some(streamer) = &mut self.streamer {
                    streamer.begin(header);
                }
            }
            EventKind::Output { host, stream, bytes } => self.output(host, *stream, bytes),
            EventKind::HostEnded(report) => self.host_ended(report),
            EventKind::Warning(text) => self.warning(text),
            EventKind::Stopping(cause) => self.stopping(*cause),
            EventKind::RunEnded(summary) => return self.end(summary),
            EventKind::HostStarted { .. } | EventKind::Deploy(_) => {}
        }
        self.draw(event.time);
        Ok(())
    }

    fn wants_output(&self) -> bool {
        self.streamer.is_some()
    }

    fn on_tick(&mut self) {
        self.draw(Timestamp::now());
    }
}

fn aside(progress: Option<&Progress>, write: impl FnOnce()) {
    match progress {
        Some(progress) => progress.suspend(write),
        None => write(),
    }
}

/// Whether the host's command said something, or could have.
fn ran(report: &HostReport) -> bool {
    report.outcome.is_success() || report.rc.is_some() || report.stdout.total() + report.stderr.total() > 0
}

fn write_warning(place: &Place, text: &str) {
    let mut line = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = warn(&mut line, place.palette, text);
    place.sink.write(line);
    place.sink.flush();
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::fixture::{Page, at, deliver, failed, not_started, ok, run_events, show, unreachable};
    use super::super::{Terminal, subscribers};
    use super::*;
    use crate::event::Event;

    fn mixed() -> Vec<Event> {
        run_events(&[
            ok("web01", "Linux 6.1\n"),
            ok("web02", "Linux 6.1\n"),
            ok("db1", "Linux 5.10 \u{1b}[31m"),
            failed("web03", 127, "sh: 1: foo: not found\n"),
            unreachable("web04"),
            not_started("web05"),
            not_started("web06"),
        ])
    }

    #[test]
    fn a_pipe_gets_output_and_the_tally_goes_to_stderr() {
        let (stdout, stderr) = show(&RenderOptions::default(), &mixed());
        assert_snapshot!(stdout, @r"
        web[01-02] (2)
        Linux 6.1

        db1
        Linux 5.10 \x1b[31m

        web03 failed · rc 127
        stderr: sh: 1: foo: not found
        ");
        assert_snapshot!(stderr, @"
        web04 unreachable
        connect to web04 port 22: connection refused
        hint: is sshd running there?

        web[05-06] (2) not-started

        3 ok · 1 failed · 1 unreachable · 2 not-started · 4.2 s
        ");
    }

    #[test]
    fn a_reader_that_goes_away_ends_nothing() {
        struct Closed;
        impl std::io::Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let stderr = Page::default();
        let options = RenderOptions::default();
        let mut renderers = subscribers(&options, Box::new(Closed), Box::new(stderr.clone())).unwrap();
        for event in run_events(&[ok("a", "x\n")]) {
            deliver(&mut renderers, &event);
        }
        assert_snapshot!(stderr.text(), @"
        stdout was closed early; opsctl report show 01920000-0000-7000-8000-000000000001 --output has what is on record of it
        1 ok · 4.2 s
        ");
    }

    #[test]
    fn quiet_says_nothing_on_success() {
        let options = RenderOptions { quiet: true, ..RenderOptions::default() };
        assert_eq!(show(&options, &run_events(&[ok("a", "x\n")])), (String::new(), String::new()));
    }

    #[test]
    fn streamed_lines_carry_their_host_and_only_failures_follow() {
        let output = |second, host: &str, stream, text: &str| {
            at(second, EventKind::Output { host: host.into(), stream, bytes: text.as_bytes().into() })
        };
        let reports = [ok("web1", "one\ntwo"), failed("db1", 1, "no\n")];
        let mut events = run_events(&reports);
        events.splice(
            1..1,
            [
                output(1, "web1", Stream::Stdout, "one\ntw"),
                output(1, "db1", Stream::Stderr, "no\n"),
                output(1, "web1", Stream::Stdout, "o"),
            ],
        );
        let options = RenderOptions { view: View::Stream, ..RenderOptions::default() };
        let (stdout, stderr) = show(&options, &events);
        assert_snapshot!(stdout, @"
        web1: one
        web1: two
        ");
        assert_snapshot!(stderr, @"
        db1: no
        db1 failed · rc 1

        1 ok · 1 failed · 4.2 s
        ");
    }

    #[test]
    fn a_terminal_gets_one_page_that_explains_its_signs() {
        let terminal = Terminal { is_terminal: true, ..Terminal::default() };
        let options = RenderOptions { stdout: terminal, ..RenderOptions::default() };
        let uptime = |host: &str, load: &str| ok(host, &format!("04:30:22 up 3 days, load {load}\n"));
        let (page, stderr) =
            show(&options, &run_events(&[uptime("a1", "0.10"), uptime("a2", "1.25"), unreachable("a3")]));
        assert_snapshot!(page, @"
        a[1-2] (2) ≈ shown: a1
        04:30:22 up 3 days, load 0.10

        a3 unreachable
        connect to a3 port 22: connection refused
        hint: is sshd running there?

        ≈ alike but for own names, addresses, times, ids or numbers; --fields lists them
        2 ok · 1 unreachable · 4.2 s
        ");
        assert_eq!(stderr, "");
    }

    #[test]
    fn progress_stays_within_the_width_and_goes_before_the_output() {
        let terminal = Terminal { is_terminal: true, color: false, redraws: true };
        let options = RenderOptions { stderr: terminal, width: Some(80), ..RenderOptions::default() };
        let (stdout, stderr) = show(&options, &mixed());
        assert!(stdout.starts_with("web[01-02]"), "{stdout}");
        let (live, rest) = stderr.rsplit_once("\x1b[2K").unwrap();
        assert!(live.starts_with("0/7 · 0s"), "{live:?}");
        assert!(live.split(['\r', '\n']).all(|line| line.chars().count() < 80), "{live:?}");
        assert!(rest.starts_with("web04 unreachable"), "{rest:?}");
    }

    #[test]
    fn quiet_says_all_that_is_needed_on_failure() {
        let options = RenderOptions { quiet: true, ..RenderOptions::default() };
        let (stdout, stderr) = show(&options, &mixed());
        assert_eq!(stdout, "");
        assert_snapshot!(stderr, @"
        web03 failed · rc 127
        stderr: sh: 1: foo: not found

        web04 unreachable
        connect to web04 port 22: connection refused
        hint: is sshd running there?

        web[05-06] (2) not-started

        all of it: opsctl report show 01920000-0000-7000-8000-000000000001
        3 ok · 1 failed · 1 unreachable · 2 not-started · 4.2 s
        ");
    }
}
