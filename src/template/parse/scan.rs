//! Finds the tags of a template and the texts in them, before it is parsed.
//!
//! For what must be known earlier than the parser can say: how deep an expression goes, and what to rewrite.

use std::ops::Range;

use super::super::TextOptions;

/// A tag, without its delimiters.
#[derive(Clone, Debug)]
pub struct Tag {
    /// `{{` or `{%`.
    pub kind: TagKind,
    /// What stands between the delimiters and their `-` or `+`.
    pub inner: Range<usize>,
    /// The quoted texts, quotes included.
    pub quoted: Vec<Range<usize>>,
}

/// The kind of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// `{{ … }}`.
    Variable,
    /// `{% … %}`.
    Block,
}

/// The tags of a template, in order. Stops at what is not closed: the parser says what is wrong.
pub fn tags(text: &str, options: &TextOptions) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((start, kind, length)) = next_start(text, at, options) {
        let inner = start + length;
        let Some(kind) = kind else {
            match text[inner..].find(&options.comment.1) {
                Some(end) => at = inner + end + options.comment.1.len(),
                None => break,
            }
            continue;
        };
        let end = if kind == TagKind::Variable { &options.variable.1 } else { &options.block.1 };
        let Some((tag, next)) = scan(text, inner, kind, end) else { break };
        if kind == TagKind::Block && text[tag.inner.clone()].trim() == "raw" {
            match end_of_raw(text, next, options) {
                Some(end) => at = end,
                None => break,
            }
            continue;
        }
        found.push(tag);
        at = next;
    }
    found
}

/// A whole text as the inside of one tag.
pub fn expression(text: &str) -> Tag {
    let mut quoted = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(['\'', '"']) {
        let start = at + offset;
        let end = end_of_quoted(text, start).unwrap_or(text.len());
        quoted.push(start..end);
        at = end;
    }
    Tag { kind: TagKind::Variable, inner: 0..text.len(), quoted }
}

/// The next delimiter that opens: where, which (none for a comment), and its length; the longest at one place.
fn next_start(text: &str, from: usize, options: &TextOptions) -> Option<(usize, Option<TagKind>, usize)> {
    let starts = [
        (&options.variable.0, Some(TagKind::Variable)),
        (&options.block.0, Some(TagKind::Block)),
        (&options.comment.0, None),
    ];
    let places = starts.into_iter().filter_map(|(delimiter, kind)| {
        let at = text[from..].find(delimiter.as_str())? + from;
        Some((at, kind, delimiter.len()))
    });
    places.min_by_key(|(at, _, length)| (*at, usize::MAX - length))
}

fn scan(text: &str, start: usize, kind: TagKind, end: &str) -> Option<(Tag, usize)> {
    let bytes = text.as_bytes();
    let begin = start + usize::from(matches!(bytes.get(start), Some(b'-' | b'+')));
    let mut quoted = Vec::new();
    let mut depth = 0usize;
    let mut at = begin;
    while at < text.len() {
        if depth == 0 && text.is_char_boundary(at) {
            let signed = usize::from(matches!(bytes[at], b'-' | b'+'));
            if text.get(at + signed..).is_some_and(|rest| rest.starts_with(end)) {
                return Some((Tag { kind, inner: begin..at, quoted }, at + signed + end.len()));
            }
        }
        match bytes[at] {
            b'\'' | b'"' => {
                let close = end_of_quoted(text, at)?;
                quoted.push(at..close);
                at = close;
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the quoted text that starts at `start` has ended.
fn end_of_quoted(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn end_of_raw(text: &str, from: usize, options: &TextOptions) -> Option<usize> {
    let mut at = from;
    loop {
        let start = text[at..].find(&options.block.0)? + at + options.block.0.len();
        let close = text[start..].find(&options.block.1)? + start;
        if text[start..close].trim_matches(['-', '+']).trim() == "endraw" {
            return Some(close + options.block.1.len());
        }
        at = start;
    }
}

/// Words that make a tree deeper.
const WORDS: &[&str] = &["and", "or", "not", "if", "else", "in", "is"];

/// A bound for the depth of the tree of a tag: the operators on the way to its deepest place.
pub fn depth(text: &str, tag: &Tag) -> usize {
    let mut open = vec![0usize];
    let mut sum = 0;
    let mut deepest = 0;
    for (_, piece) in pieces(text, tag) {
        let mut word = String::new();
        for letter in piece.chars().chain([' ']) {
            if letter.is_alphanumeric() || letter == '_' {
                word.push(letter);
                continue;
            }
            let counts = usize::from(WORDS.contains(&word.as_str()));
            word.clear();
            let levels = open.len();
            let top = open.last_mut().expect("the outermost is never closed");
            *top += counts;
            sum += counts;
            match letter {
                '(' | '[' | '{' => {
                    open.push(1);
                    sum += 1;
                }
                ')' | ']' | '}' if levels > 1 => {
                    sum -= open.pop().expect("there are two");
                    *open.last_mut().expect("there is one") += 1;
                    sum += 1;
                }
                ',' | ':' => {
                    sum -= *top;
                    *top = 0;
                }
                '.' | '|' | '+' | '-' | '*' | '/' | '%' | '~' | '<' | '>' | '=' | '!' => {
                    *top += 1;
                    sum += 1;
                }
                _ => {}
            }
            deepest = deepest.max(sum);
        }
    }
    deepest
}

/// The pieces of a tag that are not quoted, and where they start.
pub fn pieces<'t>(text: &'t str, tag: &'t Tag) -> impl Iterator<Item = (usize, &'t str)> {
    let ends = tag.quoted.iter().map(|range| range.start).chain([tag.inner.end]);
    let starts = [tag.inner.start].into_iter().chain(tag.quoted.iter().map(|range| range.end));
    starts.zip(ends).filter(|(start, end)| start <= end).map(move |(start, end)| (start, &text[start..end]))
}
