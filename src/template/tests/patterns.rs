//! Texts that match patterns, and addresses of the web.

use crate::template::filters::bind::{Answer, bind, none};
use crate::template::filters::python::{check, contains, flag, text, truth, words};
use crate::template::filters::regex::pattern::Anchor;
use crate::template::filters::regex::{Flags, matches};
use crate::template::filters::urls::Url;
use crate::template::{Arguments, Calls, Value};

pub fn search(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [pattern, ignore_case, multi_line] = bind(arguments, "search", ["pattern", "ignorecase", "multiline"], 0)?;
    found(&value, [pattern, ignore_case, multi_line], Anchor::None)
}

pub fn starts(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [pattern, ignore_case, multi_line] = bind(arguments, "match", ["pattern", "ignorecase", "multiline"], 0)?;
    found(&value, [pattern, ignore_case, multi_line], Anchor::Start)
}

pub fn regex(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let names = ["pattern", "ignorecase", "multiline", "match_type"];
    let [pattern, ignore_case, multi_line, kind] = bind(arguments, "regex", names, 0)?;
    let anchor = match words(kind.as_ref(), "search")?.as_str() {
        "match" => Anchor::Start,
        "fullmatch" => Anchor::Both,
        _ => Anchor::None,
    };
    found(&value, [pattern, ignore_case, multi_line], anchor)
}

fn found(value: &Value, [pattern, ignore_case, multi_line]: [Option<Value>; 3], anchor: Anchor) -> Answer<bool> {
    let flags =
        Flags { ignore_case: flag(ignore_case.as_ref())?, multi_line: flag(multi_line.as_ref())?, ..Flags::default() };
    matches(&text(value)?, &pattern.unwrap_or_else(|| "".into()), flags, anchor)
}

pub fn uri(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [schemes] = bind(arguments, "is_uri", ["schemes"], 0)?;
    Ok(split(&value, schemes.as_ref())?.is_some())
}

pub fn url(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    let [schemes] = bind(arguments, "is_url", ["schemes"], 0)?;
    let url = split(&value, schemes.as_ref())?;
    Ok(url.is_some_and(|url| !url.netloc.is_empty() || url.scheme == "file"))
}

pub fn urn(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer<bool> {
    none(arguments, "is_urn")?;
    Ok(split(&value, Some(&Value::list(vec!["urn".into()])))?.is_some())
}

/// The parts of a URL of one of the schemes; none where it is none.
fn split(value: &Value, schemes: Option<&Value>) -> Answer<Option<Url>> {
    check(value)?;
    let Some(url) = value.as_str().and_then(|text| Url::split(text).ok()) else { return Ok(None) };
    match schemes {
        Some(schemes) if truth(schemes)? => {
            let known = contains(schemes, &url.scheme.as_str().into()).unwrap_or(false);
            Ok(known.then_some(url))
        }
        _ => Ok(Some(url)),
    }
}
