//! Moments and spans of time, as Python's `datetime` has them.
//!
//! A moment without an offset has no time zone: arithmetic and comparisons take it as it is written.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::ast::Operator;
use super::{Arguments, Key, Object, TemplateError, Value};

/// A `datetime`, or a `timedelta`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// A date and time, with its offset from UTC if it is known.
    At(civil::DateTime, Option<Offset>),
    /// A span of time.
    Span(SignedDuration),
}

/// The moment that a value is.
#[must_use]
pub fn of(value: &Value) -> Option<Moment> {
    match value {
        Value::Object(object) => object.as_any()?.downcast_ref().copied(),
        _ => None,
    }
}

impl Moment {
    /// Now: in the local time zone, or in UTC; without its offset, as `datetime.now()` gives it.
    #[must_use]
    pub fn now(utc: bool) -> Self {
        let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
        let now = Timestamp::now().to_zoned_datetime(zone).datetime();
        let micros = now.subsec_nanosecond() / 1000 * 1000;
        Self::At(now.with().subsec_nanosecond(micros).build().unwrap_or(now), None)
    }

    /// The moment as a value.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(Arc::new(self))
    }

    /// The order of two moments or two spans; none for what cannot be compared.
    #[must_use]
    pub fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::At(one, None), Self::At(two, None)) => Some(one.cmp(&two)),
            (Self::At(one, Some(offset)), Self::At(two, Some(other))) => {
                Some(offset.to_timestamp(one).ok()?.cmp(&other.to_timestamp(two).ok()?))
            }
            (Self::Span(one), Self::Span(two)) => Some(one.cmp(&two)),
            _ => None,
        }
    }

    /// `strftime(format)`; a directive that is not known stands for itself.
    #[must_use]
    pub fn format(self, format: &str) -> String {
        let Self::At(at, offset) = self else { return self.to_string() };
        let mut out = String::with_capacity(format.len());
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            let Some(mut directive) = letters.next() else {
                out.push('%');
                break;
            };
            let plain = directive == '-';
            if plain {
                directive = letters.next().unwrap_or('%');
            }
            out.push_str(&formatted(at, offset, directive, plain));
        }
        out
    }

    /// Calls a method.
    ///
    /// # Errors
    /// When there is none of that name, or an argument does not fit.
    pub fn call(self, name: &str, arguments: &Arguments) -> Result<Value, TemplateError> {
        let text = |place: usize| arguments.positional.get(place).and_then(Value::as_str);
        match (self, name) {
            (Self::Span(span), "total_seconds") => Ok(Value::Float(span.as_secs_f64())),
            (Self::At(..), "strftime") => {
                let format = text(0).ok_or_else(|| TemplateError::value("strftime() needs a format"))?;
                Ok(Value::from(self.format(format)))
            }
            (Self::At(..), "isoformat") => Ok(Value::from(self.iso(text(0).unwrap_or("T")))),
            (Self::At(at, _), "date") => Ok(Value::from(at.date().to_string())),
            (Self::At(at, _), "weekday") => Ok(Value::from(i64::from(at.weekday().to_monday_zero_offset()))),
            (Self::At(at, _), "isoweekday") => Ok(Value::from(i64::from(at.weekday().to_monday_one_offset()))),
            (Self::At(at, _), "toordinal") => {
                let days = at.date().since(civil::date(1, 1, 1)).map_or(0, |span| span.get_days());
                Ok(Value::from(i64::from(days) + 1))
            }
            (Self::At(at, offset), "timestamp") => {
                let zone = offset.map_or_else(TimeZone::system, Offset::to_time_zone);
                let zoned = at.to_zoned_datetime(zone).map_err(|error| TemplateError::value(error.to_string()))?;
                Ok(Value::Float(zoned.timestamp().as_duration().as_secs_f64()))
            }
            _ => {
                let kind = self.type_name();
                Ok(Value::undefined(format!("object of type '{kind}' has no attribute '{name}'")))
            }
        }
    }

    fn iso(self, separator: &str) -> String {
        let Self::At(at, offset) = self else { return self.to_string() };
        let micros = at.subsec_nanosecond() / 1000;
        let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
        let offset = offset.map_or_else(String::new, |offset| offset_text(offset, ":"));
        let date = format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day());
        format!("{date}{separator}{:02}:{:02}:{:02}{fraction}{offset}", at.hour(), at.minute(), at.second())
    }
}

fn formatted(at: civil::DateTime, offset: Option<Offset>, directive: char, plain: bool) -> String {
    let micros = at.subsec_nanosecond() / 1000;
    match directive {
        '%' => "%".to_owned(),
        'f' => format!("{micros:06}"),
        'z' => offset.map_or_else(String::new, |offset| offset_text(offset, "")),
        'Z' => offset.map_or_else(String::new, |offset| {
            if offset == Offset::UTC { "UTC".to_owned() } else { format!("UTC{}", offset_text(offset, ":")) }
        }),
        's' => {
            let zone = offset.map_or_else(TimeZone::system, Offset::to_time_zone);
            at.to_zoned_datetime(zone).map_or_else(|_| String::new(), |zoned| zoned.timestamp().as_second().to_string())
        }
        'c' => jiff::fmt::strtime::format("%a %b %e %H:%M:%S %Y", at).unwrap_or_default(),
        'x' => jiff::fmt::strtime::format("%m/%d/%y", at).unwrap_or_default(),
        'X' => jiff::fmt::strtime::format("%H:%M:%S", at).unwrap_or_default(),
        other => {
            let directive = if plain { format!("%-{other}") } else { format!("%{other}") };
            jiff::fmt::strtime::format(&directive, at).unwrap_or(directive)
        }
    }
}

fn offset_text(offset: Offset, separator: &str) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}

impl fmt::Display for Moment {
    /// Python's `str()`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = match self {
            Self::At(..) => return f.write_str(&self.iso(" ")),
            Self::Span(span) => *span,
        };
        let micros = span.as_micros();
        let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        let seconds = rest / 1_000_000;
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        match rest % 1_000_000 {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

impl Object for Moment {
    fn get(&self, key: &Key) -> Result<Option<Value>, TemplateError> {
        let Some(name) = key.as_str() else { return Ok(None) };
        Ok(match *self {
            Self::At(at, _) => match name {
                "year" => Some(i64::from(at.year())),
                "month" => Some(i64::from(at.month())),
                "day" => Some(i64::from(at.day())),
                "hour" => Some(i64::from(at.hour())),
                "minute" => Some(i64::from(at.minute())),
                "second" => Some(i64::from(at.second())),
                "microsecond" => Some(i64::from(at.subsec_nanosecond() / 1000)),
                _ => None,
            },
            Self::Span(span) => {
                let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
                let rest = micros.rem_euclid(86_400_000_000);
                match name {
                    "days" => Some(micros.div_euclid(86_400_000_000)),
                    "seconds" => Some(rest / 1_000_000),
                    "microseconds" => Some(rest % 1_000_000),
                    _ => None,
                }
            }
        }
        .map(Value::Int))
    }

    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::At(..) => "datetime",
            Self::Span(_) => "timedelta",
        }
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

/// Sums and differences of moments and spans; none if neither operand is one.
#[must_use]
pub(super) fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Option<Result<Value, TemplateError>> {
    let computed = match (of(left), operator, of(right)) {
        (None, _, None) => return None,
        (Some(Moment::At(one, from)), Operator::Subtract, Some(Moment::At(two, to))) => {
            let shift = i64::from(to.map_or(0, Offset::seconds)) - i64::from(from.map_or(0, Offset::seconds));
            (from.is_some() == to.is_some())
                .then(|| Moment::Span(one.duration_since(two).saturating_add(SignedDuration::from_secs(shift))))
        }
        (Some(Moment::At(at, offset)), Operator::Add | Operator::Subtract, Some(Moment::Span(span)))
        | (Some(Moment::Span(span)), Operator::Add, Some(Moment::At(at, offset))) => {
            let sum = if operator == Operator::Add { at.checked_add(span) } else { at.checked_sub(span) };
            match sum {
                Ok(sum) => Some(Moment::At(sum, offset)),
                Err(_) => return Some(Err(TemplateError::value("date value out of range"))),
            }
        }
        (Some(Moment::Span(one)), Operator::Add, Some(Moment::Span(two))) => one.checked_add(two).map(Moment::Span),
        (Some(Moment::Span(one)), Operator::Subtract, Some(Moment::Span(two))) => {
            one.checked_sub(two).map(Moment::Span)
        }
        _ => None,
    };
    computed.map(|moment| Ok(moment.into_value()))
}
