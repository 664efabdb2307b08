//! What a task's end means: conditions on its result, the dictionary that `register` sees.

use super::execute::Finished;
use super::prepare::{Prepared, TaskView};
use crate::event::TaskStatus;
use crate::modules::{Argument, Kind, TaskResult};
use crate::template::{Dict, Key, Value};

/// A task's (or item's) end, judged.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub(super) struct Judged {
    pub status: TaskStatus,
    /// Whether its failure does not count.
    pub ignored: bool,
    /// Whether a failure would not count.
    pub ignores: bool,
    /// What `register` sees.
    pub result: Value,
    /// What a person needs first.
    pub message: Option<String>,
    /// What is notified.
    pub notify: Vec<String>,
    /// Whether nothing of it may be shown.
    pub no_log: bool,
    /// Whether `until` holds.
    pub is_satisfied: bool,
}

impl Judged {
    fn new(status: TaskStatus, result: Dict) -> Self {
        let message = result.get("msg").map(ToString::to_string).filter(|message| !message.is_empty());
        Self {
            status,
            ignored: false,
            ignores: false,
            result: Value::dict(result),
            message,
            notify: Vec::new(),
            no_log: false,
            is_satisfied: true,
        }
    }

    /// The tries are used up; `attempts` then leaves out the first.
    pub fn give_up(&mut self, tries: u32) {
        let Value::Dict(dict) = &mut self.result else { return };
        let dict = std::sync::Arc::make_mut(dict);
        dict.insert("failed".into(), true.into());
        dict.insert("attempts".into(), i64::from(tries.saturating_sub(1)).into());
        // As in Ansible: what `failed_when` says stands above that.
        if matches!(dict.get("failed_when_result"), Some(Value::Bool(false))) {
            return;
        }
        if self.status != TaskStatus::Failed {
            let last = self.message.as_ref().map(|message| format!("; the last one said: {message}"));
            self.message = Some(format!("`until` did not hold in {tries} tries{}", last.unwrap_or_default()));
        }
        self.status = TaskStatus::Failed;
        self.ignored = self.ignores;
        self.notify.clear();
    }
}

/// A condition did not hold.
pub(super) fn skipped(condition: &Value) -> Judged {
    let result = Dict::from_iter([
        ("changed".into(), Value::Bool(false)),
        ("skipped".into(), Value::Bool(true)),
        ("skip_reason".into(), Value::text("Conditional result was False")),
        ("false_condition".into(), condition.clone()),
    ]);
    Judged::new(TaskStatus::Skipped, result)
}

/// A task that failed before it ran.
pub(super) fn failed(message: &str) -> Judged {
    let result = Dict::from_iter([
        ("changed".into(), Value::Bool(false)),
        ("failed".into(), Value::Bool(true)),
        ("msg".into(), Value::text(message)),
    ]);
    Judged::new(TaskStatus::Failed, result)
}

/// The result of a loop, from those of its items.
pub(super) fn of_loop<'a>(results: Vec<Value>, ends: impl Iterator<Item = &'a Judged>) -> Judged {
    let ends: Vec<&Judged> = ends.collect();
    let any = |status: TaskStatus| ends.iter().any(|end| end.status == status);
    let counts = |end: &&&Judged| end.status == TaskStatus::Failed && !end.ignored;
    let mut result = Dict::new();
    let (status, message) = if ends.is_empty() {
        result.insert("skipped_reason".into(), Value::text("No items in the list"));
        (TaskStatus::Skipped, None)
    } else if any(TaskStatus::Unreachable) {
        (TaskStatus::Unreachable, Some("One or more items failed"))
    } else if any(TaskStatus::Failed) {
        (TaskStatus::Failed, Some("One or more items failed"))
    } else if ends.iter().all(|end| end.status == TaskStatus::Skipped) {
        (TaskStatus::Skipped, Some("All items skipped"))
    } else if any(TaskStatus::Changed) {
        (TaskStatus::Changed, Some("All items completed"))
    } else {
        (TaskStatus::Ok, Some("All items completed"))
    };
    let changed = ends.iter().any(|end| end.result.get("changed").is_some_and(Value::is_true));
    result.insert("changed".into(), changed.into());
    if status == TaskStatus::Skipped {
        result.insert("skipped".into(), true.into());
    }
    if matches!(status, TaskStatus::Failed | TaskStatus::Unreachable) {
        result.insert("failed".into(), true.into());
    }
    if let Some(message) = message {
        result.insert("msg".into(), Value::text(message));
    }
    result.insert("results".into(), Value::list(results));
    let mut judged = Judged::new(status, result);
    judged.ignored = status == TaskStatus::Failed && !ends.iter().any(|end| counts(&end));
    judged.no_log = ends.iter().any(|end| end.no_log);
    judged
}

/// Judges how a task ended; `attempt` counts its tries where it has them.
pub(super) fn judge(view: &TaskView, finished: &Finished, local: &Dict, attempt: Option<u32>) -> Judged {
    match judged(view, finished, local, attempt) {
        Ok(judged) => judged,
        Err(failure) => {
            let mut judged = failed(&failure.message);
            judged.no_log = flag(view, "no_log", |keywords| keywords.no_log.as_ref());
            judged.ignored = flag(view, "ignore_errors", |keywords| keywords.ignore_errors.as_ref());
            judged
        }
    }
}

fn flag(view: &TaskView, name: &str, pick: impl Fn(&crate::playbook::Keywords) -> Option<&Value>) -> bool {
    view.flag(name, pick).ok().flatten().unwrap_or(false)
}

fn judged(
    view: &TaskView,
    finished: &Finished,
    local: &Dict,
    attempt: Option<u32>,
) -> Result<Judged, super::prepare::NotPrepared> {
    let no_log = flag(view, "no_log", |keywords| keywords.no_log.as_ref());
    let result = match finished {
        Finished::Unreachable(message) => {
            let result = Dict::from_iter([
                ("changed".into(), Value::Bool(false)),
                ("unreachable".into(), Value::Bool(true)),
                ("msg".into(), Value::text(message.as_str())),
            ]);
            let ignored = flag(view, "ignore_unreachable", |keywords| keywords.ignore_unreachable.as_ref());
            return Ok(Judged { ignored, no_log, ..Judged::new(TaskStatus::Unreachable, result) });
        }
        Finished::Result(result) => result,
    };
    let task = &view.task;
    let mut dict = dictionary(result);
    if let Some(attempt) = attempt {
        dict.insert("attempts".into(), i64::from(attempt).into());
    }
    let with = |dict: &Dict| {
        let mut local = local.clone();
        if let Some(name) = &task.register {
            local.insert(Key::from(name.as_str()), Value::dict(dict.clone()));
        }
        view.within(local)
    };
    // What was not run is not judged.
    let was_run = !dict.get("skipped").is_some_and(Value::is_true);
    let mut broken = None;
    for (name, conditions) in [("changed", &task.changed_when), ("failed", &task.failed_when)] {
        let Some(conditions) = conditions.as_ref().filter(|_| was_run && broken.is_none()) else { continue };
        match with(&dict).all_hold(conditions) {
            Ok(holds) => {
                if name == "failed" {
                    dict.insert("failed_when_result".into(), holds.into());
                }
                dict.insert(name.into(), holds.into());
            }
            // What the task did is told all the same.
            Err(failure) => {
                let said = format!("Error while evaluating conditional: {}", failure.message);
                dict.insert(format!("{name}_when_result").into(), Value::text(said));
                dict.insert("failed".into(), true.into());
                broken = Some(failure.message);
            }
        }
    }
    let mut is_satisfied = !dict.get("failed").is_some_and(Value::is_true);
    if let Some(conditions) = &task.until {
        match with(&dict).all_hold(conditions) {
            Ok(holds) => is_satisfied = holds,
            // What failed lacks what is asked for: that is no reason, but what follows.
            Err(failure) if !is_satisfied && broken.is_none() => {
                let message = dict.get("msg").map(ToString::to_string).unwrap_or_default();
                broken = Some(format!("{message}; `until` cannot be told: {}", failure.message));
                is_satisfied = true;
            }
            Err(failure) => return Err(failure),
        }
    }
    let no_log = no_log || dict.shift_remove("_ansible_no_log").is_some_and(|hides| hides.is_true());
    let is = |name: &str| dict.get(name).is_some_and(Value::is_true);
    let status = if is("failed") {
        TaskStatus::Failed
    } else if is("skipped") {
        TaskStatus::Skipped
    } else if is("changed") {
        TaskStatus::Changed
    } else {
        TaskStatus::Ok
    };
    let may_fail = status == TaskStatus::Failed || !is_satisfied;
    let ignores = may_fail && flag(view, "ignore_errors", |keywords| keywords.ignore_errors.as_ref());
    let mut notify = Vec::new();
    if is("changed") && status != TaskStatus::Failed {
        let view = with(&dict);
        for name in &task.notify {
            match view.templar.render(name)? {
                Value::List(names) => notify.extend(names.iter().map(ToString::to_string)),
                Value::Null | Value::Omit => {}
                name => notify.push(name.to_string()),
            }
        }
    }
    let judged = Judged::new(status, dict);
    Ok(Judged {
        ignored: status == TaskStatus::Failed && ignores,
        ignores,
        notify,
        no_log,
        is_satisfied,
        message: broken.or(judged.message),
        ..judged
    })
}

/// The dictionary of a module's result.
fn dictionary(result: &TaskResult) -> Dict {
    let mut dict = Dict::new();
    dict.insert("changed".into(), result.changed.into());
    dict.extend(result.fields.clone());
    if result.failed {
        dict.insert("failed".into(), true.into());
    } else {
        dict.entry("failed".into()).or_insert(Value::Bool(false));
    }
    if result.skipped {
        dict.insert("skipped".into(), true.into());
    }
    if let Some(message) = &result.message {
        dict.insert("msg".into(), Value::text(message.as_str()));
    }
    for (name, lines) in [("stdout", "stdout_lines"), ("stderr", "stderr_lines")] {
        if let Some(text) = dict.get(name).and_then(Value::as_str).filter(|_| !dict.contains_key(lines)) {
            let split: Vec<Value> = text.lines().map(Value::from).collect();
            dict.insert(lines.into(), Value::list(split));
        }
    }
    if !result.warnings.is_empty() {
        let warnings = result.warnings.iter().map(|text| Value::text(text.as_str())).collect();
        dict.insert("warnings".into(), Value::list(warnings));
    }
    dict.into_iter().map(|(key, value)| (key, value.distrusted())).collect()
}

/// What is left of a result of which nothing may be shown.
pub(super) fn censored(judged: &Judged) -> serde_json::Value {
    fn hidden(result: &Value) -> serde_json::Value {
        serde_json::json!({
            "censored": "the output has been hidden due to the fact that 'no_log: true' was specified for this result",
            "changed": result.get("changed").is_some_and(Value::is_true),
        })
    }
    let mut censored = hidden(&judged.result);
    if let Some(results) = judged.result.get("results").and_then(Value::as_list) {
        censored["results"] = results.iter().map(hidden).collect();
    }
    censored
}

/// What a module was given, by the names that were written; secret arguments are hidden, defaults left out.
pub(super) fn arguments(prepared: &Prepared) -> serde_json::Value {
    let (spec, args) = (prepared.module.0.spec(), &prepared.context.args);
    let given = args.iter().filter_map(|(name, value)| Some((args.written(name)?, name, value)));
    let shown = given.map(|(written, name, value)| (written.to_owned(), shown(spec.argument(name), value.to_json())));
    serde_json::Value::Object(shown.collect())
}

/// An argument's value without what is secret in it.
fn shown(argument: Option<&Argument>, value: serde_json::Value) -> serde_json::Value {
    let entries = match argument.map(|argument| (argument.secret, argument.kind)) {
        Some((true, _)) => return "***".into(),
        Some((_, Kind::Entries(entries) | Kind::DictList(entries))) => entries,
        _ => return value,
    };
    let of = |name: &str| entries.iter().find(|entry| entry.name == name || entry.aliases.contains(&name));
    match value {
        serde_json::Value::Array(items) => items.into_iter().map(|item| shown(argument, item)).collect(),
        serde_json::Value::Object(named) => serde_json::Value::Object(
            named
                .into_iter()
                .map(|(name, value)| {
                    let value = shown(of(&name), value);
                    (name, value)
                })
                .collect(),
        ),
        other => other,
    }
}

/// The result with known secrets hidden in all its texts.
pub(super) fn masked(value: &Value, secrets: &[String]) -> serde_json::Value {
    hidden(value.to_json(), secrets)
}

/// The value with known secrets hidden in all its texts.
pub(super) fn hidden(value: serde_json::Value, secrets: &[String]) -> serde_json::Value {
    match value {
        _ if secrets.is_empty() => value,
        serde_json::Value::String(text) => crate::secret::masked(&text, secrets).into(),
        serde_json::Value::Array(items) => items.into_iter().map(|item| hidden(item, secrets)).collect(),
        serde_json::Value::Object(entries) => {
            serde_json::Value::Object(entries.into_iter().map(|(key, value)| (key, hidden(value, secrets))).collect())
        }
        other => other,
    }
}
