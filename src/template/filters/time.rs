//! Dates and times.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::bind::{Answer, bind};
use super::numbers::parse_float;
use super::python::{flag, string, truncated, words};
use crate::template::datetime::Moment;
use crate::template::{Arguments, Calls, TemplateError, Value};

/// The value is the format; the argument the time in seconds since 1970.
pub fn strftime(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [second, utc] = bind(arguments, "strftime", ["second", "utc"], 0)?;
    let format = string(&value, "strftime")?;
    let wrong = |shown: &Value| TemplateError::value(format!("Invalid value for epoch value ({shown})"));
    let timestamp = match &second {
        None | Some(Value::Null) => Timestamp::now(),
        Some(second) => {
            super::python::check(second)?;
            let number = match second {
                Value::String(text) => parse_float(text.as_str()),
                other => super::python::real(other).ok(),
            };
            let whole = number.map(f64::floor).and_then(truncated).ok_or_else(|| wrong(second))?;
            Timestamp::from_second(whole).map_err(|_| wrong(second))?
        }
    };
    let zone = if flag(utc.as_ref())? { TimeZone::UTC } else { TimeZone::system() };
    let formatted = strtime::format(format, &timestamp.to_zoned_datetime(zone));
    formatted.map(Value::from).map_err(|error| TemplateError::value(format!("strftime: {error}")))
}

/// Reads a time; where none is given it is midnight, and where no day is given it is that of 1900.
pub fn to_datetime(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [format] = bind(arguments, "to_datetime", ["format"], 0)?;
    let format = words(format.as_ref(), "%Y-%m-%d %H:%M:%S")?;
    super::python::check(&value)?;
    let Value::String(text) = &value else {
        let kind = value.type_name();
        return Err(TemplateError::value(format!("strptime() argument 1 must be str, not {kind}")));
    };
    let unfit = || {
        let (shown, format) = (value.repr(), Value::from(format.as_str()).repr());
        TemplateError::value(format!("time data {shown} does not match format {format}"))
    };
    let parsed = strtime::parse(&format, text.as_str()).map_err(|_| unfit())?;
    let date = parsed.to_date().unwrap_or(jiff::civil::date(1900, 1, 1));
    let time = parsed.to_time().unwrap_or(jiff::civil::Time::midnight());
    let micros = time.subsec_nanosecond() / 1000 * 1000;
    let at = date.to_datetime(time);
    let at = at.with().subsec_nanosecond(micros).build().unwrap_or(at);
    Ok(Moment::At(at, parsed.offset()).into_value())
}
