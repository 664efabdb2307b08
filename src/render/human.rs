//! `--format human`: folded output when the run is over, failures last, one tally line.

use super::block::{Body, block};
use super::fold::{Folder, Group, Numbers};
use super::message::warn;
use super::sink::Sink;
use super::style::Palette;
use super::tally::tally;
use super::{RenderOptions, View, diff, fields};
use crate::event::{Event, EventKind, HostReport, Subscriber, SubscriberError, Summary};

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
    width: Option<u16>,
    folder: Folder,
    warnings: Vec<String>,
}

impl Human {
    /// Writes output to `stdout`, and all else to `stderr` unless stdout is a terminal too.
    #[must_use]
    pub fn new(options: &RenderOptions, stdout: Sink, stderr: Sink) -> Self {
        let stdout = Place { sink: stdout, palette: options.stdout.palette(options.color) };
        let stderr = Place { sink: stderr, palette: options.stderr.palette(options.color) };
        let talk = if options.stdout.is_terminal && !options.quiet { stdout.clone() } else { stderr.clone() };
        Self {
            view: options.view,
            quiet: options.quiet,
            stdout,
            stderr,
            talk,
            width: options.width,
            folder: Folder::default(),
            warnings: Vec::new(),
        }
    }

    fn warning(&mut self, text: &str) {
        if self.quiet {
            self.warnings.push(text.to_owned());
            return;
        }
        write_warning(&self.stderr, text);
    }

    fn end(&mut self, summary: &Summary) -> Result<(), SubscriberError> {
        if self.quiet {
            self.end_quietly(summary);
        } else {
            self.show_groups();
            self.talk.sink.line(tally(summary, self.talk.palette));
        }
        self.talk.sink.flush();
        super::finish(&self.stdout.sink, &self.stderr.sink, summary.run)
    }

    fn show_groups(&self) {
        let numbers = if self.view == View::Diff { Numbers::Keep } else { Numbers::Fold };
        let groups = self.folder.groups(numbers);
        let majority = groups.first().filter(|group| self.view == View::Diff && group.shown().outcome.is_success());
        for (index, group) in groups.iter().enumerate() {
            let place = if ran(group.shown()) { &self.stdout } else { &self.talk };
            let text = match majority {
                Some(majority) if index > 0 && ran(group.shown()) => diff::block(majority, group, place.palette),
                _ => block(group, self.body(), place.palette),
            };
            place.sink.line(text);
            if self.view == View::Fields && !group.exact {
                place.sink.line(fields::table(group, self.width));
            }
        }
        self.stdout.sink.flush();
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
            self.talk.sink.line(block(&group, Body::Last(LAST_LINES), self.talk.palette));
        }
        self.talk.sink.line(format!("all of it: opsctl report show {}", summary.run));
        self.talk.sink.line(tally(summary, self.talk.palette));
    }
}

impl Subscriber for Human {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        match &event.kind {
            EventKind::HostEnded(report) => self.folder.add(report),
            EventKind::Warning(text) => self.warning(text),
            EventKind::RunEnded(summary) => return self.end(summary),
            _ => {}
        }
        Ok(())
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

    use super::super::fixture::{failed, not_started, ok, run_events, show, unreachable};
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
    fn quiet_says_nothing_on_success() {
        let options = RenderOptions { quiet: true, ..RenderOptions::default() };
        assert_eq!(show(&options, &run_events(&[ok("a", "x\n")])), (String::new(), String::new()));
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
