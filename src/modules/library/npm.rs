//! `npm`: packages of node.js, through the host's own npm.

use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Npm;

/// The module.
pub static MODULE: Npm = Npm;

/// The largest list of packages that is read, in bytes.
const LIST: usize = 32 * 1024 * 1024;

static SPEC: Spec = Spec {
    name: "npm",
    collections: &["community.general", "ansible.builtin"],
    summary: "Installs and removes packages of node.js with the host's own npm.",
    arguments: &[
        Argument::text("name", "The package; what package.json names unless given."),
        Argument::path("path", "The directory that it goes into; made when it is missing."),
        Argument::text("version", "Its version."),
        Argument::bool("global", false, "Installs for the whole host."),
        Argument::path("executable", "The npm; further words are given to it first."),
        Argument::bool("ignore_scripts", false, "Runs no scripts of packages."),
        Argument::bool("unsafe_perm", false, "Runs scripts of packages with the rights of the login."),
        Argument::bool("ci", false, "Installs exactly what package-lock.json names; always a change."),
        Argument::bool("production", false, "Leaves out what only development needs."),
        Argument::text("registry", "Where packages come from."),
        Argument::text("state", "What is wanted of it.").default("present").choices(&["present", "absent", "latest"]),
        Argument::bool("no_optional", false, "Leaves out optional dependencies."),
        Argument::bool("no_bin_links", false, "Makes no links to programs."),
        Argument::bool("force", false, "Goes on where npm would rather not."),
    ],
    rules: &[Rule::If("state", "absent", &["name"]), Rule::If("global", "false", &["path"])],
    ..BLANK
};

impl Module for Npm {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let call = Call { args: context.args };
        if call.args.bool("ci") {
            return call.run(&["ci"]);
        }
        let latest = call.args.needed("state") == "latest";
        let program = call.program();
        let mut words = vec![
            call.args.needed("path").to_owned(),
            call.package(),
            if latest { "yes" } else { "" }.to_owned(),
            program.len().to_string(),
        ];
        words.extend(program);
        words.extend(call.options(false));
        let mut question = Question::new(&probes::NPM, words);
        question.limit = LIST;
        flow::ask(question, move |answer| call.decide(&answer))
    }
}

struct Call {
    args: Arc<Args>,
}

impl Call {
    fn program(&self) -> Vec<String> {
        let given = self.args.needed("executable");
        let words: Vec<String> = given.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if words.is_empty() { vec!["npm".to_owned()] } else { words }
    }

    /// The package with its version; empty where package.json names them.
    fn package(&self) -> String {
        let name = self.args.needed("name");
        match self.args.text("version").filter(|version| !version.is_empty()) {
            Some(version) if self.args.needed("state") != "absent" => format!("{name}@{version}"),
            _ => name.to_owned(),
        }
    }

    fn options(&self, installs: bool) -> Vec<String> {
        let args = &self.args;
        let mut words = Vec::new();
        for (name, option) in [
            ("global", "--global"),
            ("production", "--production"),
            ("ignore_scripts", "--ignore-scripts"),
            ("unsafe_perm", "--unsafe-perm"),
            ("no_optional", "--no-optional"),
            ("no_bin_links", "--no-bin-links"),
            ("force", "--force"),
        ] {
            if args.bool(name) && (installs || name != "production") {
                words.push(option.to_owned());
            }
        }
        words.extend(args.text("registry").into_iter().flat_map(|registry| ["--registry".to_owned(), registry.to_owned()]));
        words
    }

    fn decide(self, answer: &Answer) -> Flow {
        let clients = Clients::read(answer);
        if let Some(path) = clients.find("path") {
            return Err(ModuleError::new(format!("path {} is not a directory", path.text())));
        }
        let program = self.program();
        clients.require("list", program.first().map_or("npm", String::as_str))?;
        // npm ends badly, and with a list, where something is missing.
        let said = clients.find("list").map(|list| list.text().into_owned()).unwrap_or_default();
        let said = if said.trim().is_empty() { "{}" } else { said.trim() };
        let list: serde_json::Value = serde_json::from_str(said)
            .map_err(|error| ModuleError::new(format!("Failed to parse NPM output with error {error}")))?;
        let found = Found::of(&list, &self.package());
        let outdated = clients.find("outdated").is_some_and(|outdated| !outdated.text().trim().is_empty());
        let mut verbs = Vec::new();
        match self.args.needed("state") {
            "absent" if found.installed.iter().any(|name| name == self.args.needed("name")) => verbs.push("uninstall"),
            "absent" => {}
            _ => {
                verbs.extend(found.lacks.then_some("install"));
                verbs.extend(outdated.then_some("update"));
            }
        }
        if verbs.is_empty() {
            return flow::done(TaskResult::ok());
        }
        self.run(&verbs)
    }

    fn run(&self, verbs: &[&str]) -> Flow {
        let package = self.package();
        let mut words = vec![self.args.needed("path").to_owned()];
        let mut lines = Vec::new();
        for verb in verbs {
            let mut call = self.program();
            call.push((*verb).to_owned());
            call.extend(self.options(*verb != "uninstall"));
            call.extend(Some(package.clone()).filter(|package| !package.is_empty()));
            lines.push(call.join(" "));
            words.push(call.len().to_string());
            words.extend(call);
        }
        let diff = flow::diff_lines("npm", &[], &lines);
        clients::change(vec![diff], ScriptCall::new(actions::RUN_EACH_IN, words), TaskResult::ok())
    }
}

/// What a list of npm says.
struct Found {
    /// Names, and names with versions.
    installed: Vec<String>,
    /// Whether something that is to be there is not.
    lacks: bool,
}

impl Found {
    fn of(list: &serde_json::Value, package: &str) -> Self {
        let Some(dependencies) = list.get("dependencies").and_then(serde_json::Value::as_object) else {
            return Self { installed: Vec::new(), lacks: true };
        };
        let is = |value: Option<&serde_json::Value>| {
            value.is_some_and(|value| value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| !text.is_empty())))
        };
        let mut found = Self { installed: Vec::new(), lacks: false };
        for (name, fields) in dependencies {
            if is(fields.get("missing")) || is(fields.get("invalid")) {
                found.lacks = true;
                continue;
            }
            found.installed.push(name.clone());
            if let Some(version) = fields.get("version").and_then(serde_json::Value::as_str).filter(|text| !text.is_empty()) {
                found.installed.push(format!("{name}@{version}"));
            }
        }
        found.lacks |= !package.is_empty() && !found.installed.iter().any(|known| known == package);
        found
    }
}
