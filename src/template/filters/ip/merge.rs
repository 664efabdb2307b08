//! Networks put together: `cidr_merge`, `usable_range`.

use super::Network;
use crate::template::filters::bind::{Answer, bind};
use crate::template::filters::python::{iterate, text, words};
use crate::template::{Arguments, Calls, Dict, TemplateError, Value};

/// Most addresses that are listed.
const LISTED: u128 = 1 << 20;

/// The smallest list of networks that holds the same addresses, or the one network around all of them.
pub fn cidr_merge(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [action] = bind(arguments, "cidr_merge", ["action"], 0)?;
    let action = words(action.as_ref(), "merge")?;
    let networks = iterate(&value)?.iter().map(network).collect::<Answer<Vec<_>>>()?;
    match action.as_str() {
        "merge" => Ok(Value::list(merged(networks).into_iter().map(|network| network.to_string().into()).collect())),
        "span" => match networks.as_slice() {
            [] => Ok(Value::Null),
            [one] => Ok(one.to_string().into()),
            several => span(several).map(|network| network.to_string().into()),
        },
        other => Err(TemplateError::value(format!("cidr_merge: invalid action '{other}'"))),
    }
}

fn network(item: &Value) -> Answer<Network> {
    let written = text(item)?;
    let parsed = Network::parse(&written).map(|(network, _)| network);
    parsed.ok_or_else(|| TemplateError::value(format!("cidr_merge: error in netaddr:\ninvalid IPNetwork {written}")))
}

fn merged(networks: Vec<Network>) -> Vec<Network> {
    let mut ranges: Vec<(u8, u128, u128)> =
        networks.into_iter().map(|network| (network.version, network.first(), network.last())).collect();
    ranges.sort_unstable();
    let mut joined: Vec<(u8, u128, u128)> = Vec::new();
    for (version, first, last) in ranges {
        match joined.last_mut() {
            Some((known, _, end)) if *known == version && first <= end.saturating_add(1) => *end = (*end).max(last),
            _ => joined.push((version, first, last)),
        }
    }
    joined.into_iter().flat_map(|(version, first, last)| blocks(version, first, last)).collect()
}

/// The networks that make up a range, largest first where they fit.
fn blocks(version: u8, mut first: u128, last: u128) -> Vec<Network> {
    let bits: u32 = if version == 4 { 32 } else { 128 };
    let mut found = Vec::new();
    loop {
        let mut host_bits = first.trailing_zeros().min(bits);
        let end = |host_bits: u32| match 1u128.checked_shl(host_bits) {
            Some(size) => first.checked_add(size - 1),
            None => Some(u128::MAX),
        };
        while end(host_bits).is_none_or(|end| end > last) {
            host_bits -= 1;
        }
        found.push(Network { version, ip: first, prefix: bits - host_bits });
        match end(host_bits) {
            Some(end) if end < last => first = end + 1,
            _ => return found,
        }
    }
}

fn span(networks: &[Network]) -> Answer<Network> {
    let version = networks[0].version;
    if networks.iter().any(|network| network.version != version) {
        return Err(TemplateError::value(
            "cidr_merge: error in netaddr:\nIP sequence cannot contain both IPv4 and IPv6!",
        ));
    }
    let lowest = networks.iter().map(|network| network.first()).min().unwrap_or_default();
    let highest = networks.iter().map(|network| network.last()).max().unwrap_or_default();
    let bits: u32 = if version == 4 { 32 } else { 128 };
    let differing = 128 - (lowest ^ highest).leading_zeros();
    Ok(Network { version, ip: lowest, prefix: bits - differing }.cidr())
}

/// All addresses of a network, and how many they are.
pub fn usable_range(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [] = bind(arguments, "usable_range", [], 0)?;
    let written = text(&value)?;
    let failed = |why: &str| TemplateError::value(format!("Error while using plugin 'usable_range': {why}"));
    let Some((network, _)) = Network::parse(&written) else {
        return Err(failed(&format!("'{written}' does not appear to be an IPv4 or IPv6 network")));
    };
    if network.ip != network.first() {
        return Err(failed(&format!("{written} has host bits set")));
    }
    let size = network.size();
    if size > LISTED {
        return Err(failed(&format!("{written} has too many addresses to list")));
    }
    let addresses = (network.first()..=network.last()).map(|ip| network.show(ip).into()).collect();
    let count = i64::try_from(size).unwrap_or(i64::MAX);
    let entries = [("usable_ips".into(), Value::list(addresses)), ("number_of_ips".into(), Value::Int(count))];
    Ok(Value::dict(Dict::from_iter(entries)))
}
