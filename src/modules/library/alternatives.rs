//! `alternatives`: which of several programs takes a role.

use std::fmt::Write as _;

use crate::modules::packages::alternatives::{Alternatives as Group, Subcommand};
use crate::modules::packages::client;
use crate::modules::{
    Args, Argument, BLANK, Kind, Module, ModuleError, Question, Rule, Spec, Step, TaskContext, TaskResult,
    flow, probes,
};
use crate::template::Value;

/// The module.
pub struct Alternatives;

/// The module.
pub static MODULE: Alternatives = Alternatives;

const SUBCOMMANDS: Kind = Kind::DictList(&[
    Argument::text("name", "Its name.").required(),
    Argument::path("path", "Where it is.").required(),
    Argument::path("link", "Where it is linked.").required(),
]);

static SPEC: Spec = Spec {
    name: "alternatives",
    collections: &["community.general"],
    summary: "Sets which of several programs takes a role, through `update-alternatives`.",
    arguments: &[
        Argument::text("name", "The role: `editor`, `java`.").required(),
        Argument::path("path", "The program."),
        Argument::text("family", "The family of programs, on Red Hat."),
        Argument::path("link", "Where the role is linked; needed for a new one on Debian."),
        Argument::int("priority", "Its priority; 50 for a new one."),
        Argument::text("state", "Listed, taken, left to the priorities, or gone.")
            .default("selected")
            .choices(&["present", "selected", "absent", "auto"]),
        Argument::of("subcommands", SUBCOMMANDS, "What comes along with it.").aliases(&["slaves"]),
    ],
    rules: &[Rule::OneOf(&["path", "family"])],
    ..BLANK
};

impl Module for Alternatives {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let wanted = Wanted::of(&args);
        let words = [args.needed("name").to_owned(), wanted.path.clone().unwrap_or_default()];
        flow::ask(Question::new(&probes::ALTERNATIVES, words), move |answer| {
            client::check(&answer)?;
            let text = answer.text();
            let there = text.starts_with("@there\n");
            let group = Group::parse(&text, wanted.subcommands.as_deref().unwrap_or_default());
            let Plan { commands, messages } = wanted.plan(&group, there)?;
            let result = TaskResult::ok().message(messages.join(" "));
            if commands.is_empty() {
                return flow::done(result);
            }
            let diff = flow::diff(&wanted.name, wanted.before(&group), wanted.after(&group));
            client::change(vec![diff], flow::commands(commands), result)
        })
    }
}

struct Wanted {
    name: String,
    path: Option<String>,
    family: Option<String>,
    link: Option<String>,
    priority: Option<i64>,
    state: String,
    subcommands: Option<Vec<Subcommand>>,
}

#[derive(Default)]
struct Plan {
    commands: Vec<Vec<String>>,
    messages: Vec<String>,
}

impl Wanted {
    fn of(args: &Args) -> Self {
        let text = |name: &str| args.text(name).map(str::to_owned);
        let entry = |entry: &Value| {
            let field = |name: &str| entry.get(name).map(ToString::to_string).unwrap_or_default();
            Subcommand { name: field("name"), path: field("path"), link: field("link") }
        };
        Self {
            name: args.needed("name").to_owned(),
            path: text("path"),
            family: text("family"),
            link: text("link"),
            priority: args.int("priority"),
            state: args.needed("state").to_owned(),
            subcommands: args.is_given("subcommands").then(|| args.list("subcommands").iter().map(entry).collect()),
        }
    }

    fn plan(&self, group: &Group, there: bool) -> Result<Plan, ModuleError> {
        let mut plan = Plan::default();
        let mut run = |option: &str, words: &[&str], message: String| {
            let words = ["update-alternatives", option].into_iter().chain(words.iter().copied());
            plan.commands.push(words.map(str::to_owned).collect());
            plan.messages.push(message);
        };
        let name = self.name.as_str();
        if self.state == "absent" {
            if let Some(path) = self.path.as_deref().filter(|path| group.of(path).is_some()) {
                run("--remove", &[name, path], format!("Remove alternative '{path}' from '{name}'."));
            }
            return Ok(plan);
        }
        if let Some(path) = self.path.as_deref().filter(|path| self.is_to_be_installed(group, path)) {
            if !there {
                return Err(ModuleError::new(format!("Specified path {path} does not exist")));
            }
            let words = self.install(group, path)?;
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            run("--install", &words, format!("Install alternative '{path}' for '{name}'."));
        }
        let is_taken = self.path.is_some() && self.path == group.current;
        let current = group.current.as_deref().and_then(|current| group.of(current));
        let is_family = current.is_some_and(|current| self.family.as_deref() == Some(&current.family));
        if self.state == "selected" && !is_taken && !is_family {
            let what = self.path.as_deref().or(self.family.as_deref()).unwrap_or_default();
            run("--set", &[name, what], format!("Set alternative '{what}' for '{name}'."));
        }
        if self.state == "auto" && group.mode == "manual" {
            run("--auto", &[name], format!("Set alternative to auto for '{name}'."));
        }
        Ok(plan)
    }

    fn is_to_be_installed(&self, group: &Group, path: &str) -> bool {
        let Some(known) = group.of(path) else { return true };
        let sorted = |list: &[Subcommand]| {
            let mut list = list.to_vec();
            list.sort();
            list.dedup();
            list
        };
        self.priority.is_some_and(|priority| priority != known.priority)
            || self.subcommands.as_ref().is_some_and(|wanted| sorted(wanted) != sorted(&known.subcommands))
    }

    fn install(&self, group: &Group, path: &str) -> Result<Vec<String>, ModuleError> {
        let Some(link) = self.link.as_ref().or(group.link.as_ref()) else {
            return Err(ModuleError::new(
                "Needed to install the alternative, but unable to do so as we are missing the link",
            ));
        };
        let priority = self.priority(group).to_string();
        let mut words = vec![link.clone(), self.name.clone(), path.to_owned(), priority];
        if let Some(family) = &self.family {
            words.extend(["--family".to_owned(), family.clone()]);
        }
        for subcommand in self.subcommands.iter().flatten() {
            let Subcommand { name, path, link } = subcommand.clone();
            words.extend(["--slave".to_owned(), link, name, path]);
        }
        Ok(words)
    }

    fn priority(&self, group: &Group) -> i64 {
        let known = self.path.as_deref().and_then(|path| group.of(path));
        self.priority.unwrap_or_else(|| known.map_or(50, |known| known.priority))
    }

    fn before(&self, group: &Group) -> String {
        let Some(known) = self.path.as_deref().and_then(|path| group.of(path)) else {
            return format!("current: {}\n", group.current.as_deref().unwrap_or("none"));
        };
        let mut text = format!("current: {}\n", group.current.as_deref().unwrap_or("none"));
        describe(&mut text, &known.path, known.priority, &known.subcommands);
        text
    }

    fn after(&self, group: &Group) -> String {
        let current = group.current.as_deref().unwrap_or("none");
        let taken = if self.state == "selected" {
            self.path.as_deref().or(self.family.as_deref()).unwrap_or(current)
        } else {
            current
        };
        let mut text = format!("current: {taken}\n");
        if let Some(path) = self.path.as_deref().filter(|_| self.state != "absent") {
            let known = group.of(path).map(|known| known.subcommands.clone()).unwrap_or_default();
            describe(&mut text, path, self.priority(group), self.subcommands.as_deref().unwrap_or(&known));
        }
        text
    }
}

fn describe(text: &mut String, path: &str, priority: i64, subcommands: &[Subcommand]) {
    writeln!(text, "{path}: priority {priority}").expect("a String takes every write");
    for Subcommand { name, path, link } in subcommands {
        writeln!(text, "  {name}: {path} at {link}").expect("a String takes every write");
    }
}
