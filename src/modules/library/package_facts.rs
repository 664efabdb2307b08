//! `package_facts`: the packages that are installed, as a fact.

use crate::modules::flow;
use crate::modules::packages::installed::Installed;
use crate::modules::{
    Argument, BLANK, Effect, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct PackageFacts;

/// The module.
pub static MODULE: PackageFacts = PackageFacts;

static SPEC: Spec = Spec {
    name: "package_facts",
    summary: "Gathers the installed packages as the fact `packages`.",
    arguments: &[
        Argument::list("manager", "Which to ask: `apk`, `apt`, `pacman`, `rpm`; `auto` tries them in this order.")
            .default("auto"),
        Argument::text("strategy", "Whether the first that has packages is enough.")
            .default("first")
            .choices(&["first", "all"]),
    ],
    returns: &[Return { name: "ansible_facts", about: "`packages`: by name, one entry a version." }],
    ..BLANK
};

const MANAGERS: [&str; 4] = ["apk", "apt", "pacman", "rpm"];

/// Some thousand packages.
const LIMIT: usize = 16 * 1024 * 1024;

impl Module for PackageFacts {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let asked: Vec<String> = context.args.texts("manager").iter().map(|name| name.to_lowercase()).collect();
        let mut managers = named(&asked)?;
        managers.insert(0, context.args.needed("strategy").to_owned());
        let mut question = Question::new(&probes::PACKAGES, &managers);
        question.limit = LIMIT;
        flow::ask(question, move |answer| {
            let installed = Installed::parse(&answer.text());
            if installed.managers == 0 {
                let list: Vec<String> = managers[1..].iter().map(|name| format!("'{name}'")).collect();
                return Err(ModuleError::new(format!(
                    "Could not detect a supported package manager from the following list: [{}], \
                     or the required Python library is not installed. Check warnings for details.",
                    list.join(", ")
                )));
            }
            let facts: Dict = std::iter::once(("packages".into(), Value::dict(installed.packages))).collect();
            let mut result = TaskResult::ok().field("ansible_facts", Value::dict(facts.clone()));
            result.warnings = warnings(&asked, &installed.failed, &installed.missing);
            Ok(Step::Effect(vec![Effect::Facts(facts)], Box::new(move |()| Ok(Step::Done(result)))))
        })
    }
}

/// The managers to be tried, in order, each once.
fn named(asked: &[String]) -> Result<Vec<String>, ModuleError> {
    let auto = asked.iter().any(|name| name == "auto");
    let all = MANAGERS.iter().filter(|_| auto).map(|name| (*name).to_owned());
    let mut managers: Vec<String> = Vec::new();
    let mut unknown = Vec::new();
    for name in asked.iter().filter(|name| *name != "auto").cloned().chain(all) {
        let name = match name.as_str() {
            "dnf" | "dnf5" | "yum" | "zypper" => "rpm".to_owned(),
            _ => name,
        };
        if !MANAGERS.contains(&name.as_str()) {
            unknown.push(name);
        } else if !managers.contains(&name) {
            managers.push(name);
        }
    }
    if unknown.is_empty() {
        return Ok(managers);
    }
    Err(ModuleError::new(format!("Unsupported package managers requested: {}", unknown.join(", "))))
}

fn warnings(asked: &[String], failed: &[(String, String)], missing: &[String]) -> Vec<String> {
    let failed = failed.iter().map(|(manager, why)| match why.as_str() {
        "" => format!("Found \"{manager}\" but no associated packages"),
        why => format!("Failed to retrieve packages with {manager}: {why}"),
    });
    let missing = missing.iter().filter(|manager| asked.contains(manager));
    let missing = missing.map(|manager| format!("Requested package manager {manager} was not usable by this module"));
    failed.chain(missing).collect()
}
