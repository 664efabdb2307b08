//! `dnf`, `yum`: packages of Red Hat and its kin, through the host's own `dnf` or `yum`.

use std::sync::Arc;

use crate::modules::flow::{self, Flow};
use crate::modules::packages::dnf::{self, Transaction, Verb};
use crate::modules::{
    Answer, Args, Argument, BLANK, Diff, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step,
    TaskContext, TaskResult, actions, probes,
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
            .aliases(&["pkg"])
            .default(""),
        Argument::text("state", "What is wanted of them; `present` unless `autoremove`.").choices(&[
            "absent", "present", "installed", "removed", "latest",
        ]),
        Argument::text("list", "Tells what there is: `installed`, `updates`, `available`, `repos` or a package."),
        Argument::list("enablerepo", "Repositories to use although they are disabled."),
        Argument::list("disablerepo", "Repositories not to use."),
        Argument::list("exclude", "Packages to leave alone."),
        Argument::text("disable_excludes", "Whose exclusions do not count: `all`, `main` or a repository's."),
        Argument::list("enable_plugin", "Plugins of dnf to use."),
        Argument::list("disable_plugin", "Plugins of dnf not to use."),
        Argument::text("conf_file", "The configuration of dnf."),
        Argument::bool("update_cache", false, "Fetches what repositories have anew.").aliases(&["expire-cache"]),
        Argument::bool("cacheonly", false, "Fetches nothing of what repositories have."),
        Argument::bool("security", false, "With `latest`: only what mends a weakness."),
        Argument::bool("bugfix", false, "With `latest`: only what mends an error."),
        Argument::bool("disable_gpg_check", false, "Takes packages that nobody signed."),
        Argument::bool("download_only", false, "Fetches packages and installs none."),
        Argument::text("download_dir", "Where fetched packages are put."),
        Argument::bool("autoremove", false, "Removes packages that nobody needs any more."),
        Argument::bool("allow_downgrade", false, "Installs a version that is older than the one that is there."),
        Argument::bool("allowerasing", false, "Removes what is in the way."),
        Argument::of("best", Kind::Bool, "Whether only the newest version will do."),
        Argument::of("nobest", Kind::Bool, "Whether an older version will do."),
        Argument::bool("skip_broken", false, "Leaves out what cannot be installed."),
        Argument::bool("update_only", false, "Installs nothing that is not there."),
        Argument::bool("install_weak_deps", true, "Whether recommended packages come along."),
        Argument::bool("install_repoquery", true, "Has no meaning."),
        Argument::bool("sslverify", true, "Whether certificates of repositories are checked."),
        Argument::bool("validate_certs", true, "Whether certificates of addresses in `name` are checked."),
        Argument::int("lock_timeout", "Has no meaning: dnf itself waits for its lock.").default("30"),
        Argument::text("installroot", "The directory of the system to alter.").default("/"),
        Argument::text("releasever", "The release to take packages of."),
        Argument::text("use_backend", "The tool; `auto` finds out.").default("auto").choices(&[
            "auto", "dnf", "yum", "dnf4", "dnf5", "yum4",
        ]),
    ],
    rules: &[Rule::Exclusive(&["name", "list"]), Rule::Exclusive(&["best", "nobest"])],
    returns: &[
        Return { name: "results", about: "What came and went: `Installed: …`, `Removed: …`; with `list` packages." },
        Return { name: "failures", about: "Packages that there are not, when it fails." },
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
        if let Some(what) = args.text("list") {
            return list(&args, what);
        }
        let names = dnf::listed(&args, "name");
        refuse(&args, &names)?;
        if names.is_empty() && args.bool("update_cache") && !args.bool("autoremove") {
            return update_cache(&args);
        }
        let task = Task { verb: Verb::of(&args), names, args, foresee: context.check || context.diff };
        if task.names.is_empty() && task.verb != Verb::Autoremove {
            return flow::done(nothing(Vec::new()));
        }
        task.ask()
    }
}

/// Refuses what makes no sense together.
fn refuse(args: &Args, names: &[String]) -> Result<(), ModuleError> {
    let spaced = |name: &&String| name.contains(' ') && !name.contains(['@', '>', '<', '=']);
    if names.iter().any(|name| spaced(&name)) {
        return Err(ModuleError::new(
            "It appears that a space separated string of packages was passed in as an argument. To operate on several \
             packages, pass a comma separated string of packages or a list of packages.",
        ));
    }
    let state = args.text("state");
    let results = || Value::list(Vec::new());
    if args.bool("autoremove") && !matches!(state, None | Some("absent" | "removed")) {
        let error = ModuleError::new("Autoremove should be used alone or with state=absent");
        return Err(error.field("results", results()));
    }
    if matches!(state, Some("absent" | "removed")) && names.iter().any(|name| dnf::is_file(name)) {
        let error = ModuleError::new("Cannot remove paths -- please specify package name.");
        return Err(error.field("results", results()));
    }
    Ok(())
}

fn list(args: &Args, what: &str) -> Flow {
    let what = what.to_owned();
    let words = [dnf::tool(args).to_owned(), what.clone(), dnf::common_options(args).join("\n")];
    flow::ask(Question::new(&probes::DNF_LIST, words), move |answer| {
        if answer.rc != 0 {
            return Err(dnf::failure(&answer));
        }
        let results = match what.as_str() {
            "repos" | "repositories" => dnf::repositories(&answer.text()),
            _ => dnf::packages(&answer.text()),
        };
        flow::done(TaskResult::ok().message("").field("results", results))
    })
}

/// Fetches the lists of the repositories, which is no change of the host.
fn update_cache(args: &Args) -> Flow {
    let words = [dnf::tool(args), args.needed("installroot"), "makecache"].map(str::to_owned);
    let call = ScriptCall::new(actions::DNF, words.into_iter().chain(dnf::common_options(args)));
    flow::change(Vec::new(), call, move |answer| {
        if let Some(answer) = answer.filter(|answer| answer.rc != 0) {
            return Err(dnf::failure(&answer));
        }
        flow::done(TaskResult { message: Some("Cache updated".to_owned()), ..nothing(Vec::new()) })
    })
}

struct Task {
    args: Arc<Args>,
    verb: Verb,
    names: Vec<String>,
    /// Whether it is told beforehand what comes and goes.
    foresee: bool,
}

impl Task {
    fn ask(self) -> Flow {
        let yes = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let args = &self.args;
        let mut words = [dnf::tool(args), self.verb.name()].map(str::to_owned).to_vec();
        words.extend([yes(self.foresee), args.needed("installroot").to_owned()]);
        words.extend([yes(args.bool("allow_downgrade")), yes(args.bool("update_only"))]);
        words.push(dnf::options(args, self.verb).join("\n"));
        if self.verb != Verb::Upgrade {
            words.extend(self.names.iter().cloned());
        }
        flow::ask(Question::new(&probes::DNF_STATE, words), move |answer| self.decide(&answer))
    }

    fn decide(self, answer: &Answer) -> Flow {
        let text = answer.text();
        let (known, simulated) = match text.split_once("@simulated\n") {
            Some((known, simulated)) => (known, Some(simulated)),
            None => (&*text, None),
        };
        let marked =
            |mark: &'static str| known.lines().filter_map(move |line| line.strip_prefix(mark)).collect::<Vec<_>>();
        let tool = marked("@tool ").pop().unwrap_or_default().to_owned();
        if tool.is_empty() {
            return Err(ModuleError::new("Could not find dnf or yum on the host"));
        }
        let mut notes = self.notes(&marked("@no "), &marked("@group "));
        let listed = |mark| marked(mark).into_iter().map(str::to_owned).collect::<Vec<String>>();
        let commands = self.commands(listed("@act "), listed("@up "));
        let Some(simulated) = simulated else {
            if commands.is_empty() {
                return flow::done(nothing(notes));
            }
            return self.run(&tool, commands, Transaction::default(), notes);
        };
        let foreseen = Transaction::of_table(simulated, &marked("@have "));
        let said = format!("{simulated}{}", answer.errors());
        let alike = said.contains("No groups marked") || said.contains("Operation aborted");
        if foreseen.is_empty() && answer.rc != 0 && !alike {
            return Err(dnf::failure(answer));
        }
        let missing = dnf::unmatched(&said);
        if !missing.is_empty() && self.args.bool("skip_broken") {
            notes.extend(missing);
        } else if !missing.is_empty() && self.verb != Verb::Autoremove && !self.args.bool("update_only") {
            return Err(dnf::failure(answer));
        }
        if foreseen.is_empty() {
            return flow::done(nothing(notes));
        }
        self.run(&tool, commands, foreseen, notes)
    }

    /// The commands of dnf with their packages, each of which is there for one.
    fn commands(&self, packages: Vec<String>, upgrades: Vec<String>) -> Vec<Vec<String>> {
        let alone = matches!(self.verb, Verb::Upgrade | Verb::Autoremove);
        let with = |command: &str, packages: Vec<String>| {
            let words = std::iter::once(command.to_owned()).chain(dnf::options(&self.args, self.verb));
            words.chain(packages).collect::<Vec<_>>()
        };
        let first = (!packages.is_empty() || alone).then(|| with(self.verb.command(), packages));
        let second = (!upgrades.is_empty()).then(|| with("upgrade", upgrades));
        first.into_iter().chain(second).collect()
    }

    /// What results say before what comes and goes.
    fn notes(&self, missing: &[&str], groups: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        if matches!(self.verb, Verb::Remove | Verb::Autoremove) {
            notes.extend(missing.iter().map(|name| format!("No match for argument: {name}")));
            return notes;
        }
        let files = self.names.iter().filter(|name| dnf::is_file(name));
        notes.extend(files.map(|file| format!("Installed {file}")));
        let done = if self.args.text("state") == Some("latest") { "upgraded" } else { "installed" };
        notes.extend(groups.iter().map(|group| format!("Group {} {done}.", group.trim_start_matches('@'))));
        if self.args.bool("update_only") {
            let absent = missing.iter().filter(|name| !dnf::is_file(name));
            notes.extend(
                absent.map(|name| format!("Packages providing {name} not installed due to update_only specified")),
            );
        }
        notes
    }

    fn run(self, tool: &str, commands: Vec<Vec<String>>, foreseen: Transaction, notes: Vec<String>) -> Flow {
        let diff = if foreseen.is_empty() { flow::diff("packages", String::new(), commands.iter().map(|words| words.join(" ") + "\n").collect::<String>()) } else { flow::diff_lines("packages", &foreseen.removed, &foreseen.added) };
        let run = Run { tool: tool.to_owned(), root: self.args.needed("installroot").to_owned(), foreseen, notes, downloads: self.args.bool("download_only") };
        run.next(vec![diff], commands, Transaction::default())
    }
}

/// Commands that run one after another.
struct Run {
    tool: String,
    root: String,
    foreseen: Transaction,
    notes: Vec<String>,
    downloads: bool,
}

impl Run {
    fn next(mut self, diff: Vec<Diff>, mut commands: Vec<Vec<String>>, mut done: Transaction) -> Flow {
        if commands.is_empty() {
            let message = if done.is_empty() { "Nothing to do" } else { "" };
            return flow::done(self.result(&done, message));
        }
        let fixed = [self.tool.clone(), self.root.clone(), "-y".to_owned()];
        let words = fixed.into_iter().chain(commands.remove(0));
        flow::change(diff, ScriptCall::new(actions::DNF, words), move |answer| {
            let Some(answer) = answer else {
                let message = "Check mode: No changes made, but would have if not in check mode";
                return flow::done(TaskResult { changed: true, ..self.result(&self.foreseen, message) });
            };
            if answer.rc != 0 {
                return Err(dnf::failure(&answer));
            }
            let text = answer.text();
            // Nothing is missing here but what `skip_broken` lets be missing.
            self.notes.extend(dnf::unmatched(&format!("{text}{}", answer.errors())));
            done.add(if self.downloads { Transaction::of_table(&text, &[]) } else { Transaction::of_action(&text) });
            self.next(Vec::new(), commands, done)
        })
    }

    fn result(&self, transaction: &Transaction, message: &str) -> TaskResult {
        let added = if self.downloads { "Downloaded" } else { "Installed" };
        let lines = self.notes.iter().cloned().chain(transaction.lines(added)).map(Value::text);
        TaskResult::with_changed(!transaction.is_empty())
            .message(message)
            .field("results", lines.collect::<Vec<_>>())
            .field("rc", 0)
    }
}

fn nothing(notes: Vec<String>) -> TaskResult {
    let notes: Vec<Value> = notes.into_iter().map(Value::text).collect();
    TaskResult::ok().message("Nothing to do").field("results", notes).field("rc", 0)
}
