//! `dnf`, `yum`: packages of Red Hat and its kin, through the host's own `dnf` or `yum`.

use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Dnf;

/// The module.
pub static MODULE: Dnf = Dnf;

static SPEC: Spec = Spec {
    name: "dnf",
    aliases: &["yum", "dnf5"],
    summary: "Installs, upgrades and removes packages of Red Hat and its kin.",
    arguments: &[
        Argument::list("name", "Packages: `nginx`, `nginx-1.20`, `@group`, a path or address of an rpm; `*` means all.")
            .aliases(&["pkg"]),
        Argument::text("state", "What is wanted of them; `present` unless `autoremove`.").choices(&[
            "absent", "present", "installed", "removed", "latest",
        ]),
        Argument::list("enablerepo", "Repositories to use although they are disabled."),
        Argument::list("disablerepo", "Repositories not to use."),
        Argument::list("exclude", "Packages to leave alone."),
        Argument::bool("update_cache", false, "Fetches what repositories have anew.").aliases(&["expire-cache"]),
        Argument::bool("security", false, "With `latest`: only what mends a weakness."),
        Argument::bool("bugfix", false, "With `latest`: only what mends an error."),
        Argument::bool("disable_gpg_check", false, "Takes packages that nobody signed."),
        Argument::bool("download_only", false, "Fetches packages and installs none."),
        Argument::bool("autoremove", false, "Removes packages that nobody needs any more."),
        Argument::bool("allow_downgrade", false, "No matter: a version that is asked for is installed."),
        Argument::bool("allowerasing", false, "Removes what is in the way."),
        Argument::bool("skip_broken", false, "Leaves out what cannot be installed."),
        Argument::bool("update_only", false, "With `latest`: installs nothing that is not there."),
        Argument::of("install_weak_deps", Kind::Bool, "Whether recommended packages come along."),
        Argument::text("installroot", "The directory of the system to alter.").default("/"),
        Argument::text("releasever", "The release to take packages of."),
        Argument::text("use_backend", "The tool; `auto` finds out.").default("auto").choices(&[
            "auto", "dnf", "yum", "dnf4", "dnf5", "yum4",
        ]),
    ],
    returns: &[
        Return { name: "results", about: "What came and went: `Installed: …`, `Removed: …`." },
        Return { name: "rc", about: "The exit code." },
    ],
    ..BLANK
};

impl Module for Dnf {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let names = args.texts("name");
        let autoremove = args.bool("autoremove");
        let verb = match args.text("state") {
            Some("absent" | "removed") => Verb::Remove,
            None if autoremove => Verb::Autoremove,
            Some("latest") => Verb::Latest,
            _ => Verb::Install,
        };
        if names.is_empty() && verb != Verb::Autoremove && !args.bool("update_cache") {
            return Err(ModuleError::new("one of the following is required: name, autoremove, update_cache"));
        }
        let tool = match args.needed("use_backend") {
            "dnf4" => "dnf",
            "yum4" => "yum",
            other => other,
        };
        let words = std::iter::once(tool.to_owned()).chain(names.iter().cloned());
        let foresee = context.check || context.diff;
        flow::ask(Question::new(&probes::RPM_STATE, words), move |answer| {
            let text = answer.text().into_owned();
            let marked = |mark: &str| -> Vec<String> {
                text.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect()
            };
            let tool = marked("@tool ").pop().unwrap_or_default();
            if tool.is_empty() || tool == "none" {
                return Err(ModuleError::new("Could not find dnf or yum on the host"));
            }
            let (mut yes, mut no, groups) = (marked("@yes "), marked("@no "), marked("@group "));
            no.extend(groups.iter().cloned());
            yes.extend(groups.iter().cloned());
            let (command, packages) = match verb {
                Verb::Install => ("install", no),
                Verb::Remove if autoremove => ("autoremove", yes),
                Verb::Remove => ("remove", yes),
                Verb::Autoremove => ("autoremove", Vec::new()),
                Verb::Latest => ("", names),
            };
            if packages.is_empty() && verb != Verb::Autoremove {
                return flow::done(nothing());
            }
            let certain = matches!(verb, Verb::Install | Verb::Remove) && groups.is_empty() && !foresee;
            let common: Vec<String> = std::iter::once(tool).chain(options(&args)).collect();
            let words = match verb {
                Verb::Latest if packages == ["*"] => [common, vec!["upgrade".to_owned()]].concat(),
                // `install` brings what is there to its newest version as well.
                Verb::Latest if args.bool("update_only") => [common, vec!["upgrade".to_owned()], packages].concat(),
                Verb::Latest => [common, vec!["install".to_owned()], packages].concat(),
                _ => [common, vec![command.to_owned()], packages].concat(),
            };
            if certain { run(words, String::new(), String::new()) } else { foreseen(words) }
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Install,
    Remove,
    Autoremove,
    Latest,
}

fn options(args: &Args) -> Vec<String> {
    let mut options = Vec::new();
    for (name, option) in [("enablerepo", "--enablerepo"), ("disablerepo", "--disablerepo"), ("exclude", "--exclude")] {
        options.extend(args.texts(name).iter().map(|item| format!("{option}={item}")));
    }
    for (name, option) in [
        ("update_cache", "--refresh"),
        ("security", "--security"),
        ("bugfix", "--bugfix"),
        ("disable_gpg_check", "--nogpgcheck"),
        ("download_only", "--downloadonly"),
        ("allowerasing", "--allowerasing"),
        ("skip_broken", "--skip-broken"),
    ] {
        options.extend(args.bool(name).then(|| option.to_owned()));
    }
    if let Some(weak) = args.maybe_bool("install_weak_deps") {
        options.push(format!("--setopt=install_weak_deps={}", if weak { "True" } else { "False" }));
    }
    if let Some(root) = args.text("installroot").filter(|root| *root != "/") {
        options.push(format!("--installroot={root}"));
    }
    options.extend(args.text("releasever").map(|version| format!("--releasever={version}")));
    options
}

fn nothing() -> TaskResult {
    TaskResult::ok().message("Nothing to do").field("results", Value::list(Vec::new())).field("rc", 0)
}

/// Asks what would be done, and does it if that is anything.
fn foreseen(words: Vec<String>) -> Flow {
    flow::ask(Question::new(&probes::DNF_SIMULATE, words.clone()), move |answer| {
        let text = answer.text().into_owned();
        let (before, after) = transaction(&text);
        if before.is_empty() && after.is_empty() {
            let said = format!("{text}{}", answer.errors());
            let fine = answer.rc == 0 || said.contains("Nothing to do");
            return if fine && !said.contains("No match for argument") { flow::done(nothing()) } else { Err(failed(&answer)) };
        }
        run(words, before, after)
    })
}

fn run(mut words: Vec<String>, before: String, after: String) -> Flow {
    let diff = match (before.is_empty(), after.is_empty()) {
        (true, true) => flow::diff("packages", String::new(), words[1..].join(" ") + "\n"),
        _ => flow::diff("packages", before, after),
    };
    words.insert(1, "-y".to_owned());
    flow::change(vec![diff], ScriptCall::new(actions::DNF, words), move |answer| {
        let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..nothing() }.message("Check mode: No changes made, but would have if not in check mode")) };
        if answer.rc != 0 {
            return Err(failed(&answer));
        }
        let text = answer.text().into_owned();
        let results: Vec<Value> = text
            .lines()
            .filter_map(|line| {
                let came = line.strip_prefix("@+ ").map(|name| format!("Installed: {name}"));
                came.or_else(|| line.strip_prefix("@- ").map(|name| format!("Removed: {name}")))
            })
            .map(Value::text)
            .collect();
        let changed = !results.is_empty();
        flow::done(TaskResult::with_changed(changed).message("").field("results", results).field("rc", 0))
    })
}

fn failed(answer: &Answer) -> ModuleError {
    let said = format!("{}{}", answer.text(), answer.errors());
    let missing: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("No match for argument: ")).map(str::trim).collect();
    if missing.is_empty() {
        return flow::failure(answer, "Failed to run the transaction");
    }
    let failures = missing.iter().map(|name| Value::text(format!("No package {name} available."))).collect();
    ModuleError::new("Failed to install some of the specified packages")
        .field("failures", Value::list(failures))
        .field("rc", 1)
}

/// Reads the table of a transaction: lines before, lines after.
fn transaction(text: &str) -> (String, String) {
    let (mut before, mut after) = (String::new(), String::new());
    let mut section = None;
    for line in text.lines() {
        if !line.starts_with(' ') {
            let title = line.trim_end_matches(':').to_lowercase();
            section = match title.split(' ').next() {
                Some("installing" | "upgrading" | "updating" | "downgrading" | "reinstalling") => Some(true),
                Some("removing") => Some(false),
                _ => None,
            };
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let (Some(adds), [name, arch, version, ..]) = (section, words.as_slice()) {
            let list = if adds { &mut after } else { &mut before };
            list.extend([*name, "-", version, ".", arch, "\n"]);
        }
    }
    (before, after)
}
