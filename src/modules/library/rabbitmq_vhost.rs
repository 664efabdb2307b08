//! `rabbitmq_vhost`: virtual hosts of `RabbitMQ`.

use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};

/// The module.
pub struct RabbitmqVhost;

/// The module.
pub static MODULE: RabbitmqVhost = RabbitmqVhost;

static SPEC: Spec = Spec {
    name: "rabbitmq_vhost",
    collections: &["community.rabbitmq", "community.general"],
    summary: "Makes and removes virtual hosts of RabbitMQ. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name.").required().aliases(&["vhost"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["present", "absent"]),
        Argument::of("tracing", Kind::Bool, "Whether it is traced.").default("false").aliases(&["trace"]),
        Argument::text("node", "The node.").default("rabbit"),
    ],
    returns: &[
        Return { name: "name", about: "Its name." },
        Return { name: "state", about: "What was asked for." },
    ],
    ..BLANK
};

impl Module for RabbitmqVhost {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let words = ["rabbitmqctl", "-q", "-n", args.needed("node"), "list_vhosts", "name", "tracing"];
        flow::ask(Question::new(&probes::RABBITMQ, words), move |answer| {
            if answer.rc != 0 {
                return Err(flow::failure(&answer, "rabbitmqctl failed"));
            }
            let name = args.needed("name");
            let text = answer.text();
            let found = text.lines().filter_map(|line| line.split_once('\t')).find(|(vhost, _)| *vhost == name);
            let traced = found.is_some_and(|(_, traced)| traced.trim() == "true");
            let call = |words: &[&str]| -> Vec<String> {
                ["rabbitmqctl", "-q", "-n", args.needed("node")].iter().chain(words).map(|word| (*word).to_owned()).collect()
            };
            let present = args.needed("state") == "present";
            let mut calls = Vec::new();
            match (present, found.is_some()) {
                (true, false) => calls.push(call(&["add_vhost", name])),
                (false, true) => calls.push(call(&["delete_vhost", name])),
                _ => {}
            }
            if present && args.bool("tracing") != traced {
                calls.push(call(&[if traced { "trace_off" } else { "trace_on" }, "-p", name]));
            }
            let result = TaskResult::ok().field("name", name).field("state", args.needed("state"));
            if calls.is_empty() {
                return flow::done(result);
            }
            let shown = |there: bool| if there { "present\n" } else { "" };
            let diff = flow::diff(&format!("vhost {name}"), shown(found.is_some()), shown(present));
            flow::change_and_end(vec![diff], flow::commands(calls), "rabbitmqctl failed", result)
        })
    }
}
