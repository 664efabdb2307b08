//! `postgresql_set`: parameters of a server of `PostgreSQL`.

use serde_json::Value as Json;

use crate::modules::databases::postgresql::{Login, name, postgresql_arguments, rows, text};
use crate::modules::flow::{self, Flow};
use crate::modules::{Args, Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::{Dict, Value};

/// The module.
pub struct PostgresqlSet;

/// The module.
pub static MODULE: PostgresqlSet = PostgresqlSet;

static SPEC: Spec = Spec {
    name: "postgresql_set",
    collections: &["community.postgresql", "community.general"],
    summary: "Sets parameters of a server of PostgreSQL.",
    arguments: postgresql_arguments![
        Argument::text("name", "The parameter.").required(),
        Argument::text("value", "Its value; `default` for what it is without a setting."),
        Argument::bool("reset", false, "Takes the setting away."),
        Argument::text("login_db", "The database to log in to.").default("postgres").aliases(&["db"]),
    ],
    returns: &[
        Return { name: "name", about: "The parameter." },
        Return { name: "prev_val_pretty", about: "Its value before." },
        Return { name: "value_pretty", about: "Its value." },
        Return { name: "value", about: "Its value and the unit of that." },
        Return { name: "restart_required", about: "Whether it takes effect only after the server's next start." },
        Return { name: "context", about: "When it can be set." },
        Return { name: "queries", about: "The statements." },
    ],
    ..BLANK
};

/// Parameters that are lists of names; of `unix_socket_directories` from version 14 on.
const LISTS: [&str; 5] =
    ["local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces"];

impl Module for PostgresqlSet {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let parameter = args.needed("name");
        let refuse = |message: &str| Err(ModuleError::new(format!("{parameter}: {message}")));
        match (args.text("value"), args.bool("reset")) {
            (Some(_), true) => return refuse("value and reset params are mutually exclusive"),
            (None, false) => return refuse("at least one of value or reset param must be specified"),
            (Some(""), _) if parameter == "shared_preload_libraries" => {
                return Err(ModuleError::new(
                    "shared_preload_libraries cannot be set to nothing. Use the `value: default` or `reset: true` argument instead.",
                ));
            }
            _ => {}
        }
        let login = Login::of(&args, args.needed("login_db"));
        login.clone().ask(&[query(parameter)], move |found| decide(&args, login, found.first()))
    }
}

fn query(parameter: &str) -> String {
    rows(&format!(
        "SELECT setting, unit, context, boot_val, current_setting(name) AS current, \
         current_setting('server_version_num')::int AS version FROM pg_settings WHERE name = {}",
        text(parameter)
    ))
}

/// A parameter as the server has it.
struct State {
    current: String,
    raw: Json,
    boot: Json,
    unit: Value,
    context: String,
    version: i64,
}

impl State {
    fn of(parameter: &str, row: &Json) -> Self {
        let word = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let version = row["version"].as_i64().unwrap_or_default();
        let bare = |value: String| if is_list(parameter, version) { unquoted(&value) } else { value };
        let factor = match row["unit"].as_str() {
            Some("kB") => 1024,
            Some("MB") => 1024 * 1024,
            _ => 0,
        };
        let sized = |value: String| match value.parse::<i64>() {
            Ok(number) if factor > 0 && number > 0 => number.saturating_mul(factor).into(),
            _ => Json::from(value),
        };
        let unit = match (factor, row["unit"].as_str()) {
            (0, Some(unit)) => Value::text(unit),
            (0, None) => Value::Null,
            _ => Value::text("b"),
        };
        Self {
            current: bare(word("current")),
            raw: sized(bare(word("setting"))),
            boot: sized(word("boot_val")),
            unit,
            context: word("context"),
            version,
        }
    }

    fn value(&self) -> Value {
        let dict: Dict = [("value".into(), Value::of_json(&self.raw)), ("unit".into(), self.unit.clone())].into_iter().collect();
        Value::dict(dict)
    }
}

fn decide(args: &Args, login: Login, found: Option<&Json>) -> Flow {
    let parameter = args.needed("name").to_owned();
    let Some(row) = found else {
        return Err(ModuleError::new(format!(
            "No such parameter: {parameter}. Please check its spelling or presence in your PostgreSQL version \
             (https://www.postgresql.org/docs/current/runtime-config.html)"
        )));
    };
    let state = State::of(&parameter, row);
    if state.context == "internal" {
        return Err(ModuleError::new(format!(
            "{parameter}: cannot be changed (internal context). See \
             https://www.postgresql.org/docs/current/runtime-config-preset.html"
        )));
    }
    let restart = state.context == "postmaster";
    let wanted = args.text("value").map(spelled);
    let statement = match &wanted {
        Some(value) if bytes(value) == bytes(&state.current) => None,
        Some(value) if value == "default" => Some(format!("ALTER SYSTEM SET {} = DEFAULT", setting(&parameter))),
        Some(value) => Some(format!("ALTER SYSTEM SET {} = {}", setting(&parameter), quoted(&parameter, value, state.version))),
        None if state.raw == state.boot => None,
        None => Some(format!("ALTER SYSTEM RESET {}", setting(&parameter))),
    };
    let result = TaskResult::ok()
        .field("name", parameter.as_str())
        .field("context", state.context.as_str())
        .field("prev_val_pretty", state.current.as_str())
        .field("restart_required", restart)
        .field("value", state.value())
        .field("value_pretty", state.current.as_str())
        .field("queries", Value::list(statement.iter().map(|statement| Value::text(statement.as_str())).collect()));
    let Some(statement) = statement else { return flow::done(result) };
    let after = wanted.clone().unwrap_or_else(|| "default".to_owned());
    let mut result = result.field("value_pretty", after.as_str());
    if restart {
        result.warnings.push(format!("Restart of PostgreSQL is required for setting {parameter}"));
    }
    let diff = flow::diff(&parameter, format!("{}\n", state.current), format!("{after}\n"));
    let mut statements = vec![statement];
    statements.extend((!restart).then(|| "SELECT pg_reload_conf()".to_owned()));
    flow::change(vec![diff], login.call(&statements), move |answer| {
        flow::succeeded(answer.as_ref(), &format!("Unable to set {parameter} value"))?;
        let result = TaskResult { changed: true, ..result };
        if answer.is_none() || restart {
            return flow::done(result);
        }
        login.ask(&[query(&parameter)], move |found| {
            let Some(now) = found.first().map(|row| State::of(&parameter, row)) else { return flow::done(result) };
            let result = result.field("value", now.value()).field("value_pretty", now.current.as_str());
            flow::done(TaskResult { changed: now.raw != state.raw, ..result })
        })
    })
}

fn is_list(parameter: &str, version: i64) -> bool {
    LISTS.contains(&parameter) || (parameter == "unix_socket_directories" && version >= 140_000)
}

/// A parameter as statements name it.
fn setting(parameter: &str) -> String {
    let plain = parameter.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
    if plain { parameter.to_owned() } else { name(parameter) }
}

/// A list without the quotes of its items.
fn unquoted(list: &str) -> String {
    list.split(',').map(|item| item.trim_matches(['"', ' '])).collect::<Vec<_>>().join(", ")
}

/// A value as the server spells it: `1mb` is `1MB`, `True` is `on`.
fn spelled(value: &str) -> String {
    let size = ["mb", "gb", "tb", "b"].iter().filter_map(|unit| value.strip_suffix(unit)).any(is_number);
    match value {
        "True" => "on".to_owned(),
        "False" => "off".to_owned(),
        value if size => value.to_uppercase(),
        value => value.to_owned(),
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A value in the form that two of them are compared in: sizes in bytes.
fn bytes(value: &str) -> String {
    let units = [("kB", 1_u64 << 10), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1 << 40), ("B", 1)];
    let size = units.iter().find_map(|(unit, factor)| {
        value.strip_suffix(unit).filter(|number| is_number(number))?.parse::<u64>().ok()?.checked_mul(*factor)
    });
    size.map_or_else(|| value.to_owned(), |size| size.to_string())
}

fn quoted(parameter: &str, value: &str, version: i64) -> String {
    let one = parameter.ends_with("_command")
        || parameter.ends_with("_prefix")
        || (version < 140_000 && parameter == "unix_socket_directories");
    if one || !value.contains(',') {
        return text(value);
    }
    value.split(',').map(|item| text(item.trim())).collect::<Vec<_>>().join(",")
}
