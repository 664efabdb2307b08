//! Options of a container that docker takes otherwise than it says them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::compare::{Shape, texts};
use super::options::Setting;
use crate::modules::files::split;
use crate::modules::{Args, Argument, Kind, ModuleError};
use crate::template::Value;

/// The entries of `healthcheck`.
pub const HEALTHCHECK: &[Argument] = &[
    Argument::of(
        "test",
        Kind::Raw,
        "A line for a shell, or words after `CMD`, `CMD-SHELL`; `NONE` for no check. Words run in the container's shell.",
    ),
    Argument::text("interval", "Between two checks: `1m30s`."),
    Argument::text("timeout", "The longest that a check takes."),
    Argument::text("start_period", "How long failures do not count at first."),
    Argument::text("start_interval", "Between two checks at first."),
    Argument::int("retries", "Failures until it is unhealthy."),
];

/// Reads the options of this file, save the command.
///
/// # Errors
/// When one is not what it should be.
pub fn settings(args: &Args, name: &str) -> Result<Vec<Setting>, ModuleError> {
    let mut settings = Vec::new();
    settings.extend(devices(args));
    settings.extend(hosts(args));
    settings.extend(links(args, name));
    settings.extend(ulimits(args)?);
    settings.extend(restart_policy(args));
    settings.extend(healthcheck(args)?);
    Ok(settings)
}

fn devices(args: &Args) -> Option<Setting> {
    args.value("devices")?;
    let devices = args.texts("devices");
    let wanted = devices.iter().map(|device| {
        let mut parts = device.split(':');
        let outside = parts.next().unwrap_or_default();
        let inside = parts.next().unwrap_or(outside);
        format!("{outside}:{inside}:{}", parts.next().unwrap_or("rwm"))
    });
    let actual = |container: &Json| {
        let devices = container.pointer("/HostConfig/Devices").and_then(Json::as_array);
        let text = |device: &Json, name: &str| device[name].as_str().unwrap_or_default().to_owned();
        let one = |device: &Json| {
            ["PathOnHost", "PathInContainer", "CgroupPermissions"].map(|name| text(device, name)).join(":")
        };
        Shape::Set(devices.map(|devices| devices.iter().map(one).collect()).unwrap_or_default())
    };
    let words = devices.iter().map(|device| format!("--device={device}")).collect();
    Some(Setting::new("devices", words, Shape::Set(wanted.collect()), actual))
}

fn hosts(args: &Args) -> Option<Setting> {
    let hosts = args.dict("etc_hosts")?;
    let pairs: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}:{address}")).collect();
    let actual =
        |container: &Json| Shape::Set(texts(container.pointer("/HostConfig/ExtraHosts")).into_iter().collect());
    let words = pairs.iter().map(|pair| format!("--add-host={pair}")).collect();
    Some(Setting::new("etc_hosts", words, Shape::Set(pairs.into_iter().collect()), actual))
}

fn links(args: &Args, name: &str) -> Option<Setting> {
    args.value("links")?;
    let links = args.texts("links");
    let wanted = links.iter().map(|link| {
        let (other, alias) = link.split_once(':').unwrap_or((link, link));
        format!("/{other}:/{name}/{alias}")
    });
    let wanted = Shape::Set(wanted.collect());
    let actual = |container: &Json| Shape::Set(texts(container.pointer("/HostConfig/Links")).into_iter().collect());
    Some(Setting::new("links", links.iter().map(|link| format!("--link={link}")).collect(), wanted, actual))
}

fn ulimits(args: &Args) -> Result<Option<Setting>, ModuleError> {
    if args.value("ulimits").is_none() {
        return Ok(None);
    }
    let (mut words, mut wanted) = (Vec::new(), Vec::new());
    for limit in args.texts("ulimits") {
        let parts: Vec<&str> = limit.split(':').collect();
        let number = |text: &str| text.parse::<i64>().ok();
        let (name, soft, hard) = match *parts.as_slice() {
            [name, soft] => (name, number(soft), number(soft)),
            [name, soft, hard] => (name, number(soft), number(hard)),
            _ => ("", None, None),
        };
        let (Some(soft), Some(hard)) = (soft, hard) else {
            return Err(ModuleError::new(format!("ulimits: `{limit}` is not name:soft:hard")));
        };
        words.push(format!("--ulimit={name}={soft}:{hard}"));
        let entries = [("Name", json!(name)), ("Soft", json!(soft)), ("Hard", json!(hard))];
        wanted.push(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    }
    let actual = |container: &Json| {
        let limits = container.pointer("/HostConfig/Ulimits").and_then(Json::as_array);
        Shape::Maps(limits.into_iter().flatten().filter_map(Json::as_object).cloned().collect())
    };
    Ok(Some(Setting::new("ulimits", words, Shape::Maps(wanted), actual)))
}

fn restart_policy(args: &Args) -> Option<Setting> {
    let policy = args.text("restart_policy")?;
    let retries = args.int("restart_retries").filter(|_| policy == "on-failure");
    let word = match retries {
        Some(count) => format!("--restart={policy}:{count}"),
        None => format!("--restart={policy}"),
    };
    let wanted = json!([policy, retries.unwrap_or_default()]);
    let actual = move |container: &Json| {
        let found = &container["HostConfig"]["RestartPolicy"];
        let name = found["Name"].as_str().filter(|name| !name.is_empty()).unwrap_or("no");
        let count = if retries.is_some() { found["MaximumRetryCount"].as_i64().unwrap_or_default() } else { 0 };
        Shape::Value(json!([name, count]))
    };
    Some(Setting::new("restart_policy", vec![word], Shape::Value(wanted), actual))
}

fn healthcheck(args: &Args) -> Result<Option<Setting>, ModuleError> {
    let Some(check) = args.dict("healthcheck") else { return Ok(None) };
    let mut words = Vec::new();
    let mut wanted: BTreeMap<String, Json> = BTreeMap::new();
    if let Some(test) = check.get("test") {
        match test_line(test) {
            None => {
                words.push("--no-healthcheck".to_owned());
                wanted.insert("test".to_owned(), json!("NONE"));
            }
            Some(line) => {
                words.push(format!("--health-cmd={line}"));
                wanted.insert("test".to_owned(), json!(line));
            }
        }
    }
    for (name, option) in [
        ("interval", "--health-interval"),
        ("timeout", "--health-timeout"),
        ("start_period", "--health-start-period"),
        ("start_interval", "--health-start-interval"),
    ] {
        let Some(value) = check.get(name) else { continue };
        let nanoseconds =
            duration(&value.to_string()).ok_or_else(|| ModuleError::new(format!("Invalid time duration - {value}")))?;
        words.push(format!("{option}={value}"));
        wanted.insert(name.to_owned(), json!(nanoseconds));
    }
    if let Some(retries) = check.get("retries") {
        words.push(format!("--health-retries={retries}"));
        wanted.insert("retries".to_owned(), retries.to_json());
    }
    Ok(Some(Setting::new("healthcheck", words, Shape::Map(wanted), actual_healthcheck)))
}

fn actual_healthcheck(container: &Json) -> Shape {
    let check = &container["Config"]["Healthcheck"];
    let test: Vec<Value> = texts(check.get("Test")).into_iter().map(Value::text).collect();
    let line = if test.is_empty() { Some(String::new()) } else { test_line(&Value::list(test)) };
    let mut found = BTreeMap::from([("test".to_owned(), json!(line.unwrap_or_else(|| "NONE".to_owned())))]);
    for (name, field) in [
        ("interval", "Interval"),
        ("timeout", "Timeout"),
        ("start_period", "StartPeriod"),
        ("start_interval", "StartInterval"),
        ("retries", "Retries"),
    ] {
        found.insert(name.to_owned(), json!(check[field].as_i64().unwrap_or_default()));
    }
    Shape::Map(found)
}

/// A check as a line for a shell; none when there is to be none.
fn test_line(test: &Value) -> Option<String> {
    let Some(words) = test.as_list() else { return Some(test.to_string()) };
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    match words.split_first() {
        None => None,
        Some((first, _)) if first == "NONE" => None,
        Some((first, rest)) if first == "CMD-SHELL" => Some(rest.join(" ")),
        Some((first, rest)) if first == "CMD" => Some(joined(rest)),
        Some(_) => Some(joined(&words)),
    }
}

/// Words as a line that a shell takes for the same words.
fn joined(words: &[String]) -> String {
    let plain = |word: &str| {
        !word.is_empty()
            && word.chars().all(|character| character.is_ascii_alphanumeric() || "@%+=:,./-_".contains(character))
    };
    let quoted = |word: &String| if plain(word) { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) };
    words.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// A time such as `1m30s`, in nanoseconds.
fn duration(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut total = 0_f64;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = rest[end..].find(|character: char| character.is_ascii_digit()).map_or(rest.len(), |next| end + next);
        total += number
            * match &rest[end..unit] {
                "ns" => 1.0,
                "us" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 60e9,
                "h" => 3600e9,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    #[expect(clippy::cast_possible_truncation, reason = "a time between checks is far below 292 years")]
    Some(total as i64)
}

/// What a container runs.
#[derive(Debug, Default)]
pub struct Command {
    /// Options of `docker create`.
    pub words: Vec<String>,
    /// The words after the image.
    pub arguments: Vec<String>,
    /// How it is compared, when it is.
    pub setting: Option<(&'static str, Vec<String>)>,
}

impl Command {
    /// Reads `entrypoint`, `command` and `command_handling`.
    ///
    /// # Errors
    /// When a line cannot be split into words.
    pub fn of(args: &Args) -> Result<Self, ModuleError> {
        let correct = args.text("command_handling") != Some("compatibility");
        let words =
            |text: &str| split::words(text).ok_or_else(|| ModuleError::new(format!("No closing quotation: {text}")));
        let command = match args.value("command") {
            None => None,
            Some(value) => match value.as_list() {
                Some(items) if correct => Some(items.iter().map(ToString::to_string).collect()),
                Some(items) => Some(words(&items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))?),
                None => Some(words(&value.to_string())?),
            },
        };
        let command: Option<Vec<String>> = command.filter(|command| correct || !command.is_empty());
        let entrypoint = args.value("entrypoint").map(|_| args.texts("entrypoint"));
        let entrypoint = match entrypoint {
            Some(entry) if !correct => Some(words(&entry.join(" "))?).filter(|entry| !entry.is_empty()),
            entry => entry,
        };
        let Some(entrypoint) = entrypoint else {
            let setting = command.clone().map(|command| ("command", command));
            return Ok(Self { words: Vec::new(), arguments: command.unwrap_or_default(), setting });
        };
        // Docker takes one word; the others stand before the command, which is the same to the container.
        let all: Vec<String> = entrypoint.into_iter().chain(command.unwrap_or_default()).collect();
        let (first, rest) =
            all.split_first().map_or((String::new(), Vec::new()), |(first, rest)| (first.clone(), rest.to_vec()));
        Ok(Self { words: vec![format!("--entrypoint={first}")], arguments: rest, setting: Some(("entrypoint", all)) })
    }

    /// The setting that compares it.
    #[must_use]
    pub fn compared(&self) -> Option<Setting> {
        let (name, wanted) = self.setting.clone()?;
        Some(Setting::new(name, self.words.clone(), Shape::List(wanted), move |container| {
            let mut all =
                if name == "entrypoint" { texts(container.pointer("/Config/Entrypoint")) } else { Vec::new() };
            all.retain(|word| !word.is_empty());
            all.extend(texts(container.pointer("/Config/Cmd")));
            Shape::List(all)
        }))
    }
}

/// The environment of a container: what is asked for, over what the image has.
///
/// # Errors
/// When a value is no text.
pub fn environment(args: &Args) -> Result<Option<Map<String, Json>>, ModuleError> {
    let Some(given) = args.dict("env") else { return Ok(None) };
    let mut environment = Map::new();
    for (name, value) in given {
        let Some(text) = value.as_str() else {
            return Err(ModuleError::new(format!(
                "Non-string value found for env option. Ambiguous env options must be wrapped in quotes to avoid them \
                 being interpreted when directly specified in YAML, or explicitly converted to strings when the option \
                 is templated. Key: {name}"
            )));
        };
        environment.insert(name.to_string(), json!(text));
    }
    Ok(Some(environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, nanoseconds) in
            [("1m30s", Some(90_000_000_000)), ("500ms", Some(500_000_000)), ("1", None), ("x", None)]
        {
            assert_eq!(duration(text), nanoseconds, "{text}");
        }
    }

    #[test]
    fn checks_become_lines() {
        let list = |words: &[&str]| Value::list(words.iter().map(|word| Value::text(*word)).collect());
        assert_eq!(
            test_line(&list(&["CMD", "curl", "-f", "http://x/?a b"])).as_deref(),
            Some("curl -f 'http://x/?a b'")
        );
        assert_eq!(test_line(&list(&["CMD-SHELL", "a || b"])).as_deref(), Some("a || b"));
        assert_eq!(test_line(&list(&["NONE"])), None);
        assert_eq!(test_line(&Value::text("a | b")).as_deref(), Some("a | b"));
    }
}
