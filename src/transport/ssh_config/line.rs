//! Cuts a line of `ssh_config` into its keyword and its arguments, as OpenSSH does.
//!
//! Pure. Knows no directive.

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// A line that is neither empty nor a remark.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    /// The keyword as written.
    pub(super) keyword: &'a str,
    /// Everything behind it.
    pub(super) rest: &'a str,
}

/// Cuts a line; none for an empty one or a remark, an error in words for one that OpenSSH may refuse.
pub(super) fn cut(line: &str) -> Result<Option<Cut<'_>>, &'static str> {
    if line.contains('\0') {
        return Err("a NUL");
    }
    let line = line.trim_end_matches([' ', '\t', '\r', '\n', '\x0c']).trim_start_matches(BLANKS);
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let end = line.find(|c| BLANKS.contains(&c) || c == '"' || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(end);
    if keyword.is_empty() || rest.starts_with('"') {
        return Err("a quote or `=` in place of a keyword");
    }
    let rest = rest.trim_start_matches(BLANKS);
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start_matches(BLANKS);
    if rest.is_empty() {
        return Err("a keyword without an argument");
    }
    Ok(Some(Cut { keyword, rest }))
}

/// Splits arguments at blanks, with quotes, escapes and a remark at the end; none when a quote stays open.
pub(super) fn words(rest: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut chars = rest.chars().peekable();
    loop {
        while chars.next_if(|&c| c == ' ' || c == '\t').is_some() {}
        match chars.peek() {
            None | Some('#') => return Some(words),
            Some(_) => words.push(word(&mut chars)?),
        }
    }
}

fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let mut word = String::new();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => {
                let escaped =
                    chars.next_if(|&next| matches!(next, '\'' | '"' | '\\') || (quote.is_none() && next == ' '));
                word.push(escaped.unwrap_or('\\'));
            }
            (' ' | '\t', None) => return Some(word),
            ('"' | '\'', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (c, _) => word.push(c),
        }
    }
    quote.is_none().then_some(word)
}

/// Splits the arguments of `Match` as OpenSSH did before 9.9: also at `=`, with double quotes alone and no escapes.
pub(super) fn delimited(rest: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = rest;
    while !rest.is_empty() {
        if rest.starts_with('#') {
            break;
        }
        let end = rest.find(|c| BLANKS.contains(&c) || c == '"' || c == '=').unwrap_or(rest.len());
        let (mut word, mut behind) = (rest[..end].to_owned(), &rest[end..]);
        if let Some(quoted) = behind.strip_prefix('"') {
            let (inside, after) = quoted.split_once('"')?;
            word.push_str(inside);
            behind = after.trim_start_matches(BLANKS);
        } else {
            behind = behind.trim_start_matches(BLANKS);
            behind = behind.strip_prefix('=').unwrap_or(behind).trim_start_matches(BLANKS);
        }
        words.push(word);
        rest = behind;
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_ends_at_a_blank_or_one_equals_sign() {
        for line in ["Port 22", " Port=22 ", "Port = 22\r\n", "\tPort\t=\t22\x0c", "Port  22"] {
            assert_eq!(cut(line), Ok(Some(Cut { keyword: "Port", rest: "22" })), "{line:?}");
        }
        assert_eq!(cut("Port==22"), Ok(Some(Cut { keyword: "Port", rest: "=22" })));
        for line in ["", " \n", "# Port 22", "  #"] {
            assert_eq!(cut(line), Ok(None), "{line:?}");
        }
        for line in ["\"Port\" 22", "Po\"rt 22", "=Port 22", "Port", "Port =", "Port 2\0"] {
            assert!(cut(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn arguments_have_quotes_escapes_and_remarks() {
        for (rest, expected) in [
            ("a b\tc", vec!["a", "b", "c"]),
            ("\"a b\" 'c d'", vec!["a b", "c d"]),
            ("a\\ b a\\\"b a\\nb", vec!["a b", "a\"b", "a\\nb"]),
            ("\"a\\ b\"", vec!["a\\ b"]),
            ("a #b", vec!["a"]),
            ("a#b \"\"", vec!["a#b", ""]),
            ("x\"y z\"w", vec!["xy zw"]),
            ("a\\", vec!["a\\"]),
        ] {
            assert_eq!(words(rest).unwrap(), expected, "{rest}");
        }
        assert_eq!(words("\"a b"), None);
        assert_eq!(words("a'"), None);
    }

    #[test]
    fn match_is_also_split_at_equals_signs() {
        assert_eq!(delimited("host=a,b user = \"c d\" #x").unwrap(), ["host", "a,b", "user", "c d"]);
        assert_eq!(delimited("host \"a"), None);
    }
}
