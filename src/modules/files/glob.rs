//! Globs of names.

/// A shell's glob as a regular expression, as Python's `fnmatch` has it.
#[must_use]
pub fn regex(glob: &str) -> String {
    let mut regex = String::new();
    let mut rest = glob.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let after = rest.as_str();
                let negated = usize::from(after.starts_with('!'));
                let first = negated + usize::from(after[negated..].starts_with(']'));
                let Some(end) = after[first..].find(']').map(|end| first + end) else {
                    regex.push_str("\\[");
                    continue;
                };
                let members: String = after[negated..end]
                    .chars()
                    .flat_map(|member| {
                        ['\\', '[', ']', '^', '&', '~', '|']
                            .contains(&member)
                            .then_some('\\')
                            .into_iter()
                            .chain([member])
                    })
                    .collect();
                regex.push_str(if negated == 1 { "[^" } else { "[" });
                regex.push_str(&members);
                regex.push(']');
                rest = after[end + 1..].chars();
            }
            word if word.is_alphanumeric() || word == '_' => regex.push(word),
            other => regex.extend(['\\', other]),
        }
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::python::{self, Anchor, Flags};

    /// Expectations from Python's `fnmatch`.
    #[test]
    fn globs_match_as_in_python() {
        for (glob, name, matches) in [
            ("*.log", "a.log", true),
            ("*.log", "a.logs", false),
            ("[!a]b", "cb", true),
            ("[!a]b", "ab", false),
            ("[]x]y", "]y", true),
            ("a[", "a[", true),
            ("a?c", "a\nc", true),
            ("x-*.(1)", "x-2.(1)", true),
            ("[a-c]*", "b", true),
        ] {
            let regex = python::compile(&format!("(?s){}", regex(glob)), Flags::default(), Anchor::Both).unwrap();
            assert_eq!(regex.is_match(name).unwrap(), matches, "{glob} {name}");
        }
    }
}
