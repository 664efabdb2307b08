//! Reads a crontab, alters it, and writes it: what `cron` and `cronvar` share.

use std::sync::Arc;

use super::crontab::Crontab;
use crate::modules::flow::{self, Flow};
use crate::modules::{Args, Content, ModuleError, Question, ScriptCall, TaskResult, actions, probes};
use crate::template::Value;

/// Whose crontab it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The file as it was named.
    pub named: String,
    /// The file below `/etc/cron.d`, if it is one.
    pub file: Option<String>,
    /// The user.
    pub user: String,
    /// Whether the old one is kept.
    pub backup: bool,
}

impl Owner {
    /// Reads the arguments `cron_file`, `user` and `backup`.
    #[must_use]
    pub fn of(args: &Args) -> Self {
        let file = args.text("cron_file").filter(|file| !file.is_empty());
        Self {
            named: file.unwrap_or_default().to_owned(),
            file: file.map(|file| if file.starts_with('/') { file.to_owned() } else { format!("/etc/cron.d/{file}") }),
            user: args.text("user").unwrap_or_default().to_owned(),
            backup: args.bool("backup"),
        }
    }
}

/// Asks for a crontab, alters it, and writes what differs. None from `alter` deletes the file. `told` says what the
/// result tells of the new one.
///
/// # Errors
/// Never; the type is that of a step.
pub fn edit(
    owner: Owner,
    alter: impl FnOnce(Crontab) -> Result<Option<Crontab>, ModuleError> + Send + 'static,
    told: fn(Option<&Crontab>) -> Vec<(&'static str, Value)>,
) -> Flow {
    let file = owner.file.clone().unwrap_or_default();
    let question = Question::new(&probes::CRONTAB, [file.as_str(), &owner.user]);
    flow::ask(question, move |answer| {
        if answer.rc != 0 {
            return Err(flow::failure(&answer, "Unable to read crontab"));
        }
        let said = answer.text().into_owned();
        let (there, text) = said.split_once('\n').unwrap_or((&said, ""));
        let altered = alter(Crontab::parse(text))?;
        let name = if file.is_empty() { format!("crontab of {}", or_self(&owner.user)) } else { file.clone() };
        // A file that was not there has not gone.
        let nothing = Crontab::default();
        let new = altered.as_ref().or((there != "0").then_some(&nothing));
        let fields = told(new).into_iter();
        let result = fields.fold(TaskResult::ok(), |result, (name, value)| result.field(name, value));
        let result = if file.is_empty() { result } else { result.field("cron_file", owner.named.as_str()) };
        let new = altered.map(|tab| tab.text());
        let same = match &new {
            None => there != "0",
            Some(new) => *new == Crontab::parse(text).text() && (text.is_empty() || text.ends_with('\n')),
        };
        if same {
            return flow::done(result);
        }
        let diff = flow::diff(&name, text, new.clone().unwrap_or_default());
        let keep = if owner.backup && there == "0" { "keep" } else { "" };
        let script = match new {
            None => ScriptCall::new(actions::REMOVE_FILE, [&file]),
            Some(new) => {
                let mut script = match &owner.file {
                    Some(file) => ScriptCall::new(actions::PUT, [file.as_str(), "0644", keep, "always"]),
                    None => ScriptCall::new(actions::CRONTAB, [owner.user.as_str(), keep]),
                };
                script.input = Some(Content::Bytes(Arc::from(new.into_bytes())));
                script
            }
        };
        flow::change(vec![diff], script, move |answer| {
            flow::succeeded(answer.as_ref(), "Unable to write crontab")?;
            let kept = answer.map(|answer| answer.text().trim().to_owned()).filter(|kept| !kept.is_empty());
            let result = TaskResult { changed: true, ..result };
            flow::done(match kept {
                Some(kept) => result.field("backup_file", kept),
                None => result,
            })
        })
    })
}

/// Names for a result.
#[must_use]
pub fn names(names: Vec<String>) -> Value {
    Value::list(names.into_iter().map(Value::text).collect())
}

fn or_self(user: &str) -> &str {
    if user.is_empty() { "this user" } else { user }
}
