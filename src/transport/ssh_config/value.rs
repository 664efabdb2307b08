//! Reads the arguments of a directive, and refuses what any OpenSSH since 9.2 may refuse.
//!
//! Pure. A value that is stranger than what people write is refused too: OpenSSH then decides.

use super::algorithms::List;
use super::caller::Caller;
use super::line::words;
use super::proxy_jump::Jump;
use super::syntax::{cname, connects, domain, escape, listens, service, socket};

/// What a directive takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Yes or no.
    Flag,
    /// One of these words, in any case.
    OneOf(&'static [&'static str]),
    /// A number that is not negative.
    Number,
    /// A time, or `none`, which sets nothing.
    Time,
    /// One word.
    Word,
    /// One word that no OpenSSH expands.
    Plain,
    /// A file that keys are in.
    File,
    /// Files, or `none` alone.
    Files,
    /// The rest of the line, with quotes and remarks.
    Line,
    /// Anything at all.
    Anything,
    /// A port.
    Port,
    /// An amount of data, and maybe a time.
    Rekey,
    /// A list of algorithms.
    Names(List),
    /// Jump hosts.
    Jump,
    /// A socket, or the variable that names it.
    Socket,
    /// Yes, no, or a socket.
    FlagOrSocket,
    /// What to listen on, and where to connect to.
    Forward,
    /// What to listen on.
    Listen,
    /// What to listen on, and maybe where to connect to.
    RemoteForward,
    /// Patterns of variable names.
    Variables,
    /// Variables with values.
    Assignments,
    /// A character, `^` and a letter, or `none`.
    Escape,
    /// One or two classes of service.
    Service,
    /// Permissions in octal.
    Mask,
    /// Suffixes of names.
    Domains,
    /// Which names may stand for which, or `none` alone.
    Cnames,
    /// Yes, no, or a time.
    FlagOrTime,
    /// Yes, no, ask, confirm, a time, or confirm with a time.
    AddKeys,
}

/// The arguments of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u32),
    /// Seconds; none sets nothing.
    Time(Option<u32>),
    /// One word, in lower case if it is one of a few.
    Word(String),
    /// Words.
    Words(Vec<String>),
    /// `RekeyLimit`: bytes, 0 being the default, and seconds.
    Rekey(u64, Option<u32>),
    /// Jump hosts.
    Jump(Jump),
    /// A value that changes nothing, however it is.
    Whatever,
}

impl Value {
    /// Whether it is `word`, given in lower case.
    pub(super) fn is(&self, word: &str) -> bool {
        match self {
            Self::Flag(flag) => word == if *flag { "yes" } else { "no" },
            Self::Word(text) => text.eq_ignore_ascii_case(word),
            Self::Words(words) => matches!(&words[..], [only] if only.eq_ignore_ascii_case(word)),
            _ => false,
        }
    }
}

/// Reads the arguments in `rest`; none when OpenSSH may refuse them.
pub(super) fn read(kind: Kind, rest: &str, caller: &Caller) -> Option<Value> {
    let words = words(rest)?;
    match kind {
        Kind::Line => return Some(Value::Word(rest.trim_start_matches([' ', '\t', '\r', '\n', '=']).to_owned())),
        Kind::Anything => return Some(Value::Whatever),
        Kind::Jump => return Jump::read(rest.trim_start_matches([' ', '\t', '\r', '\n', '='])).map(Value::Jump),
        _ if words.iter().any(String::is_empty) => return None,
        _ => {}
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => None,
        [word] => one(kind, word, caller),
        [first, second] => two(kind, first, second).or_else(|| many(kind, &words)),
        _ => many(kind, &words),
    }
}

fn one(kind: Kind, word: &str, caller: &Caller) -> Option<Value> {
    let owned = || Value::Word(word.to_owned());
    match kind {
        Kind::Flag => flag(word).map(Value::Flag),
        Kind::OneOf(choices) => one_of(word, choices),
        Kind::Number => number(word).map(Value::Number),
        Kind::Time => time_or_none(word),
        Kind::Word | Kind::File => Some(owned()),
        Kind::Plain => (!word.contains(['%', '$'])).then(owned),
        Kind::Port => port(word).map(Value::Number),
        Kind::Rekey => amount(word).map(|bytes| Value::Rekey(bytes, None)),
        Kind::Names(list) => list.accepts(word).then(owned),
        Kind::Socket => socket(word, caller).then(owned),
        Kind::FlagOrSocket => flag(word).map(Value::Flag).or_else(|| socket(word, caller).then(owned)),
        Kind::Listen | Kind::RemoteForward => listens(word).then_some(Value::Whatever),
        Kind::Escape => escape(word).then_some(Value::Whatever),
        Kind::Mask => {
            (word.len() <= 4 && number(word)? <= 777 && !word.contains(['8', '9'])).then_some(Value::Whatever)
        }
        Kind::FlagOrTime => (matches!(word, "yes" | "no" | "true" | "false") || time(word).is_some()).then(owned),
        Kind::AddKeys => match one_of(word, &["yes", "true", "no", "false", "ask", "confirm"]) {
            None => time(word).map(|_| Value::Flag(true)),
            Some(value) => Some(flag(word).map_or(value, Value::Flag)),
        },
        _ => many(kind, &[word]),
    }
}

fn two(kind: Kind, first: &str, second: &str) -> Option<Value> {
    match kind {
        Kind::Rekey => {
            let seconds = if second == "none" { None } else { Some(time(second)?) };
            Some(Value::Rekey(amount(first)?, seconds))
        }
        Kind::Forward | Kind::RemoteForward => (listens(first) && connects(second)).then_some(Value::Whatever),
        Kind::AddKeys => (first.eq_ignore_ascii_case("confirm") && time(second).is_some()).then_some(Value::Flag(true)),
        _ => None,
    }
}

fn many(kind: Kind, words: &[&str]) -> Option<Value> {
    let all = |test: fn(&str) -> bool| words.iter().all(|word| test(word));
    let fits = match kind {
        Kind::Files => words.len() <= 32 && (words.len() == 1 || all(|word| !word.eq_ignore_ascii_case("none"))),
        Kind::Variables => all(|word| !word.contains('=')),
        Kind::Assignments => all(|word| word.find('=').is_some_and(|at| at > 0)),
        Kind::Service => words.len() <= 2 && all(service),
        Kind::Cnames => match words {
            [only] => cname(only) || only.eq_ignore_ascii_case("none"),
            _ => words.len() <= 32 && all(cname),
        },
        Kind::Domains => words.len() <= 32 && (all(domain) && (words.len() == 1 || all(|word| word != "none"))),
        _ => false,
    };
    fits.then(|| Value::Words(words.iter().map(|word| (*word).to_owned()).collect()))
}

fn flag(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn one_of(word: &str, choices: &[&str]) -> Option<Value> {
    let word = word.to_ascii_lowercase();
    choices.contains(&word.as_str()).then_some(Value::Word(word))
}

/// A number that is not negative.
pub(super) fn number(word: &str) -> Option<u32> {
    let digits = word.bytes().all(|c| c.is_ascii_digit());
    word.parse().ok().filter(|number| digits && *number <= i32::MAX.unsigned_abs())
}

/// A port that is a number; a name would be looked up among the system's services.
pub(super) fn port(word: &str) -> Option<u32> {
    number(word).filter(|port| (1..=65535).contains(port))
}

fn time_or_none(word: &str) -> Option<Value> {
    if word == "none" { Some(Value::Time(None)) } else { time(word).map(|seconds| Value::Time(Some(seconds))) }
}

/// Seconds: numbers with units, added up.
fn time(word: &str) -> Option<u32> {
    let mut total: u32 = 0;
    let mut rest = word;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let amount = number(&rest[..digits])?;
        rest = &rest[digits..];
        let unit = match rest.bytes().next().map(|unit| unit.to_ascii_lowercase()) {
            None | Some(b's') => 1,
            Some(b'm') => 60,
            Some(b'h') => 60 * 60,
            Some(b'd') => 24 * 60 * 60,
            Some(b'w') => 7 * 24 * 60 * 60,
            Some(_) => return None,
        };
        rest = rest.get(1..).unwrap_or_default();
        total = total.checked_add(amount.checked_mul(unit)?).filter(|total| *total <= i32::MAX.unsigned_abs())?;
    }
    (!word.is_empty()).then_some(total)
}

/// Bytes: a number with a unit, at least 16; 0 is the default.
fn amount(word: &str) -> Option<u64> {
    if word == "default" {
        return Some(0);
    }
    let (digits, shift) = match word.bytes().last()?.to_ascii_lowercase() {
        b'k' => (&word[..word.len() - 1], 10),
        b'm' => (&word[..word.len() - 1], 20),
        b'g' => (&word[..word.len() - 1], 30),
        _ => (word, 0),
    };
    let bytes = u64::from(number(digits)?) << shift;
    (bytes == 0 || bytes >= 16).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_alone(kind: Kind, rest: &str) -> Option<Value> {
        let environment = vec![("HOME".into(), "/h".into())];
        read(kind, rest, &Caller { environment, ..Caller::default() })
    }

    #[test]
    fn times_have_units() {
        for (text, seconds) in [("0", 0), ("90", 90), ("1h30m", 5400), ("2D", 172_800), ("1w1s", 604_801)] {
            assert_eq!(read_alone(Kind::Time, text), Some(Value::Time(Some(seconds))), "{text}");
        }
        assert_eq!(read_alone(Kind::Time, "none"), Some(Value::Time(None)));
        for text in ["", "x", "-1", "1y", "s", "1 2", "99999999999", "4000w", "none x", "1.5", "é", "1é"] {
            assert_eq!(read_alone(Kind::Time, text), None, "{text}");
        }
    }

    #[test]
    fn rekey_limits_have_amounts_and_times() {
        assert_eq!(read_alone(Kind::Rekey, "1G 1h"), Some(Value::Rekey(1 << 30, Some(3600))));
        assert_eq!(read_alone(Kind::Rekey, "default none"), Some(Value::Rekey(0, None)));
        assert_eq!(read_alone(Kind::Rekey, "16"), Some(Value::Rekey(16, None)));
        for text in ["15", "1T1", "K", "1G 1h 1", "1G x", "é"] {
            assert_eq!(read_alone(Kind::Rekey, text), None, "{text}");
        }
    }

    #[test]
    fn forwards_are_recognised() {
        for text in ["8080 db:80", "[::1]:8080 [::1]:80", "localhost:8080 /run/x", "/run/x /run/y", "*:80 a:80"] {
            assert!(read_alone(Kind::Forward, text).is_some(), "{text}");
        }
        for text in ["8080", "8080 80", "x y", "8080 ${X}:80", "8080 db:0", "0 db:80"] {
            assert!(read_alone(Kind::Forward, text).is_none(), "{text}");
        }
    }

    #[test]
    fn each_kind_refuses_what_openssh_refuses() {
        for (kind, good, bad) in [
            (Kind::Flag, "YES", "maybe"),
            (Kind::OneOf(&["a"]), "A", "b"),
            (Kind::Number, "0", "+1"),
            (Kind::Port, "22", "ssh"),
            (Kind::Files, "a b", "a none"),
            (Kind::Variables, "LC_* -X", "A=b"),
            (Kind::Assignments, "A=b C=", "A"),
            (Kind::Escape, "^[", "ab"),
            (Kind::Service, "af21 cs1", "af21 cs1 cs2"),
            (Kind::Mask, "0177", "0888"),
            (Kind::Domains, "a.example b", "a..b"),
            (Kind::AddKeys, "confirm 5m", "ask 5m"),
            (Kind::FlagOrTime, "10m", "Yes"),
            (Kind::Socket, "${HOME}/x", "${NO}/x"),
            (Kind::FlagOrSocket, "$HOME", "$A-B"),
            (Kind::Names(List::Macs), "hmac-sha1", "hmac-sha9"),
            (Kind::Word, "\"a b\"", "a b"),
        ] {
            assert!(read_alone(kind, good).is_some(), "{kind:?} {good}");
            for bad in [bad, "\"\"", "\"open", ""] {
                assert_eq!(read_alone(kind, bad), None, "{kind:?} {bad}");
            }
        }
    }
}
