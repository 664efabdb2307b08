//! Reads words and shell lines for the places where secrets stand.

use super::MASK;
use super::name::{self, Value};

/// Programs whose short options carry secrets: name, option, whether the value may also be the next word.
const PROGRAMS: [(&str, &str, NextWord); 5] = [
    ("mysql", "-p", NextWord::Never),
    ("mariadb", "-p", NextWord::Never),
    ("sshpass", "-p", NextWord::Value),
    ("redis-cli", "-a", NextWord::Value),
    ("ldap", "-w", NextWord::Value),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextWord {
    Value,
    Never,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pending {
    #[default]
    Nothing,
    /// The next word is a secret.
    Word,
    /// The next word may be `user:password`.
    UserAndPassword,
    /// All that follows in this text is.
    Rest,
}

/// Goes through the words of one command.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    pending: Pending,
    short: Option<(&'static str, NextWord)>,
}

impl Scanner {
    /// Takes the next word of an argument list, which may itself be a shell line.
    pub fn word(&mut self, word: &str) -> String {
        if word.contains("PRIVATE KEY-----") {
            return MASK.into();
        }
        let simple = !word.contains(|c: char| c.is_whitespace() || is_operator(c));
        if simple || matches!(self.pending, Pending::Word | Pending::Rest) {
            let clean = self.token(word);
            // `--header 'Authorization:'` says nothing of the words after the next.
            if self.pending == Pending::Rest {
                self.pending = Pending::Word;
            }
            return clean;
        }
        self.pending = Pending::Nothing;
        assignment(word).filter(|_| name_of_word(word) == Value::Secret).unwrap_or_else(|| line(word))
    }

    fn token(&mut self, token: &str) -> String {
        match std::mem::take(&mut self.pending) {
            Pending::Word if token == "--" => return token.into(),
            Pending::Word if is_scheme(token) => self.pending = Pending::Word,
            Pending::Word => return MASK.into(),
            Pending::Rest => {
                self.pending = Pending::Rest;
                return MASK.into();
            }
            Pending::UserAndPassword => {
                if let Some((user, _)) = token.split_once(':').filter(|_| !token.contains("://")) {
                    return format!("{user}:{MASK}");
                }
            }
            Pending::Nothing => {}
        }
        self.open_token(token)
    }

    fn open_token(&mut self, token: &str) -> String {
        if let Some(masked) = self.short_option(token) {
            return masked;
        }
        if let Some(quoted) = quoted(token) {
            return quoted;
        }
        if let Some(assigned) = assignment(token) {
            self.pending = after_assignment(&assigned);
            return assigned;
        }
        if is_scheme(token) && !token.eq_ignore_ascii_case("token") {
            self.pending = Pending::Word;
        } else if token.starts_with('-') && !token.contains('=') {
            if name::of_option(token) == Value::Secret {
                self.pending = Pending::Word;
            } else if matches!(token, "-u" | "--user" | "--proxy-user") {
                self.pending = Pending::UserAndPassword;
            }
        }
        let program = token.rsplit('/').next().unwrap_or(token);
        if let Some((_, option, next)) = PROGRAMS.iter().find(|(name, ..)| program.starts_with(name)) {
            self.short = Some((option, *next));
        }
        urls(token)
    }

    fn short_option(&mut self, token: &str) -> Option<String> {
        let (option, next) = self.short?;
        let value = token.strip_prefix(option)?;
        if value.is_empty() {
            if next == NextWord::Value {
                self.pending = Pending::Word;
            }
            return None;
        }
        Some(format!("{option}{MASK}"))
    }
}

/// Makes a text fit for the record, read as a shell line.
pub(super) fn line(text: &str) -> String {
    if let Some(key) = text.find("-----BEGIN").filter(|_| text.contains("PRIVATE KEY-----")) {
        return line(&text[..key]) + MASK;
    }
    let mut scanner = Scanner::default();
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() || is_operator(first) {
            if is_operator(first) && scanner.pending != Pending::Rest {
                scanner = Scanner::default();
            }
            clean.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (token, after) = rest.split_at(token_length(rest));
            clean.push_str(&scanner.token(token));
            rest = after;
            if scanner.pending == Pending::Rest && !rest.trim().is_empty() {
                clean.push_str(&rest[..rest.len() - rest.trim_start().len()]);
                clean.push_str(MASK);
                return clean;
            }
        }
    }
    clean
}

fn is_operator(character: char) -> bool {
    matches!(character, ';' | '|' | '&' | '<' | '>' | '(' | ')')
}

/// Words that come between `Authorization` and its secret.
fn is_scheme(token: &str) -> bool {
    ["bearer", "basic", "token"].iter().any(|scheme| token.eq_ignore_ascii_case(scheme))
}

/// The length of the first token; blanks and operators in quotes belong to it.
fn token_length(text: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote != Some('\'') {
            escaped = true;
        } else if Some(character) == quote {
            quote = None;
        } else if quote.is_none() {
            if matches!(character, '\'' | '"') {
                quote = Some(character);
            } else if character.is_whitespace() || (is_operator(character) && !in_url(&text[..index])) {
                return index;
            }
        }
    }
    text.len()
}

/// `&` and `;` within the query of a URL end no command as people paste them; hiding more is the safe side.
fn in_url(before: &str) -> bool {
    before.contains("://") && before.contains('?')
}

/// A token that is one quoted text: what stands inside is a line of its own.
fn quoted(token: &str) -> Option<String> {
    let quote = token.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let inner = token.strip_prefix(quote)?.strip_suffix(quote)?;
    Some(format!("{quote}{}{quote}", line(inner)))
}

/// `NAME=value`, `name: value` and `{"name":"value"}`: the first part whose name looks secret loses its value.
fn assignment(token: &str) -> Option<String> {
    let mut from = 0;
    while let Some(at) = token[from..].find(['=', ':']).map(|at| at + from) {
        let is_url = token[at..].starts_with("://");
        if !is_url && name_before(&token[..at]) == Value::Secret {
            let value = token[at + 1..].trim_start();
            let gap = &token[at + 1..token.len() - value.len()];
            let mask = if value.is_empty() || value == "\"" { "" } else { MASK };
            return Some(format!("{}{}{gap}{mask}", urls(&token[..at]), &token[at..=at]));
        }
        from = at + 1;
        if !is_url && let Some(value) = quoted(&token[from..]) {
            return Some(format!("{}{value}", &token[..from]));
        }
    }
    None
}

fn name_of_word(word: &str) -> Value {
    word.find('=').map_or(Value::Plain, |at| name_before(&word[..at]))
}

fn name_before(text: &str) -> Value {
    let text = text.trim_end_matches(['"', '\'', ' ', '\\']);
    let is_part = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    let start = text
        .rfind(|character| !is_part(character))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let name = &text[start..];
    if name.starts_with('-') { name::of_option(name) } else { name::of_variable(name) }
}

fn after_assignment(assigned: &str) -> Pending {
    if assigned.ends_with(':') { Pending::Rest } else { Pending::Nothing }
}

/// Hides the password in `scheme://user:password@host`, and a lone user of http, which is a token.
fn urls(text: &str) -> String {
    let Some(at) = text.find("://") else { return text.into() };
    let (before, rest) = text.split_at(at + 3);
    let end = rest.find(|c: char| c.is_whitespace() || "\"'/?#".contains(c)).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let clean = match authority.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:{MASK}@{host}"),
            None if before.ends_with("http://") || before.ends_with("https://") => format!("{MASK}@{host}"),
            None => authority.into(),
        },
        None => authority.into(),
    };
    format!("{before}{clean}{}", urls(after))
}
