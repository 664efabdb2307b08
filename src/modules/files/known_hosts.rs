//! Files of known hosts: which lines mean a host, and what a key's arrival does to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// What happens to a file of known hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays as it is.
    Stays,
    /// This is its new text.
    Becomes(String),
}

/// A line with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<'a> {
    marker: Option<&'a str>,
    hosts: &'a str,
    kind: &'a str,
    key: &'a str,
}

impl<'a> Entry<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim();
        let mut words = line.split_whitespace();
        let first = words.next().filter(|first| !first.starts_with('#'))?;
        let (marker, hosts) = if first.starts_with('@') { (Some(first), words.next()?) } else { (None, first) };
        Some(Self { marker, hosts, kind: words.next()?, key: words.next()? })
    }

    fn is_hashed(&self) -> bool {
        self.hosts.starts_with("|1|")
    }

    fn means(&self, host: &str) -> bool {
        if let Some(hashed) = self.hosts.strip_prefix("|1|") {
            return hashed
                .split_once('|')
                .is_some_and(|(salt, hash)| STANDARD.decode(salt).is_ok_and(|salt| hashed_with(&salt, host) == hash));
        }
        let mut found = false;
        for pattern in self.hosts.split(',') {
            match pattern.strip_prefix('!') {
                Some(pattern) if matches(pattern.as_bytes(), host.as_bytes()) => return false,
                Some(_) => {}
                None => found |= matches(pattern.as_bytes(), host.as_bytes()),
            }
        }
        found
    }

    /// Whether both are the same key of the same host; two hashes of it are the same.
    fn is_same(&self, other: &Self) -> bool {
        let hosts = self.hosts == other.hosts || self.is_hashed() && other.is_hashed();
        hosts && (self.marker, self.kind, self.key) == (other.marker, other.kind, other.key)
    }
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|from| matches(rest, &text[from..])),
        Some((b'?', rest)) => text.split_first().is_some_and(|(_, text)| matches(rest, text)),
        Some((letter, rest)) => {
            text.split_first().is_some_and(|(first, text)| first.eq_ignore_ascii_case(letter) && matches(rest, text))
        }
    }
}

fn hashed_with(salt: &[u8], host: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(host.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The line with its hosts replaced by the hash of one of them.
#[must_use]
pub fn hash(line: &str, host: &str, salt: &[u8]) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let hashed = format!("|1|{}|{}", STANDARD.encode(salt), hashed_with(salt, host));
    let place = usize::from(words.first().is_some_and(|first| first.starts_with('@')));
    if let Some(hosts) = words.get_mut(place) {
        *hosts = &hashed;
    }
    words.join(" ")
}

/// Whether one of the lines is a key of the host.
#[must_use]
pub fn is_of(lines: &str, host: &str) -> bool {
    lines.lines().filter_map(Entry::of).any(|entry| entry.means(host))
}

/// Sees that a key is in a text.
#[must_use]
pub fn add(text: &str, host: &str, key: &str) -> Fate {
    let key = if key.ends_with('\n') { key.to_owned() } else { format!("{key}\n") };
    let new = key.lines().find_map(Entry::of);
    let mut gone = None;
    for (place, line) in text.split_inclusive('\n').enumerate() {
        let (Some(old), Some(new)) = (Entry::of(line), &new) else { continue };
        if !old.means(host) {
            continue;
        }
        if old.is_same(new) {
            return Fate::Stays;
        }
        let marked = old.marker.is_some_and(|marker| marker == "@cert-authority" || marker.starts_with("@revoke"));
        if !marked && old.kind == new.kind {
            gone = Some(place);
            break;
        }
    }
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if let Some(place) = gone {
        lines.remove(place);
    }
    let mut text = lines.concat();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Fate::Becomes(text + &key)
}

/// Sees that a key, or without one every key of the host, is not in a text.
#[must_use]
pub fn remove(text: &str, host: &str, key: Option<&str>) -> Fate {
    let wanted = key.and_then(|key| key.lines().find_map(Entry::of));
    let mut removed = false;
    let kept = |line: &&str| {
        let Some(old) = Entry::of(line).filter(|old| old.means(host)) else { return true };
        let goes = match &wanted {
            // One line: the first that has the key, or a key of its type.
            Some(new) => !removed && (old.is_same(new) || old.marker.is_none() && old.kind == new.kind),
            None => old.marker != Some("@cert-authority"),
        };
        removed |= goes;
        !goes
    };
    let lines: Vec<&str> = text.split_inclusive('\n').filter(kept).collect();
    if removed { Fate::Becomes(lines.concat()) } else { Fate::Stays }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# mine\none,10.0.0.1 ssh-rsa AAA\none ssh-ed25519 BBB\n*.lan,!bad.lan ssh-rsa CCC\n";

    /// Expectations from ansible-core 2.19 and `ssh-keygen -F`.
    #[test]
    fn keys_come_once_and_replace_those_of_their_type() {
        assert_eq!(add(FILE, "one", "one ssh-ed25519 BBB"), Fate::Stays);
        let Fate::Becomes(text) = add(FILE, "one", "one ssh-ed25519 NEW") else { panic!("it is another key") };
        assert_eq!(text, FILE.replace("one ssh-ed25519 BBB\n", "") + "one ssh-ed25519 NEW\n");
        let Fate::Becomes(text) = add(FILE, "two", "two ssh-rsa DDD\n") else { panic!("it is another host") };
        assert_eq!(text, format!("{FILE}two ssh-rsa DDD\n"));
        assert_eq!(add("x ssh-rsa A", "y", "y ssh-rsa B"), Fate::Becomes("x ssh-rsa A\ny ssh-rsa B\n".to_owned()));
    }

    #[test]
    fn keys_go() {
        let Fate::Becomes(text) = remove(FILE, "one", None) else { panic!("there are two") };
        assert_eq!(text, "# mine\n*.lan,!bad.lan ssh-rsa CCC\n");
        assert_eq!(remove(FILE, "three", None), Fate::Stays);
        let Fate::Becomes(text) = remove(FILE, "one", Some("one ssh-ed25519 BBB")) else { panic!("it is there") };
        assert!(text.contains("one,10.0.0.1") && !text.contains("BBB"));
    }

    #[test]
    fn hosts_are_found_by_pattern_and_hash() {
        assert!(is_of(FILE, "a.lan") && !is_of(FILE, "bad.lan") && !is_of(FILE, "lan"));
        let hashed = hash("one ssh-rsa AAA", "one", b"0123456789abcdefghij");
        assert!(hashed.starts_with("|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|") && hashed.ends_with(" ssh-rsa AAA"));
        assert!(is_of(&hashed, "one") && !is_of(&hashed, "two"));
        let again = hash("one ssh-rsa AAA", "one", b"another salt");
        assert_eq!(add(&hashed, "one", &again), Fate::Stays);
        let Fate::Becomes(text) = add("one ssh-rsa AAA\n", "one", &again) else { panic!("it is to be hashed") };
        assert_eq!(text, format!("{again}\n"));
    }
}
