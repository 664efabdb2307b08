//! `sysctl`: kernel parameters, now and in the file that sets them at the start.

use std::sync::Arc;

use crate::modules::clients::Clients;
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Content, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Sysctl;

/// The module.
pub static MODULE: Sysctl = Sysctl;

static SPEC: Spec = Spec {
    name: "sysctl",
    collections: &["ansible.posix", "ansible.builtin"],
    summary: "Sets kernel parameters, now and for the next start.",
    arguments: &[
        Argument::text("name", "The parameter: `vm.swappiness`.").aliases(&["key"]).required(),
        Argument::text("value", "Its value.").aliases(&["val"]),
        Argument::text("state", "Whether it stands in the file.").default("present").choices(&["present", "absent"]),
        Argument::bool("ignoreerrors", false, "Lets parameters pass that the kernel does not know."),
        Argument::bool("reload", true, "Has the file read after a change, and when the kernel has another value."),
        Argument::path("sysctl_file", "The file.").default("/etc/sysctl.conf"),
        Argument::bool("sysctl_set", false, "Compares with the kernel's value and sets it."),
    ],
    rules: &[Rule::If("state", "present", &["value"])],
    ..BLANK
};

impl Module for Sysctl {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let wanted = Wanted::of(&args)?;
        let file = args.needed("sysctl_file").to_owned();
        flow::ask(Question::new(&probes::SYSCTL, [wanted.name.as_str(), &file]), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("current", "sysctl")?;
            let current = clients.holds("current").then(|| clients.text("current"));
            if let Some(text) = clients.find("file").filter(|text| text.rc != 0) {
                return Err(flow::failure(text, &format!("Failed to open {file}")));
            }
            let text = clients.text("file");
            let plan = wanted.compare(&text, current.as_deref());
            apply(&plan, &wanted, &args, &text, current.as_deref().unwrap_or_default())
        })
    }
}

struct Wanted {
    name: String,
    value: String,
    present: bool,
    set: bool,
    reload: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// Whether anything is to be done.
    changed: bool,
    /// Whether the value is set at once.
    set: bool,
    /// The file's new text.
    write: Option<String>,
}

impl Wanted {
    fn of(args: &Args) -> Result<Self, ModuleError> {
        let present = args.needed("state") == "present";
        if args.needed("name").is_empty() {
            return Err(ModuleError::new("name cannot be blank"));
        }
        if present && args.needed("value").is_empty() {
            return Err(ModuleError::new("value cannot be blank"));
        }
        let value = match args.needed("value").to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" => "1".to_owned(),
            "n" | "no" | "off" | "0" | "false" | "f" => "0".to_owned(),
            _ => args.needed("value").trim().to_owned(),
        };
        let name = args.needed("name").trim().to_owned();
        Ok(Self { name, value, present, set: args.bool("sysctl_set"), reload: args.bool("reload") })
    }

    /// What is to be done, given the file's text and the kernel's value.
    fn compare(&self, text: &str, current: Option<&str>) -> Plan {
        let mut entries = text.lines().filter_map(entry);
        let found = entries.rfind(|(name, _)| *name == self.name).map(|(_, value)| value);
        let differs = current.is_none_or(|current| !current.split_whitespace().eq(self.value.split_whitespace()));
        let write = match (found, self.present) {
            (None, present) => present,
            (Some(value), false) if !value.is_empty() => true,
            (Some(value), _) => value != self.value,
        };
        let set = self.set && self.present && differs;
        Plan {
            changed: write || set || (found.is_some() && self.reload && differs),
            set: set && current.is_some(),
            write: write.then(|| self.edit(text)),
        }
    }

    /// The text with the parameter as wanted; each other one stands in it once.
    fn edit(&self, text: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for line in text.lines() {
            let Some((name, value)) = entry(line) else {
                lines.push(line.trim().to_owned());
                continue;
            };
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            match name == self.name {
                true if self.present => lines.push(format!("{name}={}", self.value)),
                true => {}
                false => lines.push(format!("{name}={value}")),
            }
        }
        if self.present && !seen.contains(&self.name.as_str()) {
            lines.push(format!("{}={}", self.name, self.value));
        }
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}

/// The parameter and the value of a line that sets one.
fn entry(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (name, value) = line.split_once('=')?;
    (!line.starts_with(['#', ';'])).then_some((name.trim(), value.trim()))
}

fn apply(plan: &Plan, wanted: &Wanted, args: &Args, text: &str, current: &str) -> Flow {
    if !plan.changed {
        return flow::done(TaskResult::ok());
    }
    let mut options = String::new();
    for (letter, wanted) in
        [('s', plan.set), ('w', plan.write.is_some()), ('r', wanted.reload), ('i', args.bool("ignoreerrors"))]
    {
        options.extend(wanted.then_some(letter));
    }
    let file = args.needed("sysctl_file");
    let mut diff = Vec::new();
    if let Some(new) = &plan.write {
        diff.push(flow::diff(file, text, new.clone()));
    }
    if wanted.present && (plan.set || plan.write.is_none()) {
        let line = |value: &str| format!("{} = {}\n", wanted.name, value.trim());
        diff.push(flow::diff(&wanted.name, line(current), line(&wanted.value)));
    }
    let mut script = ScriptCall::new(actions::SYSCTL, [file, &wanted.name, &wanted.value, &options]);
    script.input = plan.write.as_ref().map(|new| Content::Bytes(Arc::from(new.as_bytes())));
    flow::change(diff, script, |answer| match answer {
        Some(answer) if answer.rc != 0 => Err(ModuleError::new(answer.errors().trim())),
        _ => flow::done(TaskResult::changed()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(value: &str, present: bool) -> Wanted {
        Wanted { name: "a.b".to_owned(), value: value.to_owned(), present, set: false, reload: true }
    }

    #[test]
    fn files_keep_their_comments_and_lose_doubles() {
        let text = "# a.b=9\n x.y = 1 \na.b=1\nx.y=2\na.b=3\nloose\n";
        assert_eq!(wanted("2", true).edit(text), "# a.b=9\nx.y=1\na.b=2\nloose\n");
        assert_eq!(wanted("", false).edit(text), "# a.b=9\nx.y=1\nloose\n");
        assert_eq!(wanted("2", true).edit("x=1"), "x=1\na.b=2\n");
    }

    #[test]
    fn values_are_compared_word_by_word() {
        let plan = wanted("4096 1\t2", true).compare("a.b = 4096 1\t2\n", Some("4096\t1\t2\n"));
        assert!(!plan.changed);
        let plan = wanted("1", true).compare("a.b=1\n", Some("0\n"));
        assert_eq!(plan, Plan { changed: true, set: false, write: None });
        assert!(!wanted("", false).compare("", Some("0\n")).changed);
    }
}
