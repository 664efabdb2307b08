//! Local facts: what `*.fact` files hold, and what executable ones print.

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
        Err(_) => ini(text).ok_or_else(|| format!("error loading facts as JSON or ini - please check content: {path}")),
    }
}

/// Sections of options; those of `DEFAULT` are in all. None when a line is neither.
fn ini(text: &str) -> Option<Value> {
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
        let mut dict = Dict::new();
        for (name, value) in all {
            dict.entry(name.into()).or_insert_with(|| value.into());
        }
        (name.into(), Value::dict(dict))
    };
    Some(Value::dict(named.into_iter().map(section).collect()))
}
