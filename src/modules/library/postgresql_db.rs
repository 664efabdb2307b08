//! `postgresql_db`: databases of `PostgreSQL`.

use serde_json::Value as Json;

use crate::modules::databases::postgresql::{Login, name, postgresql_arguments, rows, text};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, Args, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct PostgresqlDb;

/// The module.
pub static MODULE: PostgresqlDb = PostgresqlDb;

static SPEC: Spec = Spec {
    name: "postgresql_db",
    collections: &["community.postgresql", "community.general"],
    summary: "Makes and removes databases of PostgreSQL, writes them to files and reads them from there.",
    arguments: postgresql_arguments![
        Argument::text("db", "The database.").required().aliases(&["name"]),
        Argument::text("state", "What is wanted of it.").default("present").choices(&["absent", "dump", "present", "restore"]),
        Argument::text("owner", "Its owner.").default(""),
        Argument::text("template", "What a new one is a copy of.").default(""),
        Argument::text("encoding", "The character set of a new one.").default(""),
        Argument::text("lc_collate", "The order of texts in a new one.").default(""),
        Argument::text("lc_ctype", "The kinds of characters in a new one.").default(""),
        Argument::text("tablespace", "Where it stands.").default(""),
        Argument::int("conn_limit", "How many connections it may have."),
        Argument::text("maintenance_db", "The database to log in to.").default("postgres"),
        Argument::path("target", "The file: `.sql`, packed with `.gz`, `.bz2` or `.xz`, `.tar`, `.pgc`."),
        Argument::bool("force", false, "Ends connections to it before it is removed."),
    ],
    returns: &[Return { name: "executed_commands", about: "The statements." }],
    ..BLANK
};

impl Module for PostgresqlDb {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let login = Login::of(&args, args.needed("maintenance_db"));
        let state = args.needed("state");
        if matches!(state, "dump" | "restore") {
            let Some(target) = args.text("target") else {
                return Err(ModuleError::new(format!("state is {state} but all of the following are missing: target")));
            };
            let words = flow::words([state, target, args.needed("db")]);
            let result = TaskResult::ok().field("rc", 0).message("");
            return flow::change_and_end(Vec::new(), login.file(words), format!("The {state} failed"), result);
        }
        let query = rows(&format!(
            "SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding, datcollate AS lc_collate, \
             datctype AS lc_ctype, datconnlimit AS conn_limit, spcname AS tablespace FROM pg_database \
             JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = {}",
            text(args.needed("db"))
        ));
        login.clone().ask(&[query], move |found| decide(&args, &login, found.first()))
    }
}

fn decide(args: &Args, login: &Login, found: Option<&Json>) -> Flow {
    let database = name(args.needed("db"));
    let given = |argument: &str| args.text(argument).filter(|value| !value.is_empty());
    let mut statements = Vec::new();
    match (args.needed("state"), found) {
        ("absent", None) => {}
        ("absent", Some(_)) => {
            statements.push(format!("DROP DATABASE {database}{}", if args.bool("force") { " WITH (FORCE)" } else { "" }));
        }
        (_, None) => {
            let mut statement = format!("CREATE DATABASE {database}");
            for (argument, word) in [("owner", "OWNER"), ("template", "TEMPLATE"), ("tablespace", "TABLESPACE")] {
                statement.extend(given(argument).map(|value| format!(" {word} {}", name(value))));
            }
            for (argument, word) in [("encoding", "ENCODING"), ("lc_collate", "LC_COLLATE"), ("lc_ctype", "LC_CTYPE")] {
                statement.extend(given(argument).map(|value| format!(" {word} {}", text(value))));
            }
            statement.extend(args.int("conn_limit").map(|limit| format!(" CONNECTION LIMIT {limit}")));
            statements.push(statement);
        }
        (_, Some(found)) => {
            for (argument, what) in [("encoding", "encoding"), ("lc_collate", "LC_COLLATE"), ("lc_ctype", "LC_CTYPE")] {
                let actual = found[argument].as_str().unwrap_or_default();
                if given(argument).is_some_and(|value| !same(argument, value, actual)) {
                    return Err(ModuleError::new(format!(
                        "Changing {}{what} is not supported. Current {what}: {actual}",
                        if what == "encoding" { "database " } else { "" }
                    )));
                }
            }
            let other = |argument: &str| given(argument).filter(|value| found[argument] != *value);
            statements.extend(other("owner").map(|owner| format!("ALTER DATABASE {database} OWNER TO {}", name(owner))));
            let limit = args.int("conn_limit").filter(|limit| found["conn_limit"] != *limit);
            statements.extend(limit.map(|limit| format!("ALTER DATABASE {database} CONNECTION LIMIT {limit}")));
            let space = other("tablespace");
            statements.extend(space.map(|space| format!("ALTER DATABASE {database} SET TABLESPACE {}", name(space))));
        }
    }
    let result = TaskResult::ok().field("db", args.needed("db"));
    let commands = statements.iter().map(|statement| statement.as_str().into()).collect::<Vec<crate::template::Value>>();
    login.change(&database, &statements, &statements, result.field("executed_commands", commands))
}

/// Servers write names of encodings as they like: `UTF-8` is `UTF8`.
fn same(argument: &str, wanted: &str, actual: &str) -> bool {
    let bare = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    if argument == "encoding" { bare(wanted) == bare(actual) } else { wanted == actual }
}
