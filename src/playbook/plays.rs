//! Files of plays, and `import_playbook`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::play::Handed;
use super::reader::Reader;
use super::search;
use super::source::Source;
use super::{Keywords, Parent, Play, known, near};
use crate::template::{Text, Value};
use crate::yaml::{Mapping, Node, NodeKind};

impl Reader<'_> {
    /// Reads a file of plays and those that it imports.
    pub fn plays(&mut self, path: &Path, handed: &Handed, plays: &mut Vec<Arc<Play>>) {
        let Some(source) = self.read(path) else { return };
        let root = source.root.clone();
        match root.as_ref().map(|root| &root.kind) {
            Some(NodeKind::Sequence(items)) if items.is_empty() => self.error(source.whole("holds no play")),
            Some(NodeKind::Sequence(items)) => {
                for node in items.iter() {
                    self.play_entry(&source, node, handed, plays);
                }
            }
            None | Some(NodeKind::Null) => self.error(source.whole("is empty and holds no play")),
            Some(kind) => {
                let node = root.as_ref().expect("it has a kind");
                let message = format!("a playbook is a list of plays, not {}", node.type_name());
                let hint = match kind {
                    NodeKind::Mapping(mapping) if mapping.get("hosts").is_some() => "put `- ` before `hosts`",
                    NodeKind::Mapping(mapping) if mapping.get("all").is_some() => {
                        "this may be an inventory: name it with -i"
                    }
                    NodeKind::Mapping(_) => "this may be a file of variables",
                    _ => "a play starts with `- hosts: …`",
                };
                self.error_at(&source, node.span, message, hint);
            }
        }
    }

    fn play_entry(&mut self, source: &Arc<Source>, node: &Node, handed: &Handed, plays: &mut Vec<Arc<Play>>) {
        let Some(mapping) = node.as_mapping() else {
            let message = format!("a play is a mapping, not {}", node.type_name());
            return self.error_at(source, node.span, message, "write `- hosts: …`");
        };
        let import = mapping.entries.iter().find(|(key, _)| {
            let name = key.as_str().unwrap_or_default();
            let short = ["ansible.builtin.", "ansible.legacy."].iter().find_map(|prefix| name.strip_prefix(prefix));
            matches!(short.unwrap_or(name), "import_playbook" | "include")
        });
        if let Some((key, value)) = import.filter(|_| mapping.get("hosts").is_none()) {
            self.import_playbook(source, (key, value), mapping, handed, plays);
        } else {
            let before = self.errors.len();
            plays.extend(self.play(source, node, mapping, handed).map(Arc::new));
            self.counts.play(source, node.span, self.errors.len() > before);
        }
    }

    fn import_playbook(
        &mut self,
        source: &Arc<Source>,
        (key, value): (&Node, &Node),
        mapping: &Mapping,
        handed: &Handed,
        plays: &mut Vec<Arc<Play>>,
    ) {
        let mut keywords = Keywords::default();
        for (other, value) in &mapping.entries {
            let name = other.to_key();
            if other.span == key.span || name == "name" || self.keyword(source, &mut keywords, other, value) {
                continue;
            }
            let known = known::COMMON.iter().chain(["when"].iter()).copied();
            let hint = near::hint(&name, "it takes", known);
            self.error_at(source, other.span, format!("unknown keyword `{name}` of import_playbook"), hint);
        }
        let Some(name) = self.playbook_name(source, (key, value), &mut keywords) else { return };
        let Some(path) = self.playbook_file(source, value, &name) else { return };
        let shown: Arc<str> = path.to_string_lossy().into();
        if handed.chain.contains(&shown) {
            let mut chain: Vec<&str> = handed.chain.iter().map(|path| &**path).collect();
            chain.push(&shown);
            let message = format!("`{shown}` is imported within itself");
            return self.error_at(source, value.span, message, format!("the chain: {}", chain.join(" -> ")));
        }
        let mut when = handed.keywords.when.clone();
        when.append(&mut keywords.when);
        keywords.when = when;
        keywords.tags.extend(handed.keywords.tags.iter().cloned());
        if let Some(outer) = &handed.keywords.vars {
            keywords.vars.get_or_insert_default().extend(outer.clone());
        }
        let mut chain = handed.chain.clone();
        chain.push(shown);
        self.plays(&path, &Handed { keywords, chain }, plays);
    }

    fn playbook_name(
        &mut self,
        source: &Arc<Source>,
        (key, value): (&Node, &Node),
        keywords: &mut Keywords,
    ) -> Option<String> {
        let Some(mut name) = value.as_str().map(str::to_owned) else {
            let message = format!("a playbook is named by text, not {}", value.type_name());
            self.error_at(source, value.span, message, "write `import_playbook: FILE`");
            return None;
        };
        if key.as_str() == Some("include") {
            self.warn(source.error(key.span, "`include` is old syntax").hint("write `import_playbook`"));
            let (file, named) = self.old_file_words(source, value)?;
            name = file;
            for (variable, text) in named {
                let given = source.text(value, &text);
                match variable.as_str() {
                    "tags" => keywords.tags.extend(text.split(',').map(|tag| Value::text(tag.trim()))),
                    _ => _ = keywords.vars.get_or_insert_default().insert(variable.into(), given),
                }
            }
        }
        let level = Arc::new(Parent::root(keywords.clone()));
        let text = Text::template(name, source.origin(value.span));
        self.scope.directory = source.directory();
        let names = super::scope::Names { loader: self.loader, play: &self.scope, parent: Some(&level) };
        match names.resolve(&text) {
            Ok(name) => Some(name),
            Err(reason) => {
                let message = format!("an import's name must be known before the run: {reason}");
                self.error_at(source, value.span, message, "set it with --extra-vars, or name the file");
                None
            }
        }
    }

    fn playbook_file(&mut self, source: &Arc<Source>, value: &Node, name: &str) -> Option<PathBuf> {
        let mut places = vec![search::join(&source.directory(), name)];
        let parts: Vec<&str> = name.split('.').collect();
        if let [namespace, collection, playbook] = parts.as_slice()
            && !name.contains('/')
        {
            let options = self.loader.options();
            for root in &options.collections_path {
                let root = root.join("ansible_collections").join(namespace).join(collection).join("playbooks");
                places.extend(["yml", "yaml"].map(|ending| root.join(format!("{playbook}.{ending}"))));
            }
        }
        let found = places.iter().find(|place| place.is_file()).cloned();
        if found.is_none() {
            self.error_at(source, value.span, format!("there is no playbook `{name}`"), search::looked(&places));
        }
        found
    }
}
