//! `homebrew_cask`: applications of Homebrew, through the host's own `brew`.

use std::sync::Arc;

use crate::modules::clients::Clients;
use crate::modules::flow::{self, Flow};
use crate::modules::packages::brew::{self, INSTALL_OPTIONS, PATH};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};
use crate::secret::Secret;

/// The module.
pub struct HomebrewCask;

/// The module.
pub static MODULE: HomebrewCask = HomebrewCask;

static SPEC: Spec = Spec {
    name: "homebrew_cask",
    collections: &["community.general"],
    summary: "Installs, upgrades and removes casks of Homebrew. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Casks.").aliases(&["cask", "package", "pkg"]),
        PATH.default("/usr/local/bin:/opt/homebrew/bin"),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "absent", "installed", "latest", "present", "removed", "uninstalled", "upgraded",
        ]),
        Argument::text("sudo_password", "What sudo is told when a cask needs it.").secret(),
        Argument::bool("update_homebrew", false, "Has no effect, as with Ansible."),
        INSTALL_OPTIONS,
        Argument::bool("accept_external_apps", false, "Lets be an application that something else has installed."),
        Argument::bool("upgrade_all", false, "Upgrades all casks.").aliases(&["upgrade"]),
        Argument::bool("greedy", false, "Upgrades casks, too, that update themselves."),
    ],
    ..BLANK
};

impl Module for HomebrewCask {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let names = args.texts("name");
        let mut task = Task { args, count: (0, 0), message: String::new() };
        if task.args.bool("upgrade_all") {
            return task.upgrade_all();
        }
        if names.is_empty() {
            return Err(ModuleError::new("You must select a cask to install."));
        }
        if let Some(invalid) = names.iter().find(|name| !brew::is_name(name, "")) {
            return Err(ModuleError::new(format!("Invalid cask: {invalid}.")));
        }
        let greedy = if task.args.bool("greedy") { "--greedy" } else { "" };
        let words = [task.args.needed("path"), greedy].map(str::to_owned).into_iter().chain(names.iter().cloned());
        flow::ask(Question::new(&probes::BREW_CASKS, words), move |answer| {
            brew::accept(Some(&answer))?;
            let clients = Clients::read(&answer);
            let mut commands = Vec::new();
            for name in names {
                match task.command(&name, &clients) {
                    Ok(words) => commands.push((name, words)),
                    Err(message) => {
                        task.count.1 += 1;
                        task.message = message;
                    }
                }
            }
            task.run(commands)
        })
    }
}

struct Task {
    args: Arc<Args>,
    /// How many were changed, and how many were as wanted.
    count: (usize, usize),
    message: String,
}

impl Task {
    fn options(&self) -> Vec<String> {
        brew::options(&self.args.texts("install_options"))
    }

    fn done(&self) -> &'static str {
        match self.args.needed("state") {
            "latest" | "upgraded" => "upgraded",
            "absent" | "removed" | "uninstalled" => "uninstalled",
            _ => "installed",
        }
    }

    /// The command that makes a cask as wanted; else what is said of one that is.
    fn command(&self, name: &str, clients: &Clients) -> Result<Vec<String>, String> {
        let installed = clients.holds(&format!("list {name}"));
        let old = clients.find(&format!("outdated {name}")).is_some_and(|said| !said.stdout.is_empty());
        let options = self.options();
        let words = |parts: [Vec<String>; 3]| Ok(parts.concat());
        let (name_word, verb) = (vec![name.to_owned()], |verb: &str| vec![verb.to_owned()]);
        match self.done() {
            "upgraded" if installed && !old => Err(format!("Cask is already upgraded: {name}")),
            "upgraded" => words([verb(if installed { "upgrade" } else { "install" }), options, name_word]),
            "uninstalled" if !installed => Err(format!("Cask already uninstalled: {name}")),
            "uninstalled" => words([verb("uninstall"), name_word, options]),
            _ if installed && !options.iter().any(|option| option == "--force") => {
                Err(format!("Cask already installed: {name}"))
            }
            _ => words([verb("install"), name_word, options]),
        }
    }

    fn call(&self, cask: &str, words: Vec<String>) -> ScriptCall {
        let fixed = [self.args.needed("path"), cask].map(str::to_owned);
        let mut call = ScriptCall::new(actions::BREW_CASKS, fixed.into_iter().chain(words));
        if let Some(password) = self.args.text("sudo_password").filter(|password| !password.is_empty()) {
            call.secrets.push(("SUDO_PASSWORD".to_owned(), Secret::new(password.to_owned())));
        }
        call
    }

    fn upgrade_all(self) -> Flow {
        let words = if self.args.bool("greedy") { vec!["upgrade", "--greedy"] } else { vec!["upgrade"] };
        let call = self.call("", flow::words(words));
        flow::change(Vec::new(), call, |answer| {
            let Some(answer) = answer else {
                return flow::done(TaskResult::changed().message("Casks would be upgraded."));
            };
            brew::accept(Some(&answer))?;
            let said = answer.text();
            let nothing = said.trim().is_empty() || said.to_lowercase().contains("==> no casks to upgrade");
            let message = if nothing { "Homebrew casks already upgraded." } else { "Homebrew casks upgraded." };
            flow::done(TaskResult::with_changed(!nothing).message(message))
        })
    }

    fn run(self, mut commands: Vec<(String, Vec<String>)>) -> Flow {
        if commands.is_empty() {
            let message = match self.count {
                (changed, unchanged) if changed + unchanged > 1 => {
                    format!("Changed: {changed}, Unchanged: {unchanged}")
                }
                _ => self.message,
            };
            return flow::done(TaskResult::with_changed(self.count.0 > 0).message(message));
        }
        let (name, words) = commands.remove(0);
        let done = self.done();
        let diff = flow::diff("casks", String::new(), format!("{done}: {name}\n"));
        let call = self.call(&name, words);
        flow::change(vec![diff], call, move |answer| match answer {
            None => flow::done(TaskResult::changed().message(format!("Cask would be {done}: {name}"))),
            Some(answer) => self.after(&name, &answer)?.run(commands),
        })
    }

    fn after(mut self, name: &str, answer: &Answer) -> Result<Self, ModuleError> {
        let done = self.done();
        let text = answer.text();
        let well = match done {
            "upgraded" => answer.rc == 0,
            "uninstalled" => text.lines().last() == Some("@gone"),
            _ => text.lines().last() == Some("@there"),
        };
        let errors = answer.errors();
        if well {
            self.count.0 += 1;
            self.message = format!("Cask {done}: {name}");
        } else if done == "installed"
            && self.args.bool("accept_external_apps")
            && errors.contains("Error: It seems there is already an App at")
        {
            self.count.1 += 1;
            self.message = format!("Cask already installed: {name}");
        } else {
            return Err(ModuleError::new(errors.trim()));
        }
        Ok(self)
    }
}
