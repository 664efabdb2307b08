//! `git_config`: settings of git.

use crate::modules::flow;
use crate::modules::{
    Answer, Argument, BLANK, Module, ModuleError, Question, Rule, ScriptCall, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};

/// The module.
pub struct GitConfig;

/// The module.
pub static MODULE: GitConfig = GitConfig;

static SPEC: Spec = Spec {
    name: "git_config",
    collections: &["community.general"],
    summary: "Sets settings of git, or takes them away.",
    arguments: &[
        Argument::text("name", "The setting: `user.email`.").required(),
        Argument::path("repo", "The repository, with `scope: local`."),
        Argument::path("file", "The file, with `scope: file`."),
        Argument::text("scope", "Where it is set; `system` unless given.")
            .choices(&["file", "local", "global", "system"]),
        Argument::text("state", "Whether it is set.").default("present").choices(&["present", "absent"]),
        Argument::text("value", "Its value."),
        Argument::text("add_mode", "Whether the value is added to those there are, or takes their place.")
            .default("replace-all")
            .choices(&["add", "replace-all"]),
    ],
    rules: &[
        Rule::If("scope", "local", &["repo"]),
        Rule::If("scope", "file", &["file"]),
        Rule::If("state", "present", &["value"]),
    ],
    ..BLANK
};

impl Module for GitConfig {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let unset = args.needed("state") == "absent";
        let value = args.needed("value").to_owned();
        if !unset && value.is_empty() {
            return Err(ModuleError::new(
                "If state=present, a value must be specified. Use the community.general.git_config_info module to read \
                 a config value.",
            ));
        }
        let scope = args.text("scope").unwrap_or("system").to_owned();
        // From the root no configuration of a repository is seen by accident.
        let folder = if scope == "local" { args.needed("repo") } else { "/" };
        let place = [folder.to_owned(), args.needed("file").to_owned(), scope];
        let name = args.needed("name").to_owned();
        let how = if unset { "unset-all".to_owned() } else { args.needed("add_mode").to_owned() };
        let words: Vec<String> = place.iter().chain([&name]).cloned().collect();
        flow::ask(Question::new(&probes::GIT_CONFIG, words), move |answer| {
            let old = values(&answer)?;
            if unset && old.is_empty() {
                return flow::done(TaskResult::ok().message("no setting to unset"));
            }
            if !unset && old.contains(&value) && (old.len() == 1 || how == "add") {
                return flow::done(TaskResult::ok().message(""));
            }
            let new: Vec<String> = match how.as_str() {
                "unset-all" => Vec::new(),
                "add" => old.iter().chain([&value]).cloned().collect(),
                _ => vec![value.clone()],
            };
            let diff = flow::diff_lines(&name, &old, &new);
            let how = format!("--{how}");
            let words: Vec<&str> =
                place.iter().map(String::as_str).chain([how.as_str(), name.as_str(), value.as_str()]).collect();
            flow::change(vec![diff], ScriptCall::new(actions::GIT_CONFIG, words), |answer| {
                let answer = answer.unwrap_or_default();
                let errors = answer.errors();
                if answer.rc != 0 || !errors.is_empty() {
                    return Err(ModuleError::new(errors.into_owned()).field("rc", answer.rc));
                }
                flow::done(TaskResult::changed().message("setting changed"))
            })
        })
    }
}

/// The values that git knows; 1 is its word for none.
fn values(answer: &Answer) -> Result<Vec<String>, ModuleError> {
    match answer.rc {
        0 | 1 => Ok(answer.text().trim_end().lines().map(str::to_owned).collect()),
        127 => Err(ModuleError::new("Failed to find required executable \"git\"")),
        code => Err(ModuleError::new(answer.errors().into_owned()).field("rc", code)),
    }
}
