//! `set_stats`: figures of the run, for those who read its record.

use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult, to_bool};
use crate::template::{Dict, Value};

/// The module.
pub struct SetStats;

/// The module.
pub static MODULE: SetStats = SetStats;

static SPEC: Spec = Spec {
    name: "set_stats",
    summary: "Puts figures of the run on record, as the result of the task.",
    arguments: &[
        Argument::of("data", Kind::Raw, "The figures: a dictionary.").required(),
        Argument::of("per_host", Kind::Raw, "Says that they are the host's, not the run's; `no` unless told."),
        Argument::of("aggregate", Kind::Raw, "Says that they add to what is there; `yes` unless told."),
    ],
    returns: &[Return { name: "ansible_stats", about: "The figures: `data`, `per_host` and `aggregate`." }],
    ..BLANK
};

impl Module for SetStats {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let Some(data) = args.dict("data").cloned() else {
            return Err(ModuleError::new("The 'data' option needs to be a dictionary/hash"));
        };
        // What is no boolean counts as false, as in Ansible.
        let flag = |name: &str, default| args.value(name).map_or(default, |value| to_bool(value).unwrap_or(false));
        if let Some(name) = data.keys().find(|name| !name.as_str().is_some_and(super::set_fact::is_variable_name)) {
            return Err(ModuleError::new(format!("Invalid variable name '{name}'.")));
        }
        let stats = Dict::from_iter([
            ("data".into(), Value::dict(data)),
            ("per_host".into(), flag("per_host", false).into()),
            ("aggregate".into(), flag("aggregate", true).into()),
        ]);
        Ok(Step::Done(TaskResult::ok().field("ansible_stats", Value::dict(stats))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::modules::testing::on_each_shell;

    #[test]
    fn figures_are_the_result() {
        on_each_shell(|host| {
            let ran = host.run("set_stats", &json!({"data": {"made": 3}, "per_host": true, "aggregate": false}));
            assert_eq!(
                ran.field("ansible_stats"),
                json!({"data": {"made": 3}, "per_host": true, "aggregate": false})
            );
            assert!(!ran.changed());
            let ran = host.run("set_stats", &json!({"data": {}, "aggregate": "x"}));
            assert_eq!(ran.field("ansible_stats"), json!({"data": {}, "per_host": false, "aggregate": false}));
            assert!(host.fail("set_stats", &json!({"data": [1]})).contains("needs to be a dictionary"));
        });
    }
}
