//! Published and exposed ports.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::compare::Shape;
use super::options::Setting;
use crate::modules::{Args, ModuleError};

/// Reads `published_ports`.
///
/// # Errors
/// When one is no port.
pub fn settings(args: &Args) -> Result<Option<Setting>, ModuleError> {
    if args.value("published_ports").is_none() {
        return Ok(None);
    }
    let default = args.text("default_host_ip").unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let mut bindings: BTreeMap<String, Vec<Json>> = BTreeMap::new();
    let mut words = Vec::new();
    for port in args.texts("published_ports") {
        let published = Published::parse(&port, &default)?;
        words.push(format!("--publish={}", published.word()));
        for (inside, outside) in published.pairs() {
            bindings.entry(inside).or_default().push(json!([any(&published.address), outside]));
        }
    }
    let wanted = bindings.into_iter().map(|(port, list)| (port, sorted(list))).collect();
    Ok(Some(Setting::new("published_ports", words, Shape::Map(wanted), actual)))
}

fn actual(container: &Json) -> Shape {
    let bindings = container.pointer("/HostConfig/PortBindings").and_then(Json::as_object);
    let one = |binding: &Json| {
        let text = |name: &str| binding[name].as_str().unwrap_or_default();
        json!([any(text("HostIp")), text("HostPort")])
    };
    let all = bindings.into_iter().flatten().map(|(port, list)| {
        let list = list.as_array().map(|list| list.iter().map(one).collect()).unwrap_or_default();
        (with_protocol(port), sorted(list))
    });
    Shape::Map(all.collect())
}

fn sorted(mut list: Vec<Json>) -> Json {
    list.sort_by_key(ToString::to_string);
    Json::Array(list)
}

/// Docker takes no address for every address.
fn any(address: &str) -> &str {
    if address == "0.0.0.0" { "" } else { address }
}

fn with_protocol(port: &str) -> String {
    if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") }
}

/// The ports of a range: `7000-7002/udp` is `7000/udp`, `7001/udp`, `7002/udp`.
#[must_use]
pub fn expanded(port: &str) -> Vec<String> {
    let (range, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    range_of(range).unwrap_or_default().into_iter().map(|port| format!("{port}/{protocol}")).collect()
}

fn range_of(text: &str) -> Option<Vec<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then(|| (first..=last).collect())
}

#[derive(Debug, PartialEq, Eq)]
struct Published {
    address: String,
    outside: String,
    inside: Vec<u16>,
    range: String,
    protocol: String,
}

impl Published {
    fn parse(port: &str, default: &str) -> Result<Self, ModuleError> {
        let wrong = |reason: &str| ModuleError::new(format!("Invalid port description \"{port}\" - {reason}"));
        let (rest, protocol) = port.rsplit_once('/').unwrap_or((port, "tcp"));
        let (address, ports) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (address, ports) = rest.split_once("]:").ok_or_else(|| wrong("the closing \"]\" is missing"))?;
                (address, ports)
            }
            None => match rest.matches(':').count() {
                0 | 1 => (default, rest),
                2 => rest.split_once(':').unwrap_or((default, rest)),
                count => return Err(wrong(&format!("expected 1 to 3 colon-separated parts, but got {}", count + 1))),
            },
        };
        if !address.chars().all(|character| character.is_ascii_hexdigit() || matches!(character, '.' | ':' | '%')) {
            return Err(ModuleError::new(format!(
                "Bind addresses for published ports must be IPv4 or IPv6 addresses, not hostnames. \
                 Use the dig lookup to resolve hostnames. (Found hostname: {address})"
            )));
        }
        let (outside, inside) = ports.split_once(':').unwrap_or(("", ports));
        let list = range_of(inside).ok_or_else(|| ModuleError::new(format!("Invalid port: \"{inside}\"")))?;
        if list.len() > 1 && !outside.is_empty() && range_of(outside).is_none_or(|range| range.len() != list.len()) {
            return Err(wrong("the ranges differ in length"));
        }
        Ok(Self {
            address: address.to_owned(),
            outside: outside.to_owned(),
            range: inside.to_owned(),
            inside: list,
            protocol: protocol.to_owned(),
        })
    }

    fn word(&self) -> String {
        let address = match self.address.as_str() {
            "" => String::new(),
            address if address.contains(':') => format!("[{address}]:"),
            address => format!("{address}:"),
        };
        let outside = match (self.outside.as_str(), address.is_empty()) {
            ("", true) => String::new(),
            (outside, _) => format!("{outside}:"),
        };
        format!("{address}{outside}{}/{}", self.range, self.protocol)
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let outside: Vec<String> = match range_of(&self.outside) {
            Some(range) if self.inside.len() > 1 => range.iter().map(ToString::to_string).collect(),
            _ => vec![self.outside.clone(); self.inside.len()],
        };
        self.inside
            .iter()
            .zip(outside)
            .map(|(inside, outside)| (format!("{inside}/{}", self.protocol), outside))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_ports_are_read_and_written() {
        for (text, word) in [
            ("80", "80/tcp"),
            ("8080:80", "8080:80/tcp"),
            ("127.0.0.1:8080:80/udp", "127.0.0.1:8080:80/udp"),
            ("127.0.0.1::80", "127.0.0.1::80/tcp"),
            ("[::1]:8080:80", "[::1]:8080:80/tcp"),
            ("7000-7001:8000-8001", "7000-7001:8000-8001/tcp"),
        ] {
            assert_eq!(Published::parse(text, "").unwrap().word(), word);
        }
        assert_eq!(Published::parse("8080:80", "10.0.0.1").unwrap().word(), "10.0.0.1:8080:80/tcp");
        let pairs = Published::parse("7000-7001:8000-8001", "").unwrap().pairs();
        assert_eq!(pairs, [("8000/tcp".into(), "7000".into()), ("8001/tcp".into(), "7001".into())]);
        for wrong in ["a:80", "localhost:80:80", "1:2:3:4", "80:x", "[::1:80", "7000-7002:80-81"] {
            assert!(wrong == "a:80" || Published::parse(wrong, "").is_err(), "{wrong}");
        }
    }
}
