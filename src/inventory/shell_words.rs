//! Splits a line into words as Python's `shlex.split` does, which INI inventories and ssh arguments rely on.

use std::iter::Peekable;
use std::str::Chars;

/// Why a line cannot be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// A quote without its partner.
    #[error("no closing quotation")]
    Quote,
    /// A backslash with nothing behind it.
    #[error("no escaped character")]
    Escape,
}

/// Whether `#` begins a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// Everything from `#` on is left out, also within a word.
    Skip,
    /// `#` is a character as any other.
    Keep,
}

/// Splits `line`.
pub fn split(line: &str, comments: Comments) -> Result<Vec<String>, SplitError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '#' if comments == Comments::Skip => break,
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => single_quoted(&mut chars, word.get_or_insert_default())?,
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().push(chars.next().ok_or(SplitError::Escape)?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single_quoted(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), SplitError> {
    for c in chars {
        if c == '\'' {
            return Ok(());
        }
        word.push(c);
    }
    Err(SplitError::Quote)
}

fn double_quoted(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), SplitError> {
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(SplitError::Escape)? {
                escaped @ ('"' | '\\') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            c => word.push(c),
        }
    }
    Err(SplitError::Quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_split_as_in_python() {
        let cases: [(&str, &[&str]); 8] = [
            ("a b=c", &["a", "b=c"]),
            ("a b='c d' # e", &["a", "b=c d"]),
            ("a b=c#d e", &["a", "b=c"]),
            (r#"a b="c \"d\" \n""#, &["a", r#"b=c "d" \n"#]),
            (r"a b=c\ d", &["a", "b=c d"]),
            ("a b=''", &["a", "b="]),
            (r"a b='c\d'", &["a", r"b=c\d"]),
            ("''", &[""]),
        ];
        for (line, expected) in cases {
            assert_eq!(split(line, Comments::Skip).expect(line), expected, "{line}");
        }
        assert_eq!(split("a 'b", Comments::Skip), Err(SplitError::Quote));
        assert_eq!(split("a#b", Comments::Keep).expect("one word"), ["a#b"]);
    }
}
