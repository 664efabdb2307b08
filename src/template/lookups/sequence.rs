//! `sequence`: counted texts.

use super::options::{named, only, texts};
use crate::template::filters::percent;
use crate::template::{Arguments, Calls, TemplateError, Value};

/// Most items, so that a slip ends in a message.
const MOST: i64 = 1_000_000;

#[derive(Default)]
struct Sequence {
    start: Option<i64>,
    end: Option<i64>,
    count: Option<i64>,
    stride: Option<i64>,
    format: Option<String>,
}

pub fn sequence(_: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    let names = ["start", "end", "count", "stride", "format"];
    only(&arguments, "sequence", &names)?;
    let mut found = Vec::new();
    // Named arguments alone still count once.
    let terms = if arguments.positional.is_empty() && !arguments.named.is_empty() {
        vec![String::new()]
    } else {
        texts(&arguments.positional)?
    };
    for term in terms {
        let mut sequence = Sequence::default();
        for name in names {
            if let Some(value) = named(&arguments, name) {
                sequence.set(name, &value.to_string())?;
            }
        }
        sequence.read(&term)?;
        found.extend(sequence.items()?);
    }
    Ok(found)
}

impl Sequence {
    /// Reads `k=v k=v`, or the shortcut `[start-]end[/stride][:format]`.
    fn read(&mut self, term: &str) -> Result<(), TemplateError> {
        if term.trim().is_empty() {
            return Ok(());
        }
        if term.contains('=') {
            return term.split_whitespace().try_for_each(|word| match word.split_once('=') {
                Some((name, value)) => self.set(name, value.trim_matches(['"', '\''])),
                None => Err(wrong(term)),
            });
        }
        let (range, format) = term.split_once(':').map_or((term, None), |(range, format)| (range, Some(format)));
        let (range, stride) = range.split_once('/').map_or((range, None), |(range, stride)| (range, Some(stride)));
        let (start, end) = range.split_once('-').map_or((None, range), |(start, end)| (Some(start), end));
        for (name, value) in [("start", start), ("end", Some(end)), ("stride", stride), ("format", format)] {
            if let Some(value) = value {
                self.set(name, value)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), TemplateError> {
        let place = match name {
            "start" => &mut self.start,
            "end" => &mut self.end,
            "count" => &mut self.count,
            "stride" => &mut self.stride,
            "format" => {
                self.format = Some(value.to_owned());
                return Ok(());
            }
            _ => return Err(TemplateError::value(format!("unrecognized arguments to with_sequence: ['{name}']"))),
        };
        let wrong = || {
            TemplateError::value(format!(
                "Config '{name}' for 'sequence' lookup plugin has an invalid value: {value:?}"
            ))
        };
        *place = Some(number(value).ok_or_else(wrong)?);
        Ok(())
    }

    fn items(&self) -> Result<Vec<Value>, TemplateError> {
        let start = self.start.unwrap_or(1);
        let stride = self.stride.unwrap_or(1);
        let end = match (self.count, self.end) {
            (None, None) => return Err(TemplateError::value("must specify count or end in with_sequence")),
            (Some(_), Some(_)) => {
                return Err(TemplateError::value("can't specify both count and end in with_sequence"));
            }
            (Some(0), None) => return Ok(Vec::new()),
            // As Ansible counts: with a negative stride that is more than `count` items.
            (Some(count), None) => start + count * stride - 1,
            (None, Some(end)) => end,
        };
        if stride > 0 && end < start {
            return Err(TemplateError::value("to count backwards make stride negative"));
        }
        if stride < 0 && end > start {
            return Err(TemplateError::value("to count forward don't make stride negative"));
        }
        if stride == 0 {
            return Ok(Vec::new());
        }
        let count = (end - start) / stride + 1;
        if count > MOST {
            return Err(TemplateError::value(format!("a sequence of {count} items is too long")));
        }
        let format = self.format.as_deref().unwrap_or("%d");
        if format.matches('%').count() != 1 {
            return Err(TemplateError::value(format!("bad formatting string: {format}")));
        }
        (0..count)
            .map(|place| percent::format(format, &[Value::Int(start + place * stride)], None).map(Value::text))
            .collect()
    }
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let read = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    read.ok().filter(|number| number.abs() < 1 << 40)
}

fn wrong(term: &str) -> TemplateError {
    TemplateError::value(format!("unable to parse the with_sequence term {term:?}"))
}
