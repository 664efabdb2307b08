//! Matches names against shell globs, as Python's `fnmatch` does: `*`, `?`, `[a-z]`, `[!a-z]`.

/// Whether `text` holds characters that mean something in a glob.
pub fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether the whole of `name` matches `pattern`.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where the last star stands, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, seen));
            at += 1;
        } else if let Some(length) = one(&pattern[at..], name[seen]) {
            at += length;
            seen += 1;
        } else if let Some((star_at, taken)) = star {
            star = Some((star_at, taken + 1));
            at = star_at + 1;
            seen = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// Matches one character; gives the length of the part of the pattern that did.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern) {
            Some((members, length)) => is_member(members, c).then_some(length),
            None => (c == '[').then_some(1),
        },
        literal => (*literal == c).then_some(1),
    }
}

/// The content of a class and the length with its brackets; a `]` that comes first is a member.
fn class(pattern: &[char]) -> Option<(&[char], usize)> {
    let first = if pattern.get(1) == Some(&'!') { 2 } else { 1 };
    let from = first + usize::from(pattern.get(first) == Some(&']'));
    let end = from + pattern.get(from..)?.iter().position(|c| *c == ']')?;
    Some((&pattern[1..end], end + 1))
}

fn is_member(members: &[char], c: char) -> bool {
    let (negated, mut members) = members.strip_prefix(&['!']).map_or((false, members), |members| (true, members));
    let mut found = false;
    while let Some((first, rest)) = members.split_first() {
        if let ['-', last, after @ ..] = rest {
            found |= (*first..=*last).contains(&c);
            members = after;
        } else {
            found |= *first == c;
            members = rest;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_python() {
        let yes = [
            ("*", "web1"),
            ("web*", "web"),
            ("w?b1", "web1"),
            ("web[1-3]", "web2"),
            ("web[!1-3]", "web4"),
            ("*.example.*", "a.example.com"),
            ("[]]x", "]x"),
            ("a[b", "a[b"),
        ];
        let no =
            [("web", "web1"), ("web?", "web"), ("web[1-3]", "web4"), ("web[!1-3]", "web2"), ("", "a"), ("*a", "ab")];
        assert!(yes.iter().all(|(pattern, name)| matches(pattern, name)));
        assert!(no.iter().all(|(pattern, name)| !matches(pattern, name)));
    }
}
