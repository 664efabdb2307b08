//! Finds what command line and files say for one host: the first value of each directive, or all of some.
//!
//! Pure. Judges nothing.

use super::Doubt;
use super::caller::Caller;
use super::condition::{Facts, Verdict};
use super::expand;
use super::file::{Content, File};
use super::keywords::{Entry, Keyword, Rule};
use super::pattern::{matches, matches_list};
use super::value::Value;

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// Among the words of the command line.
    Words,
    /// In a line of a file.
    Line(&'a File, usize),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words => f.write_str("among the arguments for ssh"),
            Self::Line(file, number) => write!(f, "at {}:{number}", file.name),
        }
    }
}

/// A value, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'a> {
    /// The directive.
    pub(super) entry: &'static Entry,
    /// Its value.
    pub(super) value: &'a Value,
    /// Where.
    pub(super) place: Place<'a>,
}

impl Held<'_> {
    /// The directive and its place, for a message.
    pub(super) fn doubt(&self) -> Doubt {
        Doubt(format!("`{}` {}", self.entry.names[0], self.place))
    }

    /// The same, with what is wrong.
    pub(super) fn doubt_with(&self, what: &str) -> Doubt {
        Doubt(format!("`{}` with {what} {}", self.entry.names[0], self.place))
    }
}

/// Which files a value comes from: OpenSSH takes a key of the user's for another than the same one of the system's.
pub(super) use super::file::Side;

/// What was found for one host.
#[derive(Default)]
pub(super) struct Found<'a> {
    slots: Vec<Option<Held<'a>>>,
    /// The first of each directive that native cannot do.
    pub(super) only: Vec<Held<'a>>,
    /// `IdentityFile`, each once for the user and once for the system.
    pub(super) identities: Vec<(Held<'a>, Side)>,
    /// `CertificateFile`, likewise.
    pub(super) certificates: Vec<(Held<'a>, Side)>,
    /// `SendEnv`.
    pub(super) send: Vec<&'a str>,
    /// The first of all forwards.
    pub(super) forward: Option<Held<'a>>,
}

/// Keys that OpenSSH takes at most.
const KEYS: usize = 100;

impl<'a> Found<'a> {
    /// Nothing.
    pub(super) fn new() -> Self {
        Self { slots: vec![None; Keyword::COUNT], ..Self::default() }
    }

    /// The first value of a directive.
    pub(super) fn get(&self, keyword: Keyword) -> Option<Held<'a>> {
        self.slots[keyword as usize]
    }

    /// The first value of a directive that is a word.
    pub(super) fn word(&self, keyword: Keyword) -> Option<&'a str> {
        match self.get(keyword)?.value {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether the first value of a directive is yes; none when there is no value.
    pub(super) fn flag(&self, keyword: Keyword) -> Option<bool> {
        self.get(keyword).map(|held| held.value.is("yes") || held.value.is("true"))
    }

    /// The first value of a directive that is a number or a time.
    pub(super) fn number(&self, keyword: Keyword) -> Option<u32> {
        match self.get(keyword)?.value {
            Value::Number(number) => Some(*number),
            Value::Time(seconds) | Value::Rekey(_, seconds) => *seconds,
            _ => None,
        }
    }

    /// Sets a value, whatever was there.
    pub(super) fn replace(&mut self, keyword: Keyword, held: Held<'a>) {
        self.slots[keyword as usize] = Some(held);
    }

    /// Takes a value that has effect.
    pub(super) fn take(&mut self, held: Held<'a>, side: Side) -> Result<(), Doubt> {
        let keyword = match held.entry.rule {
            Rule::Own(keyword) => keyword,
            Rule::Only(_) => {
                if !self.only.iter().any(|known| std::ptr::eq(known.entry, held.entry)) {
                    self.only.push(held);
                }
                return Ok(());
            }
            Rule::Neutral | Rule::Newer => return Ok(()),
        };
        match keyword {
            Keyword::IdentityFile => add_key(&mut self.identities, held, side)?,
            // Older versions take it for a file of that name.
            Keyword::CertificateFile if held.value.is("none") => return Err(held.doubt()),
            Keyword::CertificateFile => add_key(&mut self.certificates, held, side)?,
            Keyword::Forward => self.forward = self.forward.or(Some(held)),
            Keyword::SendEnv => self.send_variables(held.value),
            Keyword::RekeyLimit => {
                self.set(Keyword::RekeyLimit, held);
                if matches!(held.value, Value::Rekey(_, Some(_))) {
                    self.set(Keyword::RekeyTime, held);
                }
            }
            Keyword::ProxyCommand => self.take_command(held)?,
            Keyword::ProxyJump => self.take_jump(held),
            _ if *held.value == Value::Time(None) => {}
            _ => self.set(keyword, held),
        }
        Ok(())
    }

    fn set(&mut self, keyword: Keyword, held: Held<'a>) {
        let slot = &mut self.slots[keyword as usize];
        *slot = slot.or(Some(held));
    }

    fn send_variables(&mut self, value: &'a Value) {
        let Value::Words(words) = value else { return };
        for word in words {
            match word.strip_prefix('-') {
                Some(pattern) => self.send.retain(|known| !matches(known, pattern)),
                None => self.send.push(word),
            }
        }
    }

    /// A command that stands behind a jump has no effect; versions differ about one that stands behind `none`.
    fn take_command(&mut self, held: Held<'a>) -> Result<(), Doubt> {
        match self.get(Keyword::ProxyJump) {
            None => self.set(Keyword::ProxyCommand, held),
            Some(jump) if *jump.value == Value::Jump(super::proxy_jump::Jump::None) && !held.value.is("none") => {
                return Err(held.doubt_with("`ProxyJump none` before it"));
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn take_jump(&mut self, held: Held<'a>) {
        if self.get(Keyword::ProxyCommand).is_none() {
            self.set(Keyword::ProxyJump, held);
        }
    }

    /// Whether `IgnoreUnknown` covers a directive, given in lower case.
    pub(super) fn ignores(&self, keyword: &str) -> bool {
        self.word(Keyword::IgnoreUnknown).is_some_and(|list| matches_list(keyword, &list.to_ascii_lowercase()))
    }
}

fn add_key<'a>(keys: &mut Vec<(Held<'a>, Side)>, held: Held<'a>, side: Side) -> Result<(), Doubt> {
    if keys.len() >= KEYS {
        return Err(held.doubt_with("too many before it"));
    }
    if !keys.iter().any(|(known, known_side)| known.value == held.value && *known_side == side) {
        keys.push((held, side));
    }
    Ok(())
}

/// One reading of the files.
pub(super) struct Reading<'a, 'b> {
    /// What is found.
    pub(super) found: &'b mut Found<'a>,
    /// The local side.
    pub(super) caller: &'b Caller,
    /// The name as given.
    pub(super) original: &'b str,
    /// The name that the first reading came to; none in the first one.
    pub(super) settled: Option<&'b str>,
    /// Whether a second reading was asked for.
    pub(super) wants_final: bool,
}

impl<'a> Reading<'a, '_> {
    /// Reads a whole file.
    pub(super) fn file(&mut self, file: &'a File, side: Side) -> Result<(), Doubt> {
        self.lines(file, side, true, true)
    }

    /// `active`: whether lines have effect at the start; `reachable`: whether they can have any at all.
    fn lines(&mut self, file: &'a File, side: Side, mut active: bool, reachable: bool) -> Result<(), Doubt> {
        for line in &file.lines {
            let place = Place::Line(file, line.number);
            match &line.content {
                Content::Host(patterns) => {
                    active = reachable && host_matches(self.settled.unwrap_or(self.original), patterns);
                }
                Content::Match(condition) => {
                    self.wants_final |= condition.wants_final();
                    let verdict = self.verdict(condition, place)?;
                    active = verdict && reachable;
                }
                Content::Include(_, files) => {
                    for included in files {
                        self.lines(included, side, active, active)?;
                    }
                }
                Content::Set(entry, value) => self.value(Held { entry, value, place }, side, active)?,
                Content::Unknown(keyword) if self.found.ignores(keyword) => {}
                Content::Unknown(keyword) => return Err(Doubt(format!("an unknown `{}` {place}", shown(keyword)))),
            }
        }
        Ok(())
    }

    fn value(&mut self, held: Held<'a>, side: Side, active: bool) -> Result<(), Doubt> {
        if held.entry.rule == Rule::Newer && !self.found.ignores(&held.entry.names[0].to_ascii_lowercase()) {
            return Err(held.doubt());
        }
        let decided = self.settled.is_some() && held.entry.rule == Rule::Own(Keyword::Hostname);
        if active && !decided {
            self.found.take(held, side)?;
        }
        Ok(())
    }

    fn verdict(&self, condition: &super::condition::Condition, place: Place<'_>) -> Result<bool, Doubt> {
        let known = match (self.settled, self.found.word(Keyword::Hostname)) {
            (Some(settled), _) => settled.to_owned(),
            (None, Some(text)) => expand::hostname(text, self.original)
                .map_err(|what| Doubt(format!("a `Hostname` with {what}, which `Match` needs {place}")))?,
            (None, None) => self.original.to_owned(),
        };
        let facts = Facts {
            host: &known,
            original: self.original,
            user: self.found.word(Keyword::User).unwrap_or(&self.caller.name),
            local_user: &self.caller.name,
            is_final: self.settled.is_some(),
        };
        match condition.verdict(&facts) {
            Verdict::Yes => Ok(true),
            Verdict::No => Ok(false),
            Verdict::Runs => Err(Doubt(format!("`Match exec` {place}"))),
        }
    }
}

fn host_matches(host: &str, patterns: &[(bool, String)]) -> bool {
    let mut matched = false;
    for (negated, pattern) in patterns {
        if (*negated || !matched) && matches(host, pattern) {
            if *negated {
                return false;
            }
            matched = true;
        }
    }
    matched
}

/// An unknown keyword as it may stand in a message.
pub(super) fn shown(keyword: &str) -> String {
    keyword.chars().filter(|c| !c.is_control()).take(40).collect()
}
