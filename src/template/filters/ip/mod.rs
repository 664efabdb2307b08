//! Addresses of IP networks, as `ansible.utils` answers.

mod hardware;
mod merge;
mod network;
mod query;

pub use hardware::{hwaddr, macaddr, slaac};
pub use merge::{cidr_merge, usable_range};
pub use network::{Network, Written};

use self::query::Subject;
use super::bind::{Answer, bind};
use super::python::{check, integer, iterate, text, whole, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn ipaddr(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query, version, alias] = bind(arguments, "ipaddr", ["query", "version", "alias"], 0)?;
    let version = match version {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(version) => Some(whole(&version)?),
    };
    ask(&value, &words(query.as_ref(), "")?, version, &words(alias.as_ref(), "ipaddr")?)
}

pub fn ipv4(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query] = bind(arguments, "ipv4", ["query"], 0)?;
    ask(&value, &words(query.as_ref(), "")?, Some(4), "ipv4")
}

pub fn ipv6(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query] = bind(arguments, "ipv6", ["query"], 0)?;
    ask(&value, &words(query.as_ref(), "")?, Some(6), "ipv6")
}

/// Reads what may be an address: a text, a number, `number/prefix`.
fn subject(value: &Value, version: Option<i64>) -> Answer<Option<Subject>> {
    check(value)?;
    let written = match value {
        Value::String(text) => text.as_str().to_owned(),
        Value::Int(number) if *number > 0 => number.to_string(),
        _ => return Ok(None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let made = |network: Option<Network>, written: Written| {
        network.map(|network| Subject { value: network.to_string().into(), network, written })
    };
    if is_digits(&written) {
        let number: Option<u128> = written.parse().ok();
        let four = number.filter(|_| version != Some(6)).and_then(|ip| Network::new(4, ip, 32));
        let six = || number.and_then(|ip| Network::new(6, ip, 128));
        return Ok(made(four.or_else(six), Written::Address));
    }
    if let Some((network, form)) = Network::parse(&written) {
        return Ok(Some(Subject { network, written: form, value: value.clone() }));
    }
    let Some((ip, prefix)) = written.split_once('/').filter(|(ip, prefix)| is_digits(ip) && is_digits(prefix)) else {
        return Ok(None);
    };
    let (Ok(ip), Ok(prefix)) = (ip.parse(), prefix.parse()) else { return Ok(None) };
    Ok(made(Network::new(4, ip, prefix).or_else(|| Network::new(6, ip, prefix)), Written::Network))
}

/// Asks about a value, or about each of a list, of which those remain that have an answer.
fn ask(value: &Value, query: &str, version: Option<i64>, alias: &str) -> Answer {
    if let Value::List(items) = value {
        let mut answers = Vec::new();
        for item in items.iter() {
            let answer = ask(item, query, version, "ipaddr")?;
            if answer.is_true() {
                answers.push(answer);
            }
        }
        return Ok(Value::list(answers));
    }
    let Some(subject) = subject(value, version)? else { return Ok(false.into()) };
    if version.is_some_and(|version| version != i64::from(subject.network.version)) {
        return Ok(false.into());
    }
    if let Some(answer) = subject.ask(query)? {
        return Ok(answer);
    }
    let is_digits = query.bytes().all(|byte| byte.is_ascii_digit());
    if let (false, Some((network, _))) = (is_digits, Network::parse(query)) {
        let inside = subject.network.is_within(network);
        return Ok(if inside { subject.value } else { Value::Null });
    }
    let Some(place) = super::numbers::parse_float(query) else {
        return Err(TemplateError::value(format!("{alias}: unknown filter type: {query}")));
    };
    Ok(nth(&subject, place))
}

/// The address at a place of the network, counted from its end where negative.
fn nth(subject: &Subject, place: f64) -> Value {
    let v = subject.network;
    if v.size() == 1 {
        return if subject.written == Written::Address { v.show(v.ip).into() } else { v.to_string().into() };
    }
    let place = super::python::truncated(place).and_then(|place| at(v, place));
    place.map_or(false.into(), |ip| format!("{}/{}", v.show(ip), v.prefix).into())
}

/// The address at a place of the network.
fn at(v: Network, place: i64) -> Option<u128> {
    let offset = u128::from(place.unsigned_abs());
    let ip = if place < 0 { v.last().checked_add(1)?.checked_sub(offset)? } else { v.first().checked_add(offset)? };
    (v.first()..=v.last()).contains(&ip).then_some(ip)
}

pub fn ipwrap(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query] = bind(arguments, "ipwrap", ["query"], 0)?;
    let query = words(query.as_ref(), "")?;
    let wrap = |item: &Value| -> Answer {
        let found = ask(item, &query, None, "ipwrap");
        match found {
            Ok(found) if found.is_true() => ask(&found, "wrap", None, "ipwrap"),
            _ => Ok(item.clone()),
        }
    };
    check(&value)?;
    match &value {
        Value::List(items) => items.iter().map(wrap).collect::<Answer<Vec<_>>>().map(Value::list),
        Value::String(_) | Value::Bool(_) => wrap(&value),
        other => {
            let kind = other.type_name();
            Err(TemplateError::value(format!("Unrecognized type <<class '{kind}'>> for ipwrap filter <value>")))
        }
    }
}

/// The network that an address or network stands for.
fn normal(value: &Value) -> Answer<Option<Network>> {
    Ok(subject(value, None)?.map(|subject| {
        let v = subject.network;
        if v.ip == v.first() { v.cidr() } else { v }
    }))
}

pub fn ipmath(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [amount] = bind(arguments, "ipmath", ["amount"], 1)?;
    let shown = text(&value)?;
    let Some((v, _)) = Network::parse(&shown) else {
        return Err(TemplateError::value(format!("You must pass a valid IP address; {shown} is invalid")));
    };
    let amount = amount.unwrap_or(Value::Null);
    let amount = whole(&amount).map_err(|_| {
        TemplateError::value(format!("You must pass an integer for arithmetic; {amount} is not a valid integer"))
    })?;
    let offset = u128::from(amount.unsigned_abs());
    let moved = if amount < 0 { v.ip.checked_sub(offset) } else { v.ip.checked_add(offset) };
    let moved = moved.filter(|ip| Network::new(v.version, *ip, 0).is_some());
    moved.map(|ip| v.show(ip).into()).ok_or_else(|| TemplateError::value("result outside valid IP address boundary!"))
}

pub fn nthhost(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query] = bind(arguments, "nthhost", ["query"], 0)?;
    let place = query.as_ref().and_then(|query| super::numbers::parse_int(&query.to_string(), 10));
    let (Some(v), Some(place)) = (normal(&value)?, place.filter(|place| *place != 0)) else { return Ok(false.into()) };
    Ok(at(v, place).map_or(false.into(), |ip| v.show(ip).into()))
}

fn beside(value: &Value, arguments: Arguments, name: &str, sign: i64) -> Answer {
    let [offset] = bind(arguments, name, ["offset"], 1)?;
    let Some(v) = normal(value)? else { return Ok(false.into()) };
    let offset = integer(offset.as_ref(), 0).map_err(|_| TemplateError::value("Must pass in an integer"))?;
    let offset = offset.saturating_mul(sign);
    let size = u128::from(offset.unsigned_abs());
    let ip = if offset < 0 { v.ip.checked_sub(size) } else { v.ip.checked_add(size) };
    let usable = v.usable().zip(ip).filter(|((first, last), ip)| (first..=last).contains(&ip));
    Ok(usable.map_or(Value::Null, |(_, ip)| v.show(ip).into()))
}

pub fn next_nth_usable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    beside(&value, arguments, "next_nth_usable", 1)
}

pub fn previous_nth_usable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    beside(&value, arguments, "previous_nth_usable", -1)
}

/// Both networks of a call.
fn two(value: &Value, other: Option<Value>) -> Answer<Option<(Network, Network)>> {
    Ok(normal(value)?.zip(normal(&other.unwrap_or(Value::Null))?))
}

pub fn network_in_network(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [test] = bind(arguments, "network_in_network", ["test"], 1)?;
    Ok(two(&value, test)?.is_some_and(|(outer, inner)| inner.is_within(outer)).into())
}

pub fn network_in_usable(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [test] = bind(arguments, "network_in_usable", ["test"], 1)?;
    let Some((outer, inner)) = two(&value, test)? else { return Ok(false.into()) };
    let (first, last) = outer.usable().unwrap_or((outer.first(), outer.last()));
    Ok((outer.version == inner.version && inner.first() >= first && inner.last() <= last).into())
}

pub fn reduce_on_network(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [network] = bind(arguments, "reduce_on_network", ["network"], 1)?;
    let network = network.unwrap_or(Value::Null);
    let mut kept = Vec::new();
    for item in iterate(&value)? {
        if two(&network, Some(item.clone()))?.is_some_and(|(outer, inner)| inner.is_within(outer)) {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

pub fn ipsubnet(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query, index] = bind(arguments, "ipsubnet", ["query", "index"], 0)?;
    let Some(subject) = subject(&value, None)? else { return Ok(false.into()) };
    let v = subject.network.cidr();
    let query = words(query.as_ref(), "")?;
    let is_address = subject.network.prefix == v.bits();
    if query.is_empty() {
        return Ok(v.to_string().into());
    }
    let Ok(length) = query.parse::<u32>() else { return rank(v, &query) };
    if length > v.bits() {
        return Ok(false.into());
    }
    let index = match index {
        None | Some(Value::Null) => None,
        Some(index) => super::numbers::parse_int(&text(&index)?, 10),
    };
    if is_address {
        let length = index.map_or(i64::from(length), |index| i64::from(length) + index);
        let length = u32::try_from(length).ok().filter(|length| *length <= v.bits());
        return Ok(length.map_or(false.into(), |prefix| Network { prefix, ..v }.cidr().to_string().into()));
    }
    if length < v.prefix {
        return Err(TemplateError::value(format!("Requested subnet size of {length} is invalid")));
    }
    let count = 1u128.checked_shl(length - v.prefix).unwrap_or(u128::MAX);
    let Some(index) = index else { return Ok(count.to_string().into()) };
    let offset = u128::from(index.unsigned_abs());
    let place = if index < 0 { count.checked_sub(offset) } else { Some(offset) };
    let ip = place.filter(|place| *place < count).map(|place| v.ip + place.checked_shl(v.bits() - length).unwrap_or(0));
    Ok(ip.map_or(false.into(), |ip| format!("{}/{length}", v.show(ip)).into()))
}

/// The number of a subnet within a larger one, from one on.
fn rank(v: Network, query: &str) -> Answer {
    let Some((outer, _)) = Network::parse(query) else {
        return Err(TemplateError::value(format!("You must pass a valid subnet or IP address; {query} is invalid")));
    };
    let outer = outer.cidr();
    if !v.is_within(outer) {
        return Err(TemplateError::value(format!("{v} is not in the subnet {outer}")));
    }
    let place = (v.ip - outer.ip).checked_shr(v.bits() - v.prefix).unwrap_or(0);
    Ok((place + 1).to_string().into())
}
