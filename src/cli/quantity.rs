//! Durations and sizes as users write them.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// What [`parse_duration`] accepts, for messages.
pub const DURATION: &str =
    "a time such as `30`, `1.5`, `500ms`, `10s`, `5m`, `1h30m` or `2d` above zero; without a unit, seconds";

/// What [`parse_size`] accepts, for messages.
pub const SIZE: &str = "a size such as `65536`, `64K` or `1M`; without a unit, bytes";

/// Reads a duration: a number of seconds, or numbers with units (`500ms`, `10s`, `1h30m`, `2d`).
///
/// # Errors
/// When the text is neither, or not above zero.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let duration = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => with_units(text).and_then(|duration| Duration::try_from(duration).ok()),
    };
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| format!("expected {DURATION}"))
}

fn with_units(text: &str) -> Option<SignedDuration> {
    text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()
}

/// Reads a size in bytes; `K`, `M` and `G` (also `KiB`, `KB`, …) are powers of 1024.
///
/// # Errors
/// When the text is no size, or too large for this machine.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor: usize = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(format!("expected {SIZE}")),
    };
    let number = text[..digits].parse::<usize>().ok().and_then(|number| number.checked_mul(factor));
    number.ok_or_else(|| format!("expected {SIZE}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_without_a_unit_is_seconds() {
        assert_eq!(parse_duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration(" 1.5 "), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(parse_duration("2d"), Ok(Duration::from_hours(48)));
    }

    #[test]
    fn a_duration_is_never_zero_negative_infinite_or_a_word() {
        for text in ["0", "0s", "-1", "-5s", "inf", "nan", "1e300", "soon", "", "5 apples", "1y"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_size_is_in_powers_of_1024() {
        assert_eq!(parse_size("65536"), Ok(65_536));
        assert_eq!(parse_size("64K"), Ok(65_536));
        assert_eq!(parse_size("1 MiB"), Ok(1 << 20));
        for text in ["", "K", "-1", "1.5M", "1T", "99999999999999999999", "99999999999999G"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
