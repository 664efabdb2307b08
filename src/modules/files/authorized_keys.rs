//! Files of authorized keys: lines with keys, their options and comments.

use indexmap::IndexMap;

/// The types of keys that OpenSSH knows.
const TYPES: [&str; 23] = [
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "rsa-sha2-256",
    "rsa-sha2-256-cert-v01@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-512-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com",
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-xmss-cert-v01@openssh.com",
    "ssh-xmss@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
];

/// What is to be done with keys.
#[derive(Clone, Debug, Default)]
pub struct KeyChange {
    /// The keys, a line each.
    pub keys: String,
    /// Takes the place of their options.
    pub options: Option<String>,
    /// Takes the place of their comments.
    pub comment: Option<String>,
    /// Whether they are to be there.
    pub present: bool,
    /// Whether nothing else is to be there.
    pub exclusive: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// A key.
    Key(Key),
    /// Anything else, as it stands.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    kind: String,
    blob: String,
    options: Options,
    comment: String,
}

/// Options in their order; that order does not tell keys apart.
#[derive(Clone, Debug, Default)]
struct Options(Vec<(String, Option<String>)>);

impl PartialEq for Options {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |options: &Self| {
            let mut all = options.0.clone();
            all.sort_by(|one, two| one.0.cmp(&two.0));
            all
        };
        sorted(self) == sorted(other)
    }
}

impl Eq for Options {}

impl Options {
    fn parse(text: &str) -> Self {
        let mut parts = vec![String::new()];
        let mut quote = None;
        for letter in text.chars() {
            match (letter, quote) {
                (',', None) => {
                    parts.push(String::new());
                    continue;
                }
                ('"' | '\'', None) => quote = Some(letter),
                (letter, Some(open)) if letter == open => quote = None,
                _ => {}
            }
            parts.last_mut().expect("there is a first part").push(letter);
        }
        let option = |part: String| match part.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (part, None),
        };
        Self(parts.into_iter().filter(|part| !part.is_empty()).map(option).collect())
    }

    fn text(&self) -> String {
        let one = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        };
        self.0.iter().map(one).collect::<Vec<_>>().join(",")
    }
}

impl Key {
    fn parse(line: &str) -> Option<Self> {
        let line = line.replace("\\#", "#");
        let words: Vec<&str> = line.split_whitespace().collect();
        let place = words.iter().position(|word| TYPES.contains(word))?;
        if words[0] == "#" {
            return None;
        }
        Some(Self {
            kind: words[place].to_owned(),
            blob: (*words.get(place + 1)?).to_owned(),
            options: Options::parse(&words[..place].join(" ")),
            comment: words[place + 2..].join(" "),
        })
    }

    fn line(&self) -> String {
        let options = self.options.text();
        let space = if options.is_empty() { "" } else { " " };
        format!("{options}{space}{} {} {}\n", self.kind, self.blob, self.comment)
    }
}

impl KeyChange {
    /// The new text; none when it stays as it is.
    ///
    /// # Errors
    /// With the line of `keys` that is no key.
    pub fn apply(&self, text: &str) -> Result<Option<String>, String> {
        let mut all: IndexMap<String, (Line, usize)> = IndexMap::new();
        for (rank, line) in text.split_inclusive('\n').enumerate() {
            match Key::parse(line) {
                Some(key) => all.insert(key.blob.clone(), (Line::Key(key), rank)),
                None => all.insert(line.to_owned(), (Line::Other(line.to_owned()), rank)),
            };
        }
        let last = all.len();
        let mut changed = false;
        let mut wanted = Vec::new();
        let lines = self.keys.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        for (rank, line) in lines.enumerate() {
            let mut key = Key::parse(line).ok_or_else(|| line.to_owned())?;
            if let Some(options) = &self.options {
                key.options = Options::parse(options);
            }
            if let Some(comment) = &self.comment {
                key.comment.clone_from(comment);
            }
            let there = all.get(&key.blob).map(|(line, _)| line);
            if !self.present {
                changed |= there.is_some();
                all.shift_remove(&key.blob);
                continue;
            }
            wanted.push(key.blob.clone());
            if there != Some(&Line::Key(key.clone())) {
                changed = true;
                all.shift_remove(&key.blob);
                all.insert(key.blob.clone(), (Line::Key(key), last + rank));
            }
        }
        if self.present && self.exclusive {
            let before = all.len();
            all.retain(|blob, _| wanted.contains(blob));
            changed |= all.len() != before;
        }
        let mut lines: Vec<(Line, usize)> = all.into_values().collect();
        lines.sort_by_key(|(_, rank)| *rank);
        let text = lines.iter().map(|(line, _)| match line {
            Line::Key(key) => key.line(),
            Line::Other(line) => line.clone(),
        });
        Ok(changed.then(|| text.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# team\nssh-rsa AAA one@a\nfrom=\"1.2.3.4,5.6.7.8\",no-pty ssh-ed25519 BBB two words\n";

    fn applied(change: KeyChange, text: &str) -> Option<String> {
        KeyChange { present: !change.exclusive || change.present, ..change }.apply(text).unwrap()
    }

    fn keys(keys: &str) -> KeyChange {
        KeyChange { keys: keys.to_owned(), present: true, ..KeyChange::default() }
    }

    /// Expectations are what ansible.posix 2's `authorized_key` writes.
    #[test]
    fn keys_come_once() {
        assert_eq!(applied(keys("ssh-rsa AAA one@a"), FILE), None);
        let same = "no-pty,from=\"1.2.3.4,5.6.7.8\" ssh-ed25519 BBB two words";
        assert_eq!(applied(keys(same), FILE), None);
        assert_eq!(applied(keys("# x\n\nssh-rsa CCC"), FILE), Some(format!("{FILE}ssh-rsa CCC \n")));
        let renamed = KeyChange { comment: Some("new".to_owned()), ..keys("ssh-rsa AAA one@a") };
        let wanted = FILE.replace("ssh-rsa AAA one@a\n", "") + "ssh-rsa AAA new\n";
        assert_eq!(applied(renamed, FILE), Some(wanted));
        let limited = KeyChange { options: Some("no-pty,command=\"a, b\"".to_owned()), ..keys("ssh-rsa AAA one@a") };
        let text = applied(limited, "ssh-rsa AAA one@a\n").unwrap();
        assert_eq!(text, "no-pty,command=\"a, b\" ssh-rsa AAA one@a\n");
    }

    #[test]
    fn keys_go() {
        let gone = KeyChange { present: false, ..keys("ssh-rsa AAA other comment") };
        assert_eq!(gone.apply(FILE).unwrap(), Some(FILE.replace("ssh-rsa AAA one@a\n", "")));
        let none = KeyChange { present: false, ..keys("ssh-rsa ZZZ") };
        assert_eq!(none.apply(FILE).unwrap(), None);
        let only = KeyChange { exclusive: true, ..keys("ssh-rsa CCC c\nssh-rsa AAA one@a") };
        assert_eq!(only.apply(FILE).unwrap().unwrap(), "ssh-rsa AAA one@a\nssh-rsa CCC c\n");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(keys("hello world").apply(""), Err("hello world".to_owned()));
        assert_eq!(keys("ssh-rsa").apply(""), Err("ssh-rsa".to_owned()));
    }
}
