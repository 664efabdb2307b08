//! What `ipaddr` can be asked about an address.

use super::network::{Network, Written, show};
use crate::template::filters::bind::Answer;
use crate::template::{TemplateError, Value};

/// An address that is asked about.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The address.
    pub network: Network,
    /// How it was written.
    pub written: Written,
    /// What a query that only selects answers.
    pub value: Value,
}

/// What a query answers that does not hold.
const NONE: Value = Value::Null;

fn number(value: u128) -> Value {
    i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::Int)
}

fn not_a_network() -> TemplateError {
    TemplateError::value("Not a network address")
}

impl Subject {
    /// Answers a query of a known name; none for names that are not known.
    pub fn ask(&self, query: &str) -> Answer<Option<Value>> {
        let Self { network, written, value } = self;
        let (v, ip) = (*network, network.show(network.ip));
        let is_address = *written == Written::Address;
        let when = |holds: bool| if holds { value.clone() } else { NONE };
        Ok(Some(match query {
            "" if is_address => ip.into(),
            "" | "cidr" => v.to_string().into(),
            "bool" => true.into(),
            "address" | "ip" => self.address(),
            "address/prefix" | "gateway" | "gw" | "host/prefix" | "hostnet" | "router" => {
                let edge = v.ip == v.first() || (v.has_broadcast() && v.ip == v.last());
                if v.size() > 2 && edge { false.into() } else { v.to_string().into() }
            }
            "broadcast" if v.size() > 2 => if v.has_broadcast() { v.show(v.last()) } else { "None".to_owned() }.into(),
            "host" if v.size() == 1 || v.ip != v.first() || !v.has_broadcast() => v.to_string().into(),
            "hostmask" | "wildcard" => v.show(v.host_mask()).into(),
            "int" if is_address => number(v.ip),
            "int" => format!("{}/{}", v.ip, v.prefix).into(),
            "ip/prefix" if self.is_host() => v.to_string().into(),
            "ip_netmask" if self.is_host() => format!("{ip} {}", v.show(v.netmask())).into(),
            "ipv4" | "v4" => self.as_version_four(),
            "ipv6" | "v6" if v.version == 4 => format!("{}/{}", show(6, v.ip | 0xffff << 32), v.prefix + 96).into(),
            "ipv6" | "v6" => value.clone(),
            "link-local" => when(v.is_in_any(&["169.254.0.0/16", "fe80::/10"])),
            "lo" | "loopback" => when(v.is_loopback()),
            "multicast" => when(v.is_multicast()),
            "unicast" => when(!v.is_multicast()),
            "private" => when(!v.is_global()),
            "public" => when(v.is_global() && !v.is_multicast() && !v.is_loopback() && !looks_like_mask(v)),
            "net" if v.size() > 1 && v.ip == v.first() => v.to_string().into(),
            "netmask" => v.show(v.netmask()).into(),
            "network" | "network_id" => v.show(v.first()).into(),
            "network/prefix" | "subnet" => v.cidr().to_string().into(),
            "network_netmask" => format!("{} {}", v.show(v.first()), v.show(v.netmask())).into(),
            "network_wildcard" => format!("{} {}", v.show(v.first()), v.show(v.host_mask())).into(),
            "prefix" => Value::Int(v.prefix.into()),
            "revdns" => reverse(v).into(),
            "size" => number(v.size()),
            "size_usable" => number(match v.size() {
                1 => 0,
                2 => 2,
                size => size - 2,
            }),
            "type" => if v.size() == 1 || v.ip != v.first() { "address" } else { "network" }.into(),
            "version" => Value::Int(v.version.into()),
            "wrap" if v.version == 4 => value.clone(),
            "wrap" if is_address => format!("[{ip}]").into(),
            "wrap" => format!("[{ip}]/{}", v.prefix).into(),
            "6to4" => self.six_to_four(),
            "first_usable" | "last_usable" | "next_usable" | "previous_usable" | "range_usable" | "peer" => {
                if is_address {
                    return Err(not_a_network());
                }
                self.usable(query)?
            }
            "broadcast" | "host" | "ip/prefix" | "ip_netmask" | "net" => NONE,
            _ => return Ok(None),
        }))
    }

    fn is_host(&self) -> bool {
        let v = self.network;
        v.size() == 2 || (v.size() > 1 && v.ip != v.first())
    }

    fn address(&self) -> Value {
        let v = self.network;
        let is_host = v.size() == 1 || v.ip != v.first() || !v.has_broadcast() || v.version == 6;
        if is_host { v.show(v.ip).into() } else { NONE }
    }

    fn as_version_four(&self) -> Value {
        let v = self.network;
        if v.version == 4 {
            return self.value.clone();
        }
        let is_mapped = v.ip >> 32 == 0xffff || v.ip >> 32 == 0;
        if is_mapped && v.prefix >= 96 { format!("{}/{}", show(4, v.ip), v.prefix - 96).into() } else { false.into() }
    }

    fn six_to_four(&self) -> Value {
        let v = self.network;
        if v.version == 6 {
            let within = v.is_in_any(&["2002::/16"]);
            let counts = self.written == Written::Address || v.ip != v.first();
            return if within && counts { self.value.clone() } else { false.into() };
        }
        if v.size() > 1 && v.ip == v.first() {
            return false.into();
        }
        if v.is_global() && (v.is_multicast() || looks_like_mask(v)) {
            return false.into();
        }
        let (high, low) = (v.ip >> 16, v.ip & 0xffff);
        format!("2002:{high:04x}:{low:04x}::1/48").into()
    }

    fn usable(&self, query: &str) -> Answer {
        let v = self.network;
        if query == "peer" {
            return self.peer();
        }
        let Some((first, last)) = v.usable() else { return Ok(NONE) };
        let beside =
            |ip: Option<u128>| ip.filter(|ip| (first..=last).contains(ip)).map_or(NONE, |ip| v.show(ip).into());
        Ok(match query {
            "first_usable" => v.show(first).into(),
            "last_usable" => v.show(last).into(),
            "next_usable" => beside(v.ip.checked_add(1)),
            "previous_usable" => beside(v.ip.checked_sub(1)),
            _ => format!("{}-{}", v.show(first), v.show(last)).into(),
        })
    }

    fn peer(&self) -> Answer {
        let v = self.network;
        match (v.size(), v.ip % 4) {
            (2, _) => Ok(v.show(v.ip ^ 1).into()),
            (4, 0) => Err(TemplateError::value("Network address of /30 has no peer")),
            (4, 3) => Err(TemplateError::value("Broadcast address of /30 has no peer")),
            (4, _) => Ok(v.show(v.ip ^ 3).into()),
            _ => Err(TemplateError::value("Not a point-to-point network")),
        }
    }
}

/// Whether the address reads as a mask, as `255.255.255.0` and `0.0.0.255` do.
fn looks_like_mask(v: Network) -> bool {
    let aligned = if v.version == 4 { v.ip << 96 } else { v.ip };
    let low = v.ip.wrapping_add(1);
    aligned.leading_ones() + aligned.trailing_zeros() >= 128 || low & v.ip == 0
}

fn reverse(v: Network) -> String {
    if v.version == 4 {
        let octets = v.show(v.ip);
        let reversed: Vec<&str> = octets.rsplit('.').collect();
        return format!("{}.in-addr.arpa.", reversed.join("."));
    }
    let digits: Vec<String> = format!("{:032x}", v.ip).chars().rev().map(String::from).collect();
    format!("{}.ip6.arpa.", digits.join("."))
}
