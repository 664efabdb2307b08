//! Shell patterns, as Python's `fnmatch` takes them.

/// Whether the text holds a pattern.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', ']', '!'])
}

/// Whether the whole text is what the pattern says: `*`, `?`, `[a-z]`, `[!a]`.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    fancy_regex::Regex::new(&expression(pattern)).is_ok_and(|regex| regex.is_match(text).unwrap_or(false))
}

/// The pattern as an extended regular expression of whole lines.
#[must_use]
pub fn expression(pattern: &str) -> String {
    let characters: Vec<char> = pattern.chars().collect();
    let mut out = "^".to_owned();
    let mut place = 0;
    while place < characters.len() {
        let end = class_end(&characters, place);
        match (characters[place], end) {
            ('*', _) => out.push_str(".*"),
            ('?', _) => out.push('.'),
            ('[', Some(end)) => {
                let inside: String = characters[place + 1..end].iter().collect();
                match inside.strip_prefix('!') {
                    Some(inside) => out.extend(["[^", inside, "]"]),
                    None => out.extend(["[", &inside, "]"]),
                }
                place = end;
            }
            (character, _) if character.is_ascii_alphanumeric() || "-_:~@%, ".contains(character) => {
                out.push(character);
            }
            (character, _) => out.extend(['\\', character]),
        }
        place += 1;
    }
    out + "$"
}

/// The pattern as `case` of a shell takes it, everything else in it quoted.
#[must_use]
pub fn shell_pattern(pattern: &str) -> String {
    let quoted = |letter: char| if letter == '\'' { "\"'\"".to_owned() } else { format!("'{letter}'") };
    let characters: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut place = 0;
    while place < characters.len() {
        match (characters[place], class_end(&characters, place)) {
            (sign @ ('*' | '?'), _) => out.push(sign),
            ('[', Some(end)) => {
                let negated = characters[place + 1] == '!';
                out.push_str(if negated { "[!" } else { "[" });
                for &letter in &characters[place + 1 + usize::from(negated)..end] {
                    if letter == '-' { out.push('-') } else { out.push_str(&quoted(letter)) }
                }
                out.push(']');
                place = end;
            }
            (letter, _) => out.push_str(&quoted(letter)),
        }
        place += 1;
    }
    out
}

/// Where the class that opens at `start` ends; its first character may be `]`.
fn class_end(characters: &[char], start: usize) -> Option<usize> {
    let first = start + 1 + usize::from(characters.get(start + 1) == Some(&'!'));
    (characters[start] == '[').then_some(())?;
    (first + 1..characters.len()).find(|place| characters[*place] == ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_gets_patterns_and_nothing_else() {
        assert_eq!(shell_pattern("*.l?g"), "*'.''l'?'g'");
        assert_eq!(shell_pattern("[!a-c]$(id)'"), "[!'a'-'c']'$''(''i''d'')'\"'\"");
        assert_eq!(shell_pattern("[;|"), "'['';''|'");
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("nginx*", "nginx-core", true),
            ("nginx*", "libnginx", false),
            ("1.2?.*", "1.22.1-9", true),
            ("lib[a-c]z", "libbz", true),
            ("lib[!a-c]z", "libbz", false),
            ("g++-*", "g++-12", true),
            ("a.b", "axb", false),
            ("[", "[", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
