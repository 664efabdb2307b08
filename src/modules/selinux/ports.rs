//! Ports and their types, as `semanage port -l` lists them.

/// A range of ports with one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The type.
    pub label: String,
    /// `tcp`, `udp`, …
    pub protocol: String,
    /// The first and last of each range.
    pub ranges: Vec<(u32, u32)>,
}

/// Reads the list: lines `TYPE PROTOCOL PORT, PORT-PORT`.
#[must_use]
pub fn parse(text: &str) -> Vec<Ports> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let (label, protocol) = (words.next()?.to_owned(), words.next()?.to_owned());
        let ranges = words.filter_map(|word| range(word.trim_end_matches(','))).collect();
        Some(Ports { label, protocol, ranges })
    };
    text.lines().filter_map(line).collect()
}

/// The first and last port of `80` or `80-90`.
#[must_use]
pub fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}

/// The ranges of one type and protocol.
pub fn of<'a>(ports: &'a [Ports], label: &'a str, protocol: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
    let those = ports.iter().filter(move |ports| ports.label == label && ports.protocol == protocol);
    those.flat_map(|ports| ports.ranges.iter().copied())
}
