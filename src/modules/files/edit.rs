//! Changing a part of a file: asks for it, computes the new content, writes it where it differs.

use crate::modules::{Answer, Args, Change, Diff, ModuleError, Question, Step, TaskContext, TaskResult};
use crate::template::Value;

use super::look::{Look, LookCall, PathState};
use super::write::{Changed, Write, changed_by};
use super::{Attributes, diff, set};

/// The largest file that is changed in part, in bytes.
pub const EDIT_LIMIT: usize = 16 * 1024 * 1024;

/// What there is.
#[derive(Debug)]
pub struct Current<'a> {
    /// The path, links followed where they are to be.
    pub state: &'a PathState,
    /// Its content; none when there is no file.
    pub content: Option<&'a [u8]>,
    /// The answers to the further questions of the edit.
    pub answers: &'a [Answer],
}

/// What is to be.
#[derive(Debug, Default)]
pub struct Edited {
    /// The new content; none when the file stays as it is.
    pub content: Option<Vec<u8>>,
    /// What was done, in words.
    pub message: String,
    /// Fields of the result.
    pub fields: Vec<(&'static str, Value)>,
    /// Ends the task here: nothing else is looked at, not even attributes.
    pub end: bool,
}

/// Computes the new content.
pub type Compute = Box<dyn FnOnce(&Current<'_>) -> Result<Edited, ModuleError> + Send>;

/// A file to be changed in part.
pub struct Edit {
    /// The path as given.
    pub path: String,
    /// Attributes asked for.
    pub attributes: Attributes,
    /// Keeps the old file.
    pub backup: bool,
    /// The command that must accept the new file.
    pub validate: Option<String>,
    /// What `msg` says of attributes; empty where it says nothing of them.
    pub attributes_message: &'static str,
    /// The field that names the kept file, and whether it stands there empty where none was kept.
    pub backup_field: (&'static str, bool),
    /// Whether an error of `validate` stands in the message alone.
    pub validate_in_message: bool,
    /// Whether what a link leads to is changed, and not the link replaced by a file.
    pub follow: bool,
    /// Asked with the path, in the same round trip.
    pub questions: Vec<Question>,
}

impl Edit {
    /// An edit of `path` with the arguments that all such modules take.
    ///
    /// # Errors
    /// When the mode is none.
    pub fn of(args: &Args, path: &str) -> Result<Self, ModuleError> {
        Ok(Self {
            path: args.needed(path).to_owned(),
            attributes: Attributes::of(args)?,
            backup: args.bool("backup"),
            validate: args.text("validate").map(str::to_owned),
            attributes_message: "ownership, perms or SE linux context changed",
            backup_field: ("backup", true),
            validate_in_message: true,
            follow: true,
            questions: Vec::new(),
        })
    }

    /// The steps: ask, compute, change, done.
    #[must_use]
    pub fn start(mut self, context: &TaskContext, compute: Compute) -> Step {
        let call = LookCall::at([self.path.as_str()]).content(EDIT_LIMIT).attributes(&self.attributes);
        let show = context.diff;
        let mut questions = vec![call.question()];
        questions.append(&mut self.questions);
        Step::Ask(
            questions,
            Box::new(move |answers| {
                let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
                self.compute(&look, answers.get(1..).unwrap_or_default(), show, compute)
            }),
        )
    }

    fn compute(self, look: &Look, answers: &[Answer], show: bool, compute: Compute) -> Result<Step, ModuleError> {
        let state = if self.follow { look.paths[0].follow() } else { look.paths[0].clone() };
        let content = look.content.as_deref();
        if state.is_file() && content.is_none() {
            let size = state.stat.as_ref().map_or(0, |stat| stat.size);
            return Err(ModuleError::new(if size > EDIT_LIMIT as u64 {
                format!("{} is larger than {EDIT_LIMIT} bytes; it is not changed in part", state.name)
            } else {
                format!("{} cannot be read", state.name)
            }));
        }
        let edited = compute(&Current { state: &state, content, answers })?;
        if edited.end {
            let mut result = TaskResult::ok().message(edited.message);
            for (name, value) in edited.fields {
                result = result.field(name, value);
            }
            return Ok(Step::Done(result));
        }
        let fix = self.attributes.fix(look, &state)?;
        match edited.content.clone().filter(|new| content != Some(new.as_slice())) {
            Some(new) => self.write(look, state, edited, new, show),
            None if !fix.is_empty() => {
                let change = Change {
                    diff: vec![diff::properties(&state.name, &fix.before, &fix.after)],
                    action: set::attributes(&state.name, fix),
                };
                let next = move |answer: Option<Answer>| {
                    let changed = answer.as_ref().map(changed_by).transpose()?;
                    let message = self.message(&edited.message, true);
                    Ok(self.end(edited, &message, true, changed.as_ref()))
                };
                Ok(Step::Change(change, Box::new(next)))
            }
            None => {
                let message = edited.message.clone();
                Ok(self.end(edited, &message, false, None))
            }
        }
    }

    fn write(
        self,
        look: &Look,
        state: PathState,
        edited: Edited,
        new: Vec<u8>,
        show: bool,
    ) -> Result<Step, ModuleError> {
        let before = look.content.as_deref().unwrap_or_default();
        let header = format!("{} (content)", self.path);
        let diff: Vec<Diff> = if show { vec![diff::contents((&header, &header), before, &new)] } else { Vec::new() };
        let mut write = Write::new(state.clone(), new, self.attributes.clone());
        write.backup = self.backup;
        write.validate.clone_from(&self.validate);
        write.directories = Some(String::new()).filter(|_| !state.has_parent());
        let attributes = match &state.stat {
            Some(_) => !self.attributes.fix(look, &state)?.is_empty(),
            None => self.attributes.differ_from_new(look),
        };
        let action = write.action(look)?;
        let next = move |answer: Option<Answer>| {
            let changed = answer.as_ref().map(changed_by).transpose().map_err(|error| self.not_valid(error))?;
            let seen = changed.is_some() || state.exists();
            let message = self.message(&edited.message, attributes && seen);
            Ok(self.end(edited, &message, true, changed.as_ref()))
        };
        Ok(Step::Change(Change { diff, action }, Box::new(next)))
    }

    fn not_valid(&self, error: ModuleError) -> ModuleError {
        let Some(rc) = error.fields.get("exit_status").filter(|_| self.validate_in_message) else { return error };
        let stderr = error.fields.get("stderr").map(ToString::to_string).unwrap_or_default();
        ModuleError::new(format!("failed to validate: rc:{rc} error:{stderr}"))
    }

    fn message(&self, message: &str, attributes: bool) -> String {
        match (message, attributes) {
            (message, false) => message.to_owned(),
            (message, true) if self.attributes_message.is_empty() => message.to_owned(),
            ("", true) => self.attributes_message.to_owned(),
            (message, true) => format!("{message} and {}", self.attributes_message),
        }
    }

    fn end(&self, edited: Edited, message: &str, changed: bool, after: Option<&Changed>) -> Step {
        let mut result = TaskResult::with_changed(changed);
        if !message.is_empty() || !self.attributes_message.is_empty() {
            result = result.message(message);
        }
        for (name, value) in edited.fields {
            result = result.field(name, value);
        }
        let backup = after.and_then(|after| after.backup.clone());
        if self.backup_field.1 || backup.is_some() {
            result = result.field(self.backup_field.0, backup.unwrap_or_default());
        }
        Step::Done(result)
    }
}
