//! Command lines to words, as Python's `shlex.split` does.

/// Splits a command line into words; none when a quote is not closed.
#[must_use]
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => word.get_or_insert_default().push_str(&quoted(&mut characters)?),
            '"' => word.get_or_insert_default().push_str(&double_quoted(&mut characters)?),
            '\\' => word.get_or_insert_default().push(characters.next()?),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

fn quoted(characters: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            '\'' => return Some(text),
            other => text.push(other),
        }
    }
}

fn double_quoted(characters: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    /// Expectations from Python's `shlex.split`.
    #[test]
    fn lines_split_as_in_python() {
        for (line, words) in [
            ("a  b", vec!["a", "b"]),
            ("a 'b c' \"d e\"", vec!["a", "b c", "d e"]),
            (r#"a"b\"c\d"e"#, vec![r#"ab"c\de"#]),
            (r"a\ b '' c", vec!["a b", "", "c"]),
            ("", vec![]),
        ] {
            assert_eq!(super::words(line).unwrap(), words, "{line}");
        }
        assert_eq!(super::words("it's"), None);
    }
}
