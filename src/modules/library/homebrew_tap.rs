//! `homebrew_tap`: repositories of Homebrew, through the host's own `brew`.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::modules::clients::Clients;
use crate::modules::flow::{self, Flow};
use crate::modules::packages::brew::{self, PATH, PATHS};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};

/// The module.
pub struct HomebrewTap;

/// The module.
pub static MODULE: HomebrewTap = HomebrewTap;

static SPEC: Spec = Spec {
    name: "homebrew_tap",
    collections: &["community.general"],
    summary: "Adds repositories of Homebrew, and takes them away. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Repositories: `user/name`.").aliases(&["tap"]).required(),
        Argument::text("url", "Where the one repository lies, if not on GitHub."),
        Argument::text("state", "Whether they are there.").default("present").choices(&["present", "absent"]),
        Argument::of("trust", Kind::Bool, "Whether brew trusts them; left as it is unless told."),
        PATH.default(PATHS),
    ],
    ..BLANK
};

impl Module for HomebrewTap {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let taps = args.texts("name");
        if args.needed("state") == "absent" && args.bool("trust") {
            return Err(ModuleError::new("trust=true may not be used with state=absent."));
        }
        if args.text("url").is_some() && args.needed("state") == "present" && taps.len() > 1 {
            return Err(ModuleError::new("List of multiple taps may not be provided with 'url' option."));
        }
        let trust = if args.maybe_bool("trust").is_some() { "yes" } else { "no" };
        let words = [args.needed("path"), trust].map(str::to_owned);
        flow::ask(Question::new(&probes::BREW_TAPS, words), move |answer| {
            brew::accept(Some(&answer))?;
            Task { args, taps }.decide(&Clients::read(&answer))
        })
    }
}

struct Task {
    args: Arc<Args>,
    taps: Vec<String>,
}

impl Task {
    fn adds(&self) -> bool {
        self.args.needed("state") == "present"
    }

    fn decide(self, clients: &Clients) -> Flow {
        let there: Vec<String> = clients.text("taps").lines().map(|tap| tap.trim().to_lowercase()).collect();
        let valid = self.taps.iter().take_while(|tap| is_tap(tap));
        let wanted: Vec<String> =
            valid.clone().filter(|tap| there.contains(&normalized(tap)) != self.adds()).cloned().collect();
        let invalid = self.taps.iter().find(|tap| !is_tap(tap)).cloned();
        if let (Some(invalid), true) = (&invalid, wanted.is_empty()) {
            let error = format!("not a valid tap: {invalid}");
            return Err(self.refused(0, valid.count(), &error));
        }
        let trust = self.args.maybe_bool("trust").filter(|_| invalid.is_none());
        let outstanding = match trust {
            Some(trust) => untrusted(&clients.said("trusted"), &self.taps, trust)?,
            None => Vec::new(),
        };
        let unchanged = valid.count() - wanted.len();
        if wanted.is_empty() && outstanding.is_empty() {
            return flow::done(TaskResult::ok().message(self.message(0, unchanged, Some(0))));
        }
        let verb = if self.adds() { "tap" } else { "untap" };
        let trusting = match trust {
            Some(true) => "trust",
            Some(false) => "untrust",
            None => "",
        };
        let count = outstanding.len().to_string();
        let fixed = [self.args.needed("path"), verb, self.args.text("url").unwrap_or_default(), trusting, &count];
        let words = fixed.map(str::to_owned).into_iter().chain(outstanding.clone()).chain(wanted.clone());
        let diff = flow::diff_lines("taps", if self.adds() { &[] } else { &wanted }, if self.adds() { &wanted } else { &[] });
        flow::change(vec![diff], ScriptCall::new(actions::BREW_TAPS, words), move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult::changed()) };
            self.after(&answer, unchanged, &outstanding, invalid.as_deref())
        })
    }

    fn after(self, answer: &Answer, unchanged: usize, outstanding: &[String], invalid: Option<&str>) -> Flow {
        let text = answer.text();
        let done = text.lines().filter(|line| line.starts_with("@done ")).count();
        let errors = answer.errors();
        if let Some(failed) = text.lines().find_map(|line| line.strip_prefix("@failed ")) {
            let verb = if self.adds() { "tap" } else { "untap" };
            return Err(self.refused(done, unchanged, &format!("failed to {verb}: {failed} due to {errors}")));
        }
        if let Some(invalid) = invalid {
            return Err(self.refused(done, unchanged, &format!("not a valid tap: {invalid}")));
        }
        if let (false, Some((_, said)), Some(trust)) =
            (outstanding.is_empty(), text.split_once("@trusted\n"), self.args.maybe_bool("trust"))
        {
            let said = Answer { stdout: said.as_bytes().to_vec(), ..Answer::default() };
            let left = untrusted(&said, outstanding, trust)?;
            if !left.is_empty() {
                let verb = if trust { "trust" } else { "untrust" };
                let (left, already) = (left.join(", "), self.taps.len() - outstanding.len());
                let message = format!("{verb}ed: 0, already {verb}ed: {already}, error: failed to {verb}: {left} due to {errors}");
                return Err(ModuleError::new(message));
            }
        }
        let message = self.message(done, unchanged, Some(outstanding.len()));
        flow::done(TaskResult::with_changed(done + outstanding.len() > 0).message(message))
    }

    fn refused(&self, done: usize, unchanged: usize, error: &str) -> ModuleError {
        ModuleError::new(format!("{}, error: {error}", self.counts(done, unchanged)))
    }

    fn counts(&self, done: usize, unchanged: usize) -> String {
        let verb = if self.adds() { "added" } else { "removed" };
        format!("{verb}: {done}, unchanged: {unchanged}")
    }

    fn message(&self, done: usize, unchanged: usize, trusted: Option<usize>) -> String {
        let tap = &self.taps[0];
        let taps = match (self.adds() && self.args.text("url").is_some(), done) {
            (true, 0) => format!("already tapped: {tap}"),
            (true, _) => format!("successfully tapped: {tap}"),
            (false, _) => self.counts(done, unchanged),
        };
        let (Some(trust), Some(trusted)) = (self.args.maybe_bool("trust"), trusted) else { return taps };
        let verb = if trust { "trusted" } else { "untrusted" };
        let trusts = format!("{verb}: {trusted}, already {verb}: {}", self.taps.len() - trusted);
        if self.adds() { format!("{taps}, {trusts}") } else { format!("{trusts}, {taps}") }
    }
}

/// Those of the taps that are not yet trusted, or are and shall not be.
fn untrusted(answer: &Answer, taps: &[String], trust: bool) -> Result<Vec<String>, ModuleError> {
    if answer.rc != 0 {
        let errors = answer.errors();
        return Err(ModuleError::new(format!(
            "failed to list trusted taps, the 'trust' option requires a Homebrew version providing 'brew trust': {errors}"
        )));
    }
    let said: Option<Json> = serde_json::from_slice(&answer.stdout).ok();
    let trusted = said.as_ref().and_then(|said| said["taps"].as_array());
    let trusted = trusted.ok_or_else(|| ModuleError::new("failed to parse the output of 'brew trust --json v1'"))?;
    let trusted: Vec<String> = trusted.iter().filter_map(Json::as_str).map(normalized).collect();
    Ok(taps.iter().filter(|tap| trusted.contains(&normalized(tap)) != trust).cloned().collect())
}

/// Whether it is `user/name`.
fn is_tap(tap: &str) -> bool {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|char| char.is_alphanumeric() || "_-".contains(char));
    tap.split_once('/').is_some_and(|(user, name)| is_word(user) && is_word(name))
}

/// A tap as brew lists it.
fn normalized(tap: &str) -> String {
    let tap = tap.to_lowercase();
    match tap.split_once('/') {
        Some((user, name)) => format!("{user}/{}", name.strip_prefix("homebrew-").unwrap_or(name)),
        None => tap,
    }
}
