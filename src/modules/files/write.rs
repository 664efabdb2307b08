//! Replacing the content of a file: the action `write`, and what it answers.

use std::ffi::OsString;

use crate::modules::{Action, Answer, Content, ModuleError, ScriptCall, actions};

use super::look::{Fields, Look, PathState};
use super::{Attributes, split};

/// A file's new content.
#[derive(Clone, Debug)]
pub struct Write {
    /// What is there now; links are followed before, where they are to be.
    pub state: PathState,
    /// New bytes; none when they come from a file on the host.
    pub content: Option<Content>,
    /// A file on the host.
    pub source: Option<String>,
    /// Attributes asked for.
    pub attributes: Attributes,
    /// Whether the old file is kept.
    pub backup: bool,
    /// The command that must accept the new file; `%s` stands for it.
    pub validate: Option<String>,
    /// Whether missing directories are made, and their mode.
    pub directories: Option<String>,
    /// Whether attributes are taken from the file there was.
    pub keep: bool,
}

impl Write {
    /// New bytes for what is there.
    #[must_use]
    pub fn new(state: PathState, content: impl Into<Vec<u8>>, attributes: Attributes) -> Self {
        Self {
            state,
            content: Some(Content::Bytes(content.into().into())),
            source: None,
            attributes,
            backup: false,
            validate: None,
            directories: None,
            keep: true,
        }
    }

    /// The action.
    ///
    /// # Errors
    /// When the user or group is not known, or `validate` is no command with `%s`.
    pub fn action(&self, look: &Look) -> Result<Action, ModuleError> {
        let mut fix = self.attributes.new_fix(look, false)?;
        let mut options = String::new();
        if !fix.owner.is_empty() || !fix.group.is_empty() {
            options.push('o');
        }
        let old = self.state.stat.as_ref().filter(|stat| self.keep && !stat.is_link());
        let start = old.map_or(0o666 & !look.umask, super::Stat::permissions);
        let mode = self.attributes.mode.as_ref().map_or(start, |mode| mode.bits(start, false, look.umask));
        fix.mode = format!("{mode:o}");
        if let Some(old) = old {
            if fix.owner.is_empty() {
                fix.owner = old.uid.to_string();
            }
            if fix.group.is_empty() {
                fix.group = old.gid.to_string();
            }
        }
        for (letter, wanted) in
            [('b', self.backup), ('u', self.attributes.unsafe_writes), ('d', self.directories.is_some())]
        {
            options.extend(wanted.then_some(letter));
        }
        let mut words: Vec<OsString> = vec![self.state.name.as_str().into(), self.state.guard().into()];
        words.extend(fix.words());
        words.push(options.into());
        words.push(self.source.as_deref().unwrap_or_default().into());
        words.push(self.directories.as_deref().unwrap_or_default().into());
        if let Some(validate) = &self.validate {
            words.extend(validate_words(validate)?.into_iter().map(OsString::from));
        }
        Ok(Action::Script(ScriptCall { input: self.content.clone(), ..ScriptCall::new(actions::WRITE, words) }))
    }
}

fn validate_words(validate: &str) -> Result<Vec<String>, ModuleError> {
    if !validate.contains("%s") {
        return Err(ModuleError::new(format!("validate must contain %s: {validate}")));
    }
    let words = split::words(&validate.replace("%%", "%"));
    words.ok_or_else(|| ModuleError::new(format!("validate has a quote that is not closed: {validate}")))
}

/// What an action left behind.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// The path afterwards.
    pub state: PathState,
    /// Where the old file was kept, if it was.
    pub backup: Option<String>,
}

/// Reads the answer of an action that ends with a backup's name and a path's fields.
///
/// # Errors
/// When the action failed.
pub fn changed_by(answer: &Answer) -> Result<Changed, ModuleError> {
    if answer.rc == 90 {
        return Err(not_valid(answer));
    }
    if answer.rc != 0 {
        let errors = answer.errors();
        let message = errors.trim();
        let message =
            if message.is_empty() { format!("the action ended with {}", answer.rc) } else { message.to_owned() };
        return Err(ModuleError::new(message));
    }
    // What a validator wrote to its standard output stands in front.
    let start = memchr::memchr(0, &answer.stdout).map_or(0, |place| place + 1);
    let mut fields = Fields::new(&answer.stdout[start..]);
    let backup = fields.text()?;
    Ok(Changed { backup: Some(backup).filter(|backup| !backup.is_empty()), state: PathState::read(&mut fields)? })
}

fn not_valid(answer: &Answer) -> ModuleError {
    let errors = answer.errors();
    let (rc, stderr) = errors.split_once('\n').unwrap_or((&errors, ""));
    ModuleError::new("failed to validate")
        .field("exit_status", rc.parse::<i64>().unwrap_or(1))
        .field("stdout", answer.text().into_owned())
        .field("stderr", stderr.to_owned())
}
