//! What in an output is a host's own: its name, addresses, times, ids and numbers.
//!
//! Pure. Cuts text into pieces; two outputs with the same mask differ only in pieces of those kinds (and in the
//! blanks that align columns).

use std::net::{Ipv4Addr, Ipv6Addr};

/// Bytes that are looked at beyond a first run of digits: more than the longest address, date or time has. Without
/// it, a host could make the search quadratic.
const LOOK_AHEAD: usize = 64;

/// The kind of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything else.
    Plain,
    /// Spaces, tabs and carriage returns.
    Blank,
    /// The end of a line.
    Newline,
    /// The host's own name.
    Name,
    /// A date, a time of day, a duration such as `4:05`, or seconds since 1970.
    Time,
    /// An IPv4, IPv6 or Ethernet address.
    Address,
    /// A UUID or a hexadecimal id.
    Id,
    /// A number, with its unit.
    Number,
}

/// The two masks of a text; equal masks mean texts that differ only in what was masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// Everything masked but numbers.
    pub identity: Vec<u8>,
    /// Numbers masked too.
    pub shape: Vec<u8>,
}

impl Masks {
    /// Adds `text`, printed by the host called `name`.
    pub fn add(&mut self, text: &[u8], name: &str) {
        let mut after_number = false;
        let mut line_start = true;
        for (kind, bytes) in pieces(text, name) {
            match kind {
                Kind::Blank if line_start => continue,
                Kind::Blank => self.both(b" "),
                Kind::Plain => {
                    self.identity.extend_from_slice(bytes);
                    // `1 user` and `2 users` differ only in the number.
                    let singular = if after_number { bytes.strip_suffix(b"s").unwrap_or(bytes) } else { bytes };
                    self.shape.extend_from_slice(singular);
                }
                Kind::Newline => self.both(b"\n"),
                Kind::Number => {
                    self.identity.extend_from_slice(bytes);
                    self.shape.extend_from_slice(&[0, b'#']);
                }
                Kind::Name => self.both(&[0, b'n']),
                Kind::Time => self.both(&[0, b't']),
                Kind::Address => self.both(&[0, b'a']),
                Kind::Id => self.both(&[0, b'i']),
            }
            line_start = kind == Kind::Newline;
            after_number = kind == Kind::Number || (after_number && kind == Kind::Blank);
        }
    }

    fn both(&mut self, bytes: &[u8]) {
        self.identity.extend_from_slice(bytes);
        self.shape.extend_from_slice(bytes);
    }
}

/// Cuts `text`, printed by the host called `name`, into pieces; together they are the text.
pub fn pieces<'a>(text: &'a [u8], name: &'a str) -> impl Iterator<Item = (Kind, &'a [u8])> {
    let names = own_names(name);
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let first = *rest.first()?;
        let inside_word = at > 0 && text[at - 1].is_ascii_alphanumeric();
        let (kind, length) = match first {
            b'\n' => (Kind::Newline, 1),
            b' ' | b'\t' | b'\r' => (Kind::Blank, run(rest, |byte| matches!(byte, b' ' | b'\t' | b'\r'))),
            _ if !first.is_ascii_alphanumeric() => (Kind::Plain, run(rest, is_other)),
            _ if inside_word => inner(rest),
            _ => word(rest, names),
        };
        at += length;
        Some((kind, &rest[..length]))
    })
}

/// The full name and, unless it is an address, what stands before its first dot.
fn own_names(name: &str) -> [&[u8]; 2] {
    let short = match name.split_once('.') {
        Some((short, _)) if name.parse::<Ipv4Addr>().is_err() => short,
        _ => name,
    };
    [name.as_bytes(), short.as_bytes()]
}

fn run(text: &[u8], matches: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !matches(*byte)).unwrap_or(text.len())
}

fn is_other(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !matches!(byte, b'\n' | b' ' | b'\t' | b'\r')
}

/// Whether a word may end before `text`.
fn is_boundary(text: &[u8]) -> bool {
    text.first().is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// The rest of a word whose beginning was taken: digits, or letters.
fn inner(text: &[u8]) -> (Kind, usize) {
    match run(text, |byte| byte.is_ascii_digit()) {
        0 => (Kind::Plain, run(text, |byte| byte.is_ascii_alphabetic())),
        digits => (Kind::Number, digits),
    }
}

/// The piece at the beginning of a word.
fn word(text: &[u8], names: [&[u8]; 2]) -> (Kind, usize) {
    let is_own = |name: &&[u8]| !name.is_empty() && text.starts_with(name) && is_boundary(&text[name.len()..]);
    if let Some(name) = names.into_iter().find(is_own) {
        return (Kind::Name, name.len());
    }
    let hex = run(text, |byte| byte.is_ascii_hexdigit());
    let special = if hex > 0 { hexadecimal(text, hex) } else { None };
    special.or_else(|| if text[0].is_ascii_digit() { Some(number(text)) } else { None }).unwrap_or_else(|| {
        let letters = run(text, |byte| byte.is_ascii_alphabetic());
        let kind =
            if is_boundary(&text[letters..]) && is_calendar(&text[..letters]) { Kind::Time } else { Kind::Plain };
        (kind, letters)
    })
}

fn is_calendar(word: &[u8]) -> bool {
    const WORDS: &[u8] = b"MonTueWedThuFriSatSunJanFebMarAprMayJunJulAugSepOctNovDec";
    word.len() == 3 && WORDS.chunks(3).any(|known| known == word)
}

/// An address or id that begins with `hex` hexadecimal digits.
fn hexadecimal(text: &[u8], hex: usize) -> Option<(Kind, usize)> {
    let text = &text[..text.len().min(hex + LOOK_AHEAD)];
    if hex == 8 && is_uuid(text) {
        return Some((Kind::Id, 36));
    }
    if text.get(hex) == Some(&b':') {
        let length = run(text, |byte| byte.is_ascii_hexdigit() || byte == b':');
        let lone_colon = text[..length].ends_with(b":") && !text[..length].ends_with(b"::");
        let length = length - usize::from(lone_colon);
        if is_boundary(&text[length..]) && is_colon_address(&text[..length]) {
            return Some((Kind::Address, length));
        }
    }
    let digits = run(text, |byte| byte.is_ascii_digit());
    if digits > 0 && text.get(digits) == Some(&b'.') {
        let length = run(text, |byte| byte.is_ascii_digit() || byte == b'.');
        let length = length - usize::from(text[..length].ends_with(b"."));
        if is_boundary(&text[length..]) && parses::<Ipv4Addr>(&text[..length]) {
            return Some((Kind::Address, length));
        }
    }
    if text.starts_with(b"0x") {
        return Some((Kind::Id, 2 + run(&text[2..], |byte| byte.is_ascii_hexdigit())));
    }
    let mixed = digits < hex && text[..hex].iter().any(u8::is_ascii_digit);
    (hex >= 7 && mixed && is_boundary(&text[hex..])).then_some((Kind::Id, hex))
}

fn is_uuid(text: &[u8]) -> bool {
    let fits = |(index, byte): (usize, &u8)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() >= 36 && text[..36].iter().enumerate().all(fits) && is_boundary(&text[36..])
}

fn is_colon_address(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == b':');
    (text.len() == 17 && parts.all(|part| part.len() == 2)) || parses::<Ipv6Addr>(text)
}

fn parses<T: std::str::FromStr>(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<T>().is_ok())
}

/// A date, a time, or a number with its unit; `text` begins with a digit.
fn number(text: &[u8]) -> (Kind, usize) {
    let length = run(&text[..text.len().min(LOOK_AHEAD)], |byte| {
        byte.is_ascii_digit() || matches!(byte, b':' | b'-' | b'/' | b'.' | b',')
    });
    if let Some(length) = date(&text[..length]) {
        let joined = text.get(length) == Some(&b'T') && text.get(length + 1).is_some_and(u8::is_ascii_digit);
        return (Kind::Time, length + if joined { 1 + time(&text[length + 1..]).unwrap_or(0) } else { 0 });
    }
    if let Some(length) = time(&text[..length]) {
        return (Kind::Time, length);
    }
    let digits = run(text, |byte| byte.is_ascii_digit());
    let grouped = digits + fractions(&text[digits..]);
    // Seconds (10 digits) or milliseconds since 1970, from 2001 to 2033.
    if grouped == digits && matches!(digits, 10 | 13) && text[0] == b'1' && is_boundary(&text[digits..]) {
        return (Kind::Time, digits);
    }
    (Kind::Number, grouped + unit(&text[grouped..]))
}

fn fractions(text: &[u8]) -> usize {
    let mut at = 0;
    while matches!(text.get(at), Some(b'.' | b',')) {
        let digits = run(&text[at + 1..], |byte| byte.is_ascii_digit());
        if digits == 0 {
            break;
        }
        at += 1 + digits;
    }
    at
}

/// `2026-11-24`, `2026/11/24`, `24/11/2026` or `24/11/26`: the length, if there is one.
fn date(text: &[u8]) -> Option<usize> {
    let first = run(text, |byte| byte.is_ascii_digit());
    let sign = *text.get(first).filter(|sign| matches!(sign, b'-' | b'/'))?;
    let second = run(&text[first + 1..], |byte| byte.is_ascii_digit());
    let rest = text[first + 1 + second..].strip_prefix(&[sign])?;
    let third = run(rest, |byte| byte.is_ascii_digit());
    let fits = matches!((first, second, third), (4, 2, 2) | (1..=2, 1..=2, 2 | 4));
    fits.then_some(first + second + third + 2)
}

/// `4:05`, `04:30:22` or `04:30:22.125`: the length, if there is one.
fn time(text: &[u8]) -> Option<usize> {
    let mut at = run(text, |byte| byte.is_ascii_digit());
    if !(1..=3).contains(&at) || text.get(at) != Some(&b':') {
        return None;
    }
    while text.get(at) == Some(&b':') && run(&text[at + 1..], |byte| byte.is_ascii_digit()) == 2 {
        at += 3;
    }
    (text[at - 1].is_ascii_digit() && text[..at].contains(&b':')).then(|| at + fractions(&text[at..]))
}

fn unit(text: &[u8]) -> usize {
    const UNITS: [&[u8]; 12] = [b"%", b"ms", b"us", b"ns", b"s", b"m", b"h", b"d", b"min", b"B", b"kB", b"b"];
    if let [b'K' | b'M' | b'G' | b'T' | b'P' | b'E' | b'k', rest @ ..] = text {
        let more = usize::from(rest.starts_with(b"i"));
        let more = more + usize::from(matches!(rest.get(more), Some(b'B' | b'b')));
        if is_boundary(&rest[more..]) {
            return 1 + more;
        }
    }
    UNITS.iter().find(|unit| text.starts_with(unit) && is_boundary(&text[unit.len()..])).map_or(0, |unit| unit.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LONG: usize = 256 * 1024;

    fn varying<'a>(text: &'a str, name: &'a str) -> Vec<(Kind, &'a str)> {
        let same = [Kind::Plain, Kind::Blank, Kind::Newline];
        let pieces = pieces(text.as_bytes(), name).filter(|(kind, _)| !same.contains(kind));
        pieces.map(|(kind, bytes)| (kind, std::str::from_utf8(bytes).unwrap())).collect()
    }

    #[test]
    fn each_kind_is_recognised() {
        use Kind::{Address, Id, Name, Number, Time};
        let cases = [
            ("web1.example.com up", vec![(Name, "web1.example.com")]),
            ("web1 web10", vec![(Name, "web1"), (Number, "10")]),
            ("inet 10.1.2.3/24,", vec![(Address, "10.1.2.3"), (Number, "24")]),
            ("fe80::1c2 at 52:54:00:ab:cd:ef", vec![(Address, "fe80::1c2"), (Address, "52:54:00:ab:cd:ef")]),
            ("04:30:22 up 4:05", vec![(Time, "04:30:22"), (Time, "4:05")]),
            ("2026-11-24T04:30:22.5Z", vec![(Time, "2026-11-24T04:30:22.5")]),
            ("1763958622 Nov 24", vec![(Time, "1763958622"), (Time, "Nov"), (Number, "24")]),
            ("0191e0b2-7c1a-7000-8000-0123456789ab", vec![(Id, "0191e0b2-7c1a-7000-8000-0123456789ab")]),
            ("a1b2c3d4e5f6 0x7ffe", vec![(Id, "a1b2c3d4e5f6"), (Id, "0x7ffe")]),
            ("4.5G 12% 3ms eth0", vec![(Number, "4.5G"), (Number, "12%"), (Number, "3ms"), (Number, "0")]),
            ("deadbeef facade", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(varying(text, "web1.example.com"), expected, "{text}");
        }
    }

    #[test]
    fn alignment_and_plurals_do_not_count() {
        let masks = |text: &[u8]| {
            let mut masks = Masks::default();
            masks.add(text, "h");
            masks
        };
        assert_eq!(masks(b" 1 user,  load 10.5").shape, masks(b"12 users, load 0.5").shape);
        assert_ne!(masks(b"1 user").identity, masks(b"2 users").identity);
        assert_ne!(masks(b"ok\n").shape, masks(b"bad\n").shape);
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for piece in ["1:", "a:", "1.", "1-", "1,", "a1", "0x", ":", "12:34:"] {
            let text = piece.repeat(LONG / piece.len());
            let total: usize = pieces(text.as_bytes(), "h").map(|(_, bytes)| bytes.len()).sum();
            assert_eq!(total, text.len());
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in "([0-9a-f:.T/ -]{0,12}|[ -~\n]{0,20}|\\PC{0,5}){0,5}", name in "[a-z0-9.]{0,4}") {
            let joined: Vec<u8> = pieces(text.as_bytes(), &name).flat_map(|(_, bytes)| bytes.to_vec()).collect();
            prop_assert_eq!(joined, text.as_bytes());
        }
    }
}
