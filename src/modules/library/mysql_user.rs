//! `mysql_user`: accounts of `MySQL` and `MariaDB`.

use std::sync::Arc;

use crate::modules::databases::mysql::{Login, mysql_arguments, text};
use crate::modules::databases::mysql_user::{Plan, Server, Wanted, asking, asking_grants};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, Args, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct MysqlUser;

/// The module.
pub static MODULE: MysqlUser = MysqlUser;

static SPEC: Spec = Spec {
    name: "mysql_user",
    collections: &["community.mysql", "community.general"],
    summary: "Makes, alters and removes accounts of MySQL and MariaDB.",
    arguments: mysql_arguments![
        Argument::text("name", "The user.").required().aliases(&["user"]),
        Argument::text("host", "Where it connects from.").default("localhost"),
        Argument::bool("host_all", false, "All its accounts, whatever their hosts."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("password", "Its password.").secret(),
        Argument::bool("encrypted", false, "Whether the password is a hash: `*` and 40 hexadecimal digits."),
        Argument::text("update_password", "When the password is set.").default("always").choices(&["always", "on_create"]),
        Argument::text("plugin", "What checks the password."),
        Argument::text("plugin_hash_string", "What that keeps.").secret(),
        Argument::text("plugin_auth_string", "What that is told.").secret(),
        Argument::of("priv", Kind::Raw, "Privileges: `db.table:PRIV,PRIV/…`, or a dictionary."),
        Argument::bool("append_privs", false, "Adds privileges to those that are there."),
        Argument::bool("subtract_privs", false, "Takes privileges away."),
        Argument::bool("column_case_sensitive", true, "Whether columns in privileges keep their case."),
        Argument::of("tls_requires", Kind::Dict, "What connections need: `SSL`, `X509`, `SUBJECT`, …"),
        Argument::bool("check_implicit_admin", false, "Logs in as `root` without a password first."),
        Argument::bool("sql_log_bin", true, "Whether replicas are told."),
    ],
    rules: &[Rule::Exclusive(&["append_privs", "subtract_privs"])],
    returns: &[
        Return { name: "user", about: "The user." },
        Return { name: "password_changed", about: "Whether the password is another." },
    ],
    ..BLANK
};

impl Module for MysqlUser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let logins = logins(&args);
        ask(args, logins)
    }
}

fn logins(args: &Args) -> Vec<Login> {
    let implicit = args.bool("check_implicit_admin").then(|| Login::implicit(args));
    implicit.into_iter().chain([Login::of(args)]).collect()
}

/// Asks with the first login that the server takes.
fn ask(args: Arc<Args>, mut logins: Vec<Login>) -> Flow {
    let login = logins.remove(0);
    let host = args.needed("host").to_lowercase();
    flow::ask(login.question(asking(args.needed("name"), &host)), move |answer| {
        let rows = match login.rows(&answer) {
            Err(_) if !logins.is_empty() => return ask(args, logins),
            rows => rows?,
        };
        let mut server = Server::default();
        server.read(&rows);
        if !args.bool("host_all") || args.needed("state") == "absent" || server.accounts.is_empty() {
            return decide(&args, &login, server, &host);
        }
        let hosts: Vec<String> = server.accounts.iter().map(|account| account.host.clone()).collect();
        flow::ask(login.question(asking_grants(args.needed("name"), &hosts)), move |answer| {
            server.read(&login.rows(&answer)?);
            decide(&args, &login, server, &host)
        })
    })
}

fn decide(args: &Args, login: &Login, server: Server, host: &str) -> Flow {
    let user = args.needed("name");
    let all = args.bool("host_all");
    let found: Vec<_> = server.accounts.into_iter().filter(|account| all || account.host == host).collect();
    let mut plan = Plan::default();
    let present = args.needed("state") == "present";
    if present {
        let wanted = Wanted::of(args)?;
        plan.message = String::from("User unchanged");
        if found.is_empty() && !all {
            plan = wanted.create(host);
        }
        for one in found.iter().map(|account| wanted.alter(account)) {
            if !one.statements.is_empty() {
                plan.message = one.message;
            }
            plan.password |= one.password;
            plan.statements.extend(one.statements);
            plan.shown.extend(one.shown);
        }
    } else {
        plan.message = String::from(if found.is_empty() { "User doesn't exist" } else { "User deleted" });
        let drop = |host: &String| format!("DROP USER {}@{}", text(user), text(host));
        plan.statements = found.iter().map(|account| drop(&account.host)).collect();
        plan.shown = plan.statements.clone();
    }
    let result = TaskResult::ok().field("user", user).message(plan.message);
    let result = if present { result.field("password_changed", plan.password) } else { result };
    let result = result.field("attributes", Value::Null);
    if plan.statements.is_empty() {
        return flow::done(result);
    }
    if !args.bool("sql_log_bin") {
        plan.statements.insert(0, "SET SQL_LOG_BIN=0".to_owned());
    }
    let diff = flow::diff_lines(&format!("user {user}"), &[], &plan.shown);
    flow::change_and_end(vec![diff], login.call(&plan.statements), "The server refused", result)
}
