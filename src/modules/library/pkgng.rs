//! `pkgng`: packages of FreeBSD, through the host's own `pkg`.

use std::sync::Arc;

use crate::modules::clients::Clients;
use crate::modules::flow::{self, Flow};
use crate::modules::packages::pkgng::{self, Annotation};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Pkgng;

/// The module.
pub static MODULE: Pkgng = Pkgng;

static SPEC: Spec = Spec {
    name: "pkgng",
    collections: &["community.general"],
    summary: "Installs, upgrades and removes packages of FreeBSD. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Packages; `*` with `latest` means all.").required().aliases(&["pkg"]),
        Argument::text("state", "What is wanted of them.").default("present").choices(&["present", "latest", "absent"]),
        Argument::bool("cached", false, "Fetches no list of what repositories have."),
        Argument::list("annotation", "Annotations: `+tag=value` adds, `-tag` takes away, `:tag=value` alters."),
        Argument::text("pkgsite", "The repository; for pkg before 1.1.4 its address."),
        Argument::path("rootdir", "The directory of the system to alter."),
        Argument::path("chroot", "A directory that pkg takes for its root."),
        Argument::text("jail", "The jail that pkg runs in."),
        Argument::bool("autoremove", false, "Removes packages that nobody needs any more."),
        Argument::bool("ignore_osver", false, "Takes packages of another version of the system."),
        Argument::bool("use_globs", true, "Takes names for patterns."),
    ],
    rules: &[Rule::Exclusive(&["rootdir", "chroot", "jail"])],
    returns: &[
        Return { name: "stdout", about: "What pkg said." },
        Return { name: "stderr", about: "What it said of errors." },
    ],
    ..BLANK
};

impl Module for Pkgng {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let given = args.texts("name");
        let all = given == ["*"] && args.needed("state") == "latest";
        let names = match given.as_slice() {
            [one] => one.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            _ => given,
        };
        Task { args, all, names }.ask()
    }
}

struct Task {
    args: Arc<Args>,
    /// Whether all packages are upgraded.
    all: bool,
    names: Vec<String>,
}

/// Commands of pkg, what they do in words, and what is asked afterwards.
#[derive(Default)]
struct Plan {
    /// Whether the command's failure ends the task; its words; what it reads.
    commands: Vec<(bool, Vec<String>, Option<String>)>,
    messages: Vec<String>,
    changed: bool,
}

impl Task {
    fn glob(&self) -> &'static str {
        if self.args.bool("use_globs") { "-g" } else { "" }
    }

    fn place(&self) -> String {
        let place = |name: &str| self.args.text(name).map(|value| format!("--{name}={value}"));
        place("rootdir").or_else(|| place("chroot")).or_else(|| place("jail")).unwrap_or_default()
    }

    fn named(&self) -> Vec<String> {
        self.names.iter().filter(|name| *name != "*").cloned().collect()
    }

    fn ask(self) -> Flow {
        let yes = |flag: bool| if flag { "yes" } else { "no" };
        let args = &self.args;
        let site = args.text("pkgsite").unwrap_or_default();
        let fixed = [
            &*self.place(),
            self.glob(),
            yes(args.needed("state") == "latest"),
            yes(args.bool("autoremove")),
            yes(args.is_given("annotation")),
            if self.all { "all" } else { "" },
            &*if site.is_empty() { String::new() } else { format!("--repository={site}") },
            "",
            yes(args.bool("ignore_osver")),
        ];
        let words: Vec<String> = fixed.map(str::to_owned).into_iter().chain(self.named()).collect();
        flow::ask(Question::new(&probes::PKGNG, words), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("version", "pkg")?;
            for (name, version) in [("rootdir", [1, 5, 0]), ("ignore_osver", [1, 11, 0])] {
                let wanted = self.args.is_given(name) && self.args.value(name).is_some_and(crate::template::Value::is_true);
                if wanted && pkgng::is_older(&clients, version) {
                    let version = format!("{}.{}", version[0], version[1]);
                    let message = format!("To use option '{name}' pkg version must be {version} or greater");
                    return Err(ModuleError::new(message));
                }
            }
            self.decide(&clients)
        })
    }

    fn decide(self, clients: &Clients) -> Flow {
        let old = pkgng::is_older(clients, [1, 1, 4]);
        let mut plan = Plan::default();
        if self.all {
            let count = pkgng::upgraded(&clients.said("all").text());
            match count {
                0 => plan.messages.push("no packages need upgrades".to_owned()),
                _ => plan.add(true, self.call(old, "upgrade", &["-y"], &[]), format!("updated {count} package(s)")),
            }
        }
        let named = self.named();
        if !named.is_empty() {
            match self.args.needed("state") {
                "absent" => self.remove(clients, old, &named, &mut plan),
                _ => self.install(clients, old, &named, &mut plan),
            }
        }
        if self.args.bool("autoremove") {
            match pkgng::autoremoved(&clients.said("autoremove").text()) {
                0 => plan.messages.push("no package(s) to autoremove".to_owned()),
                count => {
                    plan.add(false, self.call(old, "autoremove", &["-y"], &[]), format!("autoremoved {count} package(s)"));
                }
            }
        }
        if self.args.is_given("annotation") {
            self.annotate(clients, old, &mut plan)?;
        }
        self.run(plan, old)
    }

    /// The words of a command: where, the command, its options, names.
    fn call(&self, old: bool, verb: &str, options: &[&str], names: &[String]) -> Vec<String> {
        let mut words = vec!["pkg".to_owned()];
        words.extend(Some(self.place()).filter(|place| !place.is_empty()));
        words.push(verb.to_owned());
        if let (false, true, Some(site)) =
            (old, matches!(verb, "update" | "install" | "upgrade"), self.args.text("pkgsite"))
        {
            words.push(format!("--repository={site}"));
        }
        if matches!(verb, "install" | "upgrade") && self.args.bool("use_globs") {
            words.push("-g".to_owned());
        }
        words.extend(options.iter().map(|option| (*option).to_owned()));
        words.extend(names.iter().cloned());
        words
    }

    fn install(&self, clients: &Clients, old: bool, names: &[String], plan: &mut Plan) {
        let latest = self.args.needed("state") == "latest";
        let there = |name: &&String| clients.holds(&format!("info {name}"));
        let is_old = |name: &&String| clients.find(&format!("upgrade {name}")).is_some_and(|said| said.rc == 1);
        let new: Vec<String> = names.iter().filter(|name| !there(name)).cloned().collect();
        let upgrades: Vec<String> =
            names.iter().filter(|name| latest && there(name) && is_old(name)).cloned().collect();
        if new.is_empty() && upgrades.is_empty() {
            plan.messages.push(format!("package(s) already {}", self.args.needed("state")));
            return;
        }
        let cached = self.args.bool("cached");
        if !cached {
            plan.commands.push((true, self.call(old, "update", &[], &[]), None));
        }
        let options: &[&str] = if cached { &["-U", "-y"] } else { &["-y"] };
        let mut messages = Vec::new();
        for (verb, done, names) in [("install", "installed", new), ("upgrade", "upgraded", upgrades)] {
            if !names.is_empty() {
                plan.commands.push((true, self.call(old, verb, options, &names), None));
                let plural = if names.len() == 1 { "" } else { "s" };
                messages.push(format!("{done} {} package{plural}", names.len()));
            }
        }
        plan.changed = true;
        plan.messages.push(messages.join("; "));
    }

    fn remove(&self, clients: &Clients, old: bool, names: &[String], plan: &mut Plan) {
        let there: Vec<&String> = names.iter().filter(|name| clients.holds(&format!("info {name}"))).collect();
        if there.is_empty() {
            plan.messages.push("package(s) already absent".to_owned());
            return;
        }
        for name in &there {
            plan.commands.push((true, self.call(old, "delete", &["-y"], &[(*name).clone()]), None));
        }
        plan.changed = true;
        plan.messages.push(format!("removed {} package(s)", there.len()));
    }

    fn annotate(&self, clients: &Clients, old: bool, plan: &mut Plan) -> Result<(), ModuleError> {
        let given = self.args.texts("annotation");
        let given: Vec<&str> = match given.as_slice() {
            [one] => one.split(',').map(str::trim).collect(),
            several => several.iter().map(String::as_str).collect(),
        };
        let mut count = 0;
        for name in &self.names {
            let said = clients.said(&format!("annotations {name}"));
            for text in &given {
                let wrong = || ModuleError::new(format!("failed to annotate {name}, invalid annotate string: {text}"));
                let annotation = Annotation::parse(text).ok_or_else(wrong)?;
                if let Some((words, input)) = annotation.command(name, &said.text())? {
                    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
                    plan.commands.push((true, self.call(old, words[0], &words[1..], &[]), input));
                    count += 1;
                }
            }
        }
        plan.changed |= count > 0;
        plan.messages.push(match count {
            0 => "changed no annotations".to_owned(),
            _ => format!("added {count} annotations."),
        });
        Ok(())
    }

    fn run(self, plan: Plan, old: bool) -> Flow {
        let result = TaskResult::with_changed(plan.changed).message(plan.messages.join(", "));
        if plan.commands.is_empty() {
            return flow::done(outputs(result, None));
        }
        let site = self.args.text("pkgsite").filter(|_| old).unwrap_or_default();
        let mut words = vec![site.to_owned(), if self.args.bool("ignore_osver") { "yes" } else { "no" }.to_owned()];
        let mut lines = Vec::new();
        for (must, mut command, input) in plan.commands {
            lines.push(command.join(" "));
            command.extend(input.into_iter().flat_map(|input| ["<".to_owned(), input]));
            words.extend([if must { "must" } else { "may" }.to_owned(), command.len().to_string()]);
            words.extend(command);
        }
        let diff = flow::diff_lines("packages", &[], &lines);
        flow::change(vec![diff], ScriptCall::new(actions::PKGNG, words), move |answer| {
            flow::succeeded(answer.as_ref(), "pkg failed")?;
            flow::done(outputs(result, answer.as_ref()))
        })
    }
}

impl Plan {
    fn add(&mut self, must: bool, words: Vec<String>, message: String) {
        self.commands.push((must, words, None));
        self.messages.push(message);
        self.changed = true;
    }
}

fn outputs(result: TaskResult, answer: Option<&Answer>) -> TaskResult {
    let text = |part: fn(&Answer) -> String| answer.map(part).unwrap_or_default();
    result
        .field("stdout", text(|answer| answer.text().into_owned()))
        .field("stderr", text(|answer| answer.errors().into_owned()))
}
