//! Addresses of the web: split, encode, decode.

use super::bind::{Answer, bind, none};
use super::python::{check, entries, is_mapping, iterate, string, text, words};
use crate::template::{Arguments, Calls, Dict, TemplateError, Value};

/// The parts of a URL, as Python's `urlsplit` cuts them.
#[derive(Clone, Debug, Default)]
pub struct Url {
    /// In lower case.
    pub scheme: String,
    /// User, host and port.
    pub netloc: String,
    /// Path.
    pub path: String,
    /// After `?`.
    pub query: String,
    /// After `#`.
    pub fragment: String,
}

impl Url {
    /// Splits a text; only brackets around the host can be wrong.
    ///
    /// # Errors
    /// When a bracket has no partner.
    pub fn split(text: &str) -> Answer<Self> {
        let mut url = Self::default();
        let text: String = text
            .trim_start_matches(|letter: char| u32::from(letter) <= 0x20)
            .chars()
            .filter(|letter| !matches!(letter, '\t' | '\r' | '\n'))
            .collect();
        let mut rest = text.as_str();
        if let Some(end) = rest.find(':').filter(|end| is_scheme(&rest[..*end])) {
            url.scheme = rest[..end].to_lowercase();
            rest = &rest[end + 1..];
        }
        if let Some(after) = rest.strip_prefix("//") {
            let end = after.find(['/', '?', '#']).unwrap_or(after.len());
            after[..end].clone_into(&mut url.netloc);
            rest = &after[end..];
            if url.netloc.contains('[') != url.netloc.contains(']') {
                return Err(TemplateError::value("Invalid IPv6 URL"));
            }
        }
        if let Some((before, fragment)) = rest.split_once('#') {
            fragment.clone_into(&mut url.fragment);
            rest = before;
        }
        if let Some((before, query)) = rest.split_once('?') {
            query.clone_into(&mut url.query);
            rest = before;
        }
        rest.clone_into(&mut url.path);
        Ok(url)
    }

    fn user(&self) -> (Value, Value) {
        let Some((info, _)) = self.netloc.rsplit_once('@') else { return (Value::Null, Value::Null) };
        match info.split_once(':') {
            Some((user, password)) => (user.into(), password.into()),
            None => (info.into(), Value::Null),
        }
    }

    fn host(&self) -> (Option<&str>, Option<&str>) {
        let place = self.netloc.rsplit_once('@').map_or(&*self.netloc, |(_, place)| place);
        let (host, port) = match place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, rest)) => (host, rest.split_once(':').map(|(_, port)| port)),
            None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
        };
        (Some(host).filter(|host| !host.is_empty()), port.filter(|port| !port.is_empty()))
    }

    fn port(&self) -> Answer {
        let Some(port) = self.host().1 else { return Ok(Value::Null) };
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            let shown = Value::from(port).repr();
            return Err(TemplateError::value(format!("Port could not be cast to integer value as {shown}")));
        }
        let port = port.parse::<u16>().map_err(|_| TemplateError::value("Port out of range 0-65535"))?;
        Ok(i64::from(port).into())
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

pub fn urlsplit(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [query, alias] = bind(arguments, "split_url", ["query", "alias"], 0)?;
    let alias = words(alias.as_ref(), "urlsplit")?;
    let url = Url::split(string(&value, "decode")?)?;
    let (user, password) = url.user();
    let host = url.host().0.map_or(Value::Null, |host| host.to_lowercase().into());
    let port = url.port()?;
    let parts: Dict = [
        ("fragment", url.fragment.into()),
        ("hostname", host),
        ("netloc", url.netloc.into()),
        ("password", password),
        ("path", url.path.into()),
        ("port", port),
        ("query", url.query.into()),
        ("scheme", url.scheme.into()),
        ("username", user),
    ]
    .into_iter()
    .map(|(name, part)| (name.into(), part))
    .collect();
    let query = words(query.as_ref(), "")?;
    if query.is_empty() {
        return Ok(Value::dict(parts));
    }
    parts
        .get(query.as_str())
        .cloned()
        .ok_or_else(|| TemplateError::value(format!("{alias}: unknown URL component: {query}")))
}

pub fn urlencode(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "do_urlencode")?;
    let pairs: Vec<(Value, Value)> = if is_mapping(&value) {
        entries(&value)?.into_iter().map(|(key, value)| (key.to_value(), value)).collect()
    } else if let Value::List(items) = &value {
        items.iter().map(unpacked).collect::<Answer<_>>()?
    } else {
        return Ok(quoted(&text(&value)?, "/").into());
    };
    let mut encoded = Vec::new();
    for (key, value) in pairs {
        encoded.push(format!("{}={}", for_query(&text(&key)?), for_query(&text(&value)?)));
    }
    Ok(encoded.join("&").into())
}

fn unpacked(item: &Value) -> Answer<(Value, Value)> {
    check(item)?;
    let items = iterate(item)
        .map_err(|_| TemplateError::value(format!("cannot unpack non-iterable {} object", item.type_name())))?;
    match <[Value; 2]>::try_from(items) {
        Ok([key, value]) => Ok((key, value)),
        Err(items) if items.len() > 2 => Err(TemplateError::value("too many values to unpack (expected 2)")),
        Err(items) => {
            Err(TemplateError::value(format!("not enough values to unpack (expected 2, got {})", items.len())))
        }
    }
}

fn for_query(text: &str) -> String {
    quoted(text, "").replace("%20", "+")
}

/// Percent-encodes all but letters, digits, `_.-~` and `safe`.
fn quoted(text: &str, safe: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let letter = char::from(byte);
        if byte.is_ascii_alphanumeric() || "_.-~".contains(letter) || (byte.is_ascii() && safe.contains(letter)) {
            out.push(letter);
        } else {
            write!(out, "%{byte:02X}").expect("a String takes every write");
        }
    }
    out
}

pub fn urldecode(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [_encoding, _errors] = bind(arguments, "unquote_plus", ["encoding", "errors"], 0)?;
    let text = string(&value, "replace")?.replace('+', " ");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = code.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%');
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned().into())
}
