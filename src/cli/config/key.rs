//! The table of keys: one row a key, with its name, its variable, what it must be, and how it is set and shown.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum as _;

use super::Config;
use crate::cli::quantity::{DURATION, SIZE, parse_duration, parse_size};
use crate::inventory::PrivilegeMethod;
use crate::render::Color;
use crate::transport::TransportKind;

/// One key of the configuration.
pub struct Key {
    /// Its name; a dot stands between a section and what is in it.
    pub name: &'static str,
    /// The variable of the environment that sets it.
    pub variable: &'static str,
    /// What its value must be, for messages.
    pub expected: &'static str,
    /// Whether a value may be a list.
    pub list: bool,
    /// Sets it; none when the value is not what is expected.
    pub set: fn(&mut Config, &[String]) -> Option<()>,
    /// Shows its effective value.
    pub show: fn(&Config) -> String,
}

/// Every key, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    Key {
        name: "inventory",
        variable: "OPSCTL_INVENTORY",
        expected: "a path or a list of paths",
        list: true,
        set: |config, values| put(&mut config.inventory, all(values, text)),
        show: |config| if config.inventory.is_empty() { "none".to_owned() } else { config.inventory.join(" ") },
    },
    Key {
        name: "forks",
        variable: "OPSCTL_FORKS",
        expected: "a whole number from 1",
        list: false,
        set: |config, values| put(&mut config.forks, one(values, count)),
        show: |config| config.forks.to_string(),
    },
    Key {
        name: "connect_timeout",
        variable: "OPSCTL_CONNECT_TIMEOUT",
        expected: DURATION,
        list: false,
        set: |config, values| put(&mut config.connect_timeout, one(values, time)),
        show: |config| seconds(config.connect_timeout),
    },
    Key {
        name: "timeout",
        variable: "OPSCTL_TIMEOUT",
        expected: "`none`, or a time such as `30`, `10s`, `5m`, `1h30m` or `2d`; without a unit, seconds",
        list: false,
        set: set_timeout,
        show: |config| config.timeout.map_or("none".to_owned(), seconds),
    },
    Key {
        name: "retries",
        variable: "OPSCTL_RETRIES",
        expected: "a whole number from 0",
        list: false,
        set: |config, values| put(&mut config.retries, one(values, |value| value.parse().ok())),
        show: |config| config.retries.to_string(),
    },
    Key {
        name: "transport",
        variable: "OPSCTL_TRANSPORT",
        expected: "`auto`, `native` or `openssh`",
        list: false,
        set: |config, values| put(&mut config.transport, one(values, transport)),
        show: |config| config.transport.name().to_owned(),
    },
    Key {
        name: "become_method",
        variable: "OPSCTL_BECOME_METHOD",
        expected: "`sudo`, `su` or `doas`",
        list: false,
        set: |config, values| put(&mut config.become_method, one(values, privilege_method)),
        show: |config| config.become_method.name().to_owned(),
    },
    Key {
        name: "color",
        variable: "OPSCTL_COLOR",
        expected: "`auto`, `always` or `never`",
        list: false,
        set: |config, values| put(&mut config.color, one(values, |value| Color::from_str(value, true).ok())),
        show: |config| config.color.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default(),
    },
    Key {
        name: "journal.dir",
        variable: "OPSCTL_JOURNAL_DIR",
        expected: "a path",
        list: false,
        set: |config, values| put(&mut config.journal.dir, one(values, text).map(|dir| Some(PathBuf::from(dir)))),
        show: |config| journal_dir(config),
    },
    Key {
        name: "journal.store_output",
        variable: "OPSCTL_JOURNAL_STORE_OUTPUT",
        expected: "`true` or `false`",
        list: false,
        set: |config, values| put(&mut config.journal.store_output, one(values, truth)),
        show: |config| config.journal.store_output.to_string(),
    },
    Key {
        name: "journal.output_limit",
        variable: "OPSCTL_JOURNAL_OUTPUT_LIMIT",
        expected: SIZE,
        list: false,
        set: |config, values| put(&mut config.journal.output_limit, one(values, |value| parse_size(value).ok())),
        show: |config| format!("{} bytes", config.journal.output_limit),
    },
];

/// The keys that hold paths, which in a file are relative to the file.
pub const PATHS: [&str; 2] = ["inventory", "journal.dir"];

fn put<T>(slot: &mut T, value: Option<T>) -> Option<()> {
    *slot = value?;
    Some(())
}

fn one<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let [value] = values else { return None };
    read(value.trim())
}

fn all<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let read: Option<Vec<T>> = values.iter().map(|value| read(value.trim())).collect();
    read.filter(|values| !values.is_empty())
}

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn count(value: &str) -> Option<usize> {
    value.parse().ok().filter(|count| *count > 0)
}

fn time(value: &str) -> Option<Duration> {
    parse_duration(value).ok()
}

fn set_timeout(config: &mut Config, values: &[String]) -> Option<()> {
    config.timeout = if values == ["none"] { None } else { Some(one(values, time)?) };
    Some(())
}

fn truth(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn transport(value: &str) -> Option<TransportKind> {
    TransportKind::from_str(value, false).ok()
}

fn privilege_method(value: &str) -> Option<PrivilegeMethod> {
    [PrivilegeMethod::Sudo, PrivilegeMethod::Su, PrivilegeMethod::Doas].into_iter().find(|one| one.name() == value)
}

fn journal_dir(config: &Config) -> String {
    config.journal.dir.as_ref().map_or("the user's state directory".to_owned(), |dir| dir.display().to_string())
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
