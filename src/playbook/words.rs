//! `k=v` arguments and free-form commands: one line of text to names and values, as Ansible splits it.
//!
//! Words end at blanks, but not within quotes or templates. Blank runs and line ends within a free-form text are kept.

/// What a text of arguments holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// `k=v`, in order; a later one of the same name wins.
    pub named: Vec<(String, String)>,
    /// What is left, as one text.
    pub free: Option<String>,
}

/// A quote or template that is opened and not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a quote or a template is opened and not closed")]
pub struct Unbalanced;

/// Which `k=v` are names, and which belong to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// All of them.
    All,
    /// Only those that commands take (`chdir=`, `creates=`, …).
    OfCommands,
}

/// What may be said of a command within its text.
const COMMAND_NAMES: &[&str] =
    &["creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends"];

/// Reads names and values from `text`.
///
/// # Errors
/// When a quote or a template is not closed.
pub fn parse(text: &str, names: Names) -> Result<Words, Unbalanced> {
    let mut words = Words::default();
    let mut free: Vec<String> = Vec::new();
    for word in split(text)? {
        let plain = decode(&word);
        match separator(&plain) {
            Found::At(at) => {
                let (name, value) = (&plain[..at], plain[at + 1..].trim());
                if names == Names::OfCommands && !COMMAND_NAMES.contains(&name) {
                    free.push(word);
                } else {
                    words.named.push((name.trim().to_owned(), unquoted(value).to_owned()));
                }
            }
            Found::Escaped => free.push(plain.replace("\\=", "=")),
            Found::None => free.push(word),
        }
    }
    words.free = (!free.is_empty()).then(|| join(&free));
    Ok(words)
}

/// Puts words together again: with a blank, but at the start of a line.
pub fn join(words: &[String]) -> String {
    words.iter().fold(String::new(), |mut text, word| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push(' ');
        }
        text + word
    })
}

enum Found {
    At(usize),
    Escaped,
    None,
}

/// The first `=` that is not escaped and does not come first.
fn separator(word: &str) -> Found {
    let Some(first) = word.chars().next().map(char::len_utf8) else { return Found::None };
    let places = || word.match_indices('=').map(|(at, _)| at);
    match places().find(|at| *at >= first && !word[..*at].ends_with('\\')) {
        Some(at) => Found::At(at),
        None if places().next().is_some() => Found::Escaped,
        None => Found::None,
    }
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if text.len() > 1 && text.starts_with(quote) && text.ends_with(quote) && !text[..text.len() - 1].ends_with('\\')
        {
            return &text[1..text.len() - 1];
        }
    }
    text
}

/// Escapes that Python's texts have: `\n`, `\t`, `\x41`, `\u00e4`, …
fn decode(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at..]);
        match character {
            Some(character) => text.push(character),
            None => text.push_str(&rest[at..at + length]),
        }
        rest = &rest[at + length..];
    }
    text + rest
}

/// The character that an escape stands for, and the length of the escape.
fn escape(text: &str) -> (Option<char>, usize) {
    let simple = |character| (Some(character), 2);
    let digits = |count: usize| match text.get(2..2 + count).filter(|hex| hex.chars().all(|c| c.is_ascii_hexdigit())) {
        Some(hex) => (u32::from_str_radix(hex, 16).ok().and_then(char::from_u32), 2 + count),
        None => (None, 1),
    };
    match text[1..].chars().next() {
        Some(same @ ('\\' | '\'' | '"')) => simple(same),
        Some('a') => simple('\u{7}'),
        Some('b') => simple('\u{8}'),
        Some('f') => simple('\u{c}'),
        Some('n') => simple('\n'),
        Some('r') => simple('\r'),
        Some('t') => simple('\t'),
        Some('v') => simple('\u{b}'),
        Some('x') => digits(2),
        Some('u') => digits(4),
        Some('U') => digits(8),
        _ => (None, 1),
    }
}

/// Splits at blanks, but not within quotes and templates.
///
/// # Errors
/// When a quote or a template is not closed.
pub fn split(text: &str) -> Result<Vec<String>, Unbalanced> {
    let mut splitter = Splitter::default();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<&str> = text.split('\n').collect();
    for (number, line) in lines.iter().enumerate() {
        let goes_on = splitter.line(line);
        if number + 1 < lines.len() && !goes_on {
            splitter.append("\n");
        }
    }
    if splitter.is_open() { Err(Unbalanced) } else { Ok(splitter.words) }
}

#[derive(Default)]
struct Splitter {
    words: Vec<String>,
    quote: Option<char>,
    /// Open `{{`, `{%` and `{#`.
    depths: [usize; 3],
}

impl Splitter {
    fn is_open(&self) -> bool {
        self.quote.is_some() || self.in_template()
    }

    fn in_template(&self) -> bool {
        self.depths.iter().any(|depth| *depth > 0)
    }

    fn append(&mut self, text: &str) {
        match self.words.last_mut() {
            Some(word) => word.push_str(text),
            None => self.words.push(text.to_owned()),
        }
    }

    /// Takes a line; says whether it ends with a backslash and so goes on.
    fn line(&mut self, line: &str) -> bool {
        let mut goes_on = false;
        for (place, token) in line.split(' ').enumerate() {
            if token.is_empty() && place > 0 {
                // One of several blanks; they are kept.
                self.append(" ");
            } else if token == "\\" && self.quote.is_none() {
                goes_on = true;
            } else {
                self.token(token, place == 0);
            }
        }
        goes_on
    }

    fn token(&mut self, token: &str, is_first: bool) {
        let was_quoted = self.quote.is_some();
        self.quote = quote_after(token, self.quote);
        let mut placed = true;
        if self.quote.is_some() && !was_quoted && !self.in_template() {
            self.words.push(token.to_owned());
        } else if self.in_template() || self.quote.is_some() || was_quoted {
            let blank = if is_first { "" } else { " " };
            self.append(&format!("{blank}{token}"));
        } else {
            placed = false;
        }
        for (depth, (open, close)) in self.depths.iter_mut().zip([("{{", "}}"), ("{%", "%}"), ("{#", "#}")]) {
            let before = *depth;
            *depth = (*depth + token.matches(open).count()).saturating_sub(token.matches(close).count());
            if *depth != before && !placed {
                self.words.push(token.to_owned());
                placed = true;
            }
        }
        if !placed && !token.is_empty() {
            self.words.push(token.to_owned());
        }
    }
}

/// The quote that is open after `token`.
fn quote_after(token: &str, mut open: Option<char>) -> Option<char> {
    let mut before = None;
    for character in token.chars() {
        if matches!(character, '"' | '\'') && before != Some('\\') {
            open = match open {
                Some(quote) if quote == character => None,
                None => Some(character),
                same => same,
            };
        }
        before = Some(character);
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_ansible_ends_them() {
        for (text, expected) in [
            ("a=b c=\"foo bar\"", vec!["a=b", "c=\"foo bar\""]),
            ("a={{ x | d('y z') }} b", vec!["a={{ x | d('y z') }}", "b"]),
            ("one \\\ntwo", vec!["one", "two"]),
            ("one\ntwo", vec!["one\n", "two"]),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        assert_eq!(split("a='b"), Err(Unbalanced));
        assert_eq!(split("a={{ b"), Err(Unbalanced));
    }

    #[test]
    fn commands_keep_what_is_not_about_them() {
        let words = parse("make CC=gcc chdir=/src creates='/a b'", Names::OfCommands).unwrap();
        assert_eq!(words.free.as_deref(), Some("make CC=gcc"));
        assert_eq!(words.named, [("chdir".to_owned(), "/src".to_owned()), ("creates".to_owned(), "/a b".to_owned())]);
    }
}
