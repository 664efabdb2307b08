//! `hostname`: the host's name.

use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult, actions,
    probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct Hostname;

/// The module.
pub static MODULE: Hostname = Hostname;

static SPEC: Spec = Spec {
    name: "hostname",
    summary: "Sets the host's name, now and for the next start.",
    arguments: &[
        Argument::text("name", "The name.").required(),
        Argument::text("use", "How: `systemd` by hostnamectl, others by `/etc/hostname`; else as the host is.")
            .choices(&["alpine", "debian", "generic", "redhat", "systemd"]),
    ],
    returns: &[
        Return { name: "name", about: "The name." },
        Return { name: "ansible_facts", about: "The facts that follow from it." },
    ],
    ..BLANK
};

impl Module for Hostname {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let name = context.args.needed("name").to_owned();
        let way = context.args.text("use").unwrap_or("auto").to_owned();
        if name.is_empty() || name.len() > 64 || name.contains(char::is_whitespace) {
            return Err(ModuleError::new(format!("`{name}` is no name of a host: 1 to 64 characters, no blanks")));
        }
        flow::ask(Question::new(&probes::HOSTNAME, [""; 0]), move |answer| {
            let text = answer.text().into_owned();
            let mut lines = text.lines();
            let (current, permanent) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            let short = name.split('.').next().unwrap_or_default();
            let facts: Dict = [("ansible_hostname", short), ("ansible_nodename", &name), ("ansible_fqdn", &name)]
                .into_iter()
                .map(|(key, value)| (key.into(), Value::text(value)))
                .collect();
            let result = TaskResult::ok().field("name", name.as_str()).field("ansible_facts", facts);
            if current == name && permanent == name {
                return flow::done(result);
            }
            let state = |current: &str, permanent: &str| format!("hostname = {current}\npermanent = {permanent}\n");
            let diff = flow::diff("hostname", state(current, permanent), state(&name, &name));
            let script = ScriptCall::new(actions::HOSTNAME, [name.as_str(), &way]);
            flow::change_and_end(vec![diff], script, "Command failed", result)
        })
    }
}
