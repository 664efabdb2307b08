//! `package`: packages by whatever the host has.

use std::sync::Arc;

use crate::modules::flow;
use crate::modules::{
    Args, Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, find, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct Package;

/// The module.
pub static MODULE: Package = Package;

static SPEC: Spec = Spec {
    name: "package",
    summary: "Installs and removes packages with whatever the host has: apt, dnf, yum, zypper, apk, pacman, pkgng, homebrew.",
    arguments: &[
        Argument::list("name", "Packages, as that package manager names them."),
        Argument::text("state", "`present`, `absent`, `latest` and what else that module has."),
        Argument::text("use", "The module that does it; `auto` finds out.").default("auto"),
    ],
    // Further arguments are for the module that does it, which checks them.
    open: true,
    hands_to: &["apt", "dnf", "zypper", "apk", "pacman", "pkgng", "homebrew"],
    returns: &[Return { name: "…", about: "What the module that does it returns." }],
    ..BLANK
};

impl Module for Package {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let wanted = context.args.needed("use").to_owned();
        if wanted != "auto" {
            return hand_on(&wanted, &context);
        }
        flow::ask(Question::new(&probes::PACKAGE_MANAGER, [""; 0]), move |answer| {
            let text = answer.text();
            match text.trim() {
                "" => Err(ModuleError::new("Could not detect which package manager to use. Try gathering facts or setting the \"use\" option.")),
                manager => hand_on(manager, &context),
            }
        })
    }
}

fn hand_on(manager: &str, context: &TaskContext) -> Result<Step, ModuleError> {
    let module = find(manager)
        .filter(|module| module.spec().name != SPEC.name)
        .ok_or_else(|| ModuleError::new(format!("Could not find a matching action for the \"{manager}\" package manager.")))?;
    let given: Dict = context
        .args
        .iter()
        .filter(|(name, _)| *name != "use")
        .map(|(name, value)| (name.into(), Value::clone(value)))
        .collect();
    let args = Args::check(module.spec(), &given).map_err(|error| ModuleError::new(error.message))?;
    module.start(TaskContext { args: Arc::new(args), ..context.clone() })
}
