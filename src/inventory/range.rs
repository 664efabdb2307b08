//! Ranges in host names: Ansible's `web[01:50:2]` and `db[a:f]`, and `web[01-20,25]` as pdsh and clush write them.

/// Most names that one pattern may expand to.
const LIMIT: usize = 1_000_000;

/// Letters in the order of Ansible's alphabetic ranges.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Why a range has no meaning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Not `[begin:end]` or `[begin:end:step]`.
    #[error("range `[{0}]` must be [begin:end] or [begin:end:step]")]
    Shape(String),
    /// A bracket without its partner.
    #[error("`{0}` has an unmatched bracket")]
    Bracket(String),
    /// Begin after end.
    #[error("range `[{0}]` begins after its end")]
    Backwards(String),
    /// Zero-padded begin and end of different lengths.
    #[error("range `[{0}]` must have begin and end of one length when zero-padded")]
    Padding(String),
    /// More names than anyone can mean.
    #[error("range `[{0}]` expands to more than {LIMIT} names")]
    TooMany(String),
}

/// Expands every Ansible range in `text`.
pub fn expand(text: &str) -> Result<Vec<String>, RangeError> {
    expand_with(text, &members)
}

/// Expands every pdsh range in `text`.
pub fn expand_list(text: &str) -> Result<Vec<String>, RangeError> {
    expand_with(text, &list_members)
}

/// Whether the content of brackets is a list of numbers and number ranges, as pdsh and clush write it.
pub fn is_number_list(content: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    content.split(',').all(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        step.is_none_or(digits)
            && range.split_once('-').map_or(digits(range), |(begin, end)| digits(begin) && digits(end))
    })
}

type Members<'a> = &'a dyn Fn(&str) -> Result<Vec<String>, RangeError>;

fn expand_with(text: &str, members: Members<'_>) -> Result<Vec<String>, RangeError> {
    let mut names = vec![String::new()];
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('[') {
        let (content, after) = tail.split_once(']').ok_or_else(|| RangeError::Bracket(text.to_owned()))?;
        let parts = members(content)?;
        if names.len().saturating_mul(parts.len()) > LIMIT {
            return Err(RangeError::TooMany(content.to_owned()));
        }
        names = names.iter().flat_map(|name| parts.iter().map(move |part| format!("{name}{head}{part}"))).collect();
        rest = after;
    }
    for name in &mut names {
        name.push_str(rest);
    }
    Ok(names)
}

fn members(content: &str) -> Result<Vec<String>, RangeError> {
    let shape = || RangeError::Shape(content.to_owned());
    let bounds: Vec<&str> = content.split(':').collect();
    let (begin, end, step) = match bounds[..] {
        [begin, end] => (begin, end, 1),
        [begin, end, step] => (begin, end, step.parse().ok().filter(|step| *step > 0).ok_or_else(shape)?),
        _ => return Err(shape()),
    };
    if let (Some(from), Some(to)) = (letter(begin), letter(end)) {
        if from > to {
            return Err(RangeError::Backwards(content.to_owned()));
        }
        return Ok(LETTERS[from..=to].chars().step_by(step).map(String::from).collect());
    }
    numbers(content, if begin.is_empty() { "0" } else { begin }, end, step)
}

fn letter(text: &str) -> Option<usize> {
    LETTERS.find(text).filter(|_| text.len() == 1)
}

fn numbers(content: &str, begin: &str, end: &str, step: usize) -> Result<Vec<String>, RangeError> {
    let padded = begin.len() > 1 && begin.starts_with('0');
    if padded && begin.len() != end.len() {
        return Err(RangeError::Padding(content.to_owned()));
    }
    let number = |text: &str| -> Result<usize, RangeError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits).ok_or_else(|| RangeError::Shape(content.to_owned()))
    };
    let (from, to) = (number(begin)?, number(end)?);
    if from > to {
        return Err(RangeError::Backwards(content.to_owned()));
    }
    if (to - from) / step >= LIMIT {
        return Err(RangeError::TooMany(content.to_owned()));
    }
    let width = if padded { begin.len() } else { 0 };
    Ok((from..=to).step_by(step).map(|number| format!("{number:0width$}")).collect())
}

fn list_members(content: &str) -> Result<Vec<String>, RangeError> {
    let mut members = Vec::new();
    for part in content.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step = step.parse().ok().filter(|step| *step > 0).ok_or_else(|| RangeError::Shape(content.to_owned()))?;
        let (begin, end) = range.split_once('-').unwrap_or((range, range));
        members.extend(numbers(content, begin, end, step)?);
        if members.len() > LIMIT {
            return Err(RangeError::TooMany(content.to_owned()));
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(names: Result<Vec<String>, RangeError>) -> String {
        names.map_or_else(|error| format!("error: {error}"), |names| names.join(" "))
    }

    #[test]
    fn ranges_expand_as_in_ansible() {
        let cases = [
            ("web1", "web1"),
            ("web[1:3]", "web1 web2 web3"),
            ("web[01:05:2]", "web01 web03 web05"),
            ("db[a:c]", "dba dbb dbc"),
            ("w[:2]", "w0 w1 w2"),
            ("r[1:2]n[a:b]", "r1na r1nb r2na r2nb"),
            ("web[8:11]", "web8 web9 web10 web11"),
            ("web[1:3", "error: `web[1:3` has an unmatched bracket"),
            ("web[1]", "error: range `[1]` must be [begin:end] or [begin:end:step]"),
            ("web[1:]", "error: range `[1:]` must be [begin:end] or [begin:end:step]"),
            ("web[3:1]", "error: range `[3:1]` begins after its end"),
            ("web[01:100]", "error: range `[01:100]` must have begin and end of one length when zero-padded"),
            ("web[1:9999999999]", "error: range `[1:9999999999]` expands to more than 1000000 names"),
            ("web[1:3:0]", "error: range `[1:3:0]` must be [begin:end] or [begin:end:step]"),
        ];
        for (text, expected) in cases {
            assert_eq!(joined(expand(text)), expected, "{text}");
        }
    }

    #[test]
    fn ranges_expand_as_in_pdsh() {
        assert_eq!(joined(expand_list("web[08-10,25]")), "web08 web09 web10 web25");
        assert_eq!(joined(expand_list("r[1-2]n[1,3]")), "r1n1 r1n3 r2n1 r2n3");
        assert_eq!(joined(expand_list("n[0-6/3]")), "n0 n3 n6");
        assert!(is_number_list("01-20,25") && !is_number_list("a-c") && !is_number_list("1:3"));
    }
}
