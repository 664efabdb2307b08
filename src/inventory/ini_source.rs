//! INI inventories: sections of hosts, of groups (`[x:children]`) and of variables (`[x:vars]`).

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::builder::{BuildError, Builder, UNGROUPED};
use super::shell_words::{self, Comments};
use super::{Source, address, python_literal, range};
use crate::yaml::{Diagnostic, Span};

/// Adds the inventory in `text`.
pub fn add(builder: &mut Builder, path: &Arc<str>, text: &str) -> Result<(), Diagnostic> {
    let mut reader =
        Reader { builder, path, text, line: 0, group: UNGROUPED, state: State::Hosts, pending: IndexMap::new() };
    for line in text.lines() {
        reader.line += 1;
        reader.take(line)?;
    }
    reader.check_pending()
}

/// Whether a text looks like an INI inventory rather than a broken YAML one.
pub fn looks_like_ini(text: &str) -> bool {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    line.is_none_or(|line| {
        matches!(section(line), Section::Head(..))
            || !(line.starts_with("---") || line.starts_with("- ") || line.contains(": ") || line.ends_with(':'))
    })
}

struct Reader<'a> {
    builder: &'a mut Builder,
    path: &'a Arc<str>,
    text: &'a str,
    line: u32,
    group: usize,
    state: State,
    /// Groups that are named before (or without) a section of their own.
    pending: IndexMap<String, Pending>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Hosts,
    Children,
    Vars,
}

struct Pending {
    line: u32,
    kind: PendingKind,
}

enum PendingKind {
    Vars,
    /// Named as a child of these groups.
    ChildOf(Vec<usize>),
}

impl Reader<'_> {
    fn take(&mut self, line: &str) -> Result<(), Diagnostic> {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            return Ok(());
        }
        match section(line) {
            Section::Head(name, kind) => return self.section(name, kind),
            Section::Invalid => {
                let hint = "a section is [group], [group:children] or [group:vars], without spaces";
                return Err(self.error(format!("invalid section `{line}`")).hint(hint));
            }
            Section::None => {}
        }
        match self.state {
            State::Hosts => self.host(line),
            State::Children => self.child(line),
            State::Vars => self.var(line),
        }
    }

    fn section(&mut self, name: &str, kind: Option<&str>) -> Result<(), Diagnostic> {
        self.state = match kind {
            None | Some("hosts") => State::Hosts,
            Some("children") => State::Children,
            Some("vars") => State::Vars,
            Some(kind) => {
                let error = self.error(format!("section [{name}:{kind}] has the unknown kind `{kind}`"));
                return Err(error.hint("known are [group], [group:children] and [group:vars]"));
            }
        };
        let known = self.builder.group_index(name).is_some();
        if !known && self.state == State::Vars && !self.pending.contains_key(name) {
            self.pending.insert(name.to_owned(), Pending { line: self.line, kind: PendingKind::Vars });
        }
        self.group = self.builder.add_group(name).map_err(|error| self.build_error(&error))?;
        if self.state != State::Vars {
            self.declared(name)?;
        }
        Ok(())
    }

    /// A group that was named before now has its section.
    fn declared(&mut self, name: &str) -> Result<(), Diagnostic> {
        let Some(Pending { kind: PendingKind::ChildOf(parents), .. }) = self.pending.shift_remove(name) else {
            return Ok(());
        };
        for parent in parents {
            self.builder.add_child(parent, self.group).map_err(|error| self.build_error(&error))?;
        }
        Ok(())
    }

    fn host(&mut self, line: &str) -> Result<(), Diagnostic> {
        let words = shell_words::split(line, Comments::Skip).map_err(|error| {
            self.error(format!("host line cannot be split into words: {error}"))
                .hint("quote a whole value: key=\"it's\"")
        })?;
        let Some((pattern, assignments)) = words.split_first() else { return Ok(()) };
        let (pattern_host, port) = address::split_port(pattern);
        if pattern.ends_with(':') && port.is_none() {
            return Err(self
                .error(format!("host `{pattern}` ends in `:`"))
                .hint(self.yaml_hint("a port goes there, or nothing")));
        }
        if pattern_host == "---" {
            return Err(self.error("`---` is no host name").hint(self.yaml_hint("remove it")));
        }
        let names = range::expand(pattern_host).map_err(|error| self.error(error.to_string()))?;
        let vars = assignments.iter().map(|word| self.assignment(word)).collect::<Result<Vec<_>, _>>()?;
        for name in names {
            let host = self.builder.add_host(&name, self.group).map_err(|error| self.build_error(&error))?;
            if let Some(port) = port {
                self.builder.set_host_var(host, "ansible_port", Value::from(port), self.source());
            }
            for (key, value) in &vars {
                self.builder.set_host_var(host, key, value.clone(), self.source());
            }
        }
        Ok(())
    }

    fn yaml_hint(&self, otherwise: &str) -> String {
        let yaml = "if this is YAML, fix its first error, or name the file with .yml";
        if self.text.lines().any(|line| line.trim_end().ends_with(':')) {
            yaml.to_owned()
        } else {
            otherwise.to_owned()
        }
    }

    fn assignment(&self, word: &str) -> Result<(String, Value), Diagnostic> {
        let Some((key, value)) = word.split_once('=') else {
            let hint = "one host a line; a value with spaces needs quotes: key=\"a b\"";
            return Err(self.error("expected key=value after the host").hint(hint));
        };
        Ok((key.to_owned(), python_literal::value(value)))
    }

    fn child(&mut self, line: &str) -> Result<(), Diagnostic> {
        let name = line.split('#').next().unwrap_or(line).trim();
        if name.is_empty() || name.contains(|c: char| c == ':' || c == ']' || c.is_whitespace()) {
            return Err(self.error(format!("expected a group name, found `{line}`")));
        }
        if let Some(child) = self.builder.group_index(name) {
            return self.builder.add_child(self.group, child).map_err(|error| self.build_error(&error));
        }
        let line = self.line;
        let pending =
            self.pending.entry(name.to_owned()).or_insert(Pending { line, kind: PendingKind::ChildOf(Vec::new()) });
        if let PendingKind::ChildOf(parents) = &mut pending.kind {
            parents.push(self.group);
        }
        Ok(())
    }

    fn var(&mut self, line: &str) -> Result<(), Diagnostic> {
        let Some((key, value)) = line.split_once('=') else {
            return Err(self.error("expected key=value"));
        };
        let value = python_literal::value(value.trim());
        let source = self.source();
        self.builder.set_group_var(self.group, key.trim(), value, source).map_err(|error| self.build_error(&error))
    }

    /// Every group that was named must have a section.
    fn check_pending(&mut self) -> Result<(), Diagnostic> {
        let Some((name, pending)) = self.pending.first() else { return Ok(()) };
        self.line = pending.line;
        let message = match pending.kind {
            PendingKind::Vars => format!("[{name}:vars] stands for a group that is not defined"),
            PendingKind::ChildOf(_) => format!("group `{name}` is not defined"),
        };
        let error = self.error(message);
        let known: Vec<&str> =
            self.text.lines().filter_map(|line| section_name(line.trim())).filter(|known| known != name).collect();
        let nearest = super::select::nearest_of(name, known.iter().copied());
        let hint = nearest.map_or_else(|| format!("add a section [{name}]"), |near| format!("did you mean `{near}`?"));
        Err(error.hint(hint))
    }

    fn source(&self) -> Source {
        Source { file: Arc::clone(self.path), line: Some(self.line) }
    }

    fn error(&self, message: impl Into<String>) -> Diagnostic {
        let line = self.text.lines().nth(self.line.saturating_sub(1) as usize).unwrap_or("");
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let span = Span { line: self.line, column: u32::try_from(indent + 1).unwrap_or(1) };
        Diagnostic::at(self.path, self.text, span, message)
    }

    fn build_error(&self, error: &BuildError) -> Diagnostic {
        self.error(error.to_string())
    }
}

enum Section<'a> {
    Head(&'a str, Option<&'a str>),
    Invalid,
    None,
}

/// Reads `[name]` or `[name:kind]`, a comment after it allowed.
fn section(line: &str) -> Section<'_> {
    let head = || {
        let (inside, after) = line.strip_prefix('[')?.split_once(']')?;
        let after = after.trim_start();
        let (name, kind) = inside.split_once(':').map_or((inside, None), |(name, kind)| (name, Some(kind)));
        let valid_name = !name.is_empty() && !name.contains(char::is_whitespace);
        let valid_kind =
            kind.is_none_or(|kind| !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let valid_end = after.is_empty() || after.starts_with('#');
        (valid_name && valid_kind && valid_end).then_some((name, kind))
    };
    match head() {
        Some((name, kind)) => Section::Head(name, kind),
        None if line.starts_with('[') && line.ends_with(']') => Section::Invalid,
        None => Section::None,
    }
}

fn section_name(line: &str) -> Option<&str> {
    match section(line) {
        Section::Head(name, _) => Some(name),
        _ => None,
    }
}
