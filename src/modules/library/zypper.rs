//! `zypper`: packages of SUSE and openSUSE.

use std::sync::Arc;

use crate::modules::clients::{Clients, missing};
use crate::modules::flow::{self, Flow};
use crate::modules::packages::zypper::{Wanted, failed, messages, solvables, summary, words};
use crate::modules::{
    Answer, Args, Argument, BLANK, Diff, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Zypper;

/// The module.
pub static MODULE: Zypper = Zypper;

/// The largest answer of zypper that is read, in bytes.
const SAID: usize = 16 * 1024 * 1024;

static SPEC: Spec = Spec {
    name: "zypper",
    collections: &["community.general", "ansible.builtin"],
    summary: "Installs and removes packages of SUSE and openSUSE. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Packages: `nginx`, `nginx>=1.2`, `-nginx`, an address, a file; `*` for all.")
            .required()
            .aliases(&["pkg"]),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "present", "latest", "absent", "dist-upgrade", "installed", "removed",
        ]),
        Argument::text("type", "What they are.").default("package").choices(&[
            "package", "patch", "pattern", "product", "srcpackage", "application",
        ]),
        Argument::text("extra_args_precommand", "Further words in front of zypper's verb."),
        Argument::bool("disable_gpg_check", false, "Does not look at signatures."),
        Argument::bool("auto_import_keys", false, "Trusts new keys of repositories."),
        Argument::bool("disable_recommends", true, "Leaves out what is only recommended."),
        Argument::bool("force", false, "Lets versions, vendors and architectures change."),
        Argument::bool("force_resolution", false, "Lets zypper choose what gives way."),
        Argument::bool("update_cache", false, "Fetches the lists first; not in check mode.").aliases(&["refresh"]),
        Argument::bool("oldpackage", false, "Lets versions go back; so does a version in a name."),
        Argument::text("extra_args", "Further words behind zypper's verb."),
        Argument::bool("allow_vendor_change", false, "Lets vendors change, with `dist-upgrade`."),
        Argument::bool("replacefiles", false, "Lets files of other packages be replaced."),
        Argument::bool("clean_deps", false, "Takes away what nothing needs any more."),
        Argument::bool("simple_errors", false, "Tells zypper's messages alone."),
        Argument::bool("quiet", true, "Has zypper say less."),
        Argument::bool("skip_post_errors", false, "Does not mind scripts of packages that fail."),
    ],
    returns: &[
        Return { name: "name", about: "The packages." },
        Return { name: "state", about: "What was wanted of them." },
        Return { name: "update_cache", about: "The argument." },
        Return { name: "cmd", about: "The call of zypper, when it ran." },
        Return { name: "rc", about: "Its exit code." },
        Return { name: "stdout", about: "What it said, when something changed." },
        Return { name: "stderr", about: "Its errors, when something changed." },
    ],
    ..BLANK
};

impl Module for Zypper {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        Task::of(&context)?.begin()
    }
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Present,
    Latest,
    All,
    Absent,
}

struct Task {
    args: Arc<Args>,
    check: bool,
    aim: Aim,
    names: Vec<String>,
    packages: Vec<Wanted>,
    urls: Vec<String>,
}

impl Task {
    fn of(context: &TaskContext) -> Result<Self, ModuleError> {
        let args = context.args.clone();
        let names: Vec<String> = args.texts("name").into_iter().filter(|name| !name.is_empty()).collect();
        let all = names == ["*"];
        let aim = match args.needed("state") {
            "latest" | "dist-upgrade" if all => Aim::All,
            "dist-upgrade" => return Err(ModuleError::new("Can not dist-upgrade specific packages.")),
            "latest" => Aim::Latest,
            "absent" | "removed" => Aim::Absent,
            _ => Aim::Present,
        };
        let (urls, plain): (Vec<String>, Vec<String>) =
            names.iter().cloned().partition(|name| name.contains("://") || name.to_lowercase().ends_with(".rpm"));
        let sign = if aim == Aim::Absent { '-' } else { '+' };
        let packages: Vec<Wanted> = plain.iter().map(|name| Wanted::parse(name, sign)).collect();
        if aim == Aim::Absent {
            let message = match () {
                () if packages.iter().any(|package| package.sign == '+') => {
                    "Can not combine '+' prefix with state=remove/absent."
                }
                () if !urls.is_empty() => "Can not remove via URL.",
                () if args.needed("type") == "patch" => "Can not remove patches.",
                () => "",
            };
            if !message.is_empty() {
                return Err(ModuleError::new(message));
            }
        }
        Ok(Self { args, check: context.check, aim, names, packages, urls })
    }

    /// Packages whose names alone decide.
    fn plain(&self) -> Vec<&Wanted> {
        self.packages.iter().filter(|package| self.aim == Aim::Absent || package.version.is_empty()).collect()
    }

    fn begin(self) -> Flow {
        let refresh = self.args.bool("update_cache") && !self.check;
        let mut question = vec!["0".to_owned()];
        if matches!(self.aim, Aim::Present | Aim::Absent) && !self.plain().is_empty() {
            let mut search = words(&self.args, "search", false, false);
            search.extend(["--match-exact", "--details", "--installed-only"].map(str::to_owned));
            search.extend(self.plain().into_iter().map(|package| package.name.clone()));
            question = vec![search.len().to_string()];
            question.extend(search);
        }
        // Without new lists zypper knows by itself whether there is something to do.
        let decided: Vec<Wanted> = match self.aim {
            Aim::Present => self.packages.iter().filter(|package| !package.version.is_empty()).cloned().collect(),
            Aim::Latest => self.packages.clone(),
            Aim::All | Aim::Absent => Vec::new(),
        };
        let asks = self.aim == Aim::All || !decided.is_empty() || (self.aim != Aim::Absent && !self.urls.is_empty());
        if asks && !refresh {
            question.extend(self.call(&decided, true));
        }
        if question.len() == 1 {
            return if asks || refresh { self.run(&decided, None) } else { self.end() };
        }
        self.ask(question, move |task, clients| task.looked(&clients, refresh))
    }

    fn ask(self, words: Vec<String>, next: impl FnOnce(Self, Clients) -> Flow + Send + 'static) -> Flow {
        let mut question = Question::new(&probes::ZYPPER, words);
        question.limit = SAID;
        flow::ask(question, move |answer| {
            let clients = Clients::read(&answer);
            clients.require("search", "zypper").and_then(|()| clients.require("plan", "zypper"))?;
            next(self, clients)
        })
    }

    /// The words that do what is asked for these packages.
    fn call(&self, packages: &[Wanted], check: bool) -> Vec<String> {
        let args = &self.args;
        let old = args.bool("oldpackage") || self.packages.iter().any(|package| !package.version.is_empty());
        match self.aim {
            Aim::All => {
                let verb = match args.needed("state") {
                    _ if args.needed("type") == "patch" => "patch",
                    "dist-upgrade" => "dist-upgrade",
                    _ => "update",
                };
                words(args, verb, args.bool("oldpackage"), check)
            }
            Aim::Absent => {
                let names = packages.iter().map(|package| format!("{}{}", package.name, package.version));
                words(args, "remove", false, check).into_iter().chain(names).collect()
            }
            Aim::Present | Aim::Latest => {
                let mut all = words(args, "install", old, check);
                all.push("--".to_owned());
                all.extend(self.urls.iter().cloned());
                all.extend(packages.iter().map(Wanted::text));
                all
            }
        }
    }

    fn looked(self, clients: &Clients, refresh: bool) -> Flow {
        let mut installed = Vec::new();
        if let Some(search) = clients.find("search") {
            let said = Said::read(search);
            if said.rc != 104 {
                said.accept(&self.args)?;
                installed = said.packages.iter().map(|package| package[0].clone()).collect();
            }
        }
        let there = |package: &Wanted| installed.contains(&package.name);
        let mut packages: Vec<Wanted> = match self.aim {
            Aim::Absent => self.packages.iter().filter(|package| there(package)).cloned().collect(),
            Aim::Present => {
                let differs = |package: &&Wanted| package.version.is_empty() && (package.sign == '+') != there(package);
                self.packages.iter().filter(differs).cloned().collect()
            }
            Aim::Latest | Aim::All => Vec::new(),
        };
        let planned = clients.find("plan").map(Said::read);
        if let Some(said) = &planned {
            said.accept(&self.args)?;
        }
        let plan: Vec<[String; 4]> = planned.map(|said| said.packages).unwrap_or_default();
        let asks = refresh && (matches!(self.aim, Aim::Latest | Aim::All) || !self.urls.is_empty());
        if packages.is_empty() && plan.is_empty() && !asks && !refresh {
            return self.end();
        }
        if self.aim != Aim::Absent {
            // All in one call, in their order, so that zypper sees what depends on what.
            let decided = |package: &&Wanted| !package.version.is_empty() || self.aim == Aim::Latest || packages.contains(package);
            packages = self.packages.iter().filter(decided).cloned().collect();
        }
        if self.check && plan.is_empty() {
            let mut question = vec!["0".to_owned()];
            question.extend(self.call(&packages, true));
            return self.ask(question, move |task, clients| {
                let said = Said::read(&clients.said("plan"));
                said.accept(&task.args)?;
                if said.packages.is_empty() { task.end() } else { task.run(&packages, Some(said.packages)) }
            });
        }
        self.run(&packages, Some(plan))
    }

    fn end(&self) -> Flow {
        flow::done(self.result().field("rc", 0))
    }

    fn result(&self) -> TaskResult {
        TaskResult::ok()
            .field("name", Value::list(self.names.iter().map(|name| Value::text(name.as_str())).collect()))
            .field("state", self.args.needed("state"))
            .field("update_cache", self.args.bool("update_cache"))
    }

    fn run(self, packages: &[Wanted], plan: Option<Vec<[String; 4]>>) -> Flow {
        let refresh = self.args.bool("update_cache") && !self.check;
        let skip = if self.args.bool("skip_post_errors") { "yes" } else { "no" };
        let mut all = vec![skip.to_owned(), "0".to_owned()];
        if refresh {
            let call = words(&self.args, "refresh", false, false);
            all[1] = call.len().to_string();
            all.extend(call);
        }
        let acts = !packages.is_empty() || self.aim == Aim::All || (self.aim != Aim::Absent && !self.urls.is_empty());
        let call = if acts { self.call(packages, false) } else { Vec::new() };
        all.extend(call.iter().cloned());
        let plan = plan.unwrap_or_default();
        let shown = match summary(&plan).as_str() {
            "" if acts => format!("{}\n", call.join(" ")),
            "" => "zypper refresh\n".to_owned(),
            text => text.to_owned(),
        };
        let diff: Vec<Diff> = vec![flow::diff("packages", "", shown)];
        flow::change(diff, ScriptCall::new(actions::ZYPPER, all), move |answer| match answer {
            Some(answer) => self.ended(&answer, &call),
            None => flow::done(TaskResult { changed: true, ..self.result() }.field("rc", 0)),
        })
    }

    fn ended(&self, answer: &Answer, call: &[String]) -> Flow {
        let clients = Clients::read(answer);
        if clients.find("refresh").or(clients.find("run")).is_some_and(|said| said.rc == 127) {
            return Err(missing("zypper"));
        }
        if let Some(refresh) = clients.find("refresh") {
            let said = Said::read(refresh);
            said.accept(&self.args)?;
            if said.rc != 0 {
                return Err(failed("Zypper refresh run failed.", said.rc, &said.stdout, &said.stderr));
            }
        }
        let Some(run) = clients.find("run") else { return self.end() };
        let mut said = Said::read(run);
        said.accept(&self.args)?;
        if let Some(again) = clients.find("again") {
            let mut first = std::mem::take(&mut said.packages);
            said = Said::read(again);
            said.accept(&self.args)?;
            first.retain(|package| !said.packages.iter().any(|other| other[0] == package[0]));
            said.packages.extend(first);
        }
        if !matches!(said.rc, 0 | 102) {
            return Err(failed("Zypper run failed.", said.rc, &said.shown(&self.args), &said.stderr));
        }
        let changed = !said.packages.is_empty();
        let cmd = Value::list(call.iter().map(|word| Value::text(word.as_str())).collect());
        let mut result = TaskResult { changed, ..self.result() }.field("rc", said.rc).field("cmd", cmd);
        if changed {
            result = result.field("stdout", said.shown(&self.args)).field("stderr", said.stderr.as_str());
        }
        flow::done(result)
    }
}

/// What zypper said.
struct Said {
    rc: i32,
    stdout: String,
    stderr: String,
    packages: Vec<[String; 4]>,
}

impl Said {
    fn read(answer: &Answer) -> Self {
        let stdout = answer.text().into_owned();
        Self { rc: answer.rc, packages: solvables(&stdout), stderr: answer.errors().into_owned(), stdout }
    }

    /// Its messages alone, where that is asked for.
    fn shown(&self, args: &Args) -> String {
        let simple = messages(&self.stdout).join(" \n");
        if args.bool("simple_errors") && !simple.is_empty() { simple } else { self.stdout.clone() }
    }

    fn accept(&self, args: &Args) -> Result<(), ModuleError> {
        let message = match self.rc {
            0 | 102 | 103 | 106 | 107 => return Ok(()),
            104 => messages(&self.stdout).pop().unwrap_or_else(|| "zypper found no such package".to_owned()),
            rc => format!("Zypper run command failed with return code {rc}."),
        };
        Err(failed(message, self.rc, &self.shown(args), &self.stderr))
    }
}
