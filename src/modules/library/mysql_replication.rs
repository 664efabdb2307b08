//! `mysql_replication`: servers that follow others. Unproven on a real system.

use crate::modules::databases::mysql::{Login, mysql_arguments, text};
use crate::modules::flow::{self, Flow};
use crate::modules::packages::version::compare;
use crate::modules::{
    Args, Argument, BLANK, CheckMode, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;

/// The module.
pub struct MysqlReplication;

/// The module.
pub static MODULE: MysqlReplication = MysqlReplication;

static SPEC: Spec = Spec {
    name: "mysql_replication",
    collections: &["community.mysql", "community.general"],
    summary: "Starts, stops and sets up replication of MySQL and MariaDB. Unproven on a real system.",
    arguments: mysql_arguments![
        Argument::text("mode", "What is done, or asked.").default("getreplica").choices(&[
            "changeprimary", "changereplication", "getprimary", "getreplica", "startreplica", "stopreplica",
            "resetprimary", "resetreplica", "resetreplicaall",
        ]),
        Argument::text("primary_host", "The server that is followed.").aliases(&["master_host"]),
        Argument::text("primary_user", "Who logs in there.").aliases(&["master_user"]),
        Argument::text("primary_password", "The password for that.").secret().aliases(&["master_password"]),
        Argument::int("primary_port", "Its port.").aliases(&["master_port"]),
        Argument::int("primary_connect_retry", "Seconds between attempts.").aliases(&["master_connect_retry"]),
        Argument::text("primary_log_file", "The log that is followed first.").aliases(&["master_log_file"]),
        Argument::int("primary_log_pos", "The place in it.").aliases(&["master_log_pos"]),
        Argument::int("primary_delay", "Seconds to stay behind.").aliases(&["master_delay"]),
        Argument::text("relay_log_file", "The own log that is read first."),
        Argument::int("relay_log_pos", "The place in it."),
        Argument::of("primary_ssl", Kind::Bool, "Whether the connection must be encrypted.").aliases(&["master_ssl"]),
        Argument::text("primary_ssl_ca", "Authorities that its certificate is checked with.").aliases(&["master_ssl_ca"]),
        Argument::text("primary_ssl_capath", "A directory of them.").aliases(&["master_ssl_capath"]),
        Argument::text("primary_ssl_cert", "Certificate that the login is shown with.").aliases(&["master_ssl_cert"]),
        Argument::text("primary_ssl_key", "Key of that.").aliases(&["master_ssl_key"]),
        Argument::text("primary_ssl_cipher", "Ciphers that may be used.").aliases(&["master_ssl_cipher"]),
        Argument::of("primary_ssl_verify_server_cert", Kind::Bool, "Whether the certificate must name the host."),
        Argument::bool("primary_auto_position", false, "Finds the place by itself.").aliases(&["master_auto_position"]),
        Argument::text("primary_use_gtid", "For MariaDB: whether and how it finds the place by itself.")
            .choices(&["current_pos", "replica_pos", "disabled"])
            .aliases(&["master_use_gtid"]),
        Argument::text("connection_name", "Which connection, of MariaDB."),
        Argument::text("channel", "Which channel, of MySQL."),
        Argument::bool("fail_on_error", false, "Whether what the server refuses is a failure."),
    ],
    rules: &[Rule::Exclusive(&["connection_name", "channel"])],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "queries", about: "The statements, without passwords." },
        Return { name: "Is_Primary", about: "Whether others can follow it; with all that it says of that." },
        Return { name: "Is_Replica", about: "Whether it follows another; with all that it says of that." },
    ],
    ..BLANK
};

impl Module for MysqlReplication {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let login = Login::of(&args);
        // Of the statements for a status, old and new, a server knows one; one that it does not know says nothing.
        let status = match args.needed("mode") {
            "getprimary" => "SHOW MASTER STATUS\\G\nSHOW BINLOG STATUS\\G\nSHOW BINARY LOG STATUS\\G\n".to_owned(),
            "getreplica" => {
                let (name, channel) = which(&args);
                format!("SHOW REPLICA{name} STATUS{channel}\\G\nSHOW SLAVE{name} STATUS{channel}\\G\n")
            }
            _ => String::new(),
        };
        let asked = login.question(format!("SELECT '@', VERSION();\n{status}"));
        flow::ask(asked, move |answer| {
            let rows = login.rows(&answer)?;
            let version = rows[0].get(1).cloned().unwrap_or_default();
            match args.needed("mode") {
                "getprimary" => status_result(&answer.text(), "Is_Primary", "File"),
                "getreplica" => status_result(&answer.text(), "Is_Replica", "_IO_Running"),
                mode => act(&args, &login, &Server::of(&version), mode),
            }
        })
    }
}

/// Which connection is meant, before and after the words.
fn which(args: &Args) -> (String, String) {
    (
        args.text("connection_name").map(|name| format!(" {}", text(name))).unwrap_or_default(),
        args.text("channel").map(|channel| format!(" FOR CHANNEL {}", text(channel))).unwrap_or_default(),
    )
}

/// What a server is, as far as its words go.
struct Server {
    maria: bool,
    version: String,
}

impl Server {
    fn of(version: &str) -> Self {
        let bare = version.strip_prefix("5.5.5-").unwrap_or(version).split('-').next().unwrap_or_default();
        Self { maria: version.contains("MariaDB"), version: bare.to_owned() }
    }

    fn from(&self, mysql: &str, maria: Option<&str>) -> bool {
        let least = if self.maria { maria } else { Some(mysql) };
        least.is_some_and(|least| compare(&self.version, least).is_ge())
    }

    fn term(&self) -> &'static str {
        if self.from("8.0.22", Some("10.5.1")) { "REPLICA" } else { "SLAVE" }
    }
}

fn status_result(said: &str, flag: &str, sign: &str) -> Flow {
    let mut result = TaskResult::ok().field("queries", Value::list(Vec::new()));
    let mut found = false;
    for line in said.lines().skip(1) {
        let Some((name, value)) = line.trim_start().split_once(':') else {
            if found && line.starts_with("***") {
                break;
            }
            continue;
        };
        found |= name == sign || name.ends_with(sign);
        let value = value.strip_prefix(' ').unwrap_or(value);
        let value = match value {
            "NULL" => Value::Null,
            value => value.parse().map_or_else(|_| Value::text(value), Value::Int),
        };
        result = result.field(name, value);
    }
    if found {
        return flow::done(result.field(flag, true));
    }
    let message = match flag {
        "Is_Primary" => "Server is not configured as mysql primary. Meaning: Binary logs are disabled",
        _ => "Server is not configured as mysql replica",
    };
    flow::done(TaskResult::ok().field("queries", Value::list(Vec::new())).field(flag, false).message(message))
}

fn act(args: &Args, login: &Login, server: &Server, mode: &str) -> Flow {
    let (name, channel) = which(args);
    let term = server.term();
    let (statement, done, otherwise) = match mode {
        "startreplica" => {
            (format!("START {term}{name}{channel}"), "Replica started ", "Replica already started (Or cannot be started)")
        }
        "stopreplica" => (format!("STOP {term}{name}{channel}"), "Replica stopped", "Replica already stopped"),
        "resetprimary" => {
            let new = server.from("8.4.0", None);
            let statement = if new { "RESET BINARY LOGS AND GTIDS" } else { "RESET MASTER" };
            (statement.to_owned(), "Primary reset", "Primary already reset")
        }
        "resetreplica" => (format!("RESET {term}{name}{channel}"), "Replica reset", "Replica already reset"),
        "resetreplicaall" => (format!("RESET {term}{name} ALL{channel}"), "Replica reset", "Replica already reset"),
        _ => return change(args, login, server, mode == "changereplication"),
    };
    let strict = args.bool("fail_on_error");
    let result = TaskResult::ok().field("queries", Value::list(vec![Value::text(statement.as_str())]));
    // A server warns of what is so already.
    let call = login.call(&[statement.clone(), "SHOW WARNINGS".to_owned()]);
    flow::change(Vec::new(), call, move |answer| {
        let answer = answer.unwrap_or_default();
        if answer.rc != 0 && strict {
            return Err(flow::failure(&answer, &format!("{statement} failed")));
        }
        let changed = answer.rc == 0 && answer.text().trim().is_empty();
        flow::done(TaskResult { changed, ..result }.message(if changed { done } else { otherwise }))
    })
}

/// Arguments and what statements call them.
const SETTINGS: [(&str, &str); 18] = [
    ("primary_host", "MASTER_HOST"),
    ("primary_user", "MASTER_USER"),
    ("primary_password", "MASTER_PASSWORD"),
    ("primary_port", "MASTER_PORT"),
    ("primary_connect_retry", "MASTER_CONNECT_RETRY"),
    ("primary_log_file", "MASTER_LOG_FILE"),
    ("primary_log_pos", "MASTER_LOG_POS"),
    ("primary_delay", "MASTER_DELAY"),
    ("relay_log_file", "RELAY_LOG_FILE"),
    ("relay_log_pos", "RELAY_LOG_POS"),
    ("primary_ssl", "MASTER_SSL"),
    ("primary_ssl_ca", "MASTER_SSL_CA"),
    ("primary_ssl_capath", "MASTER_SSL_CAPATH"),
    ("primary_ssl_cert", "MASTER_SSL_CERT"),
    ("primary_ssl_key", "MASTER_SSL_KEY"),
    ("primary_ssl_cipher", "MASTER_SSL_CIPHER"),
    ("primary_ssl_verify_server_cert", "MASTER_SSL_VERIFY_SERVER_CERT"),
    ("primary_auto_position", "MASTER_AUTO_POSITION"),
];

fn change(args: &Args, login: &Login, server: &Server, new: bool) -> Flow {
    let new = new || server.from("8.0.23", None);
    let settings = |shown: bool| -> String {
        let mut parts: Vec<String> = Vec::new();
        for (argument, word) in SETTINGS {
            let value = match args.value(argument) {
                None | Some(Value::Null) => continue,
                Some(Value::Bool(false)) if argument == "primary_auto_position" => continue,
                Some(Value::Bool(value)) => i64::from(*value).to_string(),
                Some(_) if shown && argument == "primary_password" => "'********'".to_owned(),
                Some(Value::Int(value)) => value.to_string(),
                Some(value) => text(&value.to_string()),
            };
            parts.push(format!("{}={value}", if new { word.replace("MASTER_", "SOURCE_") } else { word.to_owned() }));
        }
        let gtid = match args.text("primary_use_gtid") {
            Some("disabled") => Some("no"),
            Some("replica_pos") if server.term() == "SLAVE" => Some("slave_pos"),
            other => other,
        };
        parts.extend(gtid.map(|gtid| format!("MASTER_USE_GTID={gtid}")));
        parts.join(",")
    };
    let (name, channel) = which(args);
    let verb = if new { "CHANGE REPLICATION SOURCE" } else { "CHANGE MASTER" };
    let statement = |shown: bool| format!("{verb}{name} TO {}{channel}", settings(shown));
    let result = TaskResult::ok().field("queries", Value::list(vec![Value::text(statement(true))]));
    flow::change_and_end(Vec::new(), login.call(&[statement(false)]), format!("{verb} failed"), result)
}
