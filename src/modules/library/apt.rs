//! `apt`: packages of Debian and its kin.

use std::sync::Arc;

use crate::modules::flow::{self, Flow};
use crate::modules::packages::apt::{AptState, Simulation};
use crate::modules::packages::apt_plan::{self, Install};
use crate::modules::packages::apt_spec::{ARGUMENTS, RETURNS};
use crate::modules::packages::apt_task::AptTask;
use crate::modules::{
    Answer, Args, BLANK, Diff, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};
use crate::secret::Secret;

/// The module.
pub struct Apt;

/// The module.
pub static MODULE: Apt = Apt;

static SPEC: Spec = Spec {
    name: "apt",
    summary: "Installs, upgrades and removes packages of Debian and its kin.",
    arguments: ARGUMENTS,
    rules: &[Rule::Exclusive(&["deb", "package", "upgrade"])],
    returns: RETURNS,
    ..BLANK
};

impl Module for Apt {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let task = AptTask::of(&context.args)?;
        let work = Arc::new(Work { task, args: context.args, foresee: context.check || context.diff });
        let question = Question::new(&probes::APT_STATE, work.question());
        flow::ask(question, move |answer| work.refresh(AptState::parse(&answer.text())))
    }
}

/// A task under way.
struct Work {
    task: AptTask,
    args: Arc<Args>,
    /// Whether what would be done is asked for first: for differences and check mode.
    foresee: bool,
}

/// What became of apt's lists.
#[derive(Clone, Copy, Default)]
struct Lists {
    updated: bool,
    time: i64,
}

impl Lists {
    fn told(self, result: TaskResult) -> TaskResult {
        result.field("cache_updated", self.updated).field("cache_update_time", self.time)
    }
}

impl Work {
    fn question(&self) -> Vec<String> {
        self.task.question(self.args.text("default_release").unwrap_or_default())
    }

    fn upgrade(&self) -> Option<&str> {
        self.args.text("upgrade").filter(|mode| *mode != "no")
    }

    /// Whether nothing but the lists is asked for.
    fn only_lists(&self) -> bool {
        self.task.requests.is_empty() && !self.task.everything && self.upgrade().is_none() && !self.args.is_given("deb")
    }

    /// Fetches the lists when they are to be fetched and too old.
    fn refresh(self: Arc<Self>, state: AptState) -> Flow {
        if state.absent {
            return Err(ModuleError::new("Could not find apt-get on the host; `apt` needs Debian or its kin"));
        }
        let valid = self.args.int("cache_valid_time").unwrap_or(0);
        let wanted = self.args.bool("update_cache") || valid > 0;
        let lists = Lists { updated: false, time: state.updated };
        if self.args.bool("clean") && self.only_lists() {
            let words = self.task.action(&flow::words(["apt-get", "clean"]));
            let diff = flow::diff("/var/cache/apt/archives", "", "");
            return Self::change(words, vec![diff], "apt-get clean failed".to_owned(), lists, true);
        }
        if !wanted || state.updated + valid >= state.now {
            return self.proceed(&state, lists, wanted);
        }
        let number = |name: &str, default: i64| self.args.int(name).unwrap_or(default).to_string();
        let tries = number("update_cache_retries", 5);
        let mut words =
            vec![tries.clone(), number("update_cache_retry_max_delay", 12), number("lock_timeout", 60)];
        words.extend(self.question());
        flow::change(Vec::new(), ScriptCall::new(actions::APT_UPDATE, words), move |answer| match answer {
            None => self.proceed(&state, Lists { updated: true, ..lists }, true),
            Some(answer) if answer.rc != 0 => {
                Err(flow::failure(&answer, &format!("Failed to update apt cache after {tries} retries")))
            }
            Some(answer) => {
                let after = AptState::parse(&answer.text());
                let lists = Lists { updated: after.updated != lists.time, time: after.updated };
                self.proceed(&after, lists, true)
            }
        })
    }

    fn proceed(self: Arc<Self>, state: &AptState, lists: Lists, asked: bool) -> Flow {
        let task = &self.task;
        if self.only_lists() {
            if asked {
                return flow::done(lists.told(TaskResult::with_changed(lists.updated)));
            }
            for (verb, sign) in [("autoclean", "Del "), ("autoremove", "The following packages will be REMOVED")] {
                if self.args.bool(verb) {
                    let options: Vec<String> = task.purge.then(|| "--purge".to_owned()).into_iter().collect();
                    return self.foreseen(&options, verb, &[], sign, lists);
                }
            }
        }
        if let Some(deb) = self.args.text("deb").map(str::to_owned) {
            return self.deb(deb, lists);
        }
        let mode = self.upgrade().map(str::to_owned).or_else(|| {
            (task.everything && task.state == "latest").then(|| "yes".to_owned())
        });
        if let Some(mode) = mode {
            if task.everything && !task.requests.is_empty() {
                let message = "unable to install additional packages when upgrading all installed packages";
                return Err(ModuleError::new(message));
            }
            return self.upgrade_all(&mode, lists);
        }
        match task.state.as_str() {
            "absent" => self.remove(state, lists),
            "build-dep" => {
                let names: Vec<String> = task.requests.iter().map(|request| request.text.clone()).collect();
                let options = task.install.clone();
                self.foreseen(&options, "build-dep", &names, "\nInst ", lists)
            }
            _ => self.install(state, lists),
        }
    }

    fn install(self: Arc<Self>, state: &AptState, lists: Lists) -> Flow {
        let task = &self.task;
        let how = Install { latest: task.state == "latest", only_upgrade: self.args.bool("only_upgrade") };
        let requests = apt_plan::expand(&task.requests, state).map_err(ModuleError::new)?;
        let packages = apt_plan::to_install(&requests, state, how).map_err(ModuleError::new)?;
        if !packages.is_empty() {
            let words = task.words(&task.install, "install", &packages);
            return self.simulated(words, &packages, lists);
        }
        let automatic: Vec<String> = requests
            .iter()
            .map(|request| request.name.clone())
            .filter(|name| state.automatic.contains(name) && state.installed(name).is_some())
            .collect();
        if automatic.is_empty() {
            return flow::done(lists.told(TaskResult::ok()));
        }
        let mut command = flow::words(["apt-mark", "manual"]);
        command.extend(automatic.iter().cloned());
        let marked = |how: &str| automatic.iter().map(|name| format!("{name} {how}")).collect::<Vec<_>>();
        let diff = flow::diff_lines("installed", &marked("automatic"), &marked("manual"));
        let message = format!("'{}' failed", command.join(" "));
        let words = task.action(&command);
        Self::change(words, vec![diff], message, lists, false)
    }

    fn remove(self: Arc<Self>, state: &AptState, lists: Lists) -> Flow {
        let task = &self.task;
        let requests = apt_plan::expand(&task.requests, state).map_err(ModuleError::new)?;
        let packages = apt_plan::to_remove(&requests, state, task.purge);
        if packages.is_empty() {
            return flow::done(TaskResult::ok());
        }
        let mut options = vec!["-q".to_owned()];
        options.extend(task.remove.iter().cloned());
        let words = task.words(&options, "remove", &packages);
        self.simulated(words, &packages, lists)
    }

    /// Makes a change that is known to be one; asks for what it brings along when that is to be shown.
    fn simulated(self: Arc<Self>, words: Vec<String>, packages: &[String], lists: Lists) -> Flow {
        if !self.foresee {
            let absent = self.task.state == "absent";
            let none: &[String] = &[];
            let (before, after) = if absent { (packages, none) } else { (none, packages) };
            let diff = flow::diff_lines("packages", before, after);
            return self.run(&words, vec![diff], lists, None);
        }
        let question = Question::new(&probes::APT_SIMULATE, words.clone());
        flow::ask(question, move |answer| {
            if answer.rc != 0 {
                return Err(failed(&words, &answer));
            }
            self.run(&words, vec![simulation_diff(&answer)], lists, Some(answer))
        })
    }

    /// Asks what would be done and does it if that is anything: `sign` stands in the answer then.
    fn foreseen(
        self: Arc<Self>,
        options: &[String],
        verb: &str,
        packages: &[String],
        sign: &'static str,
        lists: Lists,
    ) -> Flow {
        let words = self.task.words(options, verb, packages);
        flow::ask(Question::new(&probes::APT_SIMULATE, words.clone()), move |answer| {
            let text = answer.text().into_owned();
            if answer.rc != 0 {
                return Err(failed(&words, &answer));
            }
            if !text.contains(sign) {
                let result = TaskResult::ok().message(text.clone()).field("stdout", text).field("stderr", "");
                return flow::done(result);
            }
            self.run(&words, vec![simulation_diff(&answer)], lists, Some(answer))
        })
    }

    fn upgrade_all(self: Arc<Self>, mode: &str, lists: Lists) -> Flow {
        let mut options: Vec<String> = self.task.install.clone();
        options.retain(|option| option != "--only-upgrade");
        let verb = if matches!(mode, "dist" | "full") {
            "dist-upgrade"
        } else {
            options.push("--with-new-pkgs".to_owned());
            "upgrade"
        };
        self.foreseen(&options, verb, &[], "\nInst ", lists)
    }

    fn run(self: Arc<Self>, words: &[String], diff: Vec<Diff>, lists: Lists, foreseen: Option<Answer>) -> Flow {
        let mut command = vec!["apt-get".to_owned()];
        command.extend_from_slice(words);
        let message = format!("'{}' failed", command.join(" "));
        let script = ScriptCall::new(actions::APT, self.task.action(&command));
        let tell = matches!(self.task.state.as_str(), "present" | "latest" | "fixed");
        flow::change(diff, script, move |answer| {
            flow::succeeded(answer.as_ref(), &message)?;
            let result = told(TaskResult::changed(), answer.or(foreseen).as_ref());
            flow::done(if tell { lists.told(result) } else { result })
        })
    }

    fn change(words: Vec<String>, diff: Vec<Diff>, message: String, lists: Lists, is: bool) -> Flow {
        flow::change(diff, ScriptCall::new(actions::APT, words), move |answer| {
            flow::succeeded(answer.as_ref(), &message)?;
            flow::done(lists.told(told(TaskResult::with_changed(is), answer.as_ref())))
        })
    }

    fn deb(self: Arc<Self>, deb: String, lists: Lists) -> Flow {
        if self.task.state != "present" {
            return Err(ModuleError::new("deb only supports state=present"));
        }
        flow::ask(Question::new(&probes::DEB_STATE, [&deb]), move |answer| {
            if answer.rc != 0 {
                return Err(flow::failure(&answer, &format!("Unable to install package: {deb}")));
            }
            let text = answer.text().into_owned();
            let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
            let installed = field("Installed:").strip_prefix("installed ").unwrap_or_default();
            if installed == field("Version:") {
                return flow::done(TaskResult::ok().field("stdout", "").field("stderr", ""));
            }
            let line = |version: &str| format!("{} {version}", field("Package:"));
            let before: Vec<String> = Some(installed).filter(|old| !old.is_empty()).map(line).into_iter().collect();
            let diff = flow::diff_lines("packages", &before, &[line(field("Version:"))]);
            let remote = deb.contains("://");
            let path = if remote { "@deb".to_owned() } else { deb.clone() };
            let mut command = vec!["apt-get".to_owned()];
            command.extend(self.task.words(&self.task.install, "install", &[path]));
            let mut script = ScriptCall::new(actions::APT, self.task.action(&command));
            if remote {
                script.secrets.push(("OPSCTL_DEB".to_owned(), Secret::new(deb.clone())));
            }
            flow::change(vec![diff], script, move |answer| {
                flow::succeeded(answer.as_ref(), &format!("Unable to install package: {deb}"))?;
                flow::done(lists.told(told(TaskResult::changed(), answer.as_ref())))
            })
        })
    }
}

fn simulation_diff(answer: &Answer) -> Diff {
    let simulation = Simulation::parse(&answer.text());
    flow::diff_lines("packages", &simulation.before, &simulation.after)
}

fn failed(words: &[String], answer: &Answer) -> ModuleError {
    flow::failure(answer, &format!("'apt-get {}' failed", words.join(" ")))
}

fn told(result: TaskResult, answer: Option<&Answer>) -> TaskResult {
    let text = |bytes: Option<std::borrow::Cow<'_, str>>| bytes.unwrap_or_default().into_owned();
    result
        .field("stdout", text(answer.map(Answer::text)))
        .field("stderr", text(answer.map(Answer::errors)))
}
