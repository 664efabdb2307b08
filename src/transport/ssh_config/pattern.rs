//! Matches names against OpenSSH's patterns: `*`, `?`, comma lists, `!`.
//!
//! Pure. Works on bytes, as OpenSSH does.

/// Whether `text` matches one pattern, in time proportional to both lengths.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut next) = (0, 0);
    // Where to go on after the last `*`: in the pattern, and in the text.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(next) {
            Some(b'*') => {
                star = Some((next + 1, at));
                next += 1;
            }
            Some(&c) if c == b'?' || c == text[at] => {
                at += 1;
                next += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    (at, next) = (from + 1, after);
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|&c| c == b'*')
}

/// Whether `text` matches a comma list, none of whose negated patterns matches it.
pub(super) fn matches_list(text: &str, list: &str) -> bool {
    let mut matched = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(negated) if matches(text, negated) => return false,
            Some(_) => {}
            None => matched |= matches(text, pattern),
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match() {
        for (text, pattern) in
            [("", ""), ("", "**"), ("db1", "db?"), ("db1.example", "*.example"), ("aXbXc", "a*X*c"), ("abab", "*ab")]
        {
            assert!(matches(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("", "?"), ("db", "db?"), ("DB", "db"), ("abc", "a*d"), ("example", "*.example")] {
            assert!(!matches(text, pattern), "{text} {pattern}");
        }
    }

    #[test]
    fn a_long_pattern_takes_no_long_time() {
        assert!(!matches(&"a".repeat(5000), &format!("{}b", "*a".repeat(500))));
    }

    #[test]
    fn a_negated_pattern_of_a_list_wins() {
        assert!(matches_list("db1", "web*,db*"));
        assert!(!matches_list("db1", "db*,!db1"));
        assert!(!matches_list("db1", "!db2"));
        assert!(!matches_list("db1", ""));
    }
}
