//! A group of hosts as a reader sees it: one header, then what they said.
//!
//! The body stands unindented and, but for what would harm a terminal, unaltered, so that it can be copied.

use std::fmt::Write as _;

use super::fold::Group;
use super::host_set::host_set;
use super::sanitize::{sanitize, sanitize_line};
use super::style::Palette;
use crate::event::{Captured, FailureKind, Fate, HostReport};

/// What marks a line of stderr.
pub const STDERR: &str = "stderr: ";

/// Where that is which a block cannot show, because it was not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// Nowhere; `--output-dir` would have it.
    #[default]
    Nowhere,
    /// In the files of `--output-dir`.
    OutputDir,
    /// Nowhere: the run is over, and its record has no more.
    Unrecorded,
}

impl Rest {
    fn note(self, bytes: u64) -> String {
        match self {
            Self::Nowhere => format!("[{bytes} bytes left out; --output-dir DIR keeps all]"),
            Self::OutputDir => format!("[{bytes} bytes left out; the files in --output-dir have all]"),
            Self::Unrecorded => format!("[{bytes} bytes left out of the record]"),
        }
    }
}

/// In which colours, and with which word on what is left out.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The colours.
    pub palette: Palette,
    /// Where the rest is.
    pub rest: Rest,
}

/// How much of the output a block shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// All that was kept.
    Whole,
    /// The last lines of each stream.
    Last(usize),
    /// Nothing: it was shown before.
    Seen,
}

/// Header and body, each line ended by a newline.
#[must_use]
pub fn block(group: &Group, body: Body, look: Look) -> String {
    let palette = look.palette;
    let report = group.shown();
    let mut text = header(group, palette);
    let is_silent = report.stdout.total() + report.stderr.total() == 0;
    if is_silent && report.rc.is_some() && body != Body::Seen {
        // Writing to a String cannot fail, here and below.
        let _ = write!(text, " {}", palette.faint("no output"));
    }
    text.push('\n');
    if body != Body::Seen {
        push_output(&mut text, &report.stdout, body, look, None);
        push_output(&mut text, &report.stderr, body, look, Some(STDERR));
    }
    push_failure(&mut text, report, palette);
    text
}

/// `web[01-18,20] (19)`, then what is not as it should be.
#[must_use]
pub fn header(group: &Group, palette: Palette) -> String {
    let report = group.shown();
    let names: Vec<&str> = group.reports.iter().map(|report| &*report.host).collect();
    let set = host_set(&names);
    let mut text = palette.outcome(report.outcome, sanitize_line(&set));
    // Writing to a String cannot fail.
    if names.len() > 1 {
        let _ = write!(text, " ({})", names.len());
    }
    if let Some(state) = state(report) {
        let _ = write!(text, " {}", palette.outcome(report.outcome, state));
    }
    if !group.exact {
        let shown = format!("≈ shown: {}", sanitize_line(&report.host));
        let _ = write!(text, " {}", palette.faint(shown));
    }
    text
}

/// The last lines of `text`, with a word on those before.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines = text.lines().count();
    let Some(before) = lines.checked_sub(count).filter(|before| *before > 0) else { return text.to_owned() };
    let mut last = format!("[earlier lines left out: {before}]\n");
    for line in text.lines().skip(before) {
        last.push_str(line);
        last.push('\n');
    }
    last
}

/// What a stream said, harmless, ended by a newline unless empty.
#[must_use]
pub fn captured_text(captured: &Captured, rest: Rest) -> String {
    let mut text = String::new();
    push_lines(&mut text, &captured.head);
    if captured.is_truncated() {
        text.push_str(&rest.note(captured.dropped));
        text.push('\n');
        push_lines(&mut text, &captured.tail);
    }
    text
}

fn push_lines(text: &mut String, bytes: &[u8]) {
    text.push_str(&sanitize(bytes));
    if !bytes.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn push_output(text: &mut String, captured: &Captured, body: Body, look: Look, mark: Option<&str>) {
    let output = captured_text(captured, look.rest);
    let output = match body {
        Body::Last(count) => last_lines(&output, count),
        Body::Whole | Body::Seen => output,
    };
    push_marked(text, &output, &mark.map_or_else(String::new, |mark| look.palette.faint(mark)));
}

/// Appends the lines of `output`, each after `mark`.
pub fn push_marked(text: &mut String, output: &str, mark: &str) {
    if mark.is_empty() {
        text.push_str(output);
        return;
    }
    for line in output.lines() {
        text.push_str(mark);
        text.push_str(line);
        text.push('\n');
    }
}

/// The outcome, code, signal and fate, as far as they are not those of a plain success.
fn state(report: &HostReport) -> Option<String> {
    let mut parts = Vec::new();
    if report.outcome != crate::event::Outcome::Ok {
        parts.push(report.outcome.name().to_owned());
    }
    parts.extend(report.rc.filter(|rc| *rc != 0).map(|rc| format!("rc {rc}")));
    parts.extend(report.signal.as_ref().map(|signal| format!("SIG{}", sanitize_line(signal))));
    // A timeout or a cancel tells the fate in its own words.
    let is_told = report.failure.as_ref().is_some_and(|failure| {
        matches!(failure.kind, FailureKind::Timeout | FailureKind::Deadline | FailureKind::Cancelled)
    });
    parts.extend(match report.fate {
        Some(fate @ (Fate::Killed | Fate::Survived | Fate::Unknown)) if !is_told => {
            Some(format!("remote process {}", fate.name()))
        }
        _ => None,
    });
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn push_failure(text: &mut String, report: &HostReport, palette: Palette) {
    let Some(failure) = &report.failure else { return };
    let is_said = failure.kind == FailureKind::Command && (report.rc.is_some() || report.signal.is_some());
    // Writing to a String cannot fail.
    if !is_said {
        let _ = writeln!(text, "{}", palette.error(sanitize(failure.message.as_bytes())));
    }
    if let Some(hint) = &failure.hint {
        let _ = writeln!(text, "{} {}", palette.hint("hint:"), sanitize(hint.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::fixture::{failed, folder, ok};
    use super::super::fold::Numbers;
    use super::*;
    use crate::event::{Failure, Outcome};

    const PLAIN: Look = Look { palette: Palette::PLAIN, rest: Rest::Nowhere };

    fn first(report: Arc<HostReport>) -> Group {
        folder(&[report]).groups(Numbers::Fold).remove(0)
    }

    #[test]
    fn a_header_says_only_what_is_not_as_it_should_be() {
        let plain = |report| header(&first(report), Palette::PLAIN);
        assert_eq!(plain(ok("a", "x")), "a");
        assert_eq!(block(&first(ok("a", "")), Body::Whole, PLAIN), "a no output\n");
        assert_eq!(block(&first(ok("a", "")), Body::Seen, PLAIN), "a\n");
        let killed = HostReport {
            outcome: Outcome::TimedOut,
            rc: Some(143),
            signal: Some("TERM".into()),
            fate: Some(Fate::Killed),
            ..HostReport::clone(&failed("a", 1, "x"))
        };
        assert_eq!(plain(Arc::new(killed)), "a timed-out · rc 143 · SIGTERM · remote process killed");
    }

    #[test]
    fn what_was_left_out_is_counted() {
        let captured = Captured { head: b"begin\n".to_vec(), dropped: 1_000_000, tail: b"end".to_vec() };
        insta::assert_snapshot!(captured_text(&captured, Rest::Nowhere), @"
        begin
        [1000000 bytes left out; --output-dir DIR keeps all]
        end
        ");
        let text = captured_text(&captured, Rest::OutputDir);
        assert!(text.contains("[1000000 bytes left out; the files in --output-dir have all]"), "{text}");
    }

    #[test]
    fn the_cause_and_the_hint_stand_under_the_output() {
        let failure =
            Failure { kind: FailureKind::Lost, message: "lost".into(), hint: Some("check the network".into()) };
        let report = HostReport { failure: Some(failure), ..HostReport::clone(&failed("a", 1, "1\n2\n3\n")) };
        insta::assert_snapshot!(block(&first(Arc::new(report)), Body::Last(2), PLAIN), @"
        a failed · rc 1
        stderr: [earlier lines left out: 1]
        stderr: 2
        stderr: 3
        lost
        hint: check the network
        ");
    }
}
