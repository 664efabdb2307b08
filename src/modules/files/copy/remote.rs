//! Files and trees of the host itself.

use std::ffi::OsString;

use crate::modules::{Action, Answer, Change, ModuleError, Question, ScriptCall, Step, TaskResult, actions, probes};
use crate::template::Value;

use super::{Copy, Described};
use crate::modules::files::look::{Look, LookCall};
use crate::modules::files::mode::Mode;
use crate::modules::files::write::changed_by;
use crate::modules::files::{Attributes, Fix, diff, paths, set};

impl Copy {
    /// Copies a file or a directory of the host.
    #[must_use]
    pub fn remote(self, source: &str) -> Step {
        let source = source.to_owned();
        let below = paths::join(&self.dest, paths::base(&source));
        let call = LookCall::at([self.dest.clone(), below, source.clone()]).sha1().attributes(&self.attributes);
        let owner = self.attributes.owner.clone().unwrap_or_default();
        let group = self.attributes.group.clone().unwrap_or_default();
        let words = [source.as_str(), &self.dest, self.links(), &owner, &group];
        let questions = vec![call.question(), Question::new(&probes::TREE_DIFFERS, words)];
        let next = move |answers: Vec<Answer>| {
            let look = Look::read(&call, answers.first().unwrap_or(&Answer::default()))?;
            let tree = answers.into_iter().nth(1).unwrap_or_default();
            self.decide_remote(&look, &source, &tree)
        };
        Step::Ask(questions, Box::new(next))
    }

    /// How `find` treats links of the tree.
    fn links(&self) -> &'static str {
        if self.remote_follow { "-L" } else { "" }
    }

    fn decide_remote(self, look: &Look, source: &str, tree: &Answer) -> Result<Step, ModuleError> {
        let from = &look.paths[2];
        let Some(stat) = from.followed() else {
            return Err(ModuleError::new(format!("Source {source} not found")));
        };
        if !from.access.contains('r') {
            return Err(ModuleError::new(format!("Source {source} not readable")));
        }
        if stat.is_directory() {
            return self.directory(look, source, tree);
        }
        if !stat.is_file() {
            return Err(ModuleError::new(format!("Cannot copy invalid source '{source}': not a file")));
        }
        self.expect(&from.checksum)?;
        let inside = self.dest.ends_with('/') || look.paths[0].is_directory();
        let state = if inside { &look.paths[1] } else { &look.paths[0] };
        let state = if self.follow { state.follow() } else { state.clone() };
        if !self.check && !self.dest.ends_with('/') && !state.has_parent() {
            return Err(ModuleError::new(format!("Destination directory {} does not exist", state.parent())));
        }
        let described = Described {
            dest: state.name.clone(),
            source: Some(from.name.clone()),
            sha1: from.checksum.clone(),
            md5: None,
        };
        if state.exists() && !self.force {
            let result = described.result(false, &state).message("file already exists");
            return Ok(Step::Done(result));
        }
        let mut attributes = self.attributes.clone();
        let mode = stat.permissions();
        if self.preserve {
            attributes.mode = Some(Mode::Octal(mode));
        }
        if state.is_file() && state.link.is_none() && state.checksum == from.checksum {
            let fix = attributes.fix(look, &state)?;
            if fix.is_empty() {
                return Ok(Step::Done(described.result(false, &state)));
            }
            let diff = vec![diff::properties(&state.name, &fix.before, &fix.after)];
            return Ok(described.make(Change { diff, action: set::attributes(&state.name, fix) }, state));
        }
        // A copy within a host has the source's permissions, whatever stood there.
        if attributes.mode.is_none() {
            attributes.mode = Some(Mode::Octal(mode));
        }
        let mut write = self.write(look, &state, attributes);
        write.content = None;
        write.source = Some(from.name.clone());
        let action = write.action(look)?;
        Ok(described.make(Change { diff: Vec::new(), action }, state))
    }

    fn directory(mut self, look: &Look, source: &str, tree: &Answer) -> Result<Step, ModuleError> {
        let (top, from) = (&look.paths[0], &look.paths[2]);
        if let Some(checksum) = &self.checksum {
            return Err(ModuleError::new("Copied file does not match the expected checksum. Transfer failed.")
                .field("checksum", Value::Null)
                .field("expected_checksum", checksum.as_str()));
        }
        if top.exists() && !top.is_directory() {
            let message = format!("{} is no directory; the directory {source} cannot be copied there", top.name);
            return Err(ModuleError::new(message));
        }
        let inside = self.dest.ends_with('/') || top.is_directory();
        let target = if inside { &look.paths[1] } else { top };
        let described = TaskResult::ok()
            .field("dest", target.name.as_str())
            .field("src", source)
            .field("checksum", Value::Null)
            .field("md5sum", Value::Null);
        if target.exists() && !self.force {
            return Ok(Step::Done(described.message("file already exists")));
        }
        if !self.check && !inside && !top.has_parent() {
            return Err(ModuleError::new(format!("Destination directory {} does not exist", top.parent())));
        }
        if self.preserve {
            self.attributes.mode = from.followed().map(|stat| Mode::Octal(stat.permissions()));
        }
        let fix =
            if target.exists() { self.attributes.fix(look, target)? } else { self.attributes.new_fix(look, true)? };
        let said = tree.text();
        if tree.rc != 0 {
            return Err(ModuleError::new(format!("{source} could not be compared: {}", tree.errors().trim())));
        }
        if said.trim() == "same" && fix.is_empty() {
            return Ok(Step::Done(target.describe(described)));
        }
        let before = if target.exists() { "directory" } else { "absent" };
        let diff = if fix.before.is_empty() {
            diff::state(&target.name, before, "directory")
        } else {
            diff::properties(&target.name, &fix.before, &fix.after)
        };
        let action = self.copy_tree(look, source, &target.name, &fix)?;
        let predicted = target.clone();
        let next = move |answer: Option<Answer>| {
            let changed = answer.as_ref().map(changed_by).transpose()?;
            let state = changed.map_or(predicted, |changed| changed.state);
            Ok(Step::Done(TaskResult { changed: true, ..state.describe(described) }))
        };
        Ok(Step::Change(Change { diff: vec![diff], action }, Box::new(next)))
    }

    fn copy_tree(&self, look: &Look, source: &str, target: &str, fix: &Fix) -> Result<Action, ModuleError> {
        let number = |id: Option<u32>| id.map(|id| id.to_string()).unwrap_or_default();
        let attributes: &Attributes = &self.attributes;
        let owner = number(attributes.uid(look)?);
        let group = number(attributes.gid(look)?);
        let mode = self.mode_of_directories(look);
        let words = [source, &self.dest, self.links(), &owner, &group, &mode, target].map(OsString::from);
        let words = words.into_iter().chain(fix.words());
        Ok(Action::Script(ScriptCall::new(actions::COPY_TREE, words)))
    }
}
