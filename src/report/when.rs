//! Points in time as people write them: `2h`, `3d`, `yesterday`, `2026-11-24`, `09:30`.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, Timestamp, ZonedDateTime};

/// What [`instant`] reads, for messages.
pub const FORMS: &str =
    "`2h`, `3d`, `2w ago`, `today`, `yesterday`, `09:30`, `2026-11-24`, `2026-11-24 09:30` or RFC 3339";

/// Why a text is no point in time.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no time; known are {FORMS}")]
pub struct NotATime(String);

/// Which end of a day a date without a time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its first moment, for `--since`.
    Start,
    /// The first moment after it, for `--until`.
    End,
}

/// Reads a point in time, in the time zone of `now`; a length of time counts back from `now`.
///
/// # Errors
/// Fails when the text is none of [`FORMS`].
pub fn instant(text: &str, now: &ZonedDateTime, edge: Edge) -> Result<Timestamp, NotATime> {
    let text = text.trim();
    let zone = now.time_zone();
    let day = |date: Date| {
        let date = if edge == Edge::End { date.tomorrow().ok()? } else { date };
        date.to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp())
    };
    let found = match text {
        "now" => Some(now.timestamp()),
        "today" => day(now.date()),
        "yesterday" => now.date().yesterday().ok().and_then(day),
        _ => None,
    };
    let exact = || text.parse::<Timestamp>().ok();
    let clock = || Some(now.date().to_datetime(text.parse::<Time>().ok()?));
    let civil = || {
        let civil = if text.len() > 10 { text.parse::<DateTime>().ok() } else { clock() };
        civil?.to_zoned_datetime(zone.clone()).ok().map(|zoned| zoned.timestamp())
    };
    let date = || text.parse::<Date>().ok().filter(|_| text.len() <= 10).and_then(day);
    let found = found.or_else(exact).or_else(date).or_else(civil).or_else(|| age(text, now).ok());
    found.ok_or_else(|| NotATime(text.to_owned()))
}

/// Reads a length of time (`90d`, `2h30m`) and returns the point that long before `now`.
///
/// # Errors
/// Fails when the text is no length of time.
pub fn age(text: &str, now: &ZonedDateTime) -> Result<Timestamp, NotATime> {
    let span = text.parse::<Span>().ok().map(Span::abs);
    let then = span.filter(|span| !span.is_zero()).and_then(|span| now.checked_sub(span).ok());
    then.map(|then| then.timestamp()).ok_or_else(|| NotATime(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: ZonedDateTime = "2026-11-24T04:30:00+01:00[Europe/Berlin]".parse().unwrap();
        let cases = [
            ("2h", "2026-11-24T01:30:00Z"),
            ("3d", "2026-11-21T03:30:00Z"),
            ("2 weeks ago", "2026-11-10T03:30:00Z"),
            ("1h 30m", "2026-11-24T02:00:00Z"),
            ("today", "2026-11-23T23:00:00Z"),
            ("yesterday", "2026-11-22T23:00:00Z"),
            ("2026-11-01", "2026-10-31T23:00:00Z"),
            ("2026-11-01 10:00", "2026-11-01T09:00:00Z"),
            ("2026-11-01T10:00:30Z", "2026-11-01T10:00:30Z"),
            ("03:15", "2026-11-24T02:15:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(instant(text, &now, Edge::Start).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(instant("2026-11-01", &now, Edge::End).unwrap().to_string(), "2026-11-01T23:00:00Z");
        for text in ["", "soon", "2026-13-01", "25:00", "3", "0d"] {
            assert!(instant(text, &now, Edge::Start).is_err(), "{text}");
        }
        assert_eq!(age("90d", &now).unwrap().to_string(), "2026-08-26T02:30:00Z");
    }
}
