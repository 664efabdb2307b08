//! Python's regular expressions as filters.

pub mod pattern;
mod translate;

pub use translate::Flags;

use self::pattern::{Anchor, all, compile, first, substitute};
use super::bind::{Answer, bind};
use super::python::{flag, integer, size, text, words};
use crate::template::{Arguments, Calls, TemplateError, Value};

fn flags(ignore_case: Option<&Value>, multi_line: Option<&Value>) -> Answer<Flags> {
    Ok(Flags { ignore_case: flag(ignore_case)?, multi_line: flag(multi_line)?, ..Flags::default() })
}

/// A pattern, which must be text.
fn pattern_of(argument: Option<&Value>) -> Answer<String> {
    match argument {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.as_str().to_owned()),
        Some(other) => {
            super::python::check(other)?;
            Err(TemplateError::value("first argument must be string or compiled pattern"))
        }
    }
}

pub fn regex_replace(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let names = ["pattern", "replacement", "ignorecase", "multiline", "count", "mandatory_count"];
    let [pattern, replacement, ignore_case, multi_line, count, mandatory] = bind(arguments, "regex_replace", names, 0)?;
    let text = text(&value)?;
    let pattern = pattern_of(pattern.as_ref())?;
    let regex = compile(&pattern, flags(ignore_case.as_ref(), multi_line.as_ref())?, Anchor::None)?;
    let replacement = words(replacement.as_ref(), "")?;
    let count = integer(count.as_ref(), 0)?;
    let mandatory = integer(mandatory.as_ref(), 0)?;
    let most = if count <= 0 { usize::MAX } else { size(count) };
    let (replaced, found) = substitute(&regex, &text, &replacement, most)?;
    if mandatory != 0 && mandatory != super::python::count(found) {
        return Err(TemplateError::value(format!(
            "'{pattern}' should match {mandatory} times, but matches {count} times in '{text}'"
        )));
    }
    Ok(replaced.into())
}

pub fn regex_search(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    let mut take = |name: &str| {
        let place = arguments.named.iter().position(|(known, _)| **known == *name)?;
        Some(arguments.named.remove(place).1)
    };
    let flags = flags(take("ignorecase").as_ref(), take("multiline").as_ref())?;
    let named = take("regex");
    let mut positional = arguments.positional.into_iter();
    let Some(pattern) = named.or_else(|| positional.next()) else {
        return Err(TemplateError::value("regex_search() missing 1 required positional argument: 'regex'"));
    };
    let groups: Vec<Group> = positional.map(|name| Group::of(&name)).collect::<Answer<_>>()?;
    let text = text(&value)?;
    let regex = compile(&pattern_of(Some(&pattern))?, flags, Anchor::None)?;
    let Some(found) = first(&regex, &text)? else { return Ok(Value::Null) };
    if groups.is_empty() {
        return Ok(found.get(0).map_or("", |whole| whole.as_str()).into());
    }
    let group = |group: Group| -> Answer {
        let matched = match &group {
            Group::Number(number) if *number < found.len() => found.get(*number),
            Group::Name(name) if regex.capture_names().any(|known| known == Some(name)) => found.name(name),
            _ => return Err(TemplateError::value("no such group")),
        };
        Ok(matched.map_or(Value::Null, |matched| matched.as_str().into()))
    };
    groups.into_iter().map(group).collect::<Answer<Vec<_>>>().map(Value::list)
}

/// A group that `regex_search` is asked for.
enum Group {
    Number(usize),
    Name(String),
}

impl Group {
    fn of(argument: &Value) -> Answer<Self> {
        let name = super::python::string(argument, "startswith")?;
        let unknown = || TemplateError::value("Unknown argument");
        let rest = name.strip_prefix('\\').ok_or_else(unknown)?;
        if let Some(named) = rest.strip_prefix("g<") {
            let name = named.rsplit_once('>').ok_or_else(unknown)?.0;
            return Ok(name.parse().map_or_else(|_| Self::Name(name.to_owned()), Self::Number));
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..digits].parse().map(Self::Number).map_err(|_| unknown())
    }
}

pub fn regex_findall(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [pattern, multi_line, ignore_case] = bind(arguments, "regex_findall", ["regex", "multiline", "ignorecase"], 1)?;
    let text = text(&value)?;
    let flags = flags(ignore_case.as_ref(), multi_line.as_ref())?;
    let regex = compile(&pattern_of(pattern.as_ref())?, flags, Anchor::None)?;
    let mut found = Vec::new();
    for captures in all(&regex, &text, usize::MAX)? {
        let group = |number: usize| Value::from(captures.get(number).map_or("", |group| group.as_str()));
        found.push(match captures.len() {
            1 => group(0),
            2 => group(1),
            groups => Value::list((1..groups).map(group).collect()),
        });
    }
    Ok(Value::list(found))
}

pub fn regex_escape(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let [kind] = bind(arguments, "regex_escape", ["re_type"], 0)?;
    let text = text(&value)?;
    let kind = words(kind.as_ref(), "python")?;
    let special = match kind.as_str() {
        "python" => "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}",
        "posix_basic" => "].[^$*\\",
        "posix_extended" => return Err(TemplateError::value(format!("Regex type ({kind}) not yet implemented"))),
        _ => return Err(TemplateError::value(format!("Invalid regex type ({kind})"))),
    };
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if special.contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    Ok(escaped.into())
}

/// The tests `regex`, `match` and `search`.
pub fn matches(text: &str, pattern: &Value, flags: Flags, anchor: Anchor) -> Answer<bool> {
    let regex = compile(&pattern_of(Some(pattern))?, flags, anchor)?;
    regex.is_match(text).map_err(|error| TemplateError::value(format!("the regular expression is too costly: {error}")))
}
