//! Containers of podman: the words that make one as a task wants it, and whether one is so.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::podman_options::{OPTIONS, Row, Style};
use crate::modules::Args;
use crate::template::Value;

/// The words of `podman run` or `podman create` after the verb.
#[must_use]
pub fn words(args: &Args, verb: &str, joins_networks: bool) -> Vec<String> {
    let mut words = vec!["--name".to_owned(), args.needed("name").to_owned()];
    if verb == "run" && args.list("attach").is_empty() {
        words.push(format!("--detach={}", args.bool("detach")));
    }
    words.extend(options(args, joins_networks).into_iter().flatten());
    words.extend(args.texts("cmd_args"));
    words.push(args.needed("image").to_owned());
    words.extend(command(args));
    words
}

/// The command that runs in the container.
#[must_use]
pub fn command(args: &Args) -> Vec<String> {
    match args.value("command") {
        Some(Value::List(_)) => args.texts("command"),
        Some(Value::Null) | None => Vec::new(),
        Some(text) => text.to_string().split_whitespace().map(str::to_owned).collect(),
    }
}

/// Each option that the task gives, with its value; podman before 4 takes all networks in one.
fn options(args: &Args, joins_networks: bool) -> Vec<Vec<String>> {
    let mut options = Vec::new();
    for row in &OPTIONS {
        let Some(value) = args.value(row.argument.name).filter(|_| args.is_given(row.argument.name)) else { continue };
        let joined = Row { style: Style::Joined, ..*row };
        let row = if joins_networks && row.argument.name == "network" { &joined } else { row };
        options.extend(option(args, row, value));
    }
    options
}

fn option(args: &Args, row: &Row, value: &Value) -> Vec<Vec<String>> {
    let name = row.argument.name;
    let apart = |value: String| vec![row.option.to_owned(), value];
    let together = |value: String| vec![format!("{}={value}", row.option)];
    let items = || args.texts(name).into_iter().filter(|item| !item.is_empty());
    let pairs = |between: char| {
        let entries = args.dict(name).into_iter().flatten().filter(|(_, value)| !matches!(value, Value::Null));
        entries.map(move |(key, value)| {
            let key = key.to_string();
            let key = if name == "log_opt" { key.replace("max_size", "max-size") } else { key };
            format!("{key}{between}{value}")
        })
    };
    match row.style {
        Style::Value => vec![apart(value.to_string())],
        Style::AfterEquals => vec![together(lower(value))],
        Style::Flag => value.is_true().then(|| vec![row.option.to_owned()]).into_iter().collect(),
        Style::Each => items().map(apart).collect(),
        Style::EachAfterEquals => items().map(together).collect(),
        Style::Joined => vec![apart(items().collect::<Vec<_>>().join(","))],
        Style::Pairs => pairs('=').map(apart).collect(),
        Style::ColonPairs => pairs(':').map(apart).collect(),
        Style::PairsAfterEquals => pairs('=').map(together).collect(),
    }
}

fn lower(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        other if other.to_string().eq_ignore_ascii_case("true") => "true".to_owned(),
        other if other.to_string().eq_ignore_ascii_case("false") => "false".to_owned(),
        other => other.to_string(),
    }
}

/// What differs between a container and what the task wants: names of options, `image`, `command`.
#[must_use]
pub fn differences(args: &Args, container: &Json, image: Option<&Json>, joins_networks: bool) -> Vec<String> {
    let mut differences = Vec::new();
    let recorded: Vec<&str> = texts(&container["Config"]["CreateCommand"]);
    let wanted = words(args, "create", joins_networks);
    let (recorded, wanted) = (canonical(&recorded), canonical(&wanted.iter().map(String::as_str).collect::<Vec<_>>()));
    let name = |option: &String| option.split('=').next().unwrap_or_default().trim_start_matches('-').to_owned();
    differences.extend(recorded.symmetric_difference(&wanted).map(name));
    if !same_image(args, container, image) {
        differences.push("image".to_owned());
    }
    let given = command(args);
    if !given.is_empty() && texts(&container["Config"]["Cmd"]) != given {
        differences.push("command".to_owned());
    }
    differences.dedup();
    differences
}

fn texts(value: &Json) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Json::as_str).collect()
}

/// Whether the container is of the image: by what the image is now, and by its name, of which only the last part counts
/// unless the task is strict.
fn same_image(args: &Args, container: &Json, image: Option<&Json>) -> bool {
    let wanted = args.needed("image");
    if let Some(id) = image.and_then(|image| image["Id"].as_str())
        && container["Image"].as_str().is_some_and(|found| found != id)
    {
        return false;
    }
    let found = container["ImageName"].as_str().unwrap_or(wanted);
    let full = |name: &str| {
        let last = name.rsplit('/').next().unwrap_or(name);
        if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
    };
    let (wanted, found) = (full(wanted), full(found));
    let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    if args.bool("image_strict") { wanted == found } else { last(&wanted) == last(&found) }
}

/// The options of a recorded command, each as `--option=value`, without those that make no difference.
fn canonical(words: &[&str]) -> BTreeSet<String> {
    let start = words.iter().position(|word| matches!(*word, "run" | "create")).map_or(0, |at| at + 1);
    let mut options = BTreeSet::new();
    let mut rest = words[start..].iter().copied();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            break;
        }
        let (option, value) = word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
        let option = long(option);
        let is_bare = matches!(option, "--detach" | "--interactive" | "--tty" | "--replace")
            || OPTIONS.iter().any(|row| {
                row.option == option
                    && (matches!(row.style, Style::Flag) || matches!(row.argument.kind, crate::modules::Kind::Bool))
            });
        let value = match value {
            Some(value) => value.to_lowercase(),
            None if is_bare => "true".to_owned(),
            None => rest.next().unwrap_or_default().to_lowercase(),
        };
        let says_nothing = matches!(option, "--name" | "--detach" | "--replace" | "--pull")
            || (is_bare && value == "false")
            || (option == "--log-level" && matches!(&*value, "error" | "warning"));
        if !says_nothing {
            options.insert(format!("{option}={value}"));
        }
    }
    options
}

/// The long name of an option.
fn long(option: &str) -> &str {
    const SHORT: [(&str, &str); 14] = [
        ("-a", "--attach"),
        ("-c", "--cpu-shares"),
        ("-d", "--detach"),
        ("-e", "--env"),
        ("-h", "--hostname"),
        ("-i", "--interactive"),
        ("-l", "--label"),
        ("-m", "--memory"),
        ("-p", "--publish"),
        ("-P", "--publish-all"),
        ("-t", "--tty"),
        ("-u", "--user"),
        ("-v", "--volume"),
        ("-w", "--workdir"),
    ];
    SHORT.iter().find(|(short, _)| *short == option).map_or(option, |(_, long)| long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_the_same_however_they_are_written() {
        let typed = ["podman", "run", "-d", "-p", "80:80", "--env=A=b", "--name", "x", "--tty=false", "img", "-p", "1"];
        let given = ["--name", "y", "--publish", "80:80", "--env", "A=b", "img"];
        assert_eq!(canonical(&typed), canonical(&given));
        assert_ne!(canonical(&["--publish", "80:80", "i"]), canonical(&["--publish", "81:80", "i"]));
        assert_eq!(canonical(&["--init", "--privileged", "i"]).len(), 2);
    }
}
