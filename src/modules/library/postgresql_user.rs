//! `postgresql_user`: roles of `PostgreSQL` that log in.

use serde_json::Value as Json;

use crate::modules::databases::postgresql::{Login, is_password, name, postgresql_arguments, rows, text};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, Args, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct PostgresqlUser;

/// The module.
pub static MODULE: PostgresqlUser = PostgresqlUser;

static SPEC: Spec = Spec {
    name: "postgresql_user",
    collections: &["community.postgresql", "community.general"],
    summary: "Makes, alters and removes users of PostgreSQL.",
    arguments: postgresql_arguments![
        Argument::text("user", "The user.").required().aliases(&["name"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("password", "Its password, or what the server would keep of it; empty for none.").secret(),
        Argument::bool("encrypted", true, "No matter: servers keep no plain passwords."),
        Argument::bool("no_password_changes", false, "Leaves the password of a user that is there."),
        Argument::text("role_attr_flags", "What it may: `CREATEDB,NOSUPERUSER`, …").default(""),
        Argument::text("expires", "Until when it may log in."),
        Argument::int("conn_limit", "How many connections it may have."),
        Argument::text("comment", "A comment."),
        Argument::text("login_db", "The database to log in to.").default("postgres").aliases(&["db"]),
        Argument::bool("fail_on_user", true, "Whether a user that cannot be removed is a failure.").aliases(&["fail_on_role"]),
    ],
    returns: &[Return { name: "queries", about: "The statements, without passwords." }],
    ..BLANK
};

/// Flags and the columns of `pg_roles` that say them.
const FLAGS: [(&str, &str); 7] = [
    ("SUPERUSER", "rolsuper"),
    ("CREATEROLE", "rolcreaterole"),
    ("CREATEDB", "rolcreatedb"),
    ("INHERIT", "rolinherit"),
    ("LOGIN", "rolcanlogin"),
    ("REPLICATION", "rolreplication"),
    ("BYPASSRLS", "rolbypassrls"),
];

impl Module for PostgresqlUser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let flags = flags(args.needed("role_attr_flags"))?;
        let login = Login::of(&args, args.needed("login_db"));
        let user = text(args.needed("user"));
        let queries = [
            rows(&format!(
                "SELECT 'role' AS k, *, rolvaliduntil = {}::timestamptz AS same, shobj_description(oid, 'pg_authid') AS comment \
                 FROM pg_roles WHERE rolname = {user}",
                args.text("expires").map_or("NULL".to_owned(), text)
            )),
            rows(&format!("SELECT 'password' AS k, rolpassword FROM pg_authid WHERE rolname = {user}")),
        ];
        login.clone().ask(&queries, move |found| {
            let row = |kind: &str| found.iter().find(|row| row["k"] == kind);
            decide(&args, &login, &flags, row("role"), row("password"))
        })
    }
}

fn decide(args: &Args, login: &Login, flags: &[String], role: Option<&Json>, kept: Option<&Json>) -> Flow {
    let user = args.needed("user");
    let account = name(user);
    let result = TaskResult::ok().field("user", user);
    if args.needed("state") == "absent" {
        if role.is_none() {
            return flow::done(result.field("user_removed", false).field("queries", Vec::new()));
        }
        let statements = [format!("DROP USER {account}")];
        if args.bool("fail_on_user") {
            return login.change(&account, &statements, &statements, result.field("user_removed", true));
        }
        let diff = flow::diff_lines(&account, &statements, &[]);
        return flow::change(vec![diff], login.call(&statements), move |answer| {
            let removed = answer.is_none_or(|answer| answer.rc == 0);
            flow::done(TaskResult { changed: removed, ..result }.field("user_removed", removed))
        });
    }
    let password = args.text("password");
    let mut parts = Vec::new();
    let mut secret = None;
    let mut comment = args.text("comment");
    match role {
        None => {
            secret = password.filter(|password| !password.is_empty());
            parts.extend(flags.iter().cloned());
            parts.extend(args.text("expires").map(|time| format!("VALID UNTIL {}", text(time))));
            parts.extend(args.int("conn_limit").map(|limit| format!("CONNECTION LIMIT {limit}")));
        }
        Some(role) => {
            let other = |password: &&str| kept.is_none_or(|kept| !is_password(user, password, kept["rolpassword"].as_str()));
            secret = password.filter(|_| !args.bool("no_password_changes")).filter(other).or(secret);
            let differs = |flag: &&String| {
                let bare = flag.strip_prefix("NO").filter(|bare| FLAGS.iter().any(|(name, _)| name == bare));
                let column = FLAGS.iter().find(|(name, _)| *name == bare.unwrap_or(flag)).map(|(_, column)| *column);
                column.is_some_and(|column| role[column] != bare.is_none())
            };
            parts.extend(flags.iter().filter(differs).cloned());
            let expires = args.text("expires").filter(|_| role["same"] != true);
            parts.extend(expires.map(|time| format!("VALID UNTIL {}", text(time))));
            let limit = args.int("conn_limit").filter(|limit| role["rolconnlimit"] != *limit);
            parts.extend(limit.map(|limit| format!("CONNECTION LIMIT {limit}")));
            comment = comment.filter(|comment| role["comment"].as_str().unwrap_or_default() != *comment);
        }
    }
    let verb = if role.is_none() { "CREATE USER" } else { "ALTER USER" };
    let statement = |password: Option<String>| {
        let all: Vec<String> = password.into_iter().chain(parts.iter().cloned()).collect();
        if all.is_empty() { format!("{verb} {account}") } else { format!("{verb} {account} WITH {}", all.join(" ")) }
    };
    let (mut statements, mut shown) = (Vec::new(), Vec::new());
    if role.is_none() || secret.is_some() || !parts.is_empty() {
        let quoted = |secret: &str| if secret.is_empty() { "PASSWORD NULL".to_owned() } else { format!("PASSWORD {}", text(secret)) };
        statements.push(statement(secret.map(quoted)));
        shown.push(statement(secret.map(|_| "PASSWORD '***'".to_owned())));
    }
    if let Some(comment) = comment {
        statements.push(format!("COMMENT ON ROLE {account} IS {}", text(comment)));
        shown.push(statements[statements.len() - 1].clone());
    }
    login.change(&account, &statements, &shown, result)
}

fn flags(text: &str) -> Result<Vec<String>, ModuleError> {
    let words = text.split([',', ' ', '\n']).map(|word| word.trim().to_uppercase()).filter(|word| !word.is_empty());
    let known = |word: &str| FLAGS.iter().any(|(name, _)| word == *name || word.strip_prefix("NO") == Some(name));
    let words: Vec<String> = words.collect();
    match words.iter().find(|word| !known(word)) {
        Some(word) => Err(ModuleError::new(format!("Invalid role_attr_flags specified: {word}"))),
        None => Ok(words),
    }
}
