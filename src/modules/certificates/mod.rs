//! Files that openssl makes on the hosts: keys, parameters.

pub mod request;

use std::sync::Arc;

use crate::modules::files::{Attributes, Look, LookCall, Write, changed_by, diff, set};
use crate::modules::flow::{self, Flow};
use crate::modules::probes::Probe;
use crate::modules::{Action, Answer, Args, Change, ModuleError, Question, ScriptCall, Step, TaskResult, actions};
use crate::secret::Secret;
use crate::template::Value;

/// A file that openssl makes.
pub struct Made {
    /// Where.
    pub path: String,
    /// The probe that asks openssl of it.
    pub probe: &'static Probe,
    /// What follows the file in the probe's words: a verb and options, or other files.
    pub asked: Vec<String>,
    /// What makes it: words of openssl.
    pub words: Vec<String>,
    /// What is added to the environment of both.
    pub secrets: Vec<(String, Secret)>,
    /// Permissions of a new one, where the task says none.
    pub mode: &'static str,
    /// Whether the file is as it is to be, by what openssl says of it; none when there is no file.
    #[expect(clippy::type_complexity, reason = "a function of one place")]
    pub fits: Box<dyn FnOnce(Option<&str>) -> Result<bool, ModuleError> + Send>,
    /// The result's fields.
    pub result: TaskResult,
}

impl Made {
    /// The steps.
    ///
    /// # Errors
    /// When the mode is none.
    pub fn start(self, args: Arc<Args>) -> Flow {
        let mut attributes = Attributes::of(&args)?;
        if attributes.mode.is_none() && !self.mode.is_empty() {
            attributes.mode = Attributes::mode_of(Some(&Value::text(self.mode)))?;
        }
        let call = LookCall::at([self.path.as_str()]).attributes(&attributes);
        let words = std::iter::once(self.path.clone()).chain(self.asked.iter().cloned());
        let mut asked = Question::new(self.probe, words);
        asked.secrets.clone_from(&self.secrets);
        let questions = vec![call.question(), asked];
        let next = move |answers: Vec<Answer>| {
            let [looked, said] = answers.as_slice() else { return Err(ModuleError::new("the host gave no answer")) };
            let look = Look::read(&call, looked)?;
            if said.rc != 0 {
                return Err(ModuleError::new(said.errors().trim()));
            }
            self.decide(&args, attributes, &look, &said.text())
        };
        Ok(Step::Ask(questions, Box::new(next)))
    }

    fn decide(self, args: &Args, attributes: Attributes, look: &Look, said: &str) -> Flow {
        let state = look.paths[0].follow();
        let there = state.exists();
        if args.text("state") == Some("absent") {
            if !there {
                return flow::done(self.result);
            }
            let diff = flow::diff(&state.name, "present\n", "");
            let call = ScriptCall::new(actions::REMOVE_FILE, [&state.name]);
            return flow::change_and_end(vec![diff], call, "The file could not be removed", self.result);
        }
        if !state.has_parent() {
            return Err(ModuleError::new(format!(
                "The directory {} does not exist or the file is not a directory",
                state.parent()
            )));
        }
        if state.is_directory() {
            return Err(ModuleError::new(format!("{} is a directory", state.name)));
        }
        let fits = (self.fits)(there.then_some(said))?;
        let result = self.result;
        if fits && !args.bool("force") {
            let fix = attributes.fix(look, &state)?;
            if fix.is_empty() {
                return flow::done(result);
            }
            let diff = vec![diff::properties(&state.name, &fix.before, &fix.after)];
            return Ok(changing(Change { diff, action: set::attributes(&state.name, fix) }, result));
        }
        let shown = flow::diff(&state.name, if there { "present\n" } else { "" }, "made anew\n");
        let mut write = Write::new(state, Vec::new(), attributes);
        write.backup = args.bool("backup");
        let Action::Script(mut script) = write.action(look)? else {
            return Err(ModuleError::new("files are written by a script"));
        };
        script.script = actions::OPENSSL_WRITE;
        script.words.splice(0..0, std::iter::once(self.words.len().to_string()).chain(self.words).map(Into::into));
        script.secrets.extend(self.secrets);
        Ok(changing(Change { diff: vec![shown], action: Action::Script(script) }, result))
    }
}

fn changing(change: Change, result: TaskResult) -> Step {
    let next = move |answer: Option<Answer>| {
        let result = TaskResult { changed: true, ..result };
        let Some(answer) = answer else { return flow::done(result) };
        if answer.rc == 92 {
            return Err(flow::failure(&answer, "openssl failed"));
        }
        flow::done(match changed_by(&answer)?.backup {
            Some(kept) => result.field("backup_file", kept),
            None => result,
        })
    };
    Step::Change(change, Box::new(next))
}

/// The number of bits that openssl says of a key or of parameters: `(4096 bit, 2 primes)`.
#[must_use]
pub fn bits(said: &str) -> Option<i64> {
    let (_, rest) = said.split_once('(')?;
    rest.split_once(" bit")?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests;
