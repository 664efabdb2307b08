//! Addresses and networks of IP, as Python's `netaddr` has them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An address with a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// 4 or 6.
    pub version: u8,
    /// The address as a number.
    pub ip: u128,
    /// The prefix length.
    pub prefix: u32,
}

/// How the text named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Alone.
    Address,
    /// With a prefix.
    Network,
}

impl Network {
    /// An address; none where it is too large.
    pub fn new(version: u8, ip: u128, prefix: u32) -> Option<Self> {
        let bits = if version == 4 { 32 } else { 128 };
        let fits = version == 6 || ip <= u128::from(u32::MAX);
        (fits && prefix <= bits).then_some(Self { version, ip, prefix })
    }

    /// Reads `10.0.0.1`, `10.0.0.1/24`, `10.0.0.1/255.255.255.0`, `fe80::1/64`.
    pub fn parse(text: &str) -> Option<(Self, Written)> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (version, ip) = parse_address(address)?;
        let bits = if version == 4 { 32 } else { 128 };
        let length = match prefix {
            None => bits,
            Some(prefix) => prefix_length(prefix, version)?,
        };
        let written = if prefix.is_some() { Written::Network } else { Written::Address };
        Some((Self::new(version, ip, length)?, written))
    }

    /// Bits of an address.
    pub fn bits(self) -> u32 {
        if self.version == 4 { 32 } else { 128 }
    }

    /// The bits of the host part that are one.
    pub fn host_mask(self) -> u128 {
        let bits = self.bits() - self.prefix;
        if bits == 128 { u128::MAX } else { (1 << bits) - 1 }
    }

    /// The bits of the network part that are one.
    pub fn netmask(self) -> u128 {
        let all = if self.version == 4 { u128::from(u32::MAX) } else { u128::MAX };
        all & !self.host_mask()
    }

    /// The first address.
    pub fn first(self) -> u128 {
        self.ip & self.netmask()
    }

    /// The last address.
    pub fn last(self) -> u128 {
        self.first() | self.host_mask()
    }

    /// How many addresses; saturates at the whole of IPv6.
    pub fn size(self) -> u128 {
        self.host_mask().saturating_add(1)
    }

    /// The first and the last address that hosts may have.
    pub fn usable(self) -> Option<(u128, u128)> {
        match self.size() {
            1 => None,
            2 => Some((self.first(), self.last())),
            _ => Some((self.first() + 1, self.last() - 1)),
        }
    }

    /// Whether the address lies in `other`.
    pub fn is_in(self, other: Self) -> bool {
        self.version == other.version && (other.first()..=other.last()).contains(&self.ip)
    }

    /// Whether all addresses lie in `other`.
    pub fn is_within(self, other: Self) -> bool {
        self.version == other.version && self.first() >= other.first() && self.last() <= other.last()
    }

    /// An address of the same version as text.
    pub fn show(self, ip: u128) -> String {
        show(self.version, ip)
    }

    /// The network itself: no bit of the host part is one.
    pub fn cidr(self) -> Self {
        Self { ip: self.first(), ..self }
    }

    /// Whether there is a broadcast address, which networks of one or two addresses lack.
    pub fn has_broadcast(self) -> bool {
        self.size() > 2
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.show(self.ip), self.prefix)
    }
}

/// An address as text.
pub fn show(version: u8, ip: u128) -> String {
    if version == 4 {
        return Ipv4Addr::from(u32::try_from(ip & u128::from(u32::MAX)).unwrap_or_default()).to_string();
    }
    if ip >> 32 == 0 && ip > 0xffff {
        return format!("::{}", show(4, ip));
    }
    Ipv6Addr::from(ip).to_string()
}

fn parse_address(text: &str) -> Option<(u8, u128)> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some((6, address.into()));
    }
    let address: Ipv4Addr = text.parse().ok()?;
    Some((4, u32::from(address).into()))
}

fn prefix_length(text: &str, version: u8) -> Option<u32> {
    let bits = if version == 4 { 32 } else { 128 };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().filter(|length| *length <= bits);
    }
    let (mask_version, mask) = parse_address(text)?;
    let mask = if version == 4 { mask << 96 } else { mask };
    let ones = mask.leading_ones();
    let is_netmask = mask_version == version && (ones == 128 || mask << ones == 0);
    if is_netmask {
        return Some(ones.min(bits));
    }
    let zeros = mask.leading_zeros();
    let is_hostmask = mask_version == version && mask >> (128 - bits) == (1u128 << (bits - zeros)) - 1;
    is_hostmask.then_some(zeros)
}

/// The prefixes of addresses that are not for all of the world, and of those among them that are.
const SPECIAL: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::1/128",
    "::/128",
    "::ffff:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
];

const GLOBAL: &[&str] = &[
    "192.0.0.9/32",
    "192.0.0.10/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];

impl Network {
    /// Whether the address lies in one of the networks.
    pub fn is_in_any(self, networks: &[&str]) -> bool {
        networks.iter().filter_map(|text| Self::parse(text)).any(|(network, _)| self.is_in(network))
    }

    /// Whether the address is routed everywhere, by the registries of IANA.
    pub fn is_global(self) -> bool {
        self.is_in_any(GLOBAL) || !self.is_in_any(SPECIAL)
    }

    /// Whether the address is of many receivers.
    pub fn is_multicast(self) -> bool {
        self.is_in_any(&["224.0.0.0/4", "ff00::/8"])
    }

    /// Whether the address is the host's own.
    pub fn is_loopback(self) -> bool {
        self.is_in_any(&["127.0.0.0/8", "::1/128"])
    }
}
