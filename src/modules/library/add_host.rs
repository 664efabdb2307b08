//! `add_host`: a host, and groups, for the rest of the run.

use crate::modules::{Argument, BLANK, Effect, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::{Dict, Value};

/// The module.
pub struct AddHost;

/// The module.
pub static MODULE: AddHost = AddHost;

static SPEC: Spec = Spec {
    name: "add_host",
    summary: "Adds a host and its groups to the inventory of this run; all other arguments are its variables.",
    arguments: &[
        Argument::text("name", "The host, with a port if one is wanted.").required().aliases(&["host", "hostname"]),
        Argument::of("groups", Kind::List(&Kind::Text), "Groups that it joins.").aliases(&["group", "groupname"]),
    ],
    open: true,
    returns: &[Return { name: "add_host", about: "Its name, groups and variables." }],
    ..BLANK
};

impl Module for AddHost {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let given = args.needed("name");
        let (name, port) = split_port(given);
        let groups: Vec<String> = args.texts("groups").into_iter().filter(|group| !group.is_empty()).collect();
        let mut vars: Dict = args
            .iter()
            .filter(|(name, _)| !["name", "groups"].contains(name))
            .map(|(name, value)| (name.into(), value.clone()))
            .collect();
        if let Some(port) = port {
            vars.insert("ansible_ssh_port".into(), Value::Int(port));
        }
        let shown = [
            ("host_name", Value::text(name)),
            ("groups", Value::list(groups.iter().map(|group| Value::text(group.as_str())).collect())),
            ("host_vars", Value::dict(vars.clone())),
        ];
        let shown: Dict = shown.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let result = TaskResult::changed().field("add_host", shown);
        let effect = Effect::AddHost { name: name.to_owned(), groups, vars };
        Ok(Step::Effect(vec![effect], Box::new(move |()| Ok(Step::Done(result)))))
    }
}

/// `web:2222` apart; an IPv6 address stays whole unless it stands in brackets.
fn split_port(name: &str) -> (&str, Option<i64>) {
    let split = name.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    match split.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host.trim_start_matches('[').trim_end_matches(']'), Some(port)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::split_port;

    #[test]
    fn a_port_may_stand_behind_the_name() {
        assert_eq!(split_port("web:2222"), ("web", Some(2222)));
        assert_eq!(split_port("web"), ("web", None));
        assert_eq!(split_port("fe80::1"), ("fe80::1", None));
        assert_eq!(split_port("[fe80::1]:22"), ("fe80::1", Some(22)));
    }
}
