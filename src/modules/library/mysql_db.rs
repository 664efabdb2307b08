//! `mysql_db`: databases of `MySQL` and `MariaDB`.

use std::sync::Arc;

use crate::modules::databases::mysql::{Login, mysql_arguments, name, text};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, Args, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct MysqlDb;

/// The module.
pub static MODULE: MysqlDb = MysqlDb;

static SPEC: Spec = Spec {
    name: "mysql_db",
    collections: &["community.mysql", "community.general"],
    summary: "Makes and removes databases of MySQL and MariaDB, writes them to files and reads them from there.",
    arguments: mysql_arguments![
        Argument::list("name", "The databases; `all` for a file of all.").required().aliases(&["db"]),
        Argument::text("state", "What is wanted of them.").default("present").choices(&["absent", "dump", "import", "present"]),
        Argument::text("encoding", "The character set of new ones.").default(""),
        Argument::text("collation", "The order of texts in new ones.").default(""),
        Argument::path("target", "The file; packed when it ends in `.gz`, `.bz2`, `.xz`, `.zst`."),
        Argument::bool("single_transaction", false, "Writes what stood at one moment."),
        Argument::bool("quick", true, "Writes row by row."),
        Argument::list("ignore_tables", "Tables that are left out: `db.table`."),
        Argument::bool("hex_blob", false, "Writes bytes as hexadecimal digits."),
        Argument::bool("force", false, "Goes on after errors."),
        Argument::bool("skip_lock_tables", false, "Locks no tables."),
        Argument::bool("check_implicit_admin", false, "Logs in as `root` without a password first."),
        Argument::bool("sql_log_bin", true, "Whether replicas are told."),
        Argument::bool("use_shell", false, "No matter: packed files always go through a pipe."),
        Argument::bool("pipefail", true, "No matter: a file that is not whole is never kept."),
    ],
    returns: &[
        Return { name: "db", about: "The databases, with blanks between them." },
        Return { name: "db_list", about: "The databases." },
        Return { name: "executed_commands", about: "The statements." },
    ],
    ..BLANK
};

impl Module for MysqlDb {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let databases: Vec<String> = args.texts("name").iter().map(|name| name.trim().to_owned()).collect();
        let all = databases == ["all"];
        let state = args.needed("state");
        let file = matches!(state, "dump" | "import");
        let refuse = |message: String| Err(ModuleError::new(message));
        if file && args.text("target").is_none() {
            return refuse(format!("with state={state} target is required"));
        }
        if all && !file {
            return refuse("name is not allowed to equal 'all' unless state equals import, or dump.".to_owned());
        }
        if state == "import" && databases.len() > 1 {
            return refuse("Multiple databases are not supported with state=import".to_owned());
        }
        let mut logins = vec![Login::of(&args)];
        if args.bool("check_implicit_admin") {
            logins.insert(0, Login::implicit(&args));
        }
        ask(args, databases, logins)
    }
}

fn ask(args: Arc<Args>, databases: Vec<String>, mut logins: Vec<Login>) -> Flow {
    let login = logins.remove(0);
    let sql = "SELECT '@server';\nSELECT '@db', SCHEMA_NAME FROM information_schema.SCHEMATA;\n";
    flow::ask(login.question(sql.to_owned()), move |answer| {
        let rows = match login.rows(&answer) {
            Err(_) if !logins.is_empty() => return ask(args, databases, logins),
            rows => rows?,
        };
        let there: Vec<&String> = rows.iter().filter(|row| row[0] == "@db").filter_map(|row| row.get(1)).collect();
        let (found, missing): (Vec<String>, Vec<String>) =
            databases.iter().cloned().partition(|database| there.contains(&database));
        let result = TaskResult::ok()
            .field("db", databases.join(" "))
            .field("db_list", Value::list(databases.iter().map(|name| Value::text(name.as_str())).collect()));
        match args.needed("state") {
            "absent" => execute(&args, &login, found.iter().map(|database| format!("DROP DATABASE {}", name(database))), result),
            "present" => execute(&args, &login, missing.iter().map(|database| create(&args, database)), result),
            "dump" if databases != ["all"] && !missing.is_empty() => {
                Err(ModuleError::new(format!("Cannot dump database(s) '{}' - not found", missing.join(", "))))
            }
            verb => transfer(&args, &login, verb, &databases, &missing, result),
        }
    })
}

fn create(args: &Args, database: &str) -> String {
    let mut statement = format!("CREATE DATABASE {}", name(database));
    for (argument, words) in [("encoding", "CHARACTER SET"), ("collation", "COLLATE")] {
        if let Some(value) = args.text(argument).filter(|value| !value.is_empty()) {
            statement.extend([" ", words, " ", &text(value)]);
        }
    }
    statement
}

fn execute(args: &Args, login: &Login, statements: impl Iterator<Item = String>, result: TaskResult) -> Flow {
    let mut statements: Vec<String> = statements.collect();
    let commands = Value::list(statements.iter().map(|statement| Value::text(statement.as_str())).collect());
    let result = result.field("executed_commands", commands);
    if statements.is_empty() {
        return flow::done(result);
    }
    let diff = flow::diff_lines("databases", &[], &statements);
    if !args.bool("sql_log_bin") {
        statements.insert(0, "SET SQL_LOG_BIN=0".to_owned());
    }
    flow::change_and_end(vec![diff], login.call(&statements), "The server refused", result)
}

fn transfer(
    args: &Args,
    login: &Login,
    verb: &str,
    databases: &[String],
    missing: &[String],
    result: TaskResult,
) -> Flow {
    let all = databases == ["all"];
    let mut words = flow::words([verb, args.needed("target")]);
    let mut flag = |name: &str, option: &str| words.extend(args.bool(name).then(|| option.to_owned()));
    flag("force", "--force");
    if verb == "dump" {
        flag("quick", "--quick");
        flag("single_transaction", "--single-transaction");
        flag("hex_blob", "--hex-blob");
        flag("skip_lock_tables", "--skip-lock-tables");
        words.extend(args.texts("ignore_tables").iter().map(|table| format!("--ignore-table={table}")));
    }
    if let Some(encoding) = args.text("encoding").filter(|encoding| !encoding.is_empty()) {
        words.push(format!("--default-character-set={encoding}"));
    }
    match (verb, all) {
        ("dump", true) => words.push("--all-databases".to_owned()),
        ("dump", false) => {
            words.extend((databases.len() > 1).then(|| "--databases".to_owned()));
            words.extend(databases.iter().cloned());
        }
        (_, true) => {}
        (_, false) => words.extend(["--one-database".to_owned(), databases[0].clone()]),
    }
    let first = if verb == "import" && !all && !missing.is_empty() { create(args, &missing[0]) } else { String::new() };
    flow::change_and_end(Vec::new(), login.file(words, &first), format!("The {verb} failed"), result.message(""))
}
