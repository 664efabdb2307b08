//! Wraps text to a width as Python's `textwrap` does.

use std::sync::LazyLock;

use fancy_regex::Regex;

use super::bind::{Answer, bind};
use super::python::{flag, integer, size, string, words};
use super::text::lines;
use crate::template::{Arguments, Calls, TemplateError, Value};

/// Blanks as `textwrap` knows them.
const BLANKS: &str = "\t\n\u{b}\u{c}\r ";

/// The pieces of a text: blanks, dashes, and words that may break after a hyphen. The pattern says what
/// `textwrap.TextWrapper.wordsep_re` says.
static PIECES: LazyLock<Regex> = LazyLock::new(|| {
    let letter = r"[^\d\W]";
    let pattern = format!(
        r#"[\t\n\x0b\x0c\r ]+|(?<=[\w!"'&.,?])-{{2,}}(?=\w)|[^\t\n\x0b\x0c\r ]+?(?:-(?:(?<={letter}{{2}}-)|(?<={letter}-{letter}-))(?={letter}-?{letter})|(?=[\t\n\x0b\x0c\r ]|\z)|(?<=[\w!"'&.,?])(?=-{{2,}}\w))"#
    );
    Regex::new(&pattern).expect("the pattern is fixed")
});

pub fn wordwrap(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [width, breaks, joint, hyphens] =
        bind(arguments, "do_wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"], 0)?;
    let width = integer(width.as_ref(), 79)?;
    if width <= 0 {
        return Err(TemplateError::value(format!("invalid width {width} (must be > 0)")));
    }
    let width = size(width);
    let breaks = breaks.as_ref().is_none_or(Value::is_true);
    let hyphens = match &hyphens {
        None => true,
        given => flag(given.as_ref())?,
    };
    let joint = words(joint.as_ref(), "\n")?;
    let wrapped: Vec<String> = lines(string(&value, "splitlines")?)
        .into_iter()
        .map(|line| fill(pieces(line, hyphens), width, breaks, hyphens).join(&joint))
        .collect();
    Ok(wrapped.join(&joint).into())
}

fn pieces(line: &str, hyphens: bool) -> Vec<String> {
    if hyphens {
        return PIECES.find_iter(line).filter_map(Result::ok).map(|piece| piece.as_str().to_owned()).collect();
    }
    let mut pieces: Vec<String> = Vec::new();
    for letter in line.chars() {
        match pieces.last_mut() {
            Some(piece) if piece.ends_with(is_blank) == is_blank(letter) => piece.push(letter),
            _ => pieces.push(letter.to_string()),
        }
    }
    pieces
}

fn is_blank(letter: char) -> bool {
    BLANKS.contains(letter)
}

fn fill(mut pieces: Vec<String>, width: usize, breaks: bool, hyphens: bool) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    pieces.reverse();
    while !pieces.is_empty() {
        if !wrapped.is_empty() && pieces.last().is_some_and(|piece| piece.trim_matches(is_blank).is_empty()) {
            pieces.pop();
        }
        let mut line: Vec<String> = Vec::new();
        let mut length = 0;
        while let Some(piece) = pieces.pop() {
            let long = piece.chars().count();
            if length + long > width {
                pieces.push(piece);
                break;
            }
            length += long;
            line.push(piece);
        }
        if pieces.last().is_some_and(|piece| piece.chars().count() > width) {
            take_long(&mut pieces, &mut line, width.saturating_sub(length), breaks, hyphens);
        }
        if line.last().is_some_and(|piece| piece.trim_matches(is_blank).is_empty()) {
            line.pop();
        }
        if !line.is_empty() {
            wrapped.push(line.concat());
        }
    }
    wrapped
}

/// Takes what fits of a piece that is longer than a line.
fn take_long(pieces: &mut Vec<String>, line: &mut Vec<String>, room: usize, breaks: bool, hyphens: bool) {
    let Some(piece) = pieces.pop() else { return };
    if !breaks {
        if line.is_empty() {
            line.push(piece);
        } else {
            pieces.push(piece);
        }
        return;
    }
    let letters: Vec<char> = piece.chars().collect();
    let mut end = room.max(1);
    if hyphens && letters.len() > room {
        let hyphen = letters[..room].iter().rposition(|letter| *letter == '-');
        if let Some(hyphen) = hyphen.filter(|hyphen| *hyphen > 0 && letters[..*hyphen].iter().any(|c| *c != '-')) {
            end = hyphen + 1;
        }
    }
    let end = end.min(letters.len());
    line.push(letters[..end].iter().collect());
    if end < letters.len() {
        pieces.push(letters[end..].iter().collect());
    }
}
