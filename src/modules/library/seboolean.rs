//! `seboolean`: booleans of `SELinux`, through the host's own `getsebool`, `setsebool` and `semanage`.

use crate::modules::clients::{self, Clients, missing};
use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes, selinux,
};

/// The module.
pub struct Seboolean;

/// The module.
pub static MODULE: Seboolean = Seboolean;

static SPEC: Spec = Spec {
    name: "seboolean",
    collections: &["ansible.posix", "ansible.builtin"],
    summary: "Sets booleans of SELinux. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "The boolean.").required(),
        Argument::of("state", Kind::Bool, "Its value.").required(),
        Argument::bool("persistent", false, "Whether it stays so after the next start."),
        Argument::bool("ignore_selinux_state", false, "Goes on where SELinux is off."),
    ],
    returns: &[
        Return { name: "name", about: "The boolean." },
        Return { name: "state", about: "Its value." },
        Return { name: "persistent", about: "Whether it stays so." },
    ],
    ..BLANK
};

impl Module for Seboolean {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let (name, wanted, persistent) = (args.needed("name").to_owned(), args.bool("state"), args.bool("persistent"));
        let words = [name.as_str(), if persistent { "yes" } else { "" }];
        flow::ask(Question::new(&probes::SEBOOLEAN, words), move |answer| {
            let clients = Clients::read(&answer);
            selinux::enabled(&clients, args.bool("ignore_selinux_state"))?;
            let result =
                TaskResult::ok().field("name", name.as_str()).field("state", wanted).field("persistent", persistent);
            let active = value(&clients.text("active"), &name);
            let lasting = lasting(&clients.text("booleans"), &name);
            let current = if !persistent {
                clients.require("active", "getsebool")?;
                active.ok_or_else(|| {
                    ModuleError::new(format!("Failed to determine current state for boolean {name}"))
                })?
            } else if let Some(lasting) = lasting {
                lasting
            } else if clients.holds("booleans") {
                let message = format!("SELinux boolean {name} is not defined in persistent policy");
                return Err(ModuleError::new(message));
            } else {
                // Without semanage the value that runs stands for the one that lasts.
                active.ok_or_else(|| missing("semanage"))?
            };
            if current == wanted {
                return flow::done(result);
            }
            let word = |value: bool| if value { "on" } else { "off" };
            let line = |value: bool| format!("{name} = {}\n", word(value));
            let diff = flow::diff("boolean", line(current), line(wanted));
            let lasts = persistent.then_some("-P");
            let command = ["setsebool"].into_iter().chain(lasts).chain([name.as_str(), word(wanted)]);
            clients::change(vec![diff], flow::command(command), result)
        })
    }
}

/// The value in `NAME --> on`.
fn value(text: &str, name: &str) -> Option<bool> {
    let (found, value) = text.trim().split_once(" --> ")?;
    (found == name).then(|| value.starts_with("on"))
}

/// The value that lasts, the second in `NAME (off  ,  on)  …`.
fn lasting(text: &str, name: &str) -> Option<bool> {
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name))?;
    let values = line.split_once('(')?.1.split_once(')')?.0;
    Some(values.split_once(',')?.1.trim() == "on")
}
