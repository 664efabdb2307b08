//! Trees of the controller.

use std::path::Path;
use std::sync::Arc;

use crate::modules::{Answer, Change, LocalFile, LocalKind, ModuleError, Step, TaskResult};

use super::{Copy, Source};
use crate::modules::files::look::{Look, LookCall, PathState};
use crate::modules::files::write::changed_by;
use crate::modules::files::{Attributes, Fix, diff, paths, set};

impl Copy {
    /// Copies a tree; with a slash at its name's end what is in it, else itself.
    pub(super) fn look_at_tree(mut self, name: String, entries: Vec<LocalFile>) -> Step {
        let prefix = if name.ends_with('/') { "" } else { paths::base(&name) }.to_owned();
        let dest = self.dest.trim_end_matches('/').to_owned() + "/";
        // Where directories are copied too, Ansible follows no link at the host.
        self.follow &= entries.iter().all(|entry| entry.kind != LocalKind::Directory);
        let relative = |entry: &LocalFile| paths::join(&prefix, &entry.relative.to_string_lossy());
        let looked = entries.iter().map(|entry| format!("{dest}{}", relative(entry)));
        let call = LookCall::at(looked).sha1().attributes(&self.attributes);
        let question = call.question();
        let from = entries.first().and_then(root).map_or(name, |root| root + "/");
        let next = move |answers: Vec<Answer>| {
            let look = Arc::new(Look::read(&call, answers.first().unwrap_or(&Answer::default()))?);
            let mut changes = Vec::new();
            for (entry, state) in entries.iter().zip(&look.paths) {
                let state = if self.follow { state.follow() } else { state.clone() };
                changes.extend(self.tree_entry(&look, entry, &state)?);
            }
            let result = TaskResult::with_changed(!changes.is_empty()).field("dest", dest).field("src", from);
            Ok(one_by_one(changes.into_iter(), result))
        };
        Step::Ask(vec![question], Box::new(next))
    }

    fn tree_entry(&self, look: &Look, entry: &LocalFile, state: &PathState) -> Result<Option<Change>, ModuleError> {
        let set = |what: &'static str, fix: Fix, source: String| {
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
                    _ => set("link", Fix::default(), target),
                }
            }
            _ => self.file(look, state, &Source::file(entry)),
        }
    }
}

/// The directory that an entry's tree stands in.
fn root(entry: &LocalFile) -> Option<String> {
    let depth = entry.relative.components().count();
    entry.path.ancestors().nth(depth).filter(|root| entry.path == root.join(&entry.relative)).map(shown)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
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
