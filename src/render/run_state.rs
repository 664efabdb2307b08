//! Where a run stands, for the progress line and for the word on a stop.
//!
//! Pure: told of events, asked for lines.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::host_set::host_set;
use super::sanitize::sanitize_line;
use super::tally::stop_words;
use crate::event::{Event, EventKind, Outcome, StopCause};

/// Hosts that are named in the progress line, at most.
const NAMED: usize = 5;

/// Counts, and the hosts under way.
#[derive(Debug, Default)]
pub struct RunState {
    total: usize,
    done: usize,
    failed: usize,
    unreachable: usize,
    started: Option<Timestamp>,
    running: IndexMap<Arc<str>, Timestamp>,
    stopping: Option<StopCause>,
    stops: usize,
}

impl RunState {
    /// Takes an event in.
    pub fn update(&mut self, event: &Event) {
        match &event.kind {
            EventKind::RunStarted(header) => {
                self.total = header.hosts.len();
                self.started = Some(event.time);
            }
            EventKind::HostStarted { host } => _ = self.running.insert(Arc::clone(host), event.time),
            EventKind::HostEnded(report) => {
                self.running.shift_remove(&report.host);
                self.done += usize::from(report.outcome != Outcome::NotStarted);
                self.failed += usize::from(matches!(report.outcome, Outcome::Failed | Outcome::TimedOut));
                self.unreachable += usize::from(report.outcome == Outcome::Unreachable);
            }
            EventKind::Stopping(cause) => {
                self.stopping = Some(*cause);
                self.stops += 1;
            }
            _ => {}
        }
    }

    /// The progress at `now`, in at most `width` columns: counts, elapsed time, and the hosts that take longest.
    #[must_use]
    pub fn line(&self, now: Timestamp, width: usize) -> String {
        let mut parts = vec![format!("{}/{}", self.done, self.total)];
        if self.failed > 0 {
            parts.push(format!("{} failed", self.failed));
        }
        if self.unreachable > 0 {
            parts.push(format!("{} unreachable", self.unreachable));
        }
        parts.extend(self.started.map(|started| since(started, now)));
        if let Some(cause) = self.stopping {
            parts.push(format!("{}, {} still running", stop_words(cause), self.running.len()));
        }
        let counts = parts.join(" · ");
        self.add_slowest(counts, now, width)
    }

    /// What still runs when the run begins to stop because of `cause`.
    #[must_use]
    pub fn stop_message(&self, cause: StopCause) -> String {
        let names: Vec<&str> = self.running.keys().map(|host| &**host).collect();
        if names.is_empty() {
            return format!("{}; nothing is running any more", stop_words(cause));
        }
        let again = match cause {
            StopCause::Interrupt if self.stops < 2 => "; Ctrl-C again ends them",
            StopCause::Interrupt | StopCause::Terminate | StopCause::Hangup | StopCause::Deadline => "; ending them",
            StopCause::FailFast | StopCause::Budget | StopCause::Play | StopCause::Journal => "",
        };
        let set = host_set(&names);
        format!("{}; still running: {} ({}){again}", stop_words(cause), sanitize_line(&set), names.len())
    }

    /// Appends as many of the longest running hosts as fit; those that began first stand first.
    fn add_slowest(&self, counts: String, now: Timestamp, width: usize) -> String {
        let mut line = counts;
        for (index, (host, started)) in self.running.iter().take(NAMED).enumerate() {
            let sign = if index == 0 { " · " } else { ", " };
            let part = format!("{sign}{} {}", sanitize_line(host), since(*started, now));
            if line.width() + part.width() > width {
                break;
            }
            line.push_str(&part);
        }
        while line.width() > width {
            line.pop();
        }
        line
    }
}

/// Whole seconds, or minutes and seconds, or hours and minutes.
pub fn since(start: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(start).as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{at, failed, header, ok, unreachable};
    use super::*;

    fn state() -> RunState {
        let mut state = RunState::default();
        let names: Vec<String> = (1..=200).map(|n| format!("web{n:03}.example.com")).collect();
        state.update(&at(0, header(&names.iter().map(String::as_str).collect::<Vec<_>>())));
        for (second, name) in (0..).zip(&names[..10]) {
            state.update(&at(second, EventKind::HostStarted { host: name.as_str().into() }));
        }
        for report in [ok(&names[0], ""), failed(&names[2], 1, ""), unreachable(&names[3])] {
            state.update(&at(20, EventKind::HostEnded(report)));
        }
        state
    }

    #[test]
    fn the_line_fits_any_width_and_names_the_slowest_first() {
        let now = at(70, EventKind::Warning(String::new())).time;
        insta::assert_snapshot!(state().line(now, 80), @"3/200 · 1 failed · 1 unreachable · 1m10s · web002.example.com 1m09s");
        for width in [0, 10, 30, 80, 200] {
            assert!(state().line(now, width).width() <= width);
        }
        assert_eq!(state().line(now, 200).matches("example.com").count(), NAMED);
    }

    #[test]
    fn a_stop_says_what_still_runs() {
        let mut state = state();
        insta::assert_snapshot!(state.stop_message(StopCause::Interrupt), @"interrupted; still running: web[002,005-010].example.com (7); Ctrl-C again ends them");
        for _ in 0..2 {
            state.update(&at(70, EventKind::Stopping(StopCause::Interrupt)));
        }
        insta::assert_snapshot!(state.stop_message(StopCause::Interrupt), @"interrupted; still running: web[002,005-010].example.com (7); ending them");
        state.running.clear();
        assert_eq!(state.stop_message(StopCause::Deadline), "deadline passed; nothing is running any more");
    }
}
