//! `service`: services of whatever manages them: systemd, `OpenRC`, init scripts.

use crate::modules::flow;
use crate::modules::services::{Wanted, marked, systemd, sysv};
use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, probes,
};

/// The module.
pub struct Service;

/// The module.
pub static MODULE: Service = Service;

static SPEC: Spec = Spec {
    name: "service",
    aliases: &["sysvinit"],
    summary: "Starts, stops and enables services.",
    arguments: &[
        Argument::text("name", "The service.").required().aliases(&["service"]),
        Argument::text("state", "`restarted` and `reloaded` always change it.").choices(&[
            "reloaded",
            "restarted",
            "started",
            "stopped",
            // Taken away in 2.7, still written.
            "running",
        ]),
        Argument::of("enabled", Kind::Bool, "Whether it starts with the host."),
        Argument::text("arguments", "Further arguments of its script; systemd has none.").default("").aliases(&["args"]),
        Argument::text("pattern", "Text in the process list that says it runs; systemd needs none."),
        Argument::int("sleep", "Seconds between stop and start of `restarted`; systemd needs none."),
        Argument::text("runlevel", "The runlevel of OpenRC.").default("default"),
        Argument::text("use", "The service manager; `auto` finds out.").default("auto"),
    ],
    rules: &[Rule::OneOf(&["state", "enabled"])],
    returns: &[
        Return { name: "name", about: "The service." },
        Return { name: "state", about: "`started` or `stopped`, when a state was asked for." },
        Return { name: "enabled", about: "Whether it is, when that was asked for." },
        Return { name: "status", about: "The unit's properties before the change, where systemd manages it." },
    ],
    ..BLANK
};

impl Module for Service {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let text = |name: &str| args.needed(name).to_owned();
        let manager = match args.needed("use").rsplit('.').next().unwrap_or_default() {
            "systemd_service" => "systemd".to_owned(),
            other => other.to_owned(),
        };
        let call = sysv::Call {
            manager: manager.clone(),
            name: text("name"),
            arguments: text("arguments"),
            pause: args.int("sleep").unwrap_or(0),
            runlevel: text("runlevel"),
            by_pattern: !text("pattern").is_empty(),
        };
        let wanted = Wanted::of(args);
        let words = [manager, call.name.clone(), text("pattern"), call.arguments.clone(), call.runlevel.clone()];
        flow::ask(Question::new(&probes::SERVICE_STATE, words), move |answer| {
            let text = answer.text();
            match marked(&text, "manager") {
                Some("systemd") => {
                    let unit = systemd::Unit::parse(&text);
                    let call = systemd::Call { unit: call.name, scope: "system".to_owned(), options: String::new() };
                    systemd::apply(&unit, &wanted, call)
                }
                Some(manager @ ("openrc" | "sysvinit")) => {
                    let service = sysv::Service::parse(&text, call.by_pattern);
                    sysv::apply(&service, &wanted, sysv::Call { manager: manager.to_owned(), ..call })
                }
                Some("none") | None => Err(ModuleError::new("Could not find a service manager on the host")),
                Some(other) => Err(ModuleError::new(format!(
                    "the service manager `{other}` is not supported: systemd, openrc and sysvinit are"
                ))),
            }
        })
    }
}
