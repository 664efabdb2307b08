//! Addresses of IP, as `ansible.utils` tests them.

use crate::template::filters::bind::{Answer, bind, none};
use crate::template::filters::ip::{Network, Written};
use crate::template::filters::python::{check, iterate, text};
use crate::template::{Arguments, Calls, Value};

/// The network that a text names.
fn network(value: &Value) -> Answer<Option<(Network, Written)>> {
    check(value)?;
    Ok(match value {
        Value::String(text) => Network::parse(text.as_str()),
        _ => None,
    })
}

/// Whether a text is an address or a network of a version.
fn is_of(value: &Value, version: Option<u8>, alone: bool) -> Answer<bool> {
    Ok(network(value)?.is_some_and(|(network, written)| {
        // A network has no bits beyond its prefix.
        let whole = network.ip == network.first();
        version.is_none_or(|version| version == network.version) && whole && (!alone || written == Written::Address)
    }))
}

macro_rules! versions {
    ($($name:ident: $version:expr, $alone:expr;)*) => {
        $(pub fn $name(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
            none(arguments, stringify!($name))?;
            is_of(&value, $version, $alone)
        })*
    };
}

versions! {
    ip: None, false;
    ipv4: Some(4), false;
    ipv6: Some(6), false;
    ip_address: None, true;
    ipv4_address: Some(4), true;
    ipv6_address: Some(6), true;
}

macro_rules! kinds {
    ($($name:ident: $holds:expr;)*) => {
        $(pub fn $name(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
            none(arguments, stringify!($name))?;
            Ok(network(&value)?.is_some_and(|(network, _)| $holds(network)))
        })*
    };
}

kinds! {
    loopback: Network::is_loopback;
    multicast: Network::is_multicast;
    public: |network: Network| network.is_global();
    private: |network: Network| !network.is_global();
    unspecified: |network: Network| network.ip == 0 && network.prefix == network.bits();
}

/// Whether the value lies within the argument.
fn lies_in(value: &Value, outer: &Value) -> Answer<bool> {
    Ok(network(value)?.zip(network(outer)?).is_some_and(|((inner, _), (outer, _))| inner.is_within(outer)))
}

pub fn in_network(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [outer] = bind(arguments, "in_network", ["network"], 1)?;
    lies_in(&value, &outer.unwrap_or(Value::Null))
}

pub fn supernet_of(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [inner] = bind(arguments, "supernet_of", ["network_b"], 1)?;
    lies_in(&inner.unwrap_or(Value::Null), &value)
}

pub fn in_any_network(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [networks] = bind(arguments, "in_any_network", ["networks"], 1)?;
    for outer in iterate(&networks.unwrap_or(Value::Null))? {
        if lies_in(&value, &outer)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the text is a hardware address.
pub fn mac(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "mac")?;
    let text = text(&value)?.to_lowercase();
    let parts = |separator: char, length: usize, count: usize| {
        let parts: Vec<&str> = text.split(separator).collect();
        let fits = |part: &&str| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.len() == count && parts.iter().all(fits)
    };
    Ok(parts(':', 2, 6) || parts('-', 2, 6) || parts('.', 4, 3))
}
