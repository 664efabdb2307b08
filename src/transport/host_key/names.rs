//! The names of a `known_hosts` line, and whether they mean a host.
//!
//! Pure: reads no files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Starts the names of a line whose host is hashed.
const HASH_MAGIC: &[u8] = b"|1|";

/// The length of both a salt and a hash: that of SHA-1's digests.
const HASH_LENGTH: usize = 20;

/// OpenSSH ignores a line with a name of this length or more.
const NAME_LIMIT: usize = 1023;

/// Which hosts a line is about.
#[derive(Debug)]
pub(super) enum Names {
    /// Those with one of these names, in lower case.
    Plain(Vec<Vec<u8>>),
    /// Those that match a pattern and no negated one.
    Patterns(Vec<Pattern>),
    /// The one whose name has this hash.
    Hashed(Box<Hashed>),
}

impl Names {
    /// Reads the first field of a line; none if it can mean no host.
    pub(super) fn parse(field: &[u8]) -> Option<Self> {
        if field.starts_with(b"|") {
            return Hashed::parse(field).map(|hashed| Self::Hashed(Box::new(hashed)));
        }
        let patterns: Vec<Pattern> = field.split(|byte| *byte == b',').map(Pattern::parse).collect();
        if patterns.iter().any(|pattern| pattern.glob.len() >= NAME_LIMIT) {
            return None;
        }
        if patterns.iter().any(|pattern| pattern.negated || pattern.glob.iter().any(|byte| b"*?".contains(byte))) {
            return Some(Self::Patterns(patterns));
        }
        Some(Self::Plain(patterns.into_iter().map(|pattern| pattern.glob).collect()))
    }
}

/// Whether a name at the start of a line means itself and nothing else.
pub(super) fn is_plain(name: &str) -> bool {
    let stands_alone = !name.is_empty() && !name.starts_with(['@', '#']) && !name.contains([',', '\0']);
    let is_one_word = !name.contains(char::is_whitespace) && !name.contains(char::is_control);
    stands_alone && is_one_word && matches!(Names::parse(name.as_bytes()), Some(Names::Plain(_)))
}

/// A name with the wildcards `*` and `?`, perhaps negated.
#[derive(Debug)]
pub(super) struct Pattern {
    negated: bool,
    glob: Vec<u8>,
}

impl Pattern {
    fn parse(text: &[u8]) -> Self {
        let glob = text.strip_prefix(b"!");
        Self { negated: glob.is_some(), glob: glob.unwrap_or(text).to_ascii_lowercase() }
    }
}

/// Whether the patterns as a whole mean `name`, which is in lower case.
pub(super) fn matches(patterns: &[Pattern], name: &[u8]) -> bool {
    let hit = |negated: bool| patterns.iter().any(|one| one.negated == negated && glob_matches(&one.glob, name));
    hit(false) && !hit(true)
}

fn glob_matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // Where to go on when the last star takes one byte more.
    let mut star = None;
    while from < name.len() {
        match glob.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[from] => (at, from) = (at + 1, from + 1),
            _ => {
                let Some((after, taken)) = star else { return false };
                star = Some((after, taken + 1));
                (at, from) = (after, taken + 1);
            }
        }
    }
    glob[at..].iter().all(|byte| *byte == b'*')
}

/// A host's name as a keyed hash.
#[derive(Clone)]
pub(super) struct Hashed {
    keyed: Hmac<Sha1>,
    hash: [u8; HASH_LENGTH],
}

impl std::fmt::Debug for Hashed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hashed").field("hash", &self.hash).finish_non_exhaustive()
    }
}

impl Hashed {
    fn parse(field: &[u8]) -> Option<Self> {
        let rest = field.strip_prefix(HASH_MAGIC)?;
        let bar = rest.iter().position(|byte| *byte == b'|')?;
        let decode = |text: &[u8]| <[u8; HASH_LENGTH]>::try_from(STANDARD.decode(text).ok()?).ok();
        Some(Self { keyed: keyed(&decode(&rest[..bar])?), hash: decode(&rest[bar + 1..])? })
    }

    /// Whether this is the hash of `name`.
    pub(super) fn matches(&self, name: &[u8]) -> bool {
        self.keyed.clone().chain_update(name).verify_slice(&self.hash).is_ok()
    }
}

fn keyed(salt: &[u8; HASH_LENGTH]) -> Hmac<Sha1> {
    Hmac::new_from_slice(salt).expect("HMAC takes keys of any length")
}

/// Hashes a name with a fresh salt, as the first field of a line.
pub(super) fn hash(name: &str) -> Result<String, getrandom::Error> {
    let mut salt = [0; HASH_LENGTH];
    getrandom::fill(&mut salt)?;
    let hash = keyed(&salt).chain_update(name).finalize().into_bytes();
    Ok(format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(field: &str, name: &str) -> bool {
        match Names::parse(field.as_bytes()) {
            Some(Names::Plain(names)) => names.iter().any(|one| one == name.as_bytes()),
            Some(Names::Patterns(patterns)) => matches(&patterns, name.as_bytes()),
            Some(Names::Hashed(hashed)) => hashed.matches(name.as_bytes()),
            None => false,
        }
    }

    #[test]
    fn names_wildcards_and_negations_mean_what_they_mean_to_ssh() {
        for (field, name, expected) in [
            ("db", "db", true),
            ("DB", "db", true),
            ("db", "dbx", false),
            ("a,db,c", "db", true),
            ("a,,c", "b", false),
            ("*", "db", true),
            ("d?", "db", true),
            ("d?", "d", false),
            ("*.example.com", "db.example.com", true),
            ("*.example.com", ".example.com", true),
            ("*.example.com", "example.com", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "abab", true),
            ("*a*b", "aba", false),
            ("*,!db", "db", false),
            ("!db,*", "db", false),
            ("!db", "web", false),
            ("!d*,web", "web", true),
            ("*,!!db", "db", true),
            ("[db]:2222", "[db]:2222", true),
            ("[db]:2222", "db", false),
            ("[*.example.com]:*", "[db.example.com]:2222", true),
        ] {
            assert_eq!(means(field, name), expected, "{field} {name}");
        }
    }

    #[test]
    fn a_line_with_an_endless_name_means_no_host() {
        assert!(means(&format!("db,{}", "x".repeat(1022)), "db"));
        assert!(!means(&format!("db,{}", "x".repeat(1023)), "db"));
    }

    #[test]
    fn hashes_are_those_of_ssh_keygen() {
        let hashed = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=";
        assert!(means(hashed, "192.168.1.61"));
        for name in ["192.168.1.6", "192.168.1.61 ", ""] {
            assert!(!means(hashed, name), "{name}");
        }
        assert!(means(&hash("db").unwrap(), "db"));
        assert_ne!(hash("db").unwrap(), hash("db").unwrap());
    }

    #[test]
    fn only_a_name_that_means_itself_is_plain() {
        for name in ["db", "[db]:2222", "fe80::1%eth0", "10.0.0.1"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "*", "d?", "!db", "a,b", "|1|", "@revoked", "#db", "a b", "a\tb", "a\nb", &"x".repeat(1023)] {
            assert!(!is_plain(name), "{name:?}");
        }
    }

    #[test]
    fn malformed_hashes_mean_no_host() {
        for field in ["|", "|1|", "|1||", "|2|AAAA|AAAA", "|1|AAAA|AAAA", "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=", "|db"] {
            assert!(Names::parse(field.as_bytes()).is_none(), "{field}");
        }
    }
}
