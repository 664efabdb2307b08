//! `composer`: packages of PHP, through the host's own composer.

use std::sync::Arc;

use crate::modules::clients::Clients;
use crate::modules::files::split;
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct Composer;

/// The module.
pub static MODULE: Composer = Composer;

static SPEC: Spec = Spec {
    name: "composer",
    collections: &["community.general", "ansible.builtin"],
    summary: "Runs the host's own composer. Unproven on a real system.",
    arguments: &[
        Argument::text("command", "Its verb: `install`, `update`, `require`, …").default("install"),
        Argument::text("arguments", "Its further words.").default(""),
        Argument::path("executable", "The PHP.").aliases(&["php_path"]),
        Argument::path("working_dir", "The directory of the project; needed unless `global_command`."),
        Argument::bool("global_command", false, "Runs it for the login and no project."),
        Argument::bool("prefer_source", false, "Takes sources."),
        Argument::bool("prefer_dist", false, "Takes archives, also of versions under development."),
        Argument::bool("no_dev", true, "Leaves out what only development needs."),
        Argument::bool("no_scripts", false, "Runs no scripts."),
        Argument::bool("no_plugins", false, "Loads no plugins."),
        Argument::bool("optimize_autoloader", true, "Makes a list of all classes."),
        Argument::bool("classmap_authoritative", false, "Loads classes of that list alone."),
        Argument::bool("apcu_autoloader", false, "Keeps in APCu which classes there are."),
        Argument::bool("ignore_platform_reqs", false, "Does not mind what PHP lacks."),
        Argument::bool("force", false, "Makes a project where there is one."),
        Argument::path("composer_executable", "The composer."),
    ],
    rules: &[Rule::If("global_command", "false", &["working_dir"])],
    returns: &[Return { name: "stdout", about: "What composer said." }],
    ..BLANK
};

/// Options that always stand there, where the verb has them.
const ALWAYS: [&str; 3] = ["no-ansi", "no-interaction", "no-progress"];

/// Arguments that are options, where the verb has them.
const OPTIONS: [(&str, &str); 9] = [
    ("prefer_source", "prefer-source"),
    ("prefer_dist", "prefer-dist"),
    ("no_dev", "no-dev"),
    ("no_scripts", "no-scripts"),
    ("no_plugins", "no-plugins"),
    ("apcu_autoloader", "apcu-autoloader"),
    ("optimize_autoloader", "optimize-autoloader"),
    ("classmap_authoritative", "classmap-authoritative"),
    ("ignore_platform_reqs", "ignore-platform-reqs"),
];

impl Module for Composer {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let command = args.needed("command");
        if command.contains(char::is_whitespace) {
            let message = "Use the 'arguments' param for passing arguments with the 'command'";
            return Err(ModuleError::new(message));
        }
        let line = args.needed("arguments");
        let more = split::words(line).ok_or_else(|| ModuleError::new(format!("No closing quotation in: {line}")))?;
        let mut words = place(&args);
        words.extend(flow::words([command, ""]));
        let check = context.check;
        flow::ask(Question::new(&probes::COMPOSER, words), move |answer| decide(args, more, check, &answer))
    }
}

/// PHP, composer, directory.
fn place(args: &Args) -> Vec<String> {
    let directory = if args.bool("global_command") { "" } else { args.needed("working_dir") };
    flow::words([args.needed("executable"), args.needed("composer_executable"), directory])
}

fn decide(args: Arc<Args>, more: Vec<String>, check: bool, answer: &Answer) -> Flow {
    if answer.rc != 0 {
        return Err(ModuleError::new(answer.errors().trim()));
    }
    let clients = Clients::read(answer);
    let help = clients.said("help");
    if help.rc != 0 {
        return Err(ModuleError::new(squeezed(&help.errors())));
    }
    let json: serde_json::Value = serde_json::from_str(help.text().trim())
        .map_err(|error| ModuleError::new(format!("what composer says of its verb is no JSON: {error}")))?;
    let known = |option: &str| json["definition"]["options"].get(option).is_some();
    let command = args.needed("command").to_owned();
    if command == "create-project" && !args.bool("force") && clients.holds("project") {
        let message = "composer.json already exists in working_dir, skipping create-project";
        return flow::done(TaskResult::ok().message(message));
    }
    let given = OPTIONS.iter().filter(|(name, _)| args.bool(name)).map(|(_, option)| *option);
    let mut words: Vec<String> =
        ALWAYS.into_iter().chain(given).filter(|option| known(option)).map(|option| format!("--{option}")).collect();
    if !check {
        words.extend(more);
        return run(&args, &command, &words);
    }
    if !known("dry-run") {
        let skipped = TaskResult { skipped: true, ..TaskResult::ok() };
        return flow::done(skipped.message(format!("command '{command}' does not support check mode, skipping")));
    }
    let mut all = place(&args);
    all.extend(flow::words([command.as_str(), "yes"]));
    let dry: Vec<String> = words.iter().cloned().chain(["--dry-run".to_owned()]).chain(more.clone()).collect();
    all.extend(dry);
    words.extend(more);
    flow::ask(Question::new(&probes::COMPOSER, all), move |answer| {
        let said = Clients::read(&answer).said("run");
        let result = ended(&said, true)?;
        if !result.changed {
            return flow::done(result);
        }
        let call = call(&args, &command, &words);
        flow::change(vec![shown(&command, &words)], call, |_| flow::done(result))
    })
}

fn shown(command: &str, words: &[String]) -> crate::modules::Diff {
    flow::diff("composer", "", format!("composer {command} {}\n", words.join(" ")))
}

fn call(args: &Args, command: &str, words: &[String]) -> ScriptCall {
    let all = place(args).into_iter().chain([command.to_owned()]).chain(words.iter().cloned());
    ScriptCall::new(actions::COMPOSER, all)
}

fn run(args: &Args, command: &str, words: &[String]) -> Flow {
    let config = command == "config";
    flow::change(vec![shown(command, words)], call(args, command, words), move |answer| {
        let clients = Clients::read(&answer.unwrap_or_default());
        let result = ended(&clients.said("run"), !config || !clients.holds("same"))?;
        flow::done(result)
    })
}

/// The result of a run; `may` says whether it can have changed anything.
fn ended(said: &Answer, may: bool) -> Result<TaskResult, ModuleError> {
    let (text, errors) = (said.text(), said.errors());
    if said.rc != 0 {
        return Err(ModuleError::new(squeezed(&errors)).field("stdout", errors.into_owned()));
    }
    let output = format!("{text}{errors}");
    let message = squeezed(&output);
    let nothing = ["Nothing to install or update", "Nothing to install, update or remove"];
    let changed = may && !nothing.iter().any(|nothing| message.contains(nothing));
    Ok(TaskResult::with_changed(changed).message(message).field("stdout", output))
}

/// The text with one blank between its words.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
