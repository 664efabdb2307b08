//! Local facts: what `*.fact` files hold, and what executable ones print.

use indexmap::IndexMap;

use super::{Facts, Sections};
use crate::template::{Dict, Value};

/// `local`: JSON or INI, each under its file's name.
pub fn local(sections: &Sections, facts: &mut Facts) {
    let mut local = Dict::new();
    let mut all = sections.iter().peekable();
    while let Some((section, text)) = all.next() {
        let Some((kind, path)) = section.strip_prefix("local ").and_then(|rest| rest.split_once(' ')) else { continue };
        let name = path.rsplit('/').next().unwrap_or(path).replace(".fact", "");
        let value = match kind {
            "broken" => Err(format!("Could not stat fact ({path}): No such file or directory")),
            "run" => match all.next_if(|(end, _)| end.starts_with("local end ")) {
                Some((end, errors)) if end != "local end 0" => {
                    let code = end.trim_start_matches("local end ");
                    Err(format!("Failure executing fact script ({path}), rc: {code}, err: {errors}"))
                }
                _ => read(text, path),
            },
            "read" => read(text, path),
            _ => continue,
        };
        let value = value.unwrap_or_else(|message| {
            facts.warnings.push(message.clone());
            message.into()
        });
        local.insert(name.into(), value);
    }
    facts.put("local", local);
}

fn read(text: &str, path: &str) -> Result<Value, String> {
    if text.contains('\u{fffd}') {
        return Err(format!("error loading fact - output of running \"{path}\" was not utf-8"));
    }
    match serde_json::from_str(text) {
        Ok(json) => Ok(Value::of_json(&json)),
        Err(_) => match ini(text) {
            None => Err(format!("error loading facts as JSON or ini - please check content: {path}")),
            Some(Err(problem)) => Err(format!("error loading facts as ini - please check content: {path} ({problem})")),
            Some(Ok(value)) => Ok(value),
        },
    }
}

/// Sections of options; those of `DEFAULT` are in all. None when a line is neither; a reason when a value refers to what
/// is not there.
fn ini(text: &str) -> Option<Result<Value, String>> {
    let mut sections: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let mut option: Option<usize> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with(['#', ';']) {
            continue;
        }
        if trimmed.is_empty() {
            continue;
        }
        if let (true, Some(index), Some((_, options))) =
            (line.starts_with(char::is_whitespace), option, sections.last_mut())
        {
            let (_, value) = options.get_mut(index)?;
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            sections.push((name.to_owned(), Vec::new()));
            option = None;
            continue;
        }
        let at = trimmed.find(['=', ':'])?;
        let (_, options) = sections.last_mut()?;
        options.push((trimmed[..at].trim().to_lowercase(), trimmed[at + 1..].trim().to_owned()));
        option = Some(options.len() - 1);
    }
    let (defaults, named): (Vec<_>, Vec<_>) = sections.into_iter().partition(|(name, _)| name == "DEFAULT");
    let defaults: Vec<_> = defaults.into_iter().flat_map(|(_, options)| options).collect();
    let section = |(name, options): (String, Vec<(String, String)>)| {
        let all = options.into_iter().chain(defaults.iter().cloned());
        let mut values: IndexMap<String, String> = IndexMap::new();
        for (name, value) in all {
            values.entry(name).or_insert(value);
        }
        let entry = |(name, value): (&String, &String)| {
            let value = interpolated(value, &values, 0);
            value.map(|value| (name.as_str().into(), value.into())).map_err(|problem| format!("{name}: {problem}"))
        };
        Ok((name.into(), Value::dict(values.iter().map(entry).collect::<Result<Dict, String>>()?)))
    };
    Some(named.into_iter().map(section).collect::<Result<Dict, String>>().map(Value::dict))
}

/// A value with `%(name)s` replaced by what that option of its section has, and `%%` by `%`.
fn interpolated(value: &str, values: &IndexMap<String, String>, depth: usize) -> Result<String, String> {
    const DEEPEST: usize = 10;
    if depth > DEEPEST {
        return Err("its references are nested too deeply".to_owned());
    }
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let Some((name, after)) = after.strip_prefix('(').and_then(|after| after.split_once(")s")) else {
            return Err(format!("'%' must be followed by '%' or '(', found: '%{after}'"));
        };
        let referred = values.get(&name.to_lowercase()).ok_or_else(|| format!("there is no option '{name}'"))?;
        text.push_str(&interpolated(referred, values, depth + 1)?);
        rest = after;
    }
    Ok(text + rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Answers of ansible-core 2.19.
    #[test]
    fn options_may_refer_to_others_of_their_section() {
        let value = read("[a]\nroot = /srv\nweb = %(root)s/100%%\n", "/x.fact").unwrap();
        assert_eq!(value.to_json(), json!({"a": {"root": "/srv", "web": "/srv/100%"}}));
        for (text, start) in [
            ("[a]\nx = 10% more\n", "error loading facts as ini - please check content: /x.fact"),
            ("[a]\nx = %(y)s\n", "error loading facts as ini - please check content: /x.fact"),
            ("[a]\nx = %(x)s\n", "error loading facts as ini - please check content: /x.fact"),
            ("x = 1\n", "error loading facts as JSON or ini - please check content: /x.fact"),
        ] {
            let message = read(text, "/x.fact").unwrap_err();
            assert!(message.starts_with(start), "{message}");
        }
    }
}
