//! `timezone`: the host's time zone and its hardware clock's.

use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step, TaskContext, TaskResult, actions,
    probes,
};

/// The module.
pub struct Timezone;

/// The module.
pub static MODULE: Timezone = Timezone;

static SPEC: Spec = Spec {
    name: "timezone",
    collections: &["community.general"],
    summary: "Sets the host's time zone.",
    arguments: &[
        Argument::text("name", "The zone: `Europe/Berlin`."),
        Argument::text("hwclock", "What the hardware clock shows.").aliases(&["rtc"]).choices(&["UTC", "local"]),
    ],
    rules: &[Rule::OneOf(&["hwclock", "name"])],
    ..BLANK
};

impl Module for Timezone {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let zone = context.args.text("name").unwrap_or_default().to_owned();
        let clock = context.args.text("hwclock").unwrap_or_default().to_owned();
        flow::ask(Question::new(&probes::TIMEZONE, [&zone]), move |answer| {
            let text = answer.text().into_owned();
            let fact = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
            if !zone.is_empty() && fact("there") != "yes" {
                return Err(ModuleError::new(format!("given timezone \"{zone}\" is not available")));
            }
            let (old_zone, old_clock) = (fact("zone"), fact("clock"));
            let differs = |wanted: &str, found: &str| !wanted.is_empty() && wanted != found;
            if !differs(&zone, old_zone) && !differs(&clock, old_clock) {
                return flow::done(TaskResult::ok());
            }
            let or = |wanted: &str, found: &str| if wanted.is_empty() { found.to_owned() } else { wanted.to_owned() };
            let state = |zone: &str, clock: &str| format!("name: {zone}\nhwclock: {clock}\n");
            let after = state(&or(&zone, old_zone), &or(&clock, old_clock));
            let diff = flow::diff("timezone", state(old_zone, old_clock), after);
            let script = ScriptCall::new(actions::TIMEZONE, [zone.as_str(), &clock]);
            flow::change_and_end(vec![diff], script, "cannot set the time zone", TaskResult::ok())
        })
    }
}
