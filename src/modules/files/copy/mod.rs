//! Files of the controller, or texts, as files of a host: what `copy` and `template` share.

mod json;
mod remote;
mod tree;

use std::sync::Arc;

use md5::Md5;
use sha1::{Digest as _, Sha1};

use crate::modules::{
    Answer, Change, Content, LocalFile, LocalRead, LocalReply, ModuleError, Step, TaskContext, TaskResult,
};

use super::look::{Look, LookCall, PathState};
use super::mode::Mode;
use super::write::{Write, changed_by};
use super::{Attributes, diff, paths, set};
pub use json::python_json;

/// Where files go, and how.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each argument of the modules")]
pub struct Copy {
    dest: String,
    attributes: Attributes,
    directory_mode: Option<Mode>,
    preserve: bool,
    backup: bool,
    force: bool,
    follow: bool,
    validate: Option<String>,
    checksum: Option<String>,
    local_follow: bool,
    /// Whether links of a host's tree are followed; they are not unless asked for.
    remote_follow: bool,
    decrypt: bool,
    check: bool,
    diff: bool,
}

/// What is copied.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name for results; none for texts.
    pub name: Option<String>,
    /// Its name in a directory.
    pub base: Option<String>,
    /// Its bytes.
    pub content: Content,
    /// Its bytes, when they are in memory.
    pub bytes: Option<Arc<[u8]>>,
    /// Its SHA-1.
    pub sha1: String,
    /// Its permissions, for `mode: preserve`.
    pub mode: u32,
}

impl Source {
    /// A text.
    #[must_use]
    pub fn text(text: String) -> Self {
        let bytes: Arc<[u8]> = text.into_bytes().into();
        let sha1 = hex(&Sha1::digest(&bytes));
        Self { name: None, base: None, content: Content::Bytes(bytes.clone()), bytes: Some(bytes), sha1, mode: 0o644 }
    }

    /// A file of the controller.
    #[must_use]
    pub fn file(file: &LocalFile) -> Self {
        let content = file.content.clone().map_or_else(|| Content::File(file.path.clone()), Content::Bytes);
        Self {
            name: Some(file.path.display().to_string()),
            base: file.relative.file_name().map(|name| name.to_string_lossy().into_owned()),
            content,
            bytes: file.content.clone(),
            sha1: file.sha1.clone().unwrap_or_default(),
            mode: file.mode,
        }
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

impl Copy {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When a mode is none.
    pub fn of(context: &TaskContext) -> Result<Self, ModuleError> {
        let args = &context.args;
        Ok(Self {
            dest: args.needed("dest").to_owned(),
            attributes: Attributes::of(args)?,
            directory_mode: Attributes::mode_of(args.value("directory_mode"))?,
            preserve: args.text("mode") == Some("preserve"),
            backup: args.bool("backup"),
            force: args.maybe_bool("force").unwrap_or(true),
            follow: args.bool("follow"),
            validate: args.text("validate").map(str::to_owned),
            checksum: args.text("checksum").map(str::to_owned),
            local_follow: args.maybe_bool("local_follow").unwrap_or(true),
            remote_follow: args.is_given("local_follow") && args.bool("local_follow"),
            decrypt: args.maybe_bool("decrypt").unwrap_or(true),
            check: context.check,
            diff: context.diff,
        })
    }

    /// Copies a file or a tree of the controller.
    #[must_use]
    pub fn local(self, kind: &'static str, name: &str) -> Step {
        let name = name.to_owned();
        let read = LocalRead::Source {
            kind,
            name: name.trim_end_matches('/').to_owned(),
            follow: self.local_follow,
            decrypt: self.decrypt,
        };
        let next = move |reply: LocalReply| match reply {
            LocalReply::File(file) => self.start(Source::file(&file)),
            LocalReply::Tree(entries) => Ok(self.look_at_tree(name, entries)),
            _ => Err(ModuleError::new(format!("{name} is no file"))),
        };
        Step::Local(read, Box::new(next))
    }

    /// Checks the checksum that the task gives.
    fn expect(&self, sha1: &str) -> Result<(), ModuleError> {
        match self.checksum.as_ref().filter(|checksum| *checksum != sha1) {
            None => Ok(()),
            Some(checksum) => {
                Err(ModuleError::new("Copied file does not match the expected checksum. Transfer failed.")
                    .field("checksum", sha1)
                    .field("expected_checksum", checksum.as_str()))
            }
        }
    }

    /// What one file needs.
    fn file(&self, look: &Look, state: &PathState, source: &Source) -> Result<Option<Change>, ModuleError> {
        if state.exists() && !self.force {
            return Ok(None);
        }
        let mut attributes = self.attributes.clone();
        if self.preserve {
            attributes.mode = Some(Mode::Octal(source.mode));
        }
        let replaces = state.link.is_none();
        if replaces && state.is_file() && state.checksum == source.sha1 {
            let fix = attributes.fix(look, state)?;
            if fix.is_empty() {
                return Ok(None);
            }
            let diff = vec![diff::properties(&state.name, &fix.before, &fix.after)];
            return Ok(Some(Change { diff, action: set::attributes(&state.name, fix) }));
        }
        let mut write = self.write(look, state, attributes);
        write.content = Some(source.content.clone());
        Ok(Some(Change { diff: self.difference(look, state, source), action: write.action(look)? }))
    }

    /// A new content for a path; it is yet to be said.
    fn write(&self, look: &Look, state: &PathState, attributes: Attributes) -> Write {
        let mut write = Write::new(state.clone(), Vec::new(), attributes);
        write.backup = self.backup;
        write.validate.clone_from(&self.validate);
        write.directories = (!state.has_parent()).then(|| self.mode_of_directories(look));
        write
    }

    /// The mode of directories that are made, octal; empty for what the umask says.
    fn mode_of_directories(&self, look: &Look) -> String {
        let default = 0o777 & !look.umask;
        let bits = self.directory_mode.as_ref().map(|mode| mode.bits(default, true, look.umask));
        bits.map(|bits| format!("{bits:o}")).unwrap_or_default()
    }

    fn difference(&self, look: &Look, state: &PathState, source: &Source) -> Vec<crate::modules::Diff> {
        if !self.diff {
            return Vec::new();
        }
        let after = source.bytes.as_deref().unwrap_or(b"\0");
        let before = match (&look.content, state.is_file()) {
            (Some(content), _) => content.as_slice(),
            (None, true) => b"\0",
            (None, false) => b"",
        };
        let name = source.name.clone().unwrap_or_else(|| state.name.clone());
        vec![diff::contents((&state.name, &name), before, after)]
    }

    /// Copies one file.
    ///
    /// # Errors
    /// When the checksum given is not the file's.
    pub fn start(self, source: Source) -> Result<Step, ModuleError> {
        self.expect(&source.sha1)?;
        let mut looked = Vec::new();
        let base = source.base.clone().unwrap_or_default();
        if !self.dest.ends_with('/') {
            looked.push(self.dest.clone());
        }
        if !base.is_empty() {
            looked.push(paths::join(&self.dest, &base));
        }
        let call = LookCall::at(looked).sha1().attributes(&self.attributes);
        let call = if self.diff { call.content(diff::CONTENT_LIMIT) } else { call };
        let question = call.question();
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            self.decide(&look, &source)
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }

    fn decide(self, look: &Look, source: &Source) -> Result<Step, ModuleError> {
        let mut state = &look.paths[0];
        if state.is_directory() && !self.dest.ends_with('/') {
            if source.base.is_none() {
                return Err(ModuleError::new("can not use content with a dir as dest"));
            }
            state = &look.paths[1];
        }
        let followed = if self.follow { state.follow() } else { state.clone() };
        let state = &followed;
        // In check mode an earlier task may be the one that makes the directory.
        if !self.check && !self.dest.ends_with('/') && !state.has_parent() && !state.exists() {
            let message = format!("Destination directory {} does not exist", state.parent());
            return Err(ModuleError::new(message));
        }
        if state.is_directory() {
            return Err(ModuleError::new(format!("{} is a directory", state.name)));
        }
        let described = Described {
            dest: state.name.clone(),
            source: source.name.clone(),
            sha1: source.sha1.clone(),
            md5: source.bytes.as_ref().map(|bytes| hex(&Md5::digest(bytes))),
        };
        match self.file(look, state, source)? {
            None => Ok(Step::Done(described.result(false, state))),
            Some(change) => Ok(described.make(change, state.clone())),
        }
    }
}

/// What results say of a file that is copied.
struct Described {
    dest: String,
    source: Option<String>,
    sha1: String,
    md5: Option<String>,
}

impl Described {
    fn result(&self, changed: bool, state: &PathState) -> TaskResult {
        let mut result = TaskResult::with_changed(changed).field("dest", self.dest.as_str());
        if let Some(name) = &self.source {
            result = result.field("src", name.as_str());
        }
        if let Some(md5) = self.md5.as_ref().filter(|_| changed) {
            result = result.field("md5sum", md5.as_str());
        }
        state.describe(result.field("checksum", self.sha1.as_str()))
    }

    /// Makes the change and ends.
    fn make(self, change: Change, before: PathState) -> Step {
        let next = move |answer: Option<Answer>| {
            let Some(answer) = answer else { return Ok(Step::Done(self.result(true, &before))) };
            let changed = changed_by(&answer)?;
            let result = self.result(true, &changed.state);
            Ok(Step::Done(match changed.backup {
                Some(backup) => result.field("backup_file", backup),
                None => result,
            }))
        };
        Step::Change(change, Box::new(next))
    }
}
