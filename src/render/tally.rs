//! One line that says how a run went.

use std::time::Duration;

use super::style::Palette;
use crate::event::{Outcome, StopCause, Summary};

/// `19 ok · 1 failed · 2 unreachable · 4.2 s`, with the reason when the run stopped early.
#[must_use]
pub fn tally(summary: &Summary, palette: Palette) -> String {
    let part = |outcome: Outcome| match summary.of(outcome) {
        0 if outcome != Outcome::Ok || summary.of(Outcome::Changed) > 0 => None,
        0 => Some("0 ok".to_owned()),
        count => Some(palette.outcome(outcome, format_args!("{count} {}", outcome.name()))),
    };
    let mut parts: Vec<String> = Outcome::ALL.into_iter().filter_map(part).collect();
    parts.push(duration(summary.duration));
    if let Some(cause) = summary.stopped {
        parts.push(palette.warning(format_args!("stopped: {}", stop_words(cause))));
    }
    parts.join(" · ")
}

/// Why a run stops, in words.
#[must_use]
pub fn stop_words(cause: StopCause) -> &'static str {
    match cause {
        StopCause::Interrupt => "interrupted",
        StopCause::Terminate => "SIGTERM",
        StopCause::Hangup => "hangup",
        StopCause::Deadline => "deadline passed",
        StopCause::FailFast => "a host failed (--fail-fast)",
        StopCause::Budget => "too many hosts failed",
        StopCause::Play => "a play could not begin",
        StopCause::Journal => "the journal could not be written",
    }
}

/// A duration to read: `4.2 s`, `3 min 05 s`, `1 h 02 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", duration.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::RunId;

    #[test]
    fn outcomes_without_hosts_are_left_out_but_ok() {
        let mut summary = Summary::new(RunId::default());
        summary.counts = [(Outcome::Failed, 1), (Outcome::Unreachable, 2)].into();
        summary.duration = Duration::from_millis(4_210);
        assert_eq!(tally(&summary, Palette::PLAIN), "0 ok · 1 failed · 2 unreachable · 4.2 s");
        summary.counts = [(Outcome::Ok, 19)].into();
        summary.stopped = Some(StopCause::Interrupt);
        assert_eq!(tally(&summary, Palette::PLAIN), "19 ok · 4.2 s · stopped: interrupted");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let text = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!([text(59), text(185), text(3_725)], ["59.0 s", "3 min 05 s", "1 h 02 min"]);
    }
}
