//! A compiled Python pattern: search, iterate, substitute.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use fancy_regex::{Captures, Regex};

use super::translate::{Flags, translate};
use crate::template::TemplateError;
use crate::template::filters::bind::Answer;

/// Where a pattern may match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// Anywhere: `re.search`.
    None,
    /// At the start: `re.match`.
    Start,
    /// The whole text: `re.fullmatch`.
    Both,
}

type Cache = HashMap<(String, Flags, Anchor), Arc<Regex>>;

/// Compiled patterns: loops use the same ones again and again.
static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

/// More patterns than this are not kept.
const KEPT: usize = 512;

/// Steps back that a search may take before it is given up.
const BACKTRACKS: usize = 5_000_000;

/// Compiles a pattern, or finds it compiled.
///
/// # Errors
/// When it is no pattern.
pub fn compile(pattern: &str, flags: Flags, anchor: Anchor) -> Answer<Arc<Regex>> {
    let name = (pattern.to_owned(), flags, anchor);
    if let Some(known) = CACHE.lock().ok().and_then(|cache| cache.get(&name).cloned()) {
        return Ok(known);
    }
    let wrong = |reason: String| TemplateError::value(format!("`{pattern}` is no regular expression: {reason}"));
    let translated = translate(pattern, flags).map_err(wrong)?;
    let translated = match anchor {
        Anchor::None => translated,
        Anchor::Start => format!(r"\A(?:{translated})"),
        Anchor::Both => format!(r"\A(?:{translated})\z"),
    };
    let regex = fancy_regex::RegexBuilder::new(&translated).backtrack_limit(BACKTRACKS).build();
    let regex = Arc::new(regex.map_err(|error| wrong(error.to_string()))?);
    if let Ok(mut cache) = CACHE.lock() {
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(name, Arc::clone(&regex));
    }
    Ok(regex)
}

/// The first match.
///
/// # Errors
/// When the pattern is too costly.
pub fn first<'t>(regex: &Regex, text: &'t str) -> Answer<Option<Captures<'t, str>>> {
    regex.captures(text).map_err(|error| given_up(&error))
}

fn given_up(error: &fancy_regex::Error) -> TemplateError {
    TemplateError::value(format!("the regular expression is too costly: {error}"))
}

/// All matches as Python finds them: an empty match may follow a match at once.
pub fn all<'t>(regex: &Regex, text: &'t str, most: usize) -> Answer<Vec<Captures<'t, str>>> {
    let mut found: Vec<Captures<'t, str>> = Vec::new();
    let mut at = 0;
    while found.len() < most && at <= text.len() {
        let Some(captures) = regex.captures_from_pos(text, at).map_err(|error| given_up(&error))? else { break };
        let Some(whole) = captures.get(0) else { break };
        at = if whole.start() == whole.end() {
            whole.end() + text[whole.end()..].chars().next().map_or(1, char::len_utf8)
        } else {
            whole.end()
        };
        found.push(captures);
    }
    Ok(found)
}

/// What a replacement becomes for one match, as Python's `Match.expand` has it.
///
/// # Errors
/// When the replacement names a group that is not there, or has an escape that means nothing.
pub fn expand(regex: &Regex, captures: &Captures<'_, str>, replacement: &str) -> Answer<String> {
    let mut out = String::new();
    write_pieces(&pieces(regex, replacement)?, captures, &mut out);
    Ok(out)
}

fn write_pieces(pieces: &[Piece], captures: &Captures<'_, str>, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Group(number) => out.push_str(captures.get(*number).map_or("", |group| group.as_str())),
        }
    }
}

/// Replaces up to `most` matches; says how many.
///
/// # Errors
/// As [`expand`], and when the pattern is too costly.
pub fn substitute(regex: &Regex, text: &str, replacement: &str, most: usize) -> Answer<(String, usize)> {
    let pieces = pieces(regex, replacement)?;
    let found = all(regex, text, most)?;
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for captures in &found {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[at..whole.start()]);
        write_pieces(&pieces, captures, &mut out);
        at = whole.end();
    }
    out.push_str(&text[at..]);
    Ok((out, found.len()))
}

enum Piece {
    Text(String),
    Group(usize),
}

/// The pieces of a replacement: `\1`, `\g<1>`, `\g<name>`, `\n`.
fn pieces(regex: &Regex, replacement: &str) -> Answer<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = replacement;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let position = replacement.len() - rest.len() + at;
        rest = &rest[at + 1..];
        let Some(letter) = rest.chars().next() else {
            return Err(TemplateError::value(format!("bad escape (end of pattern) at position {position}")));
        };
        if letter == 'g' || matches!(letter, '1'..='9') {
            let (number, taken) = group(regex, rest, position)?;
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Group(number));
            rest = &rest[taken..];
            continue;
        }
        if letter == '0' {
            let digits = rest[1..].bytes().take(2).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
            let code = u32::from_str_radix(&rest[..=digits], 8).unwrap_or(0);
            text.extend(char::from_u32(code));
            rest = &rest[digits + 1..];
            continue;
        }
        text.push_str(&escaped(letter, position)?);
        rest = &rest[letter.len_utf8()..];
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

fn escaped(letter: char, position: usize) -> Answer<String> {
    Ok(match letter {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'f' => "\u{c}".to_owned(),
        'v' => "\u{b}".to_owned(),
        'a' => "\u{7}".to_owned(),
        'b' => "\u{8}".to_owned(),
        '\\' => "\\".to_owned(),
        other if other.is_ascii_alphabetic() => {
            return Err(TemplateError::value(format!("bad escape \\{other} at position {position}")));
        }
        other => format!("\\{other}"),
    })
}

/// The group that `rest` names, and how much of it does.
fn group(regex: &Regex, rest: &str, position: usize) -> Answer<(usize, usize)> {
    let (name, taken) = if let Some(named) = rest.strip_prefix("g<") {
        let end = named.find('>').ok_or_else(|| {
            TemplateError::value(format!("missing >, unterminated name at position {}", position + 3))
        })?;
        (&named[..end], end + 3)
    } else if rest.starts_with('g') {
        return Err(TemplateError::value(format!("missing < at position {}", position + 2)));
    } else {
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        (&rest[..digits], digits)
    };
    match name.parse::<usize>() {
        Ok(number) if number < regex.captures_len() => Ok((number, taken)),
        Ok(number) => {
            Err(TemplateError::value(format!("invalid group reference {number} at position {}", position + 1)))
        }
        Err(_) => {
            let number = regex.capture_names().position(|known| known == Some(name));
            let number = number.ok_or_else(|| TemplateError::value(format!("unknown group name '{name}'")))?;
            Ok((number, taken))
        }
    }
}
