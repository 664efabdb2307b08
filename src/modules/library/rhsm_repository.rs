//! `rhsm_repository`: repositories of subscriptions of Red Hat, through the host's own `subscription-manager`.

use crate::modules::clients::missing;
use crate::modules::flow::{self, Flow};
use crate::modules::packages::glob;
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct RhsmRepository;

/// The module.
pub static MODULE: RhsmRepository = RhsmRepository;

static SPEC: Spec = Spec {
    name: "rhsm_repository",
    collections: &["community.general"],
    summary: "Enables and disables repositories of Red Hat's subscriptions. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "Repositories, or patterns of them.").required(),
        Argument::text("state", "Whether they are used.").default("enabled").choices(&["enabled", "disabled"]),
        Argument::bool("purge", false, "Disables all others."),
    ],
    returns: &[
        Return { name: "results", about: "What was done or would be." },
        Return { name: "repositories", about: "All repositories as they are then: id, name, url, enabled." },
    ],
    ..BLANK
};

impl Module for RhsmRepository {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        flow::ask(Question::new(&probes::RHSM_REPOSITORIES, [""; 0]), move |answer| {
            check(&answer)?;
            decide(&args, &repositories(&answer.text()))
        })
    }
}

/// The error of subscription-manager, if it is one.
fn check(answer: &Answer) -> Result<(), ModuleError> {
    let errors = answer.errors();
    match answer.rc {
        126 => Err(ModuleError::new(errors.trim())),
        127 => Err(missing("subscription-manager")),
        1 => Err(ModuleError::new(format!("subscription-manager failed with the following error: {errors}"))),
        0 if answer.text() == "This system has no repositories available through subscriptions.\n" => {
            Err(ModuleError::new("This system has no repositories available through subscriptions"))
        }
        _ => Ok(()),
    }
}

#[derive(Clone, Debug, Default)]
struct Repository {
    id: String,
    name: String,
    url: String,
    enabled: bool,
}

fn repositories(text: &str) -> Vec<Repository> {
    let mut found = Vec::new();
    let mut next = Repository::default();
    for line in text.lines() {
        let Some((title, value)) = line.split_once(':') else { continue };
        let value = value.trim_start().to_owned();
        match title {
            "Repo ID" => next.id = value,
            "Repo Name" => next.name = value,
            "Repo URL" => next.url = value,
            "Enabled" => {
                next.enabled = value == "1";
                found.push(next.clone());
            }
            _ => {}
        }
    }
    found
}

fn decide(args: &Args, before: &[Repository]) -> Flow {
    let enables = args.needed("state") == "enabled";
    let mut after = before.to_vec();
    let (mut words, mut results, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let said = |id: &str, enabled: bool| {
        format!("Repository '{id}' is {} for this system", if enabled { "enabled" } else { "disabled" })
    };
    let mut patterns = args.texts("name");
    patterns.dedup();
    for pattern in &patterns {
        let matched: Vec<usize> =
            (0..before.len()).filter(|at| glob::matches(pattern, &before[*at].id)).collect();
        if matched.is_empty() {
            let message = format!("{pattern} is not a valid repository ID");
            results.push(Value::text(&*message));
            return Err(ModuleError::new(message).field("results", results));
        }
        for at in matched {
            let id = &before[at].id;
            words.extend([if enables { "--enable" } else { "--disable" }.to_owned(), id.clone()]);
            results.push(Value::text(said(id, enables)));
            if before[at].enabled != enables {
                changes.push((id.clone(), enables));
            }
            after[at].enabled = enables;
        }
    }
    if args.bool("purge") {
        for repository in after.iter_mut().filter(|repository| repository.enabled && !patterns.contains(&repository.id)) {
            repository.enabled = false;
            words.extend(["--disable".to_owned(), repository.id.clone()]);
            results.push(Value::text(said(&repository.id, false)));
            changes.push((repository.id.clone(), false));
        }
    }
    let list: Vec<Value> = after.iter().map(Repository::value).collect();
    let result = TaskResult::with_changed(!changes.is_empty()).field("results", results).field("repositories", list);
    if changes.is_empty() {
        return flow::done(result);
    }
    let lines = |after: bool| changes.iter().fold(String::new(), |text, (id, to)| text + &said(id, *to == after) + "\n");
    let diff = flow::diff("RHSM repositories", lines(false), lines(true));
    let command = ["subscription-manager", "repos"].map(str::to_owned).into_iter().chain(words);
    flow::change(vec![diff], flow::command(command), move |answer| {
        let Some(answer) = answer else { return flow::done(result) };
        check(&answer)?;
        let lines: Vec<Value> = answer.text().lines().map(Value::text).collect();
        flow::done(result.field("results", lines))
    })
}

impl Repository {
    fn value(&self) -> Value {
        let texts = [("id", &self.id), ("name", &self.name), ("url", &self.url)];
        let texts = texts.map(|(name, text)| (name.into(), Value::text(text.as_str())));
        Value::dict(texts.into_iter().chain([("enabled".into(), Value::Bool(self.enabled))]).collect::<Dict>())
    }
}
