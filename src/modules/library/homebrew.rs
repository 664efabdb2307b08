//! `homebrew`: packages of Homebrew, through the host's own `brew`.

use std::sync::Arc;

use crate::modules::flow::{self, Flow};
use crate::modules::packages::brew::{self, INSTALL_OPTIONS, Known, PATH, PATHS, plural};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::Value;

/// The module.
pub struct Homebrew;

/// The module.
pub static MODULE: Homebrew = Homebrew;

static SPEC: Spec = Spec {
    name: "homebrew",
    collections: &["community.general"],
    summary: "Installs, upgrades, links and removes packages of Homebrew. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Packages.").aliases(&["formula", "package", "pkg"]),
        PATH.default(PATHS),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "absent", "head", "installed", "latest", "linked", "present", "removed", "uninstalled", "unlinked",
            "upgraded",
        ]),
        Argument::bool("update_homebrew", false, "Updates brew itself first."),
        Argument::bool("upgrade_all", false, "Upgrades all packages.").aliases(&["upgrade"]),
        INSTALL_OPTIONS,
        Argument::list("upgrade_options", "Options of upgrading all, without their `--`."),
        Argument::bool("force_formula", false, "Takes the names for formulae, not for casks."),
    ],
    returns: &[
        Return { name: "changed_pkgs", about: "Packages that were changed." },
        Return { name: "unchanged_pkgs", about: "Packages that were left as they were." },
    ],
    ..BLANK
};

impl Module for Homebrew {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let names: Vec<String> = args.texts("name").iter().map(|name| name.to_lowercase()).collect();
        let options = brew::options(&args.texts("install_options"));
        Task { args, names, options, changed: false, message: String::new() }.update()
    }
}

struct Task {
    args: Arc<Args>,
    names: Vec<String>,
    options: Vec<String>,
    /// Whether brew or a package was changed so far.
    changed: bool,
    message: String,
}

impl Task {
    fn call(&self, words: impl IntoIterator<Item = String>) -> crate::modules::ScriptCall {
        brew::call(self.args.needed("path"), self.args.bool("update_homebrew"), words)
    }

    fn update(mut self) -> Flow {
        if !self.args.bool("update_homebrew") {
            return self.upgrade_all();
        }
        let call = self.call(["update".to_owned()]);
        flow::change(Vec::new(), call, move |answer| {
            let Some(answer) = answer else { return self.foreseen("Homebrew would be updated.") };
            brew::accept(Some(&answer))?;
            let said = answer.text().to_lowercase();
            if !said.trim().is_empty() {
                let fresh = said.contains("already up-to-date");
                self.changed |= !fresh;
                self.says(if fresh { "Homebrew already up-to-date." } else { "Homebrew updated successfully." });
            }
            self.upgrade_all()
        })
    }

    fn upgrade_all(mut self) -> Flow {
        if !self.args.bool("upgrade_all") {
            return self.ask();
        }
        let options = brew::options(&self.args.texts("upgrade_options"));
        let call = self.call(std::iter::once("upgrade".to_owned()).chain(options));
        flow::change(Vec::new(), call, move |answer| {
            let Some(answer) = answer else { return self.foreseen("Homebrew packages would be upgraded.") };
            brew::accept(Some(&answer))?;
            let nothing = answer.stdout.is_empty();
            self.changed |= !nothing;
            self.says(if nothing { "Homebrew packages already upgraded." } else { "Homebrew upgraded." });
            self.ask()
        })
    }

    fn ask(self) -> Flow {
        if self.names.is_empty() {
            return self.end(Vec::new(), Vec::new());
        }
        let invalid: Vec<String> = self.names.iter().filter(|name| !brew::is_name(name, ":")).cloned().collect();
        if !invalid.is_empty() {
            let list = invalid.join(", ");
            return Err(ModuleError::new(format!("Invalid package{}: {list}", plural(&invalid))));
        }
        let mut words = vec![self.args.needed("path").to_owned()];
        words.extend(self.names.iter().cloned());
        words.extend(self.args.bool("force_formula").then(|| "--formula".to_owned()));
        flow::ask(Question::new(&probes::BREW_INFO, words), move |answer| {
            let known = Known::read(&answer, &self.names)?;
            match self.args.needed("state") {
                "latest" | "upgraded" => self.upgrade(&known),
                "absent" | "removed" | "uninstalled" => self.uninstall(&known),
                "linked" => self.link("link", &known),
                "unlinked" => self.link("unlink", &known),
                _ => self.install(&known),
            }
        })
    }

    /// Which of the names are, or are not, among others; once each.
    fn names(&self, among: &[String], are: bool) -> Vec<String> {
        let mut names: Vec<String> = self.names.iter().filter(|name| among.contains(name) == are).cloned().collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn install(self, known: &Known) -> Flow {
        let wanted = self.names(&known.installed, false);
        if wanted.is_empty() {
            return self.left_alone("installed");
        }
        let mut words = vec!["install".to_owned()];
        words.extend(self.options.iter().chain(&wanted).cloned());
        words.extend((self.args.text("state") == Some("head")).then(|| "--HEAD".to_owned()));
        words.extend(self.args.bool("force_formula").then(|| "--formula".to_owned()));
        let unchanged = known.installed.clone();
        self.run(vec![words], wanted, unchanged, "installed")
    }

    fn upgrade(self, known: &Known) -> Flow {
        let install = self.names(&known.installed, false);
        let old: Vec<String> =
            self.names(&known.outdated, true).into_iter().filter(|name| known.installed.contains(name)).collect();
        let both = [install.clone(), old.clone()].concat();
        if both.is_empty() {
            return self.left_alone("upgraded");
        }
        let commands = [("install", install), ("upgrade", old)].into_iter().filter(|(_, names)| !names.is_empty());
        let commands = commands.map(|(verb, names)| [vec![verb.to_owned()], self.options.clone(), names].concat());
        let commands: Vec<Vec<String>> = commands.collect();
        let unchanged = self.names(&both, false);
        self.run(commands, both, unchanged, "upgraded")
    }

    fn uninstall(self, known: &Known) -> Flow {
        let there = self.names(&known.installed, true);
        if there.is_empty() {
            return self.left_alone("uninstalled");
        }
        let words = [flow::words(["uninstall", "--force"]), self.options.clone(), there.clone()].concat();
        let unchanged = self.names(&known.installed, false);
        self.run(vec![words], there, unchanged, "uninstalled")
    }

    fn link(self, verb: &str, known: &Known) -> Flow {
        let missing = self.names(&known.installed, false);
        if !missing.is_empty() {
            let list = missing.join(", ");
            return Err(ModuleError::new(format!("Package{} not installed: {list}.", plural(&missing))));
        }
        let words = [vec![verb.to_owned()], self.options.clone(), self.names.clone()].concat();
        let names = self.names.clone();
        self.run(vec![words], names, Vec::new(), &format!("{verb}ed"))
    }

    fn left_alone(mut self, done: &str) -> Flow {
        self.message = format!("Package{} already {done}: {}", plural(&self.names), self.names.join(", "));
        let names = self.names.clone();
        self.end(Vec::new(), names)
    }

    /// Runs commands one after another, then ends the task.
    fn run(mut self, mut commands: Vec<Vec<String>>, names: Vec<String>, unchanged: Vec<String>, done: &str) -> Flow {
        let package = format!("Package{}", plural(&names));
        let list = names.join(", ");
        if commands.is_empty() {
            self.changed = true;
            self.message = format!("{package} {done}: {list}");
            return self.end(names, unchanged);
        }
        let diff = flow::diff("packages", String::new(), format!("{done}: {list}\n"));
        let call = self.call(commands.remove(0));
        let done = done.to_owned();
        flow::change(vec![diff], call, move |answer: Option<Answer>| {
            let Some(answer) = answer else { return self.foreseen(&format!("{package} would be {done}: {list}")) };
            if answer.rc != 0 && matches!(&*done, "linked" | "unlinked") {
                return Err(ModuleError::new(format!("{package} could not be {done}: {list}.")));
            }
            brew::accept(Some(&answer))?;
            self.run(commands, names, unchanged, &done)
        })
    }

    fn foreseen(mut self, message: &str) -> Flow {
        self.changed = true;
        self.says(message);
        self.end(Vec::new(), Vec::new())
    }

    fn says(&mut self, message: &str) {
        message.clone_into(&mut self.message);
    }

    fn end(self, changed: Vec<String>, unchanged: Vec<String>) -> Flow {
        let message = match changed.len() + unchanged.len() {
            0 | 1 => self.message,
            _ => format!("Changed: {}, Unchanged: {}", changed.len(), unchanged.len()),
        };
        let list = |names: Vec<String>| names.into_iter().map(Value::text).collect::<Vec<_>>();
        flow::done(
            TaskResult::with_changed(self.changed)
                .message(message)
                .field("changed_pkgs", list(changed))
                .field("unchanged_pkgs", list(unchanged)),
        )
    }
}
