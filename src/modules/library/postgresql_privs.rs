//! `postgresql_privs`: who may what in `PostgreSQL`.

use serde_json::Value as Json;

use crate::modules::databases::postgresql::{Login, name, postgresql_arguments, rows, text};
use crate::modules::databases::postgresql_privs::{Privileges, implicit};
use crate::modules::flow::{self, Flow};
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct PostgresqlPrivs;

/// The module.
pub static MODULE: PostgresqlPrivs = PostgresqlPrivs;

static SPEC: Spec = Spec {
    name: "postgresql_privs",
    collections: &["community.postgresql", "community.general"],
    summary: "Grants and revokes privileges in PostgreSQL.",
    arguments: postgresql_arguments![
        Argument::text("login_db", "The database to log in to.").required().aliases(&["db", "database"]),
        Argument::text("state", "Whether they are granted.").default("present").choices(&["absent", "present"]),
        Argument::text("privs", "The privileges: `SELECT,INSERT`, `ALL`.").aliases(&["priv"]),
        Argument::text("type", "What they are on.").default("table").choices(&[
            "database", "default_privs", "foreign_data_wrapper", "foreign_server", "function", "group", "language",
            "table", "tablespace", "schema", "sequence", "type", "procedure", "parameter",
        ]),
        Argument::text("objs", "The things; `ALL_IN_SCHEMA` and `ALL_DEFAULT` for all. Arguments of functions stand between `:`.").aliases(&["obj"]),
        Argument::text("schema", "Their schema: `public` unless told, `not-specified` for none."),
        Argument::text("roles", "For whom.").required().aliases(&["role"]),
        Argument::text("target_roles", "Whose future things `default_privs` are about."),
        Argument::of("grant_option", Kind::Bool, "Whether they may pass it on; unless told that stays.").aliases(&["admin_option"]),
        Argument::bool("fail_on_role", true, "Whether a role that is not there is a failure."),
    ],
    returns: &[Return { name: "queries", about: "The statements." }],
    ..BLANK
};

impl Module for PostgresqlPrivs {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let task = Task {
            privileges: Privileges::of(&args)?,
            login: Login::of(&args, args.needed("login_db")),
            strict: args.bool("fail_on_role"),
        };
        let mut result = TaskResult::ok();
        if args.is_given("target_roles") && args.needed("type") != "default_privs" {
            let warning = "\"target_roles\" will be ignored Argument \"type: default_privs\" is required for usage of \"target_roles\".";
            result.warnings.push(warning.to_owned());
        }
        task.ask(args.needed("roles").split(',').map(str::to_owned).collect(), result)
    }
}

struct Task {
    privileges: Privileges,
    login: Login,
    strict: bool,
}

impl Task {
    /// Asks which roles there are, and what the statements would alter: they are run and taken back.
    fn ask(self, roles: Vec<String>, result: TaskResult) -> Flow {
        let named: Vec<String> = roles.iter().map(|role| implicit(role).unwrap_or_else(|| name(role))).collect();
        let listed: Vec<String> = roles.iter().map(|role| text(role)).collect();
        let statements = self.privileges.statements(&named);
        let first = rows(&format!("SELECT 'role' AS k, rolname AS l FROM pg_roles WHERE rolname IN ({})", listed.join(",")));
        let mut queries = vec![first, "BEGIN".to_owned(), self.privileges.state("before")];
        queries.extend(statements.iter().cloned());
        queries.extend([self.privileges.state("after"), "ROLLBACK".to_owned()]);
        self.login.clone().attempt(&queries, move |found, error| self.decide(roles, &statements, &found, error, result))
    }

    fn decide(
        self,
        roles: Vec<String>,
        statements: &[String],
        found: &[Json],
        error: Option<String>,
        mut result: TaskResult,
    ) -> Flow {
        let is_there = |role: &String| {
            implicit(role).is_some() || found.iter().any(|row| row["k"] == "role" && row["l"] == role.as_str())
        };
        let (there, missing): (Vec<String>, Vec<String>) = roles.into_iter().partition(is_there);
        if let Some(role) = missing.first().filter(|_| self.strict) {
            return Err(ModuleError::new(format!("Role '{role}' does not exist")));
        }
        if !missing.is_empty() {
            result.warnings.extend(missing.iter().map(|role| format!("Role '{role}' does not exist, pass it")));
            if there.is_empty() {
                result.warnings.push("No valid roles provided, nothing to do".to_owned());
                return flow::done(result.field("queries", Value::list(Vec::new())));
            }
            return self.ask(there, result);
        }
        if let Some(error) = error {
            return Err(ModuleError::new(error));
        }
        let state = |kind: &str| found.iter().find(|row| row["k"] == kind).map(|row| row["l"].clone());
        let (Some(before), Some(after)) = (state("before"), state("after")) else {
            return Err(ModuleError::new("the server did not say what the statements would alter"));
        };
        let shown = statements.iter().map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n");
        if before == after {
            return flow::done(result.field("queries", Value::list(vec![Value::text(shown)])));
        }
        let lines = |lists: &Json| {
            let lists = lists.as_array().cloned().unwrap_or_default();
            lists.iter().map(|list| list.as_str().unwrap_or("default").to_owned()).collect::<Vec<_>>()
        };
        let diff = flow::diff_lines("privileges", &lines(&before), &lines(&after));
        let begin = std::iter::once("BEGIN".to_owned()).chain(statements.iter().cloned());
        let all: Vec<String> = begin.chain(std::iter::once("COMMIT".to_owned())).collect();
        let result = result.field("queries", Value::list(vec![Value::text(shown)]));
        flow::change_and_end(vec![diff], self.login.call(&all), "The server refused", result)
    }
}
