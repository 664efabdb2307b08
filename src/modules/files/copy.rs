//! Files of the controller, or texts, as files of a host: what `copy` and `template` share.

use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use crate::modules::{
    Answer, Change, Content, LocalFile, LocalKind, LocalRead, LocalReply, ModuleError, Step, TaskContext, TaskResult,
};
use crate::template::Value;

use super::look::{Look, LookCall, PathState};
use super::mode::Mode;
use super::write::{Write, changed_by};
use super::{Attributes, diff, paths, set};

/// Where files go, and how.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
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

/// A value as Python's `json.dumps` writes it: blanks after commas and colons.
#[must_use]
pub fn python_json(value: &Value) -> String {
    #[expect(clippy::format_push_string, reason = "short texts")]
    fn write(out: &mut String, value: &serde_json::Value) {
        match value {
            serde_json::Value::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    write(out, item);
                }
                out.push(']');
            }
            serde_json::Value::Object(entries) => {
                out.push('{');
                for (place, (name, item)) in entries.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { ", " });
                    write(out, &serde_json::Value::from(name.as_str()));
                    out.push_str(": ");
                    write(out, item);
                }
                out.push('}');
            }
            serde_json::Value::String(text) => {
                for character in serde_json::Value::from(text.as_str()).to_string().chars() {
                    if character.is_ascii() {
                        out.push(character);
                    } else {
                        let mut units = [0; 2];
                        for unit in character.encode_utf16(&mut units) {
                            out.push_str(&format!("\\u{unit:04x}"));
                        }
                    }
                }
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(&mut out, &value.to_json());
    out
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
            force: args.bool("force"),
            follow: args.bool("follow"),
            validate: args.text("validate").map(str::to_owned),
            checksum: args.text("checksum").map(str::to_owned),
            local_follow: args.maybe_bool("local_follow").unwrap_or(true),
            check: context.check,
            diff: context.diff,
        })
    }

    /// Copies a file or a tree of the controller.
    #[must_use]
    pub fn local(self, kind: &'static str, name: &str) -> Step {
        let name = name.to_owned();
        let read = LocalRead::File { kind, name: name.trim_end_matches('/').to_owned() };
        let next = move |reply: LocalReply| match reply {
            LocalReply::File(file) if file.kind == LocalKind::Directory => Ok(self.tree(kind, name)),
            LocalReply::File(file) => self.start(Source::file(&file)),
            _ => Err(ModuleError::new(format!("{name} is no file"))),
        };
        Step::Local(read, Box::new(next))
    }

    fn tree(self, kind: &'static str, name: String) -> Step {
        let prefix = if name.ends_with('/') { "" } else { paths::base(&name) }.to_owned();
        let root = name.trim_end_matches('/').to_owned();
        let read = LocalRead::Tree { kind, name: root };
        let next = move |reply: LocalReply| match reply {
            LocalReply::Tree(entries) => self.look_at_tree(name, &prefix, entries),
            _ => Err(ModuleError::new(format!("{name} is no directory"))),
        };
        Step::Local(read, Box::new(next))
    }

    fn look_at_tree(self, name: String, prefix: &str, entries: Vec<LocalFile>) -> Result<Step, ModuleError> {
        if let Some(link) = entries.iter().find(|entry| {
            matches!(entry.kind, LocalKind::Link(_))
                && entry.content.is_none()
                && self.local_follow
                && entry.sha1.is_none()
                && entry.path.is_dir()
        }) {
            return Err(ModuleError::new(format!(
                "{}: links to directories in a tree are not copied; set `local_follow: false` to copy the link",
                link.path.display()
            )));
        }
        let dest = self.dest.trim_end_matches('/').to_owned() + "/";
        let relative = |entry: &LocalFile| paths::join(prefix, &entry.relative.to_string_lossy());
        let looked = entries.iter().map(|entry| format!("{dest}{}", relative(entry)));
        let call = LookCall::at(looked).sha1().attributes(&self.attributes);
        let question = call.question();
        let next = move |answers: Vec<Answer>| {
            let look = Arc::new(Look::read(&call, answers.first().unwrap_or(&Answer::default()))?);
            let mut steps = Vec::new();
            for (entry, state) in entries.iter().zip(&look.paths) {
                if let Some(change) = self.tree_entry(&look, entry, state)? {
                    steps.push(change);
                }
            }
            let result = TaskResult::with_changed(!steps.is_empty()).field("dest", dest).field("src", name);
            Ok(one_by_one(steps.into_iter(), result))
        };
        Ok(Step::Ask(vec![question], Box::new(next)))
    }

    fn tree_entry(&self, look: &Look, entry: &LocalFile, state: &PathState) -> Result<Option<Change>, ModuleError> {
        let set = |what: &'static str, fix: super::Fix, source: String| {
            let diff = vec![diff::properties(&state.name, &fix.before, &fix.after)];
            let action = set::Set { what, path: state.name.clone(), fix, source, ..set::Set::default() }.action();
            Ok(Some(Change { diff, action }))
        };
        match &entry.kind {
            LocalKind::Directory => {
                let attributes = Attributes { mode: self.directory_mode.clone(), ..self.attributes.clone() };
                if !state.exists() {
                    return set("directory", attributes.new_fix(look, true)?, String::new());
                }
                let fix = attributes.fix(look, state)?;
                if fix.is_empty() { Ok(None) } else { set("attributes", fix, String::new()) }
            }
            LocalKind::Link(target) if !self.local_follow || entry.sha1.is_none() => {
                let target = target.to_string_lossy().into_owned();
                match &state.link {
                    Some(link) if link.target == target => Ok(None),
                    _ => set("link", super::Fix::default(), target),
                }
            }
            _ => self.file(look, state, &Source::file(entry)),
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
        let mut write = Write::new(state.clone(), Vec::new(), attributes);
        write.content = Some(source.content.clone());
        write.backup = self.backup;
        write.validate.clone_from(&self.validate);
        write.directories = (!state.has_parent()).then(|| {
            let default = 0o777 & !look.umask;
            self.directory_mode
                .as_ref()
                .map(|mode| format!("{:o}", mode.bits(default, true, look.umask)))
                .unwrap_or_default()
        });
        Ok(Some(Change { diff: self.difference(look, state, source), action: write.action(look)? }))
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
        if let Some(checksum) = self.checksum.as_ref().filter(|checksum| **checksum != source.sha1) {
            return Err(ModuleError::new("Copied file does not match the expected checksum. Transfer failed.")
                .field("checksum", source.sha1)
                .field("expected_checksum", checksum.as_str()));
        }
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
        let describe = {
            let (source, dest) = (source.clone(), state.name.clone());
            move |changed: bool, state: &PathState| {
                let mut result = TaskResult::with_changed(changed).field("dest", dest.as_str());
                if let Some(name) = source.name.as_deref() {
                    result = result.field("src", name);
                }
                state.describe(result.field("checksum", source.sha1.as_str()))
            }
        };
        let Some(change) = self.file(look, state, source)? else {
            return Ok(Step::Done(describe(false, state)));
        };
        let before = state.clone();
        let next = move |answer: Option<Answer>| {
            let Some(answer) = answer else { return Ok(Step::Done(describe(true, &before))) };
            let changed = changed_by(&answer)?;
            let result = describe(true, &changed.state);
            Ok(Step::Done(match changed.backup {
                Some(backup) => result.field("backup_file", backup),
                None => result,
            }))
        };
        Ok(Step::Change(change, Box::new(next)))
    }

    /// Copies a file of the host.
    #[must_use]
    pub fn remote(self, source: &str) -> Step {
        let source = source.to_owned();
        let call = LookCall::at([self.dest.clone(), paths::join(&self.dest, paths::base(&source)), source.clone()])
            .sha1()
            .attributes(&self.attributes);
        let question = call.question();
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            self.decide_remote(&look, &source)
        };
        Step::Ask(vec![question], Box::new(next))
    }

    fn decide_remote(self, look: &Look, source: &str) -> Result<Step, ModuleError> {
        let from = &look.paths[2];
        let Some(stat) = from.followed() else {
            return Err(ModuleError::new(format!("Source {source} not found")));
        };
        if stat.is_directory() {
            return Err(ModuleError::new(format!("{source} is a directory: with `remote_src` only files are copied")));
        }
        let inside = self.dest.ends_with('/') || look.paths[0].is_directory();
        let state = if inside { &look.paths[1] } else { &look.paths[0] };
        let state = if self.follow { state.follow() } else { state.clone() };
        let (from_name, sum, mode) = (from.name.clone(), from.checksum.clone(), stat.permissions());
        let source = Source { name: Some(from_name.clone()), mode, sha1: sum, ..Source::text(String::new()) };
        if let Some(checksum) = self.checksum.as_ref().filter(|checksum| **checksum != source.sha1) {
            return Err(ModuleError::new("Copied file does not match the expected checksum. Transfer failed.")
                .field("expected_checksum", checksum.as_str()));
        }
        if !self.check && !inside && !state.has_parent() {
            return Err(ModuleError::new(format!("Destination directory {} does not exist", state.parent())));
        }
        let describe = move |changed: bool, after: &PathState, dest: &str| {
            let result = TaskResult::with_changed(changed).field("dest", dest).field("src", from_name.as_str());
            after.describe(result.field("checksum", source.sha1.as_str()))
        };
        let mut attributes = self.attributes.clone();
        if self.preserve || (attributes.mode.is_none() && !state.exists()) {
            attributes.mode = Some(Mode::Octal(mode));
        }
        let change = match state.is_file() && state.link.is_none() && state.checksum == look.paths[2].checksum {
            _ if state.exists() && !self.force => None,
            true => Some(attributes.fix(look, &state)?).filter(|fix| !fix.is_empty()).map(|fix| Change {
                diff: vec![diff::properties(&state.name, &fix.before, &fix.after)],
                action: set::attributes(&state.name, fix),
            }),
            false => {
                let mut write = Write::new(state.clone(), Vec::new(), attributes);
                write.content = None;
                write.source = Some(from.name.clone());
                write.backup = self.backup;
                write.validate.clone_from(&self.validate);
                write.directories = Some(String::new()).filter(|_| !state.has_parent());
                Some(Change { diff: Vec::new(), action: write.action(look)? })
            }
        };
        let Some(change) = change else { return Ok(Step::Done(describe(false, &state, &state.name))) };
        let next = move |answer: Option<Answer>| {
            let Some(answer) = answer else { return Ok(Step::Done(describe(true, &state, &state.name))) };
            let changed = changed_by(&answer)?;
            let result = describe(true, &changed.state, &changed.state.name);
            Ok(Step::Done(match changed.backup {
                Some(backup) => result.field("backup_file", backup),
                None => result,
            }))
        };
        Ok(Step::Change(change, Box::new(next)))
    }
}

/// Makes changes one after another, then ends.
fn one_by_one(mut changes: std::vec::IntoIter<Change>, result: TaskResult) -> Step {
    match changes.next() {
        None => Step::Done(result),
        Some(change) => Step::Change(
            change,
            Box::new(move |answer| {
                answer.as_ref().map(changed_by).transpose()?;
                Ok(one_by_one(changes, result))
            }),
        ),
    }
}
