//! Reads the criteria of `Match`, and tells whether they hold.
//!
//! Pure. Criteria that OpenSSH 9.2 does not know, and lines that versions split differently, are not read.

use super::line::{delimited, words};
use super::pattern::matches_list;

/// The criteria of one `Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition(Vec<Criterion>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Criterion {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    All,
    Final,
    Canonical,
    Host(String),
    OriginalHost(String),
    User(String),
    LocalUser(String),
    Exec,
}

/// What criteria are held against.
pub(super) struct Facts<'a> {
    /// The name to connect to, as far as it is known.
    pub(super) host: &'a str,
    /// The name as given.
    pub(super) original: &'a str,
    /// The remote user, as far as it is known.
    pub(super) user: &'a str,
    /// The local user.
    pub(super) local_user: &'a str,
    /// Whether this is the second reading.
    pub(super) is_final: bool,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// OpenSSH would have to run a command.
    Runs,
}

impl Condition {
    /// Reads the arguments of `Match`; none when some OpenSSH since 9.2 may refuse them or read them in another way.
    pub(super) fn read(rest: &str) -> Option<Self> {
        let older = Self::of(&delimited(rest)?)?;
        let mut newer = Vec::new();
        for word in words(rest)? {
            // Only a word that has a value behind `=` is split, and only once.
            match word.split_once('=') {
                Some((name, value)) if takes_value(name) => newer.extend([name.to_owned(), value.to_owned()]),
                _ => newer.push(word),
            }
        }
        (Self::of(&newer)? == older).then_some(older)
    }

    fn of(words: &[String]) -> Option<Self> {
        let mut criteria = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (negated, name) = match word.strip_prefix('!') {
                Some(name) => (true, name),
                None => (false, word.as_str()),
            };
            let name = name.to_ascii_lowercase();
            let mut value =
                || words.next().filter(|value| !value.is_empty() && !value.starts_with('#') && value.len() < 1000);
            let test = match name.as_str() {
                "all" if criteria.len() <= 1 => Test::All,
                // Older versions read once more for a negated one, newer ones do not.
                "final" if !negated => Test::Final,
                "canonical" => Test::Canonical,
                "host" => Test::Host(value()?.to_ascii_lowercase()),
                "originalhost" => Test::OriginalHost(value()?.to_ascii_lowercase()),
                "user" => Test::User(value()?.clone()),
                "localuser" => Test::LocalUser(value()?.clone()),
                "exec" => {
                    value().filter(|command| expands(command))?;
                    Test::Exec
                }
                _ => return None,
            };
            let last = test == Test::All;
            criteria.push(Criterion { negated, test });
            if last && words.next().is_some() {
                return None;
            }
        }
        (!criteria.is_empty()).then_some(Self(criteria))
    }

    /// Whether it asks for a second reading of all files.
    pub(super) fn wants_final(&self) -> bool {
        self.0.iter().any(|criterion| criterion.test == Test::Final)
    }

    /// Whether it holds.
    pub(super) fn verdict(&self, facts: &Facts<'_>) -> Verdict {
        let mut holds = true;
        for Criterion { negated, test } in &self.0 {
            let met = match test {
                Test::All => true,
                Test::Final | Test::Canonical => facts.is_final,
                Test::Host(list) => matches_list(&facts.host.to_ascii_lowercase(), list),
                Test::OriginalHost(list) => matches_list(&facts.original.to_ascii_lowercase(), list),
                Test::User(list) => matches_list(facts.user, list),
                Test::LocalUser(list) => matches_list(facts.local_user, list),
                Test::Exec if holds => return Verdict::Runs,
                Test::Exec => continue,
            };
            holds &= met != *negated;
        }
        if holds { Verdict::Yes } else { Verdict::No }
    }
}

fn takes_value(name: &str) -> bool {
    let name = name.strip_prefix('!').unwrap_or(name).to_ascii_lowercase();
    matches!(name.as_str(), "host" | "originalhost" | "user" | "localuser" | "exec")
}

/// Whether each `%` begins a token: OpenSSH looks even where the command is not run.
fn expands(command: &str) -> bool {
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        if c == '%' && !chars.next().is_some_and(|token| "%CLdhklnprui".contains(token)) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'_> =
        Facts { host: "Db.example", original: "db", user: "ops", local_user: "ann", is_final: false };

    #[test]
    fn conditions_hold_or_not() {
        for (text, expected) in [
            ("all", Verdict::Yes),
            ("!all", Verdict::No),
            ("host *.example", Verdict::Yes),
            ("host=*.EXAMPLE", Verdict::Yes),
            ("!host *.example", Verdict::No),
            ("host *.example,!db.*", Verdict::No),
            ("originalhost db user ops localuser ann", Verdict::Yes),
            ("originalhost \"db\" user root", Verdict::No),
            ("!user root,Ops", Verdict::Yes),
            ("final", Verdict::No),
            ("final all", Verdict::No),
            ("!canonical", Verdict::Yes),
            ("host web exec \"true %h\"", Verdict::No),
            ("exec false", Verdict::Runs),
            ("host *.example !exec false", Verdict::Runs),
            ("all # words", Verdict::Yes),
        ] {
            assert_eq!(Condition::read(text).unwrap().verdict(&FACTS), expected, "{text}");
        }
        assert!(Condition::read("host x final").unwrap().wants_final());
        assert!(!Condition::read("canonical").unwrap().wants_final());
    }

    #[test]
    fn what_versions_read_differently_is_not_read() {
        for text in [
            "",
            "#",
            "host",
            "host \"\"",
            "nobody x",
            "tagged x",
            "localnetwork 10.0.0.0/8",
            "version *",
            "!final",
            "sessiontype exec",
            "command x",
            "all host x",
            "host a user b all",
            "host 'a b'",
            "exec \"%Z\"",
            "host a\\\"b",
            "user a=b",
            "host \"open",
        ] {
            assert_eq!(Condition::read(text), None, "{text}");
        }
    }
}
