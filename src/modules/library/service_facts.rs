//! `service_facts`: all services of the host, as facts.

use crate::modules::clients::Clients;
use crate::modules::flow;
use crate::modules::services::listing;
use crate::modules::{BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes};
use crate::template::Dict;

/// The module.
pub struct ServiceFacts;

/// The module.
pub static MODULE: ServiceFacts = ServiceFacts;

static SPEC: Spec = Spec {
    name: "service_facts",
    summary: "Reads the state of all services into facts.",
    returns: &[Return {
        name: "ansible_facts",
        about: "`services`: for each name its `name`, `state`, `status` and `source`, `systemd`, `sysv` or `openrc`.",
    }],
    ..BLANK
};

/// The most that is read of the listings, in bytes.
const LIMIT: usize = 4 * 1024 * 1024;

impl Module for ServiceFacts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, _: TaskContext) -> Result<Step, ModuleError> {
        let question = Question { limit: LIMIT, ..Question::new(&probes::SERVICE_FACTS, [""; 0]) };
        flow::ask(question, |answer| {
            let mut warnings = Vec::new();
            let services = listing::services(&Clients::read(&answer), &mut warnings);
            let result = if services.is_empty() {
                let message = "Failed to find any services. This can be due to privileges or some other \
                               configuration issue.";
                TaskResult { skipped: true, ..TaskResult::ok().message(message) }
            } else {
                let facts: Dict = [("services".into(), services.into())].into_iter().collect();
                TaskResult::ok().field("ansible_facts", facts)
            };
            flow::done(TaskResult { warnings, ..result })
        })
    }
}
