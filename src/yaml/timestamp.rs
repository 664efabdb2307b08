//! YAML 1.1 dates and times, in the ISO form that Python's `isoformat` gives them.

use std::fmt::Write;

/// Reads a plain scalar that looks like a date (and time); `None` when it does not, or names no real day or hour.
pub fn iso(text: &str) -> Option<String> {
    let mut rest = Cursor(text);
    let year = rest.digits(4, 4)?;
    rest.literal('-')?;
    let month = rest.digits(1, 2)?;
    rest.literal('-')?;
    let day = rest.digits(1, 2)?;
    let date = jiff::civil::Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    if rest.0.is_empty() {
        // A date alone takes two digits each.
        return (text.len() == 10).then(|| date.to_string());
    }
    let time = time(&mut rest)?;
    Some(format!("{date}T{time}"))
}

fn time(rest: &mut Cursor<'_>) -> Option<String> {
    if rest.literal('T').or_else(|| rest.literal('t')).is_none() {
        rest.blanks().then_some(())?;
    }
    let hour = rest.digits(1, 2)?;
    rest.literal(':')?;
    let minute = rest.digits(2, 2)?;
    rest.literal(':')?;
    let second = rest.digits(2, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut iso = format!("{hour:02}:{minute:02}:{second:02}");
    if rest.literal('.').is_some() {
        push_fraction(&mut iso, rest);
    }
    rest.blanks();
    push_zone(&mut iso, rest)?;
    rest.0.is_empty().then_some(iso)
}

fn push_fraction(iso: &mut String, rest: &mut Cursor<'_>) {
    let length = rest.0.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, after) = rest.0.split_at(length);
    rest.0 = after;
    let micros = format!("{:0<6}", &fraction[..length.min(6)]);
    if micros != "000000" {
        iso.push('.');
        iso.push_str(&micros);
    }
}

fn push_zone(iso: &mut String, rest: &mut Cursor<'_>) -> Option<()> {
    if rest.literal('Z').is_some() {
        iso.push_str("+00:00");
        return Some(());
    }
    let Some(sign) = ['+', '-'].into_iter().find(|sign| rest.0.starts_with(*sign)) else { return Some(()) };
    rest.literal(sign)?;
    let hour = rest.digits(1, 2)?;
    let minute = if rest.literal(':').is_some() { rest.digits(2, 2)? } else { 0 };
    write!(iso, "{sign}{hour:02}:{minute:02}").ok()
}

struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u16> {
        let length = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let value = self.0[..length].parse().ok().filter(|_| length >= least)?;
        self.0 = &self.0[length..];
        Some(value)
    }

    fn literal(&mut self, expected: char) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn blanks(&mut self) -> bool {
        let after = self.0.trim_start_matches([' ', '\t']);
        let any = after.len() < self.0.len();
        self.0 = after;
        any
    }
}
