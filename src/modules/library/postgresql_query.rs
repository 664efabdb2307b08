//! `postgresql_query`: queries to `PostgreSQL`.

use crate::modules::databases::bind::{bound, queries};
use crate::modules::databases::postgresql::{Login, name, postgresql_arguments};
use crate::modules::databases::postgresql_query::{alters, literal, outcomes, script};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Argument, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult,
};
use crate::template::Value;

/// The module.
pub struct PostgresqlQuery;

/// The module.
pub static MODULE: PostgresqlQuery = PostgresqlQuery;

static SPEC: Spec = Spec {
    name: "postgresql_query",
    collections: &["community.postgresql", "community.general"],
    summary: "Runs queries in PostgreSQL and returns their rows.",
    arguments: postgresql_arguments![
        Argument::of("query", Kind::Raw, "A query, or a list of them, run in one transaction."),
        Argument::of("positional_args", Kind::List(&Kind::Raw), "Values for `%s`, in order."),
        Argument::of("named_args", Kind::Dict, "Values for `%(name)s`."),
        Argument::text("login_db", "The database; the one named as the user unless told.").aliases(&["db"]),
        Argument::bool("autocommit", false, "Runs each query on its own: for `VACUUM` and the like."),
        Argument::text("encoding", "No matter: answers are read as UTF-8."),
        Argument::list("search_path", "Schemas that names are looked for in."),
    ],
    rules: &[Rule::Exclusive(&["positional_args", "named_args"])],
    returns: &[
        Return { name: "query", about: "The last query, with its values." },
        Return { name: "query_list", about: "The queries." },
        Return { name: "query_result", about: "The rows of the last query." },
        Return { name: "query_all_results", about: "The rows of each query." },
        Return { name: "rowcount", about: "How many rows they gave or altered." },
        Return { name: "statusmessage", about: "What the server calls the last query: `INSERT 0 1`." },
    ],
    ..BLANK
};

impl Module for PostgresqlQuery {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let alone = args.bool("autocommit");
        if alone && context.check {
            return Err(ModuleError::new("Using autocommit is mutually exclusive with check_mode"));
        }
        let given = queries(&args)?;
        let filled = given.iter().map(|query| bound(query, &args, literal)).collect::<Result<Vec<_>, _>>()?;
        let login = Login::of(&args, args.text("login_db").unwrap_or_else(|| args.needed("login_user")));
        let mut first: Vec<String> = login.role().into_iter().collect();
        let path = args.texts("search_path");
        if !path.is_empty() {
            let names: Vec<String> = path.iter().map(|schema| name(schema.trim().trim_matches('"'))).collect();
            first.push(format!("SET search_path TO {}", names.join(",")));
        }
        first.extend((!alone).then(|| "BEGIN".to_owned()));
        let last = match (alone, context.check) {
            (true, _) => "",
            (false, true) => "ROLLBACK;\n",
            (false, false) => "COMMIT;\n",
        };
        let text = script(&first, &filled, last);
        if context.check {
            // As Ansible does: the queries are run, and what they did is taken back.
            return flow::ask(login.question(text), move |answer| end(&answer, &given, &filled));
        }
        flow::change(Vec::new(), login.call_with(text), move |answer| end(&answer.unwrap_or_default(), &given, &filled))
    }
}

fn end(answer: &Answer, given: &[String], filled: &[String]) -> Flow {
    let found = outcomes(&answer.text());
    let list = |queries: &[String]| Value::list(queries.iter().map(|query| Value::text(query.as_str())).collect());
    if answer.rc != 0 {
        let errors = answer.errors();
        let Some((_, said)) = errors.split_once("ERROR:") else {
            return Err(ModuleError::new(format!("unable to connect to database: {}", errors.trim())));
        };
        let query = given.get(found.len()).or(given.last()).cloned().unwrap_or_default();
        return Err(ModuleError::new(format!(
            "Cannot execute SQL '{query}': {}, query list: {}",
            said.trim(),
            list(given)
        )));
    }
    let rows = |rows: &Vec<Value>| {
        if rows.is_empty() { Value::dict(crate::template::Dict::new()) } else { Value::list(rows.clone()) }
    };
    let final_outcome = found.last().cloned().unwrap_or_default();
    let all = Value::list(found.iter().map(|outcome| rows(&outcome.rows)).collect());
    let result = TaskResult::with_changed(found.iter().any(|outcome| alters(&outcome.tag)))
        .field("query", filled.last().cloned().unwrap_or_default())
        .field("query_list", list(given))
        .field("query_result", rows(&final_outcome.rows))
        .field("query_all_results", all)
        .field("rowcount", found.iter().map(|outcome| outcome.count).sum::<i64>())
        .field("statusmessage", final_outcome.tag);
    flow::done(result)
}
