//! `capabilities`: what programs may do without being root.

use crate::modules::flow;
use crate::modules::{
    Answer, Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};

/// The module.
pub struct Capabilities;

/// The module.
pub static MODULE: Capabilities = Capabilities;

static SPEC: Spec = Spec {
    name: "capabilities",
    collections: &["community.general"],
    summary: "Sets capabilities of files, or takes them away.",
    arguments: &[
        Argument::text("path", "The file.").required().aliases(&["key"]),
        Argument::text("capability", "The capability, with its flags: `cap_net_raw+ep`.").required().aliases(&["cap"]),
        Argument::text("state", "Whether the file has it.").default("present").choices(&["absent", "present"]),
    ],
    returns: &[
        Return { name: "state", about: "Whether the file has it." },
        Return { name: "stdout", about: "What setcap said, if it ran." },
    ],
    ..BLANK
};

/// A capability, its operator and flags.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Capability {
    name: String,
    flags: String,
}

impl Capability {
    /// Reads `cap_x+ep`; the operator stands with the flags.
    fn parse(text: &str) -> Option<Self> {
        let place = ['=', '-', '+'].iter().find_map(|operator| text.find(*operator))?;
        Some(Self { name: text[..place].to_owned(), flags: text[place..].to_owned() })
    }

    fn text(&self) -> String {
        format!("{}{}", self.name, self.flags)
    }
}

impl Module for Capabilities {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let path = args.needed("path").trim().to_owned();
        let text = args.needed("capability").trim().to_lowercase();
        let state = args.needed("state").to_owned();
        let present = state == "present";
        let wanted = match Capability::parse(&text) {
            Some(wanted) => wanted,
            None if present => return Err(ModuleError::new("Couldn't find operator (one of: ('=', '-', '+'))")),
            None => Capability { name: text, flags: String::new() },
        };
        flow::ask(Question::new(&probes::CAPABILITIES, [&path]), move |answer| {
            let old = known(&path, &answer)?;
            let there = if present { old.contains(&wanted) } else { old.iter().any(|old| old.name == wanted.name) };
            if there == present {
                return flow::done(TaskResult::ok().field("state", state));
            }
            let mut new: Vec<Capability> = old.iter().filter(|old| old.name != wanted.name).cloned().collect();
            if present {
                new.push(wanted);
            }
            let texts = |all: &[Capability]| all.iter().map(Capability::text).collect::<Vec<_>>();
            let diff = flow::diff_lines(&path, &texts(&old), &texts(&new));
            let call = flow::command(["setcap", &texts(&new).join(" "), &path]);
            let result = TaskResult::changed().message("capabilities changed").field("state", state);
            flow::change(vec![diff], call, move |answer| {
                let Some(answer) = answer else { return flow::done(result) };
                if answer.rc != 0 {
                    return Err(unable("set", &path, &answer));
                }
                flow::done(result.field("stdout", answer.text().into_owned()))
            })
        })
    }
}

fn unable(what: &str, path: &str, answer: &Answer) -> ModuleError {
    ModuleError::new(format!("Unable to {what} capabilities of {path}"))
        .field("stdout", answer.text().trim().to_owned())
        .field("stderr", answer.errors().into_owned())
}

/// What getcap knows: `PATH cap_a,cap_b=ep`, and of old `PATH = cap_a+ep`.
fn known(path: &str, answer: &Answer) -> Result<Vec<Capability>, ModuleError> {
    let text = answer.text();
    let said = text.trim();
    if answer.rc == 127 {
        return Err(ModuleError::new("Failed to find required executable \"getcap\""));
    }
    if answer.rc != 0 || !answer.errors().is_empty() || said.ends_with(')') {
        return Err(unable("get", path, answer));
    }
    let list = match said.split_once(" =") {
        _ if said == path => "",
        Some((_, list)) => list,
        None => said.strip_prefix(path).unwrap_or(said),
    };
    let mut all = Vec::new();
    for group in list.to_lowercase().split_whitespace() {
        let Some(whole) = Capability::parse(group) else { return Err(unable("get", path, answer)) };
        all.extend(whole.name.split(',').map(|name| Capability { name: name.to_owned(), flags: whole.flags.clone() }));
    }
    Ok(all)
}
