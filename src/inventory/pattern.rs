//! Host patterns: `web:&prod:!web3`, globs, `~regex`, `web[0]`, `web[01-20,25]`, `@file`.

use std::fmt;
use std::io;
use std::path::PathBuf;

use fancy_regex::Regex;

use super::{address, range};

/// Says which hosts are meant.
#[derive(Clone, Debug)]
pub struct HostPattern {
    text: String,
    pub(super) terms: Vec<Term>,
}

/// One part of a pattern.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) operator: Operator,
    pub(super) matcher: Matcher,
}

/// What a part does to the hosts found so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// Adds its hosts.
    Union,
    /// `&`: keeps only its hosts.
    Intersection,
    /// `!`: takes its hosts away.
    Exclusion,
}

/// What a part matches.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// `~regex`, from the start of a name.
    Regex { text: String, regex: Box<Regex> },
    /// A name or glob.
    Name(String),
    /// Something with brackets: a slice of a group, a range of names, or a glob; the inventory decides.
    Bracketed { text: String, slice: Option<Slice>, names: Vec<String> },
    /// The lines of a file; none match nothing.
    Any(Vec<Matcher>),
}

/// `base[first]` or `base[first:last]`, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) base: String,
    pub(super) first: i64,
    /// None: the first alone.
    pub(super) last: Option<Last>,
    /// `[a-b]`: a range of names to pdsh, a slice to older Ansible.
    pub(super) dashed: bool,
}

/// Where a slice ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// At the last host.
    End,
    /// At this place, which is included.
    At(i64),
}

/// Why a pattern has no meaning.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// Nothing is selected by nothing.
    #[error("the host pattern is empty")]
    Empty,
    /// A part without a name: `!`, `&`, `~`, `@`.
    #[error("`{0}` in the host pattern names nothing")]
    Bare(String),
    /// A bracket without its partner.
    #[error("host pattern `{0}` has an unmatched bracket")]
    Bracket(String),
    /// A regular expression that is none.
    #[error("`{text}` is no regular expression: {reason}")]
    Regex {
        /// The expression.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A range that cannot be expanded.
    #[error("host pattern `{text}`: {reason}")]
    Range {
        /// The part of the pattern.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of hosts that cannot be read.
    #[error("cannot read the host file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's word on it.
        source: io::Error,
    },
}

impl PatternError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("`all` selects every host"),
            Self::File { .. } => Some("`@FILE` names a file with one host or pattern a line"),
            _ => None,
        }
    }
}

impl HostPattern {
    /// Reads a pattern; `@file` is read at once.
    ///
    /// # Errors
    /// When it is empty, a part has no meaning, or a file cannot be read.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let parts = split(text)?;
        if parts.is_empty() {
            return Err(PatternError::Empty);
        }
        let mut terms = Vec::new();
        for part in parts {
            push_terms(&mut terms, part)?;
        }
        Ok(Self { text: text.to_owned(), terms })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn push_terms(terms: &mut Vec<Term>, part: &str) -> Result<(), PatternError> {
    let (operator, rest) = operator(part);
    let Some(path) = rest.strip_prefix('@') else {
        terms.push(Term { operator, matcher: matcher(rest, part)? });
        return Ok(());
    };
    if path.is_empty() {
        return Err(PatternError::Bare(part.to_owned()));
    }
    let content = std::fs::read_to_string(path).map_err(|source| PatternError::File { path: path.into(), source })?;
    let lines = content.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut matchers = Vec::new();
    for line in lines {
        match self::operator(line) {
            (Operator::Union, name) => matchers.push(matcher(name, line)?),
            (inner, name) if operator == Operator::Union => {
                terms.push(Term { operator: inner, matcher: matcher(name, line)? });
            }
            _ => return Err(PatternError::Bare(format!("{part}: {line}"))),
        }
    }
    terms.push(Term { operator, matcher: Matcher::Any(matchers) });
    Ok(())
}

fn operator(part: &str) -> (Operator, &str) {
    match part.as_bytes().first() {
        Some(b'!') => (Operator::Exclusion, &part[1..]),
        Some(b'&') => (Operator::Intersection, &part[1..]),
        _ => (Operator::Union, part),
    }
}

fn matcher(text: &str, part: &str) -> Result<Matcher, PatternError> {
    if text.is_empty() || text == "~" {
        return Err(PatternError::Bare(part.to_owned()));
    }
    if let Some(expression) = text.strip_prefix('~') {
        let regex = Regex::new(&format!("\\A(?:{expression})"));
        let regex =
            regex.map_err(|error| PatternError::Regex { text: expression.to_owned(), reason: error.to_string() })?;
        return Ok(Matcher::Regex { text: text.to_owned(), regex: Box::new(regex) });
    }
    if !text.contains(['[', ']']) {
        return Ok(Matcher::Name(text.to_owned()));
    }
    bracketed(text)
}

fn bracketed(text: &str) -> Result<Matcher, PatternError> {
    let contents = contents(text).ok_or_else(|| PatternError::Bracket(text.to_owned()))?;
    let range_error =
        |error: range::RangeError| PatternError::Range { text: text.to_owned(), reason: error.to_string() };
    let slice = slice(text);
    let names = if contents.iter().all(|content| range::is_number_list(content)) {
        // A single number is a slice first, and may be a number too large for a range; both are no error.
        range::expand_list(text).or_else(|error| {
            if slice.as_ref().is_some_and(|slice| !slice.dashed) { Ok(Vec::new()) } else { Err(range_error(error)) }
        })?
    } else {
        range::expand(text).unwrap_or_default()
    };
    Ok(Matcher::Bracketed { text: text.to_owned(), slice, names })
}

/// What stands in each pair of brackets; none when they do not pair up.
fn contents(text: &str) -> Option<Vec<&str>> {
    let mut contents = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['[', ']']) {
        let (content, after) = rest[at..].strip_prefix('[')?.split_once(']')?;
        contents.push(content);
        rest = after;
    }
    Some(contents)
}

fn slice(text: &str) -> Option<Slice> {
    let (base, content) = text.strip_suffix(']')?.rsplit_once('[')?;
    if base.is_empty() {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits(content.strip_prefix('-').unwrap_or(content)) {
        return Some(Slice { base: base.to_owned(), first: content.parse().ok()?, last: None, dashed: false });
    }
    let separator = content.find([':', '-'])?;
    let (first, last) = (&content[..separator], &content[separator + 1..]);
    let last = match last {
        "" => Last::End,
        last => Last::At(last.parse().ok().filter(|_| digits(last))?),
    };
    let first = first.parse().ok().filter(|_| digits(first))?;
    Some(Slice { base: base.to_owned(), first, last: Some(last), dashed: content[separator..].starts_with('-') })
}

/// Splits at commas, or where there is none at colons, never within brackets.
fn split(text: &str) -> Result<Vec<&str>, PatternError> {
    let commas = split_at(text, |c| c == ',')?;
    if commas.len() > 1 || text.contains('~') && !text.contains(':') {
        return Ok(trimmed(commas));
    }
    if address::is_host_and_port(text.trim()) {
        return Ok(trimmed(vec![text]));
    }
    Ok(trimmed(split_at(text, |c| c == ':' || c.is_whitespace())?))
}

fn trimmed(parts: Vec<&str>) -> Vec<&str> {
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn split_at(text: &str, is_separator: impl Fn(char) -> bool) -> Result<Vec<&str>, PatternError> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let is_regex = text[start..].trim_start_matches([' ', '!', '&']).starts_with('~');
        match c {
            _ if escaped => {}
            '[' => depth += 1,
            ']' => depth -= 1,
            '(' | '{' if is_regex => depth += 1,
            ')' | '}' if is_regex => depth -= 1,
            c if depth == 0 && is_separator(c) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
        escaped = is_regex && c == '\\' && !escaped;
    }
    if depth != 0 {
        return Err(PatternError::Bracket(text.to_owned()));
    }
    parts.push(&text[start..]);
    Ok(parts)
}
