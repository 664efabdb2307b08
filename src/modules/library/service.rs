//! `service`: services of whatever manages them: systemd, `OpenRC`, init scripts.

use std::sync::Arc;

use crate::modules::flow;
use crate::modules::services::{Wanted, marked, systemd, sysv};
use crate::modules::{
    Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, probes,
};
use crate::template::{Dict, Value};

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
        Argument::of("daemon_reload", Kind::Bool, "Has systemd read its units again first; for hosts with systemd.")
            .aliases(&["daemon-reload"]),
        Argument::of("daemon_reexec", Kind::Bool, "Starts systemd itself again; for hosts with systemd."),
        Argument::of("masked", Kind::Bool, "Whether the unit can be started at all; for hosts with systemd."),
        Argument::of("no_block", Kind::Bool, "Does not wait for the unit; for hosts with systemd."),
        Argument::of("force", Kind::Bool, "Replaces links of units; for hosts with systemd."),
        Argument::text("scope", "Whose systemd; for hosts with systemd.").choices(&["system", "user", "global"]),
    ],
    rules: &[Rule::OneOf(&["state", "enabled", "daemon_reload", "daemon_reexec", "masked"])],
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
        let of_systemd = OF_SYSTEMD.iter().any(|name| args.is_given(name));
        let words = [manager, call.name.clone(), text("pattern"), call.arguments.clone(), call.runlevel.clone()];
        flow::ask(Question::new(&probes::SERVICE_STATE, words), move |answer| {
            let text = answer.text();
            match marked(&text, "manager") {
                Some("systemd") if of_systemd => hand_on(&context),
                Some(_) if of_systemd => Err(ModuleError::new(format!(
                    "Unsupported parameters for (service) module where systemd is not: {}",
                    OF_SYSTEMD.join(", ")
                ))),
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

/// Arguments that only systemd knows.
const OF_SYSTEMD: [&str; 6] = ["daemon_reload", "daemon_reexec", "masked", "no_block", "force", "scope"];

/// Has `systemd` do it, which takes the same arguments but those that only other managers have.
fn hand_on(context: &TaskContext) -> Result<Step, ModuleError> {
    const OTHERS: [&str; 5] = ["arguments", "pattern", "sleep", "runlevel", "use"];
    let given = context.args.iter().filter(|(name, _)| !OTHERS.contains(name));
    let mut given: Dict = given.map(|(name, value)| (name.into(), Value::clone(value))).collect();
    if context.args.text("state") == Some("running") {
        given.insert("state".into(), Value::text("started"));
    }
    let module = &super::systemd::MODULE;
    let args = Args::check(module.spec(), &given).map_err(|error| ModuleError::new(error.message))?;
    module.start(TaskContext { args: Arc::new(args), ..context.clone() })
}
