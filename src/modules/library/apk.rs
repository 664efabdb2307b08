//! `apk`: packages of Alpine, through the host's own `apk`. Unproven on a real system.

use crate::modules::clients::{Clients, accept, refused};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Apk;

/// The module.
pub static MODULE: Apk = Apk;

static SPEC: Spec = Spec {
    name: "apk",
    collections: &["community.general", "ansible.builtin"],
    summary: "Installs, upgrades and removes packages of Alpine. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Packages: `foo`."),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "present", "installed", "absent", "removed", "latest",
        ]),
        Argument::bool("no_cache", false, "Keeps no list of what repositories have."),
        Argument::list("repository", "Repositories that are used instead of the host's."),
        Argument::bool("update_cache", false, "Fetches what repositories have."),
        Argument::bool("upgrade", false, "Upgrades all packages."),
        Argument::bool("available", false, "With `upgrade`: takes the versions of the repositories, also older ones."),
        Argument::text("world", "The list of packages that were asked for.").default("/etc/apk/world"),
    ],
    rules: &[Rule::OneOf(&["name", "update_cache", "upgrade"]), Rule::Exclusive(&["name", "upgrade"])],
    returns: &[
        Return { name: "packages", about: "Packages that were changed." },
        Return { name: "stdout", about: "What apk said." },
        Return { name: "stderr", about: "What it said of errors." },
    ],
    ..BLANK
};

impl Module for Apk {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let task = Task::of(&context.args)?;
        if !context.args.bool("update_cache") {
            return task.ask();
        }
        let call = task.call(&["update"], &[]);
        flow::change(Vec::new(), call, move |answer| {
            if let Some(answer) = answer.as_ref().filter(|answer| answer.rc != 0) {
                return Err(failed("could not update package db", answer));
            }
            if task.names.is_empty() && task.upgrade.is_empty() {
                return flow::done(outputs(TaskResult::changed().message("updated repository indexes"), answer.as_ref()));
            }
            task.ask()
        })
    }
}

struct Task {
    names: Vec<String>,
    state: &'static str,
    upgrade: &'static str,
    world: String,
    options: Vec<String>,
}

impl Task {
    fn of(args: &Args) -> Result<Self, ModuleError> {
        let names = args.texts("name");
        if names.iter().any(|name| name.trim().is_empty()) {
            return Err(ModuleError::new("Package name(s) cannot be empty or whitespace-only"));
        }
        let mut options = Vec::new();
        options.extend(args.bool("no_cache").then(|| "--no-cache".to_owned()));
        for repository in args.texts("repository") {
            options.extend(flow::words(["--repository", &repository, "--repositories-file", "/dev/null"]));
        }
        let state = match args.needed("state") {
            "absent" | "removed" => "absent",
            "latest" => "latest",
            _ => "present",
        };
        let upgrade = match (args.bool("upgrade"), args.bool("available")) {
            (false, _) => "",
            (true, false) => "upgrade",
            (true, true) => "available",
        };
        Ok(Self { names, state, upgrade, world: args.needed("world").to_owned(), options })
    }

    fn call(&self, verb: &[&str], names: &[String]) -> ScriptCall {
        let verb = verb.iter().map(|word| (*word).to_owned());
        let program = std::iter::once("apk".to_owned()).chain(self.options.iter().cloned());
        flow::command(program.chain(verb).chain(names.iter().cloned()))
    }

    fn ask(self) -> Flow {
        let words = [self.world.clone(), self.names.join("\n"), self.upgrade.to_owned()];
        let question = Question::new(&probes::APK, words.into_iter().chain(self.options.iter().cloned()));
        flow::ask(question, move |answer| {
            let clients = Clients::read(&answer);
            if !self.upgrade.is_empty() {
                return self.upgrade(&clients);
            }
            if let Some(name) = self.names.first() {
                clients.require(&format!("installed {name}"), "apk")?;
            }
            if self.state == "absent" { self.remove(&clients) } else { self.install(&clients) }
        })
    }

    fn upgrade(&self, clients: &Clients) -> Flow {
        clients.require("upgrade", "apk")?;
        let simulated = clients.said("upgrade");
        accept(Some(&simulated))?;
        let packages = packages(&simulated.text());
        if packages.is_empty() {
            let result = TaskResult::ok().message("packages already upgraded").field("packages", Vec::<Value>::new());
            return flow::done(outputs(result, Some(&simulated)));
        }
        let verb: &[&str] = if self.upgrade == "available" { &["upgrade", "--available"] } else { &["upgrade"] };
        run(self.call(verb, &[]), &packages, "failed to upgrade packages", "upgraded packages".to_owned())
    }

    fn install(&self, clients: &Clients) -> Flow {
        let world = clients.said("world");
        if world.rc != 0 {
            return Err(refused(&world));
        }
        let world = world.text().into_owned();
        let (mut install, mut upgrade) = (Vec::new(), Vec::new());
        let old = |name: &str| self.state == "latest" && is_old(&clients.text(&format!("version {name}")), name);
        for name in &self.names {
            let about = clients.text(&format!("description {name}"));
            let virtual_package = about.lines().any(|line| line.starts_with(&format!("{name}: virtual meta package")));
            if virtual_package {
                let depends = clients.text(&format!("depends {name}"));
                let listed = clients.text(&format!("version {name}"));
                let dependencies = depends.split_whitespace().skip(1);
                upgrade.extend(
                    dependencies.filter(|name| self.state == "latest" && is_old(&listed, name)).map(str::to_owned),
                );
            } else if !world.split_whitespace().any(|entry| is_entry(entry, name)) {
                install.push(name.clone());
            } else if old(name) {
                upgrade.push(name.clone());
            }
        }
        if install.is_empty() && upgrade.is_empty() {
            return flow::done(TaskResult::ok().message("package(s) already installed"));
        }
        let verb: &[&str] = if upgrade.is_empty() { &["add"] } else { &["add", "--upgrade"] };
        let names = [install, upgrade].concat();
        let shown = Value::list(names.iter().map(|name| Value::text(name.as_str())).collect()).to_string();
        let failure = format!("failed to install {shown}");
        run(self.call(verb, &names), &names, &failure, format!("installed {shown} package(s)"))
    }

    fn remove(&self, clients: &Clients) -> Flow {
        let installed = self.names.iter().filter(|name| clients.holds(&format!("installed {name}")));
        let names: Vec<String> = installed.cloned().collect();
        if names.is_empty() {
            return flow::done(TaskResult::ok().message("package(s) already removed"));
        }
        let shown = Value::list(names.iter().map(|name| Value::text(name.as_str())).collect()).to_string();
        let failure = format!("failed to remove {shown} package(s)");
        run(self.call(&["del", "--purge"], &names), &names, &failure, format!("removed {shown} package(s)"))
    }
}

/// Whether an entry of the list of wanted packages is for the package.
fn is_entry(entry: &str, name: &str) -> bool {
    entry.strip_prefix(name).is_some_and(|rest| rest.is_empty() || (rest.len() > 1 && rest.starts_with(['@', '=', '<', '>', '~'])))
}

/// Whether `apk version` lists the package with a newer version: `NAME-1.2-r0 < 1.3-r0`.
fn is_old(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        let version = words.next().and_then(|word| word.strip_prefix(name)?.strip_prefix('-'));
        version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit())) && words.next() == Some("<")
    })
}

/// The packages in lines `(1/2) Installing NAME (1.0-r0)`.
fn packages(text: &str) -> Vec<String> {
    let package = |line: &str| {
        let (count, rest) = line.strip_prefix('(')?.split_once(')')?;
        count.contains('/').then(|| rest.split_whitespace().nth(1).map(str::to_owned))?
    };
    text.lines().filter_map(package).collect()
}

fn failed(message: &str, answer: &Answer) -> ModuleError {
    ModuleError { message: message.to_owned(), ..flow::failure(answer, message) }
}

fn outputs(result: TaskResult, answer: Option<&Answer>) -> TaskResult {
    let Some(answer) = answer else { return result };
    result.field("stdout", answer.text().into_owned()).field("stderr", answer.errors().into_owned())
}

fn run(call: ScriptCall, names: &[String], failure: &str, message: String) -> Flow {
    let diff = flow::diff_lines("packages", &[], names);
    let (failure, foreseen) = (failure.to_owned(), names.to_vec());
    flow::change(vec![diff], call, move |answer| {
        if let Some(answer) = answer.as_ref().filter(|answer| answer.rc != 0) {
            return Err(failed(&failure, answer));
        }
        let changed = answer.as_ref().map_or(foreseen, |answer| packages(&answer.text()));
        let changed: Vec<Value> = changed.into_iter().map(Value::text).collect();
        let result = TaskResult::changed().message(message).field("packages", changed);
        flow::done(outputs(result, answer.as_ref()))
    })
}
