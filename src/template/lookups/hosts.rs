//! `inventory_hostnames`: the hosts of a pattern.

use super::options::{only, texts};
use crate::template::{Arguments, Calls, TemplateError, Value};

pub fn inventory_hostnames(calls: &mut dyn Calls, arguments: Arguments) -> Result<Vec<Value>, TemplateError> {
    only(&arguments, "inventory_hostnames", &[])?;
    let groups = match calls.templar().scope().get("groups") {
        Some(groups) => calls.resolve(groups)?,
        None => return Ok(Vec::new()),
    };
    let groups: Vec<(String, Vec<String>)> = groups.as_dict().map_or_else(Vec::new, |groups| {
        let hosts = |value: &Value| value.as_list().unwrap_or_default().iter().map(ToString::to_string).collect();
        groups.iter().map(|(name, value)| (name.to_string(), hosts(value))).collect()
    });
    let mut parts = Vec::new();
    for term in texts(&arguments.positional)? {
        let separator = if term.contains(',') { ',' } else { ':' };
        parts.extend(term.split(separator).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()));
    }
    // As everywhere: what is added, then what is kept, then what is taken away.
    parts.sort_by_key(|part| match part.as_bytes()[0] {
        b'!' => 2,
        b'&' => 1,
        _ => 0,
    });
    if parts.first().is_some_and(|part| part.starts_with(['!', '&'])) {
        parts.insert(0, "all".to_owned());
    }
    let mut hosts: Vec<String> = Vec::new();
    for part in &parts {
        let named = named(calls, part.trim_start_matches(['!', '&']), &groups)?;
        match part.as_bytes()[0] {
            b'!' => hosts.retain(|host| !named.contains(host)),
            b'&' => hosts.retain(|host| named.contains(host)),
            _ => named.into_iter().for_each(|host| {
                if !hosts.contains(&host) {
                    hosts.push(host);
                }
            }),
        }
    }
    Ok(hosts.into_iter().map(Value::text).collect())
}

/// The hosts of groups, or of their own names, that match.
fn named(calls: &mut dyn Calls, pattern: &str, groups: &[(String, Vec<String>)]) -> Result<Vec<String>, TemplateError> {
    let mut found: Vec<String> = Vec::new();
    let pattern = if pattern == "*" { "all" } else { pattern };
    let candidates = groups.iter().map(|(name, hosts)| (name, hosts.clone()));
    let all = groups.iter().flat_map(|(_, hosts)| hosts).map(|host| (host, vec![host.clone()]));
    for (name, hosts) in candidates.chain(all) {
        let is_named = match pattern.strip_prefix('~') {
            Some(expression) => {
                let expression = Arguments { positional: vec![Value::text(expression)], named: Vec::new() };
                calls.test("match", Value::text(name.as_str()), expression)?
            }
            None => matches(pattern, name),
        };
        for host in hosts.into_iter().filter(|_| is_named) {
            if !found.contains(&host) {
                found.push(host);
            }
        }
    }
    Ok(found)
}

/// Whether a shell's pattern of `*` and `?` matches.
fn matches(pattern: &str, name: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| matches(rest, &name[at..]))
        }
        Some(letter) => {
            let mut of_name = name.chars();
            of_name.next().is_some_and(|first| letter == '?' || letter == first)
                && matches(letters.as_str(), of_name.as_str())
        }
    }
}
