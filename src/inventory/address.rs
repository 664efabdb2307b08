//! Splits `host:2222` and `[ipv6]:22` into host and port, as Ansible does.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Splits a host definition; ranges such as `web[1:3]` may stand in it. A text that is no address stays whole.
pub fn split_port(text: &str) -> (&str, Option<u32>) {
    if !text.contains([':', '[']) {
        return (text, None);
    }
    let (mut host, mut port) = (text, None);
    for split in [bracketed, unbracketed] {
        if let Some((rest, number)) = split(host) {
            (host, port) = (rest, Some(number));
        }
    }
    if is_address(host) { (host, port) } else { (text, None) }
}

/// Whether `text` is a host name or address, ranges allowed.
pub fn is_address(text: &str) -> bool {
    let Some(plain) = without_ranges(text) else { return false };
    plain.parse::<Ipv4Addr>().is_ok() || plain.parse::<Ipv6Addr>().is_ok() || is_host_name(&plain)
}

/// Whether `text` could be taken whole by [`split_port`].
pub fn is_host_and_port(text: &str) -> bool {
    is_address(text) || split_port(text).1.is_some()
}

fn bracketed(text: &str) -> Option<(&str, u32)> {
    let (host, port) = text.strip_prefix('[')?.rsplit_once("]:")?;
    Some((host, number(port)?)).filter(|(host, _)| !host.is_empty())
}

/// The last colon outside brackets, when it is the only one and digits follow.
fn unbracketed(text: &str) -> Option<(&str, u32)> {
    let mut inside = false;
    let mut colons = text.char_indices().filter(|(_, c)| {
        inside = if *c == '[' { true } else { inside && *c != ']' };
        *c == ':' && !inside
    });
    let (at, _) = colons.next()?;
    if colons.next().is_some() {
        return None;
    }
    Some((&text[..at], number(&text[at + 1..])?))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Puts the first member in the place of each range: `web[1:3]` becomes `web1`.
fn without_ranges(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('[') {
        let (range, after) = tail.split_once(']')?;
        plain.push_str(head);
        plain.push_str(first_member(range)?);
        rest = after;
    }
    plain.push_str(rest);
    Some(plain)
}

fn first_member(range: &str) -> Option<&str> {
    let mut parts = range.split(':');
    let (begin, end, step) = (parts.next()?, parts.next()?, parts.next());
    let digits = |text: &str| number(text).is_some();
    let letter = |text: &str| text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let hex = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let valid = (digits(begin) && digits(end)) || (letter(begin) && letter(end)) || (hex(begin) && hex(end));
    // The name is checked, not the range, so that a long number does not make a bad address.
    (valid && step.is_none_or(digits) && parts.next().is_none()).then(|| &begin[..1])
}

fn is_host_name(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.split('.').all(|label| {
        label.starts_with(word) && label.chars().all(|c| word(c) || c == '-') && !label.ends_with(['-', '_'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_split_off_as_in_ansible() {
        let cases = [
            ("web1", ("web1", None)),
            ("web1:2222", ("web1", Some(2222))),
            ("10.0.0.1:22", ("10.0.0.1", Some(22))),
            ("[::1]:22", ("::1", Some(22))),
            ("fe80::1", ("fe80::1", None)),
            ("web[1:3]", ("web[1:3]", None)),
            ("web[01:20:2].example:22", ("web[01:20:2].example", Some(22))),
            ("10.0.0.[1:9]", ("10.0.0.[1:9]", None)),
            ("2001:db8::[a:f]", ("2001:db8::[a:f]", None)),
            ("web1:", ("web1:", None)),
            ("web-:22", ("web-:22", None)),
            ("a:b", ("a:b", None)),
        ];
        for (text, expected) in cases {
            assert_eq!(split_port(text), expected, "{text}");
        }
    }
}
