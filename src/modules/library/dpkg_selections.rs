//! `dpkg_selections`: what dpkg is to do with a package.

use std::sync::Arc;

use crate::modules::packages::client;
use crate::modules::{
    Argument, BLANK, Content, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, flow, probes,
};

/// The module.
pub struct DpkgSelections;

/// The module.
pub static MODULE: DpkgSelections = DpkgSelections;

static SPEC: Spec = Spec {
    name: "dpkg_selections",
    summary: "Sets what dpkg is to do with a package: hold it, install it, remove it.",
    arguments: &[
        Argument::text("name", "The package.").required(),
        Argument::text("selection", "What is to be done.").required().choices(&["install", "hold", "deinstall", "purge"]),
    ],
    returns: &[
        Return { name: "before", about: "What was to be done." },
        Return { name: "after", about: "What is to be done now." },
    ],
    ..BLANK
};

impl Module for DpkgSelections {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let name = context.args.needed("name").to_owned();
        let selection = context.args.needed("selection").to_owned();
        flow::ask(Question::new(&probes::DPKG_SELECTION, [&name]), move |answer| {
            if answer.errors().contains("no packages found matching") {
                let message = format!("Failed to find package '{name}' to perform selection '{selection}'.");
                return Err(ModuleError::new(message));
            }
            client::check(&answer)?;
            let text = answer.text();
            let current = text.split_whitespace().nth(1).unwrap_or("not present").to_owned();
            let result = TaskResult::ok().field("before", current.as_str()).field("after", selection.as_str());
            if current == selection {
                return flow::done(result);
            }
            let state = |selection: &str| format!("{name} {selection}\n");
            let diff = flow::diff("selections", state(&current), state(&selection));
            let mut script = ScriptCall::new(actions::FEED, ["dpkg", "--set-selections"]);
            script.input = Some(Content::Bytes(Arc::from(state(&selection).into_bytes())));
            client::change(vec![diff], script, result)
        })
    }
}
