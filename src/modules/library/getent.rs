//! `getent`: entries of the host's databases of names, as facts.

use crate::modules::clients::Clients;
use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct Getent;

/// The module.
pub static MODULE: Getent = Getent;

static SPEC: Spec = Spec {
    name: "getent",
    summary: "Reads the host's databases of users, groups, hosts and the like into facts.",
    arguments: &[
        Argument::text("database", "Which: `passwd`, `group`, `hosts`, …").required(),
        Argument::text("key", "The entry that is read; else all are."),
        Argument::text("service", "Where it is looked up, instead of where the host says."),
        Argument::text("split", "What stands between the fields; else `:` or blanks, as the database has it."),
        Argument::bool("fail_key", true, "Fails when the entry is not there."),
    ],
    returns: &[Return { name: "ansible_facts", about: "`getent_DATABASE`: for each key the other fields." }],
    ..BLANK
};

impl Module for Getent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let database = args.needed("database").to_owned();
        let key = args.text("key").map(str::to_owned);
        let words = [database.clone(), args.needed("service").to_owned()].into_iter().chain(key.clone());
        flow::ask(Question::new(&probes::GETENT, words), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("getent", "getent")?;
            let said = clients.said("getent");
            let fact = format!("getent_{database}");
            let facts = |entries: Dict| -> Dict { [(fact.as_str().into(), entries.into())].into_iter().collect() };
            let message = match said.rc {
                0 => {
                    let colons = matches!(database.as_str(), "passwd" | "shadow" | "group" | "gshadow");
                    let split = args.text("split").or(colons.then_some(":"));
                    let entries = entries(&said.text(), split);
                    return flow::done(TaskResult::ok().field("ansible_facts", facts(entries)));
                }
                1 => "Missing arguments, or database unknown.",
                2 => "One or more supplied key could not be found in the database.",
                3 => "Enumeration not supported on this database.",
                _ => "Unexpected failure!",
            };
            if said.rc == 2 && !args.bool("fail_key") {
                let entry = key.map(|key| (key.into(), Value::Null));
                let result = TaskResult::ok().field("ansible_facts", facts(entry.into_iter().collect()));
                return flow::done(result.message(message));
            }
            Err(ModuleError::new(message))
        })
    }
}

/// The lines by their first field; several with the same one make a list.
fn entries(text: &str, split: Option<&str>) -> Dict {
    let mut entries = Dict::new();
    let mut counts = std::collections::BTreeMap::new();
    for line in text.lines() {
        let mut fields: Vec<&str> = match split.filter(|split| !split.is_empty()) {
            Some(split) => line.split(split).collect(),
            None => line.split_whitespace().collect(),
        };
        if fields.is_empty() {
            continue;
        }
        let key = fields.remove(0);
        let record = Value::list(fields.into_iter().map(Value::from).collect());
        let count: &mut usize = counts.entry(key).or_default();
        *count += 1;
        let value = match (*count, entries.get(key)) {
            (2, Some(first)) => Value::list(vec![first.clone(), record]),
            (3.., Some(all)) => {
                let mut all = all.as_list().unwrap_or_default().to_vec();
                all.push(record);
                Value::list(all)
            }
            _ => record,
        };
        entries.insert(key.into(), value);
    }
    entries
}
