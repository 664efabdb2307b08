//! `rabbitmq_plugin`: plugins of `RabbitMQ`.

use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct RabbitmqPlugin;

/// The module.
pub static MODULE: RabbitmqPlugin = RabbitmqPlugin;

static SPEC: Spec = Spec {
    name: "rabbitmq_plugin",
    collections: &["community.rabbitmq", "community.general"],
    summary: "Enables and disables plugins of RabbitMQ. Unproven on a real system.",
    arguments: &[
        Argument::text("names", "The plugins, with commas between them.").required().aliases(&["name"]),
        Argument::text("state", "Whether they are enabled.").default("enabled").choices(&["enabled", "disabled"]),
        Argument::bool("new_only", false, "Leaves other plugins as they are; else they are disabled."),
        Argument::text("broker_state", "Whether the server is told at once.").default("online").choices(&["online", "offline"]),
        Argument::path("prefix", "Where RabbitMQ stands."),
    ],
    returns: &[
        Return { name: "enabled", about: "Plugins that were enabled." },
        Return { name: "disabled", about: "Plugins that were disabled." },
    ],
    ..BLANK
};

impl Module for RabbitmqPlugin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let tool = args.text("prefix").map_or("rabbitmq-plugins".to_owned(), |prefix| {
            format!("{}/sbin/rabbitmq-plugins", prefix.trim_end_matches('/'))
        });
        flow::ask(Question::new(&probes::RABBITMQ, [&tool, "list", "-E", "-m"]), move |answer| {
            if answer.rc != 0 {
                return Err(flow::failure(&answer, "rabbitmq-plugins failed"));
            }
            let text = answer.text().into_owned();
            let there: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
            let there: Vec<&str> = there.into_iter().filter(|line| !line.contains(' ')).collect();
            let names: Vec<&str> = args.needed("names").split(',').map(str::trim).collect();
            let wanted = args.needed("state") == "enabled";
            let enable: Vec<&str> = names.iter().copied().filter(|name| wanted && !there.contains(name)).collect();
            let goes = |name: &&str| if wanted { !args.bool("new_only") && !names.contains(name) } else { names.contains(name) };
            let disable: Vec<&str> = there.iter().copied().filter(goes).collect();
            let list = |names: &[&str]| Value::list(names.iter().map(|name| Value::text(*name)).collect());
            let result = TaskResult::ok().field("enabled", list(&enable)).field("disabled", list(&disable));
            if enable.is_empty() && disable.is_empty() {
                return flow::done(result);
            }
            let state = format!("--{}", args.needed("broker_state"));
            let call = |verb: &str, name: &str| vec![tool.clone(), verb.to_owned(), state.clone(), name.to_owned()];
            let calls = disable.iter().map(|name| call("disable", name)).chain(enable.iter().map(|name| call("enable", name)));
            let call = flow::commands(calls.collect::<Vec<_>>());
            flow::change_and_end(vec![flow::diff_lines("plugins", &disable, &enable)], call, "rabbitmq-plugins failed", result)
        })
    }
}
