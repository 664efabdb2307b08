//! Interfaces, addresses and routes.

use std::net::Ipv4Addr;

use super::sections::{blocks, pair};
use super::{Facts, Sections, dict, maybe, texts};
use crate::template::{Dict, Value};

/// Kinds of links by the kernel's number (`if_arp.h`).
const KINDS: &[(&str, &str)] =
    &[("1", "ether"), ("32", "infiniband"), ("512", "ppp"), ("772", "loopback"), ("65534", "tunnel")];

/// What is collected while the interfaces are gone through.
#[derive(Default)]
struct Network {
    interfaces: Dict,
    default4: Dict,
    default6: Dict,
    all4: Vec<Value>,
    all6: Vec<Value>,
}

/// `interfaces` and a fact for each, `default_ipv4`, `default_ipv6`, `all_*_addresses`. Without `ip` there are none.
pub fn network(sections: &Sections, facts: &mut Facts) {
    if !sections.has("route4") {
        return;
    }
    let mut network = Network {
        default4: route(sections.get("route4"), "8.8.8.8"),
        default6: route(sections.get("route6"), "2404:6800:400a:800::1012"),
        ..Network::default()
    };
    for (device, lines) in blocks(sections.get("interfaces")) {
        let interface = interface(device, &lines);
        network.interfaces.insert(device.into(), Value::dict(interface));
        let address = pair(lines.iter().copied(), "address").unwrap_or_default();
        for (section, secondary) in [("primary", false), ("secondary", true)] {
            for words in addresses(sections.get(section), device) {
                network.add(device, address, &words, secondary);
            }
        }
    }
    let names = network.interfaces.keys().map(|name| name.to_string().replace(':', "_"));
    facts.put("interfaces", texts(names));
    for (name, interface) in network.interfaces {
        facts.put(&name.to_string().replace(':', "_"), interface);
    }
    facts.put("default_ipv4", network.default4);
    facts.put("default_ipv6", network.default6);
    facts.put("all_ipv4_addresses", Value::list(network.all4));
    facts.put("all_ipv6_addresses", Value::list(network.all6));
    facts.put("locally_reachable_ips", local(sections));
}

/// How packets to an address far away go.
fn route(text: &str, target: &str) -> Dict {
    let words: Vec<&str> = text.lines().next().unwrap_or_default().split_whitespace().collect();
    let mut route = Dict::new();
    if words.first() != Some(&target) {
        return route;
    }
    for pair in words.windows(2) {
        match pair[0] {
            "dev" => drop(route.insert("interface".into(), pair[1].into())),
            "src" => drop(route.insert("address".into(), pair[1].into())),
            "via" if pair[1] != target => drop(route.insert("gateway".into(), pair[1].into())),
            _ => {}
        }
    }
    route
}

fn local(sections: &Sections) -> Value {
    let mut lists: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
    for line in sections.get("local4").lines().chain(sections.get("local6").lines()) {
        let mut words = line.split_whitespace();
        if let (Some("local"), Some(address)) = (words.next(), words.next()) {
            let list = &mut lists[usize::from(address.contains(':'))];
            if !list.contains(&address) {
                list.push(address);
            }
        }
    }
    let [four, six] = lists;
    dict([("ipv4", texts(four)), ("ipv6", texts(six))])
}

/// The `inet` lines of a device in the output of `ip addr`, in words.
fn addresses<'a>(text: &'a str, device: &str) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut current = "";
    for line in text.lines() {
        if line.starts_with(|first: char| first.is_ascii_digit()) {
            let name = line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches(':');
            current = name.split('@').next().unwrap_or(name);
        } else if current == device {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.len() > 1 && words[0].starts_with("inet") {
                found.push(words);
            }
        }
    }
    found
}

fn interface(device: &str, lines: &[&str]) -> Dict {
    let get = |key: &str| pair(lines.iter().copied(), key);
    let mut facts = Dict::new();
    let mut put = |name: &str, value: Value| drop(facts.insert(name.into(), value));
    put("device", device.into());
    if let Some(address) = get("address").filter(|address| *address != "00:00:00:00:00:00") {
        put("macaddress", address.into());
    }
    let number = |key: &str| get(key).and_then(|text| text.parse::<i64>().ok());
    if let Some(mtu) = number("mtu") {
        put("mtu", Value::Int(mtu));
    }
    if let Some(state) = get("operstate") {
        put("active", (state != "down").into());
    }
    if let Some(module) = get("module") {
        put("module", base(module).into());
    }
    if let Some(kind) = get("type") {
        put("type", KINDS.iter().find(|(number, _)| *number == kind).map_or("unknown", |(_, name)| name).into());
    }
    if get("bridge").is_some() {
        put("type", "bridge".into());
        put("interfaces", texts(lines.iter().filter_map(|line| line.strip_prefix("port="))));
        put("id", get("bridge_id").unwrap_or_default().into());
        put("stp", (get("stp_state") == Some("1")).into());
    }
    if get("bonding").is_some() {
        let first = |key: &str| get(key).and_then(|text| text.split_whitespace().next()).unwrap_or_default();
        put("type", "bonding".into());
        put("slaves", texts(get("slaves").unwrap_or_default().split_whitespace()));
        put("mode", first("mode").into());
        put("miimon", first("miimon").into());
        put("lacp_rate", first("lacp_rate").into());
        if let Some(primary) = get("primary") {
            put("primary", primary.into());
            put("all_slaves_active", (get("all_slaves_active") == Some("1")).into());
        }
    }
    if get("bonding_slave").is_some() {
        put("perm_macaddress", get("perm_hwaddr").unwrap_or_default().into());
    }
    if let Some(device) = get("pciid") {
        put("pciid", base(device).into());
    }
    if let Some(speed) = number("speed") {
        put("speed", Value::Int(speed));
    }
    let flags = get("flags").and_then(|text| i64::from_str_radix(text.trim_start_matches("0x"), 16).ok());
    if let Some(flags) = flags {
        put("promisc", (flags & 0x100 > 0).into());
    }
    facts.extend(ethtool(lines));
    facts
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What `ethtool` says of offloading and time stamps.
fn ethtool(lines: &[&str]) -> Dict {
    let mut facts = Dict::new();
    let features: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("ethtool-k=")).collect();
    if !features.is_empty() {
        let pairs = features.iter().filter_map(|line| line.split_once(": "));
        let feature = |(name, value): (&str, &str)| (name.trim().replace('-', "_").into(), value.trim().into());
        facts.insert("features".into(), Value::dict(pairs.map(feature).collect()));
    }
    let stamps: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("ethtool-T=")).collect();
    if !stamps.is_empty() {
        let named = |prefix: &str| {
            let words = stamps.iter().flat_map(|line| line.split(|character: char| !is_word(character)));
            texts(words.filter_map(|word| word.strip_prefix(prefix)).map(str::to_lowercase))
        };
        facts.insert("timestamping".into(), named("SOF_TIMESTAMPING_"));
        facts.insert("hw_timestamp_filters".into(), named("HWTSTAMP_FILTER_"));
        let clock =
            stamps.iter().find_map(|line| line.strip_prefix("PTP Hardware Clock: ")?.trim().parse::<i64>().ok());
        facts.extend(clock.map(|index| ("phc_index".into(), Value::Int(index))));
    }
    facts
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

impl Network {
    fn add(&mut self, device: &str, mac: &str, words: &[&str], secondary: bool) {
        match words[0] {
            "inet" => self.add4(device, mac, words, secondary),
            "inet6" => self.add6(device, mac, words),
            _ => {}
        }
    }

    fn interface(&mut self, name: &str) -> &mut Dict {
        let value = self.interfaces.entry(name.into()).or_insert_with(|| Value::dict(Dict::new()));
        if !matches!(value, Value::Dict(_)) {
            *value = Value::dict(Dict::new());
        }
        match value {
            Value::Dict(dict) => std::sync::Arc::make_mut(dict),
            _ => unreachable!("it was made a dictionary"),
        }
    }

    fn add4(&mut self, device: &str, mac: &str, words: &[&str], secondary: bool) {
        // A point-to-point address has no prefix.
        let (address, prefix) = words[1].split_once('/').unwrap_or((words[1], "32"));
        let broadcast = if words[1].contains('/') && words.get(2) == Some(&"brd") { words.get(3) } else { None };
        let (Ok(bits), Ok(length)) = (address.parse::<Ipv4Addr>(), prefix.parse::<u32>()) else { return };
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
        let network = Ipv4Addr::from(u32::from(bits) & mask).to_string();
        let parts = [
            ("broadcast", broadcast.copied().unwrap_or_default().into()),
            ("netmask", Ipv4Addr::from(mask).to_string().into()),
            ("network", network.into()),
            ("prefix", prefix.into()),
        ];
        let mut entry: Dict = [("address".into(), address.into())].into_iter().collect();
        entry.extend(parts.iter().map(|(name, value): &(&str, Value)| ((*name).into(), value.clone())));
        let label = words[words.len() - 1];
        if label != device {
            self.interfaces.insert(label.into(), Value::dict(Dict::new()));
        }
        if !secondary && !self.interface(label).contains_key("ipv4") {
            self.interface(label).insert("ipv4".into(), Value::dict(entry.clone()));
        } else {
            push(self.interface(label), "ipv4_secondaries", Value::dict(entry.clone()));
        }
        if secondary && device != label {
            push(self.interface(device), "ipv4_secondaries", Value::dict(entry));
        }
        let default = self.default4.get("address").and_then(Value::as_str) == Some(address);
        if default {
            let (mtu, kind) = self.link(device);
            self.default4.extend(parts.into_iter().map(|(name, value)| (name.into(), value)));
            for (name, value) in [("macaddress", mac.into()), ("mtu", mtu), ("type", kind), ("alias", label.into())] {
                self.default4.insert(name.into(), value);
            }
        }
        if !address.starts_with("127.") {
            self.all4.push(address.into());
        }
    }

    fn add6(&mut self, device: &str, mac: &str, words: &[&str]) {
        let word = |index: usize| words.get(index).copied().unwrap_or_default();
        let (address, prefix, scope) = if word(2) == "peer" {
            (word(1), word(3).rsplit('/').next().unwrap_or_default(), word(5))
        } else {
            let (address, prefix) = word(1).split_once('/').unwrap_or((word(1), "128"));
            (address, prefix, word(3))
        };
        let parts = [("address", address.into()), ("prefix", prefix.into()), ("scope", scope.into())];
        push(self.interface(device), "ipv6", dict(parts));
        if self.default6.get("address").and_then(Value::as_str) == Some(address) {
            let (mtu, kind) = self.link(device);
            let parts = [
                ("prefix", prefix.into()),
                ("scope", scope.into()),
                ("macaddress", mac.into()),
                ("mtu", mtu),
                ("type", kind),
            ];
            self.default6.extend(parts.into_iter().map(|(name, value): (&str, Value)| (name.into(), value)));
        }
        if address != "::1" {
            self.all6.push(address.into());
        }
    }

    fn link(&mut self, device: &str) -> (Value, Value) {
        let interface = self.interface(device);
        let get = |name: &str| interface.get(name).cloned();
        (get("mtu").unwrap_or(Value::Null), get("type").unwrap_or_else(|| maybe(Some("unknown"))))
    }
}

fn push(dict: &mut Dict, name: &str, value: Value) {
    let items = dict.get(name).and_then(Value::as_list).unwrap_or_default();
    let items = items.iter().cloned().chain([value]).collect();
    dict.insert(name.into(), Value::list(items));
}
