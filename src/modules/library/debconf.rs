//! `debconf`: answers to the questions that Debian packages ask when they are configured.

use std::sync::Arc;

use crate::modules::packages::client;
use crate::modules::{
    Argument, BLANK, Content, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, flow, probes,
};
use crate::secret::Secret;
use crate::template::{Dict, Value};

/// The module.
pub struct Debconf;

/// The module.
pub static MODULE: Debconf = Debconf;

static SPEC: Spec = Spec {
    name: "debconf",
    summary: "Answers the questions that Debian packages ask when they are configured.",
    arguments: &[
        Argument::text("name", "The package.").required().aliases(&["pkg"]),
        Argument::text("question", "The question.").aliases(&["selection", "setting"]),
        Argument::text("vtype", "What kind of answer it takes.").choices(&[
            "boolean", "error", "multiselect", "note", "password", "seen", "select", "string", "text", "title",
        ]),
        Argument::of("value", Kind::Raw, "The answer; for `multiselect` it may be a list.").aliases(&["answer"]),
        Argument::bool("unseen", false, "Leaves the question one that was not shown yet."),
    ],
    rules: &[Rule::Together(&["question", "vtype", "value"])],
    returns: &[
        Return { name: "current", about: "The answers, or after a change the new one; no passwords." },
        Return { name: "previous", about: "After a change: the answer before." },
    ],
    ..BLANK
};

/// What debconf shows instead of a password.
const HIDDEN: &str = "(password omitted)";

/// A question and its answer.
struct Wanted {
    question: String,
    vtype: String,
    value: String,
    /// The items, sorted, when a list was given for `multiselect`.
    items: Option<Vec<String>>,
}

impl Module for Debconf {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let package = args.needed("name").to_owned();
        let wanted = args.text("question").map(|question| {
            let vtype = args.needed("vtype").to_owned();
            Wanted::of(question, vtype, args.value("value").unwrap_or(&Value::Null))
        });
        let wanted = wanted.transpose()?;
        if wanted.as_ref().is_some_and(|wanted| wanted.value.contains('\n')) {
            return Err(ModuleError::new("an answer is one line"));
        }
        let password = wanted.as_ref().filter(|wanted| wanted.is_password());
        let asked = password.map_or("", |wanted| wanted.question.as_str());
        let mut question = Question::new(&probes::DEBCONF, [package.as_str(), asked]);
        if let Some(password) = password {
            question.secrets.push(("OPSCTL_ANSWER".to_owned(), Secret::new(password.value.clone())));
        }
        let unseen = args.bool("unseen");
        flow::ask(question, move |answer| {
            client::check(&answer)?;
            let text = answer.text().into_owned();
            let answers = answers(&text);
            let Some(wanted) = wanted else { return flow::done(told(answers)) };
            let old = answers.get(wanted.question.as_str()).and_then(Value::as_str).map(str::to_owned);
            let same = match &old {
                None => false,
                Some(_) if wanted.is_password() => text.lines().any(|line| line == "@same"),
                Some(old) => wanted.is(old),
            };
            if same { flow::done(told(answers)) } else { set(&package, &wanted, &old.unwrap_or_default(), unseen) }
        })
    }
}

impl Wanted {
    fn of(question: &str, vtype: String, value: &Value) -> Result<Self, ModuleError> {
        let items = value.as_list().unwrap_or_default();
        if vtype == "multiselect" && let Some(item) = items.iter().find(|item| item.as_str().is_none()) {
            let message = format!("Invalid value provided for 'multiselect': {item} is no text but {}", item.type_name());
            return Err(ModuleError::new(message));
        }
        let mut texts = value.as_list().map(|items| items.iter().map(ToString::to_string).collect::<Vec<_>>());
        if vtype == "multiselect" && let Some(texts) = &mut texts {
            texts.sort();
        }
        let text = texts.as_ref().map_or_else(|| value.to_string(), |texts| texts.join(", "));
        let value = if vtype == "boolean" { text.to_lowercase() } else { text };
        let items = texts.filter(|_| vtype == "multiselect");
        Ok(Self { question: question.to_owned(), vtype, value, items })
    }

    fn is_password(&self) -> bool {
        self.vtype == "password"
    }

    fn is(&self, old: &str) -> bool {
        match (&self.items, self.vtype.as_str()) {
            (Some(items), _) => {
                let mut there: Vec<&str> = old.split(',').map(str::trim).collect();
                there.sort_unstable();
                *items == there
            }
            (None, "boolean") => self.value == old.to_lowercase(),
            _ => self.value == old,
        }
    }

    /// The answer as it may be shown.
    fn shown(&self) -> &str {
        if self.is_password() { HIDDEN } else { &self.value }
    }
}

/// Reads the lines of `debconf-show`: `* package/question: answer`.
fn answers(text: &str) -> Dict {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.map(|(key, value)| (key.trim_matches('*').trim().into(), Value::text(value.trim()))).collect()
}

fn told(answers: Dict) -> TaskResult {
    TaskResult::ok().message("").field("current", Value::dict(answers))
}

fn set(package: &str, wanted: &Wanted, old: &str, unseen: bool) -> flow::Flow {
    let Wanted { question, vtype, value, .. } = wanted;
    let mut words = vec!["debconf-set-selections"];
    words.extend(unseen.then_some("-u"));
    let mut script = ScriptCall::new(actions::FEED, words);
    script.input = Some(Content::Bytes(Arc::from(format!("{package} {question} {vtype} {value}").into_bytes())));
    let line = |answer: &str| if answer.is_empty() { String::new() } else { format!("{question}: {answer}\n") };
    let before = if old == HIDDEN { String::new() } else { line(old) };
    let diff = flow::diff(package, before, line(wanted.shown()));
    let entry = |answer: &str| {
        let entry = (question.as_str().into(), Value::text(answer));
        Value::dict(std::iter::once(entry).collect::<Dict>())
    };
    let result = TaskResult::ok().message("").field("current", entry(wanted.shown())).field("previous", entry(old));
    client::change(vec![diff], script, result)
}
