//! `cronvar`: variables of crontabs.

use crate::modules::services::crontab::{Crontab, Place};
use crate::modules::services::crontab_task::{Owner, edit, names};
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct CronVar;

/// The module.
pub static MODULE: CronVar = CronVar;

static SPEC: Spec = Spec {
    name: "cronvar",
    collections: &["community.general"],
    summary: "Sets variables of crontabs.",
    arguments: &[
        Argument::text("name", "The variable.").required(),
        Argument::text("value", "Its value."),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("insertafter", "The variable that a new one comes after."),
        Argument::text("insertbefore", "The variable that a new one comes before."),
        Argument::text("user", "Whose crontab."),
        Argument::path("cron_file", "A file, below `/etc/cron.d` unless its path is absolute."),
        Argument::bool("backup", false, "Keeps the old crontab."),
    ],
    returns: &[Return { name: "vars", about: "The names of the variables." }],
    ..BLANK
};

impl Module for CronVar {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let present = args.needed("state") == "present";
        if present && !args.is_given("value") {
            return Err(ModuleError::new("You must specify 'value' to insert a new cron variable"));
        }
        edit(Owner::of(&args), move |mut tab| {
            let name = args.needed("name");
            let value = args.needed("value");
            if !present {
                tab.remove_variable(name);
            } else if tab.value(name) != Some(value) {
                let place = match (args.text("insertafter"), args.text("insertbefore")) {
                    (Some(other), _) => Place::After(other),
                    (_, Some(other)) => Place::Before(other),
                    _ => Place::First,
                };
                let quoted = if value.contains(char::is_whitespace) || value.is_empty() {
                    format!("\"{value}\"")
                } else {
                    value.to_owned()
                };
                tab.set_variable(name, &format!("{name}={quoted}"), place).map_err(ModuleError::new)?;
            }
            Ok(Some(tab))
        }, |tab| vec![("vars", names(tab.map(Crontab::variables).unwrap_or_default()))])
    }
}
