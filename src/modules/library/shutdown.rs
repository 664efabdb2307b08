//! `shutdown`: turns hosts off.

use crate::modules::flow;
use crate::modules::{
    Argument, BLANK, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult, actions,
    probes,
};
use crate::template::filters::quoted;

/// The module.
pub struct Shutdown;

/// The module.
pub static MODULE: Shutdown = Shutdown;

static SPEC: Spec = Spec {
    name: "shutdown",
    collections: &["community.general"],
    summary: "Turns hosts off.",
    arguments: &[
        Argument::int("delay", "Seconds before, as whole minutes.").default("0"),
        Argument::text("msg", "What users are told.").default("Shut down initiated by Ansible"),
        Argument::list("search_paths", "Where the program is looked for.").default("/sbin,/usr/sbin,/usr/local/sbin"),
    ],
    returns: &[
        Return { name: "shutdown", about: "Whether the host goes off." },
        Return { name: "shutdown_command", about: "What was run." },
    ],
    ..BLANK
};

impl Module for Shutdown {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let places = args.texts("search_paths");
        flow::ask(Question::new(&probes::SHUTDOWN, [places.join(":")]), move |answer| {
            let text = answer.text();
            let mut lines = text.lines();
            let (path, kind) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
            if path.is_empty() {
                return Err(ModuleError::new(format!(
                    "Could not find command \"{kind}\" in search paths: {places:?} or systemctl command in search paths: \
                     [\"/bin\", \"/usr/bin\"], unable to shutdown."
                )));
            }
            let minutes = (args.int("delay").unwrap_or(0).max(0) / 60).to_string();
            let message = args.needed("msg");
            let plus = format!("+{minutes}");
            let words = match kind {
                "alpine" => vec![path],
                "systemctl" => vec![path, "poweroff"],
                "void" => vec![path, "-h", plus.as_str(), message],
                _ => vec![path, "-h", minutes.as_str(), message],
            };
            let shown = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
            // What takes time gives its own answer; what is at once would cut it off.
            let when = if minutes == "0" || words.len() < 3 { "now" } else { "later" };
            let call = ScriptCall::new(actions::SHUTDOWN, [when].into_iter().chain(words));
            let result = TaskResult::changed().field("shutdown", true).field("shutdown_command", shown);
            flow::change(vec![flow::diff("host", "running\n", "off\n")], call, move |answer| {
                if let Some(answer) = answer.filter(|answer| answer.rc != 0) {
                    let message = format!("Shutdown command failed. Error was {}, {}", answer.text(), answer.errors());
                    return Err(ModuleError::new(message).field("shutdown", false));
                }
                flow::done(result)
            })
        })
    }
}
