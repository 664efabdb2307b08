//! `pacman`: packages of Arch, through the host's own `pacman`. Unproven on a real system.

use std::collections::{BTreeMap, BTreeSet};

use crate::modules::clients::{Clients, refused};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Argument, Args, BLANK, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Pacman;

/// The module.
pub static MODULE: Pacman = Pacman;

static SPEC: Spec = Spec {
    name: "pacman",
    collections: &["community.general", "ansible.builtin"],
    summary: "Installs, upgrades and removes packages of Arch. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Packages, groups, files or addresses of packages.").aliases(&["pkg", "package"]),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "present", "installed", "latest", "absent", "removed",
        ]),
        Argument::bool("force", false, "Removes without a look at what needs them; fetches all lists anew."),
        Argument::bool("remove_nosave", false, "Keeps no copies of changed files of removed packages."),
        Argument::text("executable", "The program: `pacman`, or one like it.").default("pacman"),
        Argument::text("extra_args", "Further options, with spaces between them.").default(""),
        Argument::path("root", "Another system's top directory."),
        Argument::path("cachedir", "Where packages are kept, with `root`."),
        Argument::path("config", "A file of settings."),
        Argument::of("upgrade", Kind::Bool, "Upgrades all packages."),
        Argument::text("upgrade_extra_args", "Further options for that.").default(""),
        Argument::bool("update_cache", false, "Fetches what repositories have."),
        Argument::text("update_cache_extra_args", "Further options for that.").default(""),
        Argument::text("reason", "Why packages are there.").choices(&["explicit", "dependency"]),
        Argument::text("reason_for", "Of which packages the reason is set.").default("new").choices(&["new", "all"]),
    ],
    rules: &[Rule::OneOf(&["name", "update_cache", "upgrade"]), Rule::Exclusive(&["name", "upgrade"])],
    returns: &[
        Return { name: "packages", about: "Packages that were changed." },
        Return { name: "cache_updated", about: "Whether lists were fetched." },
        Return { name: "stdout", about: "What pacman said." },
        Return { name: "stderr", about: "What it said of errors." },
    ],
    ..BLANK
};

impl Module for Pacman {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let upgrade = args.maybe_bool("upgrade").unwrap_or(false);
        let task = Task::of(args, upgrade);
        let result = TaskResult::ok();
        if !args.bool("update_cache") {
            return task.ask(result);
        }
        let mut words = task.words(&["--sync", "--refresh"]);
        words.extend(split(args.needed("update_cache_extra_args")));
        words.extend(args.bool("force").then(|| "--refresh".to_owned()));
        let force = args.bool("force");
        flow::change(Vec::new(), flow::command(words), move |answer| {
            if let Some(answer) = answer.as_ref().filter(|answer| answer.rc != 0) {
                return Err(failed("could not update package db", answer));
            }
            let said = answer.as_ref().map(|answer| answer.text().into_owned());
            // Of lists that are as they were pacman says so: ` core is up to date`.
            let stale = |line: &str| !line.trim().is_empty() && !line.contains("is up to date") && !line.starts_with("::");
            let changed = force || said.is_none_or(|said| said.lines().any(stale));
            let result = outputs(TaskResult::with_changed(changed).field("cache_updated", changed), answer.as_ref());
            if task.names.is_empty() && !upgrade {
                return flow::done(result.message("Updated package db"));
            }
            task.ask(result)
        })
    }
}

/// Words with spaces between them.
fn split(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

struct Task {
    names: Vec<String>,
    state: &'static str,
    upgrade: bool,
    program: Vec<String>,
    extra: Vec<String>,
    upgrade_extra: Vec<String>,
    unneeded: Vec<String>,
    unsaved: Vec<String>,
    reason: Option<String>,
    all_reasons: bool,
}

/// What pacman has and knows.
struct Known {
    installed: BTreeMap<String, String>,
    newer: BTreeMap<String, String>,
    explicit: BTreeSet<String>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Known {
    fn read(clients: &Clients) -> Result<Self, ModuleError> {
        let pairs = |text: String| -> Vec<(String, String)> {
            let pair = |line: &str| line.trim().split_once(' ').map(|(one, two)| (one.to_owned(), two.trim().to_owned()));
            text.lines().filter_map(pair).collect()
        };
        let query = clients.said("query");
        if query.rc != 0 {
            return Err(refused(&query));
        }
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (group, package) in pairs(clients.text("groups")) {
            groups.entry(group).or_default().push(package);
        }
        let upgrades = pairs(clients.text("upgrades")).into_iter().filter(|(_, rest)| !rest.contains("[ignored]"));
        Ok(Self {
            installed: pairs(query.text().into_owned()).into_iter().collect(),
            newer: upgrades.filter_map(|(name, rest)| Some((name, rest.split_once(" -> ")?.1.to_owned()))).collect(),
            explicit: clients.text("explicit").lines().map(str::to_owned).collect(),
            groups,
        })
    }
}

impl Task {
    fn of(args: &Args, upgrade: bool) -> Self {
        let mut program = vec![args.needed("executable").to_owned()];
        for (argument, option) in [("config", "--config"), ("root", "--root"), ("cachedir", "--cachedir")] {
            let value = args.text(argument).filter(|_| argument != "cachedir" || args.text("root").is_some());
            program.extend(value.map(|value| [option.to_owned(), value.to_owned()]).into_iter().flatten());
        }
        Self {
            names: args.texts("name").into_iter().filter(|name| !name.is_empty()).collect(),
            state: match args.needed("state") {
                "absent" | "removed" => "absent",
                "latest" => "latest",
                _ => "present",
            },
            upgrade,
            program,
            extra: split(args.needed("extra_args")),
            upgrade_extra: split(args.needed("upgrade_extra_args")),
            unneeded: if args.bool("force") { flow::words(["--nodeps", "--nodeps"]) } else { Vec::new() },
            unsaved: if args.bool("remove_nosave") { flow::words(["--nosave"]) } else { Vec::new() },
            reason: args.text("reason").map(str::to_owned),
            all_reasons: args.needed("reason_for") == "all",
        }
    }

    fn words(&self, more: &[&str]) -> Vec<String> {
        self.program.iter().cloned().chain(more.iter().map(|word| (*word).to_owned())).collect()
    }

    fn ask(self, result: TaskResult) -> Flow {
        if self.names.is_empty() && !self.upgrade {
            return flow::done(result.message("Nothing to do"));
        }
        let words = std::iter::once(self.names.join("\n")).chain(self.program.iter().cloned());
        flow::ask(Question::new(&probes::PACMAN, words), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("query", &self.program[0])?;
            let known = Known::read(&clients)?;
            if self.upgrade {
                return self.upgrade(&known, result);
            }
            let packages = self.resolve(&clients, &known)?;
            if self.state == "absent" { self.remove(&known, &packages, result) } else { self.install(known, packages, result) }
        })
    }

    fn upgrade(&self, known: &Known, result: TaskResult) -> Flow {
        if known.newer.is_empty() {
            return flow::done(result.message("Nothing to upgrade"));
        }
        let version = |name: &String| known.installed.get(name).cloned().unwrap_or_default();
        let before: Vec<String> = known.newer.keys().map(|name| format!("{name}-{}", version(name))).collect();
        let after: Vec<String> = known.newer.iter().map(|(name, version)| format!("{name}-{version}")).collect();
        let mut words = self.words(&["--sync", "--sysupgrade", "--quiet", "--noconfirm"]);
        words.extend(self.upgrade_extra.iter().cloned());
        let names: Vec<String> = known.newer.keys().cloned().collect();
        let diff = (before, after);
        run(diff, flow::command(words), &names, "Could not upgrade", "System upgraded".to_owned(), result)
    }

    /// Names and what pacman is given for them; members for groups.
    fn resolve(&self, clients: &Clients, known: &Known) -> Result<Vec<(String, String)>, ModuleError> {
        let mut packages = Vec::new();
        for name in &self.names {
            let about = clients.text(&format!("info {name}"));
            let found = about.lines().find_map(|line| line.strip_prefix("Name")?.split_once(':')).map(|(_, name)| name.trim());
            let file = clients.text(&format!("file {name}"));
            if let Some(members) = known.groups.get(name) {
                packages.extend(members.iter().map(|member| (member.clone(), member.clone())));
            } else if known.installed.contains_key(name) {
                packages.push((name.clone(), name.clone()));
            } else if let Some(found) = found.or(file.lines().last().map(str::trim)) {
                packages.push((found.to_owned(), name.clone()));
            } else if self.state != "absent" {
                let answer = clients.said(&format!("info {name}"));
                return Err(failed(&format!("Failed to list package {name}"), &answer));
            }
        }
        Ok(packages)
    }

    fn remove(self, known: &Known, packages: &[(String, String)], result: TaskResult) -> Flow {
        let there = packages.iter().map(|(name, _)| name).filter(|name| known.installed.contains_key(*name));
        let names: Vec<String> = there.cloned().collect();
        if names.is_empty() {
            return flow::done(result.message("package(s) already absent").field("packages", Vec::<Value>::new()));
        }
        let mut words = self.words(&["--remove", "--noconfirm", "--noprogressbar"]);
        words.extend(self.extra.iter().cloned());
        words.extend(self.unneeded.iter().cloned());
        let asked = ["%n-%v".to_owned()].into_iter().chain(words.iter().cloned()).chain(names.iter().cloned());
        flow::ask(Question::new(&probes::PACMAN_PRINT, asked), move |answer| {
            let answer = Clients::read(&answer).said("print");
            if answer.rc != 0 {
                return Err(failed("failed to list package(s) to remove", &answer));
            }
            let removed = split(&answer.text());
            words.extend(self.unsaved.iter().cloned());
            words.extend(names);
            let message = format!("Removed {} package(s)", removed.len());
            run((removed.clone(), Vec::new()), flow::command(words), &removed, "failed to remove package(s)", message, result)
        })
    }

    fn install(self, known: Known, packages: Vec<(String, String)>, result: TaskResult) -> Flow {
        let wanted_reason = self.reason.clone().unwrap_or_default();
        let reason = |name: &String| if known.explicit.contains(name) { "explicit" } else { "dependency" };
        let is_there = |name: &String| known.installed.contains_key(name);
        let reasons: Vec<String> = packages
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !wanted_reason.is_empty() && (!is_there(name) || (self.all_reasons && reason(name) != wanted_reason)))
            .cloned()
            .collect();
        let is_file = |source: &String| source.contains("://") || source.starts_with(['/', '.', '~']) || source.contains(".pkg.");
        let (files, listed): (Vec<_>, Vec<_>) = packages.into_iter().partition(|(_, source)| is_file(source));
        let files: Vec<String> = files.into_iter().filter(|(name, _)| !is_there(name)).map(|(_, source)| source).collect();
        let old = |name: &String| !is_there(name) || (self.state == "latest" && known.newer.contains_key(name));
        let listed: Vec<String> = listed.into_iter().filter(|(name, _)| old(name)).map(|(_, source)| source).collect();
        let mut base = self.words(&["--noconfirm", "--noprogressbar", "--needed"]);
        base.extend(self.extra.iter().cloned());
        let verb = |verb: &str, sources: &[String]| {
            let words = base.iter().cloned().chain([verb.to_owned()]).chain(sources.iter().cloned());
            (!sources.is_empty()).then(|| words.collect::<Vec<String>>())
        };
        let calls: Vec<Vec<String>> = [verb("--sync", &listed), verb("--upgrade", &files)].into_iter().flatten().collect();
        let mut set = self.words(&["--noconfirm", "--database"]);
        set.push(if wanted_reason == "dependency" { "--asdeps" } else { "--asexplicit" }.to_owned());
        set.extend(reasons.iter().cloned());
        let question = |words: &Vec<String>| {
            Question::new(&probes::PACMAN_PRINT, ["%n %v".to_owned()].into_iter().chain(words.iter().cloned()))
        };
        let questions: Vec<Question> = calls.iter().map(question).collect();
        let set = (!reasons.is_empty()).then_some(set);
        let next = move |answers: Vec<Answer>| {
            let found = foreseen(&answers)?;
            settle(&known, &found, &reasons, calls.into_iter().chain(set).collect(), result)
        };
        if questions.is_empty() { next(Vec::new()) } else { Ok(Step::Ask(questions, Box::new(next))) }
    }
}

/// The packages that would be installed, with their versions.
fn foreseen(answers: &[Answer]) -> Result<BTreeMap<String, String>, ModuleError> {
    let mut found = BTreeMap::new();
    for answer in answers {
        let answer = Clients::read(answer).said("print");
        if answer.rc != 0 {
            return Err(failed("Failed to list package(s) to install", &answer));
        }
        let text = answer.text().into_owned();
        let noise = ["loading packages", "nothing to do", "Avoid running"];
        let lines = text.lines().filter(|line| !noise.iter().any(|noise| line.contains(noise)));
        let pairs = lines.filter_map(|line| line.trim().split_once(' '));
        found.extend(pairs.map(|(name, version)| (name.to_owned(), version.to_owned())));
    }
    Ok(found)
}

fn settle(
    known: &Known,
    found: &BTreeMap<String, String>,
    reasons: &[String],
    calls: Vec<Vec<String>>,
    result: TaskResult,
) -> Flow {
    let altered: BTreeSet<String> = found.keys().chain(reasons).cloned().collect();
    let altered: Vec<String> = altered.into_iter().collect();
    if altered.is_empty() {
        return flow::done(result.message("package(s) already installed").field("packages", Vec::<Value>::new()));
    }
    let before = altered.iter().filter_map(|name| Some(format!("{name}-{}", known.installed.get(name)?)));
    let after = altered.iter().map(|name| match found.get(name).or(known.installed.get(name)) {
        Some(version) => format!("{name}-{version}"),
        None => name.clone(),
    });
    let diff = (before.collect(), after.collect());
    let message = format!("Installed {} package(s)", altered.len());
    run(diff, flow::commands(calls), &altered, "Failed to install package(s)", message, result)
}

fn failed(message: &str, answer: &Answer) -> ModuleError {
    ModuleError { message: message.to_owned(), ..flow::failure(answer, message) }
}

fn outputs(result: TaskResult, answer: Option<&Answer>) -> TaskResult {
    let Some(answer) = answer else { return result };
    result.field("stdout", answer.text().into_owned()).field("stderr", answer.errors().into_owned())
}

fn run(
    (before, after): (Vec<String>, Vec<String>),
    call: ScriptCall,
    names: &[String],
    failure: &str,
    message: String,
    result: TaskResult,
) -> Flow {
    let diff = flow::diff_lines("packages", &before, &after);
    let failure = failure.to_owned();
    let names: Vec<Value> = names.iter().map(|name| Value::text(name.as_str())).collect();
    flow::change(vec![diff], call, move |answer| {
        if let Some(answer) = answer.as_ref().filter(|answer| answer.rc != 0) {
            return Err(failed(&failure, answer));
        }
        let result = TaskResult { changed: true, ..result }.message(message).field("packages", names);
        flow::done(outputs(result, answer.as_ref()))
    })
}
