//! `dconf`: settings of desktops, through the host's own `dconf`.

use crate::modules::clients::{gvariant, missing};
use crate::modules::flow;
use crate::modules::{
    Answer, Argument, BLANK, Kind, Module, ModuleError, Question, Return, Rule, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Dconf;

/// The module.
pub static MODULE: Dconf = Dconf;

static SPEC: Spec = Spec {
    name: "dconf",
    collections: &["community.general"],
    summary: "Sets, resets and reads settings of desktops that dconf keeps.",
    arguments: &[
        Argument::text("key", "The key: `/org/gnome/…`.").required(),
        Argument::of("value", Kind::Raw, "Its value as dconf writes it: `'text'`, `true`, `uint32 5`."),
        Argument::text("state", "Whether it is set; `read` tells its value.").default("present").choices(&[
            "present", "absent", "read",
        ]),
    ],
    rules: &[Rule::If("state", "present", &["value"])],
    returns: &[Return { name: "value", about: "With `read`: its value; null when it is not set." }],
    ..BLANK
};

impl Module for Dconf {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let key = args.needed("key").to_owned();
        flow::ask(Question::new(&probes::DCONF, [key.clone()]), move |answer| {
            if answer.rc == 127 {
                return Err(missing("dconf"));
            }
            if answer.rc != 0 {
                return Err(failed("dconf failed while reading the value with error", &answer));
            }
            let text = answer.text();
            let found = Some(text.trim_end_matches('\n')).filter(|_| !text.is_empty());
            let wanted = match args.value("value") {
                Some(Value::Bool(value)) => value.to_string().to_lowercase(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            let lines = |value: Option<&str>| value.map(|value| format!("{key}: {value}\n")).unwrap_or_default();
            let (words, after, doing) = match (args.needed("state"), found) {
                ("read", found) => {
                    return flow::done(TaskResult::ok().field("value", found.map_or(Value::Null, Value::text)));
                }
                ("absent", None) => return flow::done(TaskResult::ok()),
                ("absent", Some(_)) => {
                    (vec!["reset", &key], None, "dconf failed while resetting the value with error".to_owned())
                }
                (_, Some(found)) if gvariant::same(found, &wanted) => return flow::done(TaskResult::ok()),
                _ => {
                    let doing = format!("dconf failed while writing key {key}, value {wanted} with error");
                    (vec!["write", &key, &wanted], Some(&*wanted), doing)
                }
            };
            let diff = flow::diff(&key, lines(found), lines(after));
            flow::change(vec![diff], ScriptCall::new(actions::DCONF, words), move |answer| match answer {
                Some(answer) if answer.rc != 0 => Err(failed(&doing, &answer)),
                _ => flow::done(TaskResult::changed()),
            })
        })
    }
}

fn failed(message: &str, answer: &Answer) -> ModuleError {
    ModuleError::new(format!("{message}: {}", answer.errors()))
        .field("out", answer.text().into_owned())
        .field("err", answer.errors().into_owned())
}
