//! Rewrites what Jinja2 takes and the parser does not, and keeps account of where everything stood.

use super::Escapes;
use super::scan::{self, Tag, TagKind};

/// A text to parse and how its offsets relate to the original.
#[derive(Debug)]
pub struct Rewritten {
    /// The text.
    pub text: String,
    /// For each edit: the offset after it, and how much later or earlier the original stands.
    shifts: Vec<(usize, isize)>,
}

/// The variable that takes what `do` computes.
pub const DO: &str = "__do";

impl Rewritten {
    /// The offset in the original.
    pub fn original(&self, offset: u32) -> u32 {
        let offset = offset as usize;
        let passed = self.shifts.partition_point(|(at, _)| *at <= offset);
        let shift = passed.checked_sub(1).map_or(0, |place| self.shifts[place].1);
        u32::try_from(offset.saturating_add_signed(shift)).unwrap_or(u32::MAX)
    }
}

struct Edit {
    at: usize,
    removed: usize,
    inserted: &'static str,
}

/// Rewrites the tags of a text.
pub fn rewrite(text: &str, tags: &[Tag], escapes: Escapes) -> Rewritten {
    let mut edits = Vec::new();
    for tag in tags {
        if escapes == Escapes::Doubled && tag.kind == TagKind::Variable {
            double_backslashes(text, tag, &mut edits);
        }
        if tag.kind == TagKind::Block {
            let inner = &text[tag.inner.clone()];
            let blanks = inner.len() - inner.trim_start().len();
            if inner[blanks..].strip_prefix("do").is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r', '('])) {
                edits.push(Edit { at: tag.inner.start + blanks, removed: 2, inserted: "set __do =" });
            }
        }
        unary_plus(text, tag, &mut edits);
    }
    edits.sort_by_key(|edit| edit.at);
    apply(text, &edits)
}

fn apply(text: &str, edits: &[Edit]) -> Rewritten {
    let mut out = String::with_capacity(text.len() + edits.len());
    let mut shifts = Vec::with_capacity(edits.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.at]);
        out.push_str(edit.inserted);
        at = edit.at + edit.removed;
        shifts.push((out.len(), at.cast_signed() - out.len().cast_signed()));
    }
    out.push_str(&text[at..]);
    Rewritten { text: out, shifts }
}

/// Backslashes in the texts of `{{ … }}` stand for themselves in the values of playbooks; one before a quote keeps the
/// quote from ending the text besides.
fn double_backslashes(text: &str, tag: &Tag, edits: &mut Vec<Edit>) {
    for range in &tag.quoted {
        let bytes = &text.as_bytes()[range.clone()];
        let mut place = 0;
        while place < bytes.len() {
            if bytes[place] != b'\\' {
                place += 1;
                continue;
            }
            let at = range.start + place;
            match bytes.get(place + 1) {
                Some(b'\\') => edits.push(Edit { at, removed: 2, inserted: "\\\\\\\\" }),
                Some(b'\'' | b'"') => edits.push(Edit { at, removed: 1, inserted: "\\\\\\" }),
                _ => edits.push(Edit { at, removed: 1, inserted: "\\\\" }),
            }
            place += 2;
        }
    }
}

/// Takes away each `+` that is a sign.
fn unary_plus(text: &str, tag: &Tag, edits: &mut Vec<Edit>) {
    if !text[tag.inner.clone()].contains('+') {
        return;
    }
    let mut before = '(';
    let mut last_end = tag.inner.start;
    for (start, piece) in scan::pieces(text, tag) {
        if start > last_end {
            before = '"';
        }
        let mut word = String::new();
        for (at, letter) in piece.char_indices() {
            if letter.is_whitespace() {
                continue;
            }
            if letter.is_alphanumeric() || letter == '_' {
                if !piece[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    word.clear();
                }
                word.push(letter);
                before = if matches!(word.as_str(), "and" | "or" | "not" | "if" | "else" | "in") { '(' } else { 'a' };
                continue;
            }
            if letter == '+' && "([{,:+-*/%~<>=|(".contains(before) {
                edits.push(Edit { at: start + at, removed: 1, inserted: " " });
                continue;
            }
            before = letter;
        }
        last_end = start + piece.len();
    }
}
