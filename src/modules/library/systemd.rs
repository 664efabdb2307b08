//! `systemd`, `systemd_service`: units of systemd.

use crate::modules::flow;
use crate::modules::services::{Wanted, systemd};
use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Systemd;

/// The module.
pub static MODULE: Systemd = Systemd;

static SPEC: Spec = Spec {
    name: "systemd",
    aliases: &["systemd_service"],
    summary: "Starts, stops, enables and masks units of systemd.",
    arguments: &[
        Argument::text("name", "The unit; `.service` may be left out.").aliases(&["service", "unit"]),
        Argument::text("state", "`restarted` and `reloaded` always change it.").choices(&[
            "reloaded",
            "restarted",
            "started",
            "stopped",
        ]),
        Argument::of("enabled", Kind::Bool, "Whether it starts with the host."),
        Argument::of("force", Kind::Bool, "Whether conflicting links are overwritten."),
        Argument::of("masked", Kind::Bool, "Whether it cannot be started at all."),
        Argument::bool("daemon_reload", false, "Makes systemd read its files before anything else.")
            .aliases(&["daemon-reload"]),
        Argument::bool("daemon_reexec", false, "Makes systemd execute itself anew before anything else.")
            .aliases(&["daemon-reexec"]),
        Argument::text("scope", "Whose units: the system's, the user's, all users'.")
            .default("system")
            .choices(&["system", "user", "global"]),
        Argument::bool("no_block", false, "Does not wait for the unit."),
    ],
    rules: &[
        Rule::By("state", &["name"]),
        Rule::By("enabled", &["name"]),
        Rule::By("masked", &["name"]),
    ],
    returns: &[
        Return { name: "name", about: "The unit." },
        Return { name: "state", about: "`started` or `stopped`, when a state was asked for." },
        Return { name: "enabled", about: "Whether it is, when that was asked for." },
        Return { name: "status", about: "Its properties before the change, as `systemctl show` gives them." },
    ],
    ..BLANK
};

impl Module for Systemd {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let unit = args.needed("name").to_owned();
        if let Some(pattern) = ["*", "?", "["].into_iter().find(|pattern| unit.contains(pattern)) {
            return Err(ModuleError::new(format!(
                "This module does not currently support using glob patterns, found '{pattern}' in service name: {unit}"
            )));
        }
        let mut options = Vec::new();
        options.extend(args.bool("no_block").then_some("--no-block"));
        options.extend(args.bool("force").then_some("--force"));
        let call =
            systemd::Call { unit: unit.clone(), scope: args.needed("scope").to_owned(), options: options.join(" ") };
        let wanted = Wanted::of(args);
        let reload: Vec<&str> = [("daemon_reload", "reload"), ("daemon_reexec", "reexec")]
            .into_iter()
            .filter(|(argument, _)| args.bool(argument))
            .map(|(_, verb)| verb)
            .collect();
        if reload.is_empty() || context.check {
            return ask(wanted, call);
        }
        let script = ScriptCall::new(actions::SYSTEMD_RELOAD, [reload.join(","), call.scope.clone(), unit]);
        flow::change(Vec::new(), script, move |answer| match answer {
            None => ask(wanted, call),
            Some(answer) if answer.rc != 0 => Err(ModuleError::new(answer.errors().trim())),
            Some(answer) => end(&answer.text(), &wanted, call),
        })
    }
}

fn ask(wanted: Wanted, call: systemd::Call) -> flow::Flow {
    let question = Question::new(&probes::SYSTEMD_UNIT, [&call.scope, &call.unit]);
    flow::ask(question, move |answer| end(&answer.text(), &wanted, call))
}

fn end(text: &str, wanted: &Wanted, call: systemd::Call) -> flow::Flow {
    let unit = systemd::Unit::parse(text);
    if call.unit.is_empty() && !unit.missing {
        let mut result = TaskResult::ok().field("name", crate::template::Value::Null).field("status", unit.status);
        result.warnings.extend(unit.warning);
        return flow::done(result);
    }
    systemd::apply(&unit, wanted, call)
}
