//! Tells whether words have the form that a directive asks for; a stricter one than OpenSSH's, where that is easier.
//!
//! Pure.

use super::caller::Caller;
use super::value::{number, port};

/// Whether every variable that a socket's name needs is there; OpenSSH looks even where the directive has no effect.
pub(super) fn socket(word: &str, caller: &Caller) -> bool {
    let mut rest = word;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { return false };
        if name.is_empty() || !caller.has(name) {
            return false;
        }
        rest = behind;
    }
    match word.strip_prefix('$') {
        Some(name) if !name.starts_with('{') => {
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_')
        }
        _ => true,
    }
}

/// Whether `word` is a port, a host with a port, or a path.
pub(super) fn listens(word: &str) -> bool {
    port(word).is_some() || connects(word)
}

/// Whether `word` is a host with a port, or a path, in characters that need no thought.
pub(super) fn connects(word: &str) -> bool {
    let plain = |text: &str, more: &str| {
        text.len() < 100 && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-*".contains(c) || more.contains(c))
    };
    if word.starts_with('/') {
        return plain(word, "/@+");
    }
    let Some((host, last)) = word.rsplit_once(':') else { return false };
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    port(last).is_some() && bracketed.map_or_else(|| !host.is_empty() && plain(host, ""), |host| plain(host, ":"))
}

/// Whether `word` is an escape character.
pub(super) fn escape(word: &str) -> bool {
    match word.as_bytes() {
        [_] => true,
        [b'^', letter] => (64..128).contains(letter),
        _ => word == "none",
    }
}

/// Whether `word` is a class of service.
pub(super) fn service(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "none",
        "af11",
        "af12",
        "af13",
        "af21",
        "af22",
        "af23",
        "af31",
        "af32",
        "af33",
        "af41",
        "af42",
        "af43",
        "cs0",
        "cs1",
        "cs2",
        "cs3",
        "cs4",
        "cs5",
        "cs6",
        "cs7",
        "ef",
        "le",
        "lowdelay",
        "throughput",
        "reliability",
    ];
    // A leading zero is octal to some.
    let plain = word == "0" || !word.starts_with('0');
    NAMES.contains(&word.to_ascii_lowercase().as_str()) || plain && number(word).is_some_and(|number| number < 256)
}

/// Whether `word` tells which names may stand for which.
pub(super) fn cname(word: &str) -> bool {
    word == "*" || word.split_once(':').is_some_and(|(from, to)| !from.is_empty() && !to.is_empty())
}

/// Whether `word` is a suffix of names.
pub(super) fn domain(word: &str) -> bool {
    let ends = |c: char| c.is_ascii_alphanumeric();
    word.starts_with(ends)
        && word.ends_with(ends)
        && !word.contains("..")
        && word.chars().all(|c| ends(c) || ".-_".contains(c))
}
