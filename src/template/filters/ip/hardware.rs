//! Addresses of network cards: `hwaddr`, `macaddr`, `slaac`.

use super::Network;
use crate::template::filters::bind::{Answer, bind};
use crate::template::filters::python::{text, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

/// An address of 48 or of 64 bits.
#[derive(Clone, Copy)]
struct Hardware {
    bytes: [u8; 8],
    length: usize,
}

impl Hardware {
    /// Reads `00:11:22:33:44:55`, with `-` or `:` between bytes, `.` or `:` between words, or nothing.
    fn parse(written: &str) -> Option<Self> {
        let digits: String = match written.chars().find(|letter| matches!(letter, ':' | '-' | '.')) {
            None => written.to_owned(),
            Some(separator) => {
                let parts: Vec<&str> = written.split(separator).collect();
                let width = match (parts.len(), separator) {
                    (6 | 8, ':' | '-') => 2,
                    (3 | 4, _) => 4,
                    (2, ':' | '-') => 6,
                    _ => return None,
                };
                let fits = |part: &&str| !part.is_empty() && part.len() <= width;
                if !parts.iter().all(fits) {
                    return None;
                }
                parts.iter().map(|part| format!("{part:0>width$}")).collect::<Vec<_>>().concat()
            }
        };
        let length = match digits.len() {
            12 => 6,
            16 => 8,
            _ => return None,
        };
        let number =
            u64::from_str_radix(&digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let mut bytes = [0; 8];
        bytes[..length].copy_from_slice(&number.to_be_bytes()[8 - length..]);
        Some(Self { bytes, length })
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn number(&self) -> i64 {
        let number = self.bytes().iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        i64::try_from(number).unwrap_or(i64::MAX)
    }

    /// Groups of `size` bytes, each as hexadecimal digits, with `separator` between them.
    fn grouped(&self, size: usize, separator: &str) -> String {
        let group = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        self.bytes().chunks(size).map(group).collect::<Vec<_>>().join(separator)
    }

    /// The lower half of an address of IPv6 (RFC 4291, appendix A).
    fn interface(&self) -> u64 {
        let mut bytes = self.bytes;
        if self.length == 6 {
            bytes = [bytes[0], bytes[1], bytes[2], 0xff, 0xfe, bytes[3], bytes[4], bytes[5]];
        }
        bytes[0] ^= 2;
        u64::from_be_bytes(bytes)
    }
}

pub fn hwaddr(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    ask(&value, arguments, "hwaddr")
}

pub fn macaddr(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    ask(&value, arguments, "macaddr")
}

fn ask(value: &Value, arguments: Arguments, name: &str) -> Answer {
    let [query, alias] = bind(arguments, name, ["query", "alias"], 0)?;
    let (query, alias) = (words(query.as_ref(), "")?, words(alias.as_ref(), name)?);
    let written = text(value)?;
    let Some(address) = Hardware::parse(&written) else {
        return match query.as_str() {
            "" | "bool" => Ok(Value::Null),
            _ => Err(TemplateError::value(format!("{alias}: not a hardware address: {written}"))),
        };
    };
    Ok(match query.as_str() {
        "" => value.clone(),
        "bool" => true.into(),
        "int" => Value::Int(address.number()),
        "bare" => address.grouped(8, "").to_uppercase().into(),
        "cisco" => address.grouped(2, ".").into(),
        "linux" => address.grouped(1, ":").into(),
        "unix" => {
            let bytes: Vec<String> = address.bytes().iter().map(|byte| format!("{byte:x}")).collect();
            bytes.join(":").into()
        }
        "pgsql" | "postgresql" | "psql" => address.grouped(3, ":").into(),
        "eui48" | "win" => address.grouped(1, "-").to_uppercase().into(),
        other => return Err(TemplateError::value(format!("{alias}: unknown filter type: {other}"))),
    })
}

/// The address that a network card gives itself in a network of IPv6.
pub fn slaac(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query] = bind(arguments, "slaac", ["query"], 0)?;
    let query = words(query.as_ref(), "")?;
    let network = super::subject(&value, None)?.map(|subject| subject.network).filter(|network| network.version == 6);
    let (Some(network), Some(address)) = (network, Hardware::parse(&query)) else { return Ok(false.into()) };
    let Network { version, .. } = network;
    let ip = network.first().wrapping_add(u128::from(address.interface()));
    Ok(super::network::show(version, ip).into())
}
