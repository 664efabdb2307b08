//! What two runs of one playbook have in common, field by field.
//!
//! Knows nothing of hosts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The folder of a record, in which no folder is named any more.
const NOWHERE: &str = "<no folder>";

/// Fields that are left out of the comparison, and fields of which only the type is compared.
pub struct Rules(Value);

impl Rules {
    pub fn read(path: &Path) -> Self {
        Self(serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
    }

    fn names(&self, table: &str, module: &str, field: &str) -> bool {
        let lists = ["*", module].into_iter().filter_map(|key| self.0[table].get(key)?.as_array());
        lists.flatten().any(|name| name == field)
    }

    fn is_statement(&self, module: &str) -> bool {
        self.0["statements"].as_array().unwrap().iter().any(|name| name == module)
    }

    /// A result without what is not compared.
    fn plain(&self, value: &Value, module: &str, folder: &str) -> Value {
        match value {
            Value::String(text) => text.replace(folder, "<playbook>").into(),
            Value::Array(items) => items.iter().map(|item| self.plain(item, module, folder)).collect(),
            Value::Object(fields) => {
                let kept = fields.iter().filter(|(name, _)| !self.names("dropped", module, name));
                let directory = value["state"] == "directory" || value["isdir"] == true;
                let plain = |(name, item): (&String, &Value)| {
                    let volatile = self.names("volatile", module, name) || (name == "size" && directory);
                    let item =
                        if volatile && !item.is_object() { kind(item) } else { self.plain(item, module, folder) };
                    (name.clone(), item)
                };
                Value::Object(kept.map(plain).collect())
            }
            other => other.clone(),
        }
    }
}

fn kind(value: &Value) -> Value {
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if text.starts_with('<') && text.ends_with('>') => return value.clone(),
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    };
    format!("<{name}>").into()
}

/// What a run of opsctl did, in the shape of `expected.json`.
pub struct Done {
    pub tasks: Vec<Value>,
    recap: Value,
    failed: bool,
}

impl Done {
    /// Reads a run from its journal.
    pub fn read(journal: &[Value], rules: &Rules, folder: &Path, failed: bool) -> Self {
        let folder = folder.display().to_string();
        let mut started = BTreeMap::new();
        let (mut tasks, mut recap) = (Vec::new(), Map::new());
        for record in journal {
            match record["type"].as_str().unwrap() {
                "task-start" => {
                    started.insert(record["id"].as_u64().unwrap(), record);
                }
                "task-end" => {
                    let task = started[&record["task"].as_u64().unwrap()];
                    let module = task["module"].as_str().unwrap().rsplit('.').next().unwrap();
                    if rules.is_statement(module) {
                        continue;
                    }
                    let mut entry = json!({
                        "host": record["host"], "task": task["name"], "module": module, "status": record["status"],
                        "result": rules.plain(&record["result"], module, &folder),
                    });
                    if record["ignored"] == true {
                        entry["ignored"] = true.into();
                    }
                    tasks.push(entry);
                }
                "host-end" if !record["recap"].is_null() => {
                    recap.insert(record["host"].as_str().unwrap().to_owned(), record["recap"].clone());
                }
                _ => {}
            }
        }
        tasks.sort_by_key(|task| task["host"].as_str().unwrap().to_owned());
        Self { tasks, recap: recap.into(), failed }
    }
}

/// What was compared, and what differs.
#[derive(Default)]
pub struct Told {
    pub tasks: usize,
    pub fields: usize,
    pub differences: Vec<String>,
    place: Vec<String>,
    /// Whether more may be told than Ansible tells: a prediction says all that it knows.
    more: bool,
}

impl Told {
    /// Does `work` with `name` in front of every difference.
    pub fn within(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        self.place.push(name.to_owned());
        work(self);
        self.place.pop();
    }

    pub fn expect(&mut self, holds: bool, text: impl FnOnce() -> String) {
        self.fields += 1;
        if !holds {
            self.differences.push(format!("{}: {}", self.place.join(": "), text()));
        }
    }

    pub fn run(&mut self, rules: &Rules, expected: &Value, done: &Done) {
        self.more = self.place == ["check"];
        let tasks = expected["tasks"].as_array().unwrap();
        let names = |tasks: &[Value]| tasks.iter().map(title).collect::<Vec<_>>().join("\n    ");
        if tasks.len() != done.tasks.len() {
            let text = || format!("other tasks:\n    {}\n  with opsctl:\n    {}", names(tasks), names(&done.tasks));
            self.expect(false, text);
        }
        for (task, other) in tasks.iter().zip(&done.tasks) {
            self.tasks += 1;
            self.within(&title(task), |told| told.task(rules, task, other));
        }
        self.within("recap", |told| told.value("", &expected["recap"], &done.recap));
        self.expect(expected["failed"] == done.failed, || "one of them fails".to_owned());
    }

    fn task(&mut self, rules: &Rules, expected: &Value, actual: &Value) {
        for field in ["host", "task", "status", "ignored"] {
            self.value(field, &expected[field], &actual[field]);
        }
        // Errors of the language are worded in each program's own way.
        let is_own = |text: &str| text.starts_with("Task failed: ") || text.starts_with("Unexpected AnsibleActionFail");
        if expected["result"]["msg"].as_str().is_some_and(is_own) {
            return;
        }
        let module = actual["module"].as_str().unwrap();
        // What a failed module happens to know of the file beside its message is documented nowhere.
        let failed = expected["status"] == "failed";
        let undocumented = |name: &str| {
            let more = expected["result"].get(name).is_none() && rules.names("may tell more", module, name);
            more || rules.names("undocumented", module, name)
                || (failed && rules.names("undocumented when failed", module, name))
        };
        // Where it could not be judged the error is worded in each program's own way.
        let unclear = |result: &Value| result["failed_when_result"].is_string();
        if unclear(&expected["result"]) && unclear(&actual["result"]) {
            return;
        }
        // The rules may be newer than the record.
        let result = rules.plain(&expected["result"], module, NOWHERE);
        self.fields_of("", &result, &actual["result"], &undocumented);
    }

    fn value(&mut self, name: &str, expected: &Value, actual: &Value) {
        self.fields_of(name, expected, actual, &|_| false);
    }

    fn fields_of(&mut self, name: &str, expected: &Value, actual: &Value, left_out: &dyn Fn(&str) -> bool) {
        match (expected, actual) {
            (Value::Object(left), Value::Object(right)) => {
                let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
                for field in names.into_iter().filter(|field| !left_out(field)) {
                    let path = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                    match (left.get(field), right.get(field)) {
                        (Some(left), Some(right)) => self.fields_of(&path, left, right, left_out),
                        (Some(left), None) => self.expect(false, || format!("{path} is missing: {left}")),
                        (None, Some(_)) if self.more => {}
                        (None, right) => self.expect(false, || format!("{path} is too much: {}", right.unwrap())),
                    }
                }
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                for (index, (left, right)) in left.iter().zip(right).enumerate() {
                    self.fields_of(&format!("{name}[{index}]"), left, right, left_out);
                }
            }
            _ => self.expect(expected == actual, || format!("{name} is {actual} and was {expected}")),
        }
    }

    pub fn state(&mut self, expected: &Value, actual: &[String]) {
        let expected: Vec<&str> = expected.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        for line in &expected {
            self.expect(actual.iter().any(|other| other == line), || format!("is missing: {line}"));
        }
        for line in actual {
            self.expect(expected.contains(&line.as_str()), || format!("is too much: {line}"));
        }
    }
}

fn title(task: &Value) -> String {
    let word = |field: &str| task[field].as_str().unwrap();
    format!("{} [{}] {}", word("task"), word("host"), word("status"))
}
