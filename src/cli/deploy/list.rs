//! `--list-hosts`, `--list-tasks`, `--list-tags`: what a run would be about, in Ansible's own form.
//!
//! Names stand as they are written: there is no host yet whose variables could fill them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::inventory::{HostPattern, Inventory};
use crate::playbook::{Action, Entry, IncludeKind, Keywords, Parent, Play, Playbook, TagFilter, Task};
use crate::render::sanitize_line;
use crate::template::{Dict, Environment, Key, Scope, SearchPath, Templar, Value};

/// What is listed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// `--list-hosts`.
    pub hosts: bool,
    /// `--list-tasks`.
    pub tasks: bool,
    /// `--list-tags`.
    pub tags: bool,
}

impl Wanted {
    /// Whether anything is.
    pub fn any(self) -> bool {
        self.hosts || self.tasks || self.tags
    }
}

/// What plays are listed against.
pub struct Lister<'a> {
    /// Who there is.
    pub inventory: &'a Inventory,
    /// `--limit`.
    pub limit: Option<&'a HostPattern>,
    /// `--tags`, `--skip-tags`.
    pub filter: &'a TagFilter,
    /// `-e`.
    pub extra_vars: &'a Dict,
    /// What templates share.
    pub environment: &'a Arc<Environment>,
    /// What is listed.
    pub wanted: Wanted,
}

/// Variables that are known without any host.
#[derive(Debug)]
struct Known(Dict);

impl Scope for Known {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn names(&self) -> Vec<Arc<str>> {
        self.0.keys().filter_map(Key::as_str).map(Arc::from).collect()
    }
}

impl Lister<'_> {
    /// The list of one playbook.
    pub fn playbook(&self, playbook: &Playbook) -> String {
        let mut text = format!("\nplaybook: {}\n", sanitize_line(&playbook.path));
        for (number, play) in (1..).zip(&playbook.plays) {
            self.play(&mut text, number, play);
        }
        text
    }

    fn play(&self, text: &mut String, number: usize, play: &Play) {
        let templar = self.templar(play);
        let patterns = texts(&play.hosts);
        let pattern = patterns.join(",");
        let name = play.name.as_ref().map_or_else(|| pattern.clone(), ToString::to_string);
        let own: Vec<String> = play.root.keywords.tags.iter().flat_map(tags).collect();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "\n  play #{number} ({}): {}\tTAGS: [{}]",
            sanitize_line(&pattern),
            sanitize_line(&name),
            own.join(",")
        );
        if self.wanted.hosts {
            self.hosts(text, &patterns, &templar, play);
        }
        if self.wanted.tasks {
            text.push_str("    tasks:\n");
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let sections = [&play.pre_tasks, &play.role_tasks, &play.tasks, &play.post_tasks];
        for entry in sections.into_iter().flatten() {
            self.entry(text, entry, &templar, &mut seen);
        }
        if self.wanted.tags {
            seen.extend(own);
            let _ = writeln!(text, "      TASK TAGS: [{}]", list(&seen));
        }
    }

    fn hosts(&self, text: &mut String, patterns: &[String], templar: &Templar, play: &Play) {
        let rendered = templar.render(&play.hosts).map_or_else(|_| patterns.to_vec(), |hosts| texts(&hosts));
        let shown: Vec<String> = patterns.iter().map(|pattern| format!("'{}'", sanitize_line(pattern))).collect();
        let selected = HostPattern::parse(&rendered.join(",")).map(|parsed| self.inventory.select(&parsed, self.limit));
        let hosts = selected.map(|selection| selection.hosts).unwrap_or_default();
        let _ = writeln!(text, "    pattern: [{}]\n    hosts ({}):", shown.join(", "), hosts.len());
        for host in hosts {
            let _ = writeln!(text, "      {}", sanitize_line(&host));
        }
    }

    fn entry(&self, text: &mut String, entry: &Entry, templar: &Templar, seen: &mut BTreeSet<String>) {
        let task = match entry {
            Entry::Block(block) => {
                // As Ansible does: what rescues a block, and what always follows, is not listed.
                block.body.iter().for_each(|entry| self.entry(text, entry, templar, seen));
                return;
            }
            Entry::Task(task) => task,
        };
        let values = || all_tags(task);
        let rendered = |value: &Value| templar.render(value).unwrap_or_else(|_| value.clone());
        let effective: Vec<String> = values().flat_map(|value| tags(&rendered(value))).collect();
        if !self.filter.runs(&effective) {
            return;
        }
        let shown: BTreeSet<String> = effective.into_iter().collect();
        if self.wanted.tasks {
            let _ = writeln!(text, "      {}\tTAGS: [{}]", sanitize_line(&name(task)), list(&shown));
        }
        seen.extend(shown);
    }

    fn templar(&self, play: &Play) -> Templar {
        let mut vars = play.root.keywords.vars.clone().unwrap_or_default();
        vars.extend(self.extra_vars.clone());
        let search = SearchPath { directories: vec![play.directory.clone()], playbook: play.directory.clone() };
        Templar::new(Arc::clone(self.environment), Arc::new(Known(vars)), Arc::new(search))
    }
}

/// A task's tags and those of all levels above it.
fn all_tags(task: &Task) -> impl Iterator<Item = &Value> {
    fn of(keywords: &Keywords) -> &[Value] {
        &keywords.tags
    }
    Parent::levels(&task.parent).flat_map(|level| of(&level.keywords)).chain(of(&task.keywords))
}

fn tags(value: &Value) -> Vec<String> {
    let split = |text: &String| text.split(',').map(|tag| tag.trim().to_owned()).collect::<Vec<_>>();
    texts(value).iter().flat_map(split).collect()
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    }
}

fn list(tags: &BTreeSet<String>) -> String {
    sanitize_line(&tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")).into_owned()
}

/// A task's name with its role's, or the name of what it does.
fn name(task: &Task) -> String {
    let role = task.parent.role().map(|role| format!("{} : ", role.name)).unwrap_or_default();
    match &task.name {
        Some(name) => format!("{role}{name}"),
        None => match &task.action {
            Action::Module(module, _) => module.spec().name.to_owned(),
            Action::Named(name, _) => name.to_string(),
            Action::Include(include) if include.kind == IncludeKind::Tasks => "include_tasks".to_owned(),
            Action::Include(_) => "include_role".to_owned(),
            Action::Meta(_) => "meta".to_owned(),
        },
    }
}
