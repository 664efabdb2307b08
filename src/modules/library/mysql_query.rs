//! `mysql_query`: queries to `MySQL` and `MariaDB`.

use crate::modules::databases::bind::{bound, queries};
use crate::modules::databases::mysql::{Login, mysql_arguments, name, text};
use crate::modules::databases::mysql_query::{OPTIONS, alters, literal, outcomes, script};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Argument, BLANK, CheckMode, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;

/// The module.
pub struct MysqlQuery;

/// The module.
pub static MODULE: MysqlQuery = MysqlQuery;

static SPEC: Spec = Spec {
    name: "mysql_query",
    collections: &["community.mysql", "community.general"],
    summary: "Runs queries in MySQL and MariaDB and returns their rows.",
    arguments: mysql_arguments![
        Argument::of("query", Kind::Raw, "A query, or a list of them.").required(),
        Argument::of("positional_args", Kind::List(&Kind::Raw), "Values for `%s`, in order."),
        Argument::of("named_args", Kind::Dict, "Values for `%(name)s`."),
        Argument::text("login_db", "The database."),
        Argument::bool("single_transaction", false, "Whether all of them take effect, or none."),
        Argument::of("session_vars", Kind::Dict, "Variables of the session, set first."),
    ],
    rules: &[Rule::Exclusive(&["positional_args", "named_args"])],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "executed_queries", about: "The queries, with their values." },
        Return { name: "query_result", about: "The rows of each query; what reads as a whole number is one." },
        Return { name: "rowcount", about: "How many rows each gave or altered." },
    ],
    ..BLANK
};

impl Module for MysqlQuery {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let given = queries(&args)?;
        let filled = given.iter().map(|query| bound(query, &args, literal)).collect::<Result<Vec<_>, _>>()?;
        let login = Login::of(&args);
        let mut first: Vec<String> = Vec::new();
        first.extend(args.text("login_db").map(|database| format!("USE {}", name(database))));
        for (variable, value) in args.dict("session_vars").into_iter().flatten() {
            let value = match value {
                Value::Int(_) | Value::Float(_) | Value::Bool(_) => value.to_string(),
                value => text(&value.to_string()),
            };
            first.push(format!("SET SESSION {} = {value}", name(&variable.to_string())));
        }
        let single = args.bool("single_transaction");
        first.extend(single.then(|| "START TRANSACTION".to_owned()));
        let script = script(&first, &filled, if single { "COMMIT;\n" } else { "" });
        let call = login.call_with(script, &OPTIONS);
        flow::change(Vec::new(), call, move |answer| end(&answer.unwrap_or_default(), &login, &given, &filled))
    }
}

fn end(answer: &Answer, login: &Login, given: &[String], filled: &[String]) -> Flow {
    let (found, begun) = outcomes(&answer.text());
    if answer.rc != 0 {
        let errors = answer.errors();
        return Err(match begun.checked_sub(1).and_then(|place| given.get(place)) {
            None => login.unreachable(&errors),
            Some(query) => ModuleError::new(format!("Cannot execute SQL '{query}': {}", errors.trim())),
        });
    }
    let changed = found.iter().zip(given).any(|(outcome, query)| alters(query, outcome.count));
    let result = TaskResult::with_changed(changed)
        .field("executed_queries", Value::list(filled.iter().map(|query| Value::text(query.as_str())).collect()))
        .field("query_result", Value::list(found.iter().map(|outcome| Value::list(outcome.rows.clone())).collect()))
        .field("rowcount", Value::list(found.iter().map(|outcome| Value::Int(outcome.count)).collect()));
    flow::done(result)
}
