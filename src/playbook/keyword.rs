//! Keywords that are handed down, from YAML.

use super::Keywords;
use super::known::{self, is_variable};
use super::near;
use super::reader::Reader;
use super::source::Source;
use crate::template::{Dict, Text, Trust, Value};
use crate::yaml::{Node, NodeKind, Span};

/// The type of a keyword's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Bool,
    Int,
    Float,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "a boolean",
            Self::Int => "an integer",
            Self::Float => "a number",
        }
    }
}

/// How a level may be connected to or raised.
const CONNECTIONS: &[&str] = &["ssh", "local", "smart", "paramiko", "paramiko_ssh"];
const BECOME_METHODS: &[&str] = &["sudo", "su", "doas"];

impl Reader<'_> {
    /// Takes a keyword that is handed down; says whether it is one.
    pub fn keyword(&mut self, source: &Source, into: &mut Keywords, key: &Node, value: &Node) -> bool {
        let name = key.as_str().unwrap_or_default();
        let (slot, kind) = match name {
            "become" => (&mut into.r#become, Kind::Bool),
            "become_user" => (&mut into.become_user, Kind::Text),
            "become_method" => (&mut into.become_method, Kind::Text),
            "become_flags" => (&mut into.become_flags, Kind::Text),
            "become_exe" => (&mut into.become_exe, Kind::Text),
            "connection" => (&mut into.connection, Kind::Text),
            "port" => (&mut into.port, Kind::Int),
            "remote_user" => (&mut into.remote_user, Kind::Text),
            "ignore_errors" => (&mut into.ignore_errors, Kind::Bool),
            "ignore_unreachable" => (&mut into.ignore_unreachable, Kind::Bool),
            "no_log" => (&mut into.no_log, Kind::Bool),
            "check_mode" => (&mut into.check_mode, Kind::Bool),
            "diff" => (&mut into.diff, Kind::Bool),
            "any_errors_fatal" => (&mut into.any_errors_fatal, Kind::Bool),
            "throttle" => (&mut into.throttle, Kind::Int),
            "timeout" => (&mut into.timeout, Kind::Int),
            "run_once" => (&mut into.run_once, Kind::Bool),
            "delegate_to" => (&mut into.delegate_to, Kind::Text),
            "delegate_facts" => (&mut into.delegate_facts, Kind::Bool),
            _ => return self.list_keyword(source, into, key, value),
        };
        *slot = self.scalar(source, name, value, kind);
        match name {
            "connection" => self.one_of(source, value, name, into.connection.as_ref(), CONNECTIONS),
            "become_method" => self.one_of(source, value, name, into.become_method.as_ref(), BECOME_METHODS),
            _ => {}
        }
        true
    }

    fn list_keyword(&mut self, source: &Source, into: &mut Keywords, key: &Node, value: &Node) -> bool {
        match key.as_str().unwrap_or_default() {
            "when" => into.when = self.conditions(source, "when", value),
            "vars" => into.vars = self.vars(source, value),
            "tags" => into.tags = self.tags(source, value),
            "environment" => into.environment = self.dicts(source, "environment", value),
            "module_defaults" => into.module_defaults = self.module_defaults(source, value),
            "collections" => into.collections = self.texts(source, "collections", value),
            "debugger" => {
                into.debugger = self.scalar(source, "debugger", value, Kind::Text);
                self.warn_at(source, key.span, "`debugger` has no effect: no task is debugged by hand");
            }
            _ => return self.removed_keyword(source, into, key, value),
        }
        true
    }

    /// Keywords that Ansible once had; they keep their last meaning.
    fn removed_keyword(&mut self, source: &Source, into: &mut Keywords, key: &Node, value: &Node) -> bool {
        let name = key.as_str().unwrap_or_default();
        let now = match name {
            "sudo" | "su" => {
                into.r#become = self.scalar(source, name, value, Kind::Bool);
                into.become_method = Some(Value::text(name));
                "become"
            }
            "sudo_user" | "su_user" => {
                into.become_user = self.scalar(source, name, value, Kind::Text);
                into.become_method = Some(Value::text(name.trim_end_matches("_user")));
                into.r#become.get_or_insert(Value::Bool(true));
                "become_user"
            }
            "always_run" => {
                match self.scalar(source, name, value, Kind::Bool) {
                    Some(Value::Bool(true)) => into.check_mode = Some(Value::Bool(false)),
                    Some(Value::Bool(false)) | None => {}
                    Some(_) => {
                        let message = "`always_run` takes no template";
                        self.error_at(source, value.span, message, "write `check_mode: false` where it holds");
                    }
                }
                "check_mode: false"
            }
            _ => return false,
        };
        self.warn(source.error(key.span, format!("`{name}` is an old keyword")).hint(format!("write `{now}`")));
        true
    }

    /// A value of a type; templates are taken as they are, null as not set.
    pub fn scalar(&mut self, source: &Source, name: &str, node: &Node, kind: Kind) -> Option<Value> {
        let value = source.value(node);
        let found = match (&value, kind) {
            (Value::Null, _) => return None,
            (Value::String(text), kind) if kind == Kind::Text || is_computed(text) => Some(value.clone()),
            (Value::Bool(_) | Value::Int(_) | Value::Float(_), Kind::Text) => Some(Value::text(value.to_string())),
            (_, Kind::Bool) => boolean(&value).map(Value::Bool),
            (Value::Int(_), Kind::Int) | (Value::Int(_) | Value::Float(_), Kind::Float) => Some(value.clone()),
            (Value::String(text), Kind::Int) => text.as_str().trim().parse().ok().map(Value::Int),
            (Value::String(text), Kind::Float) => text.as_str().trim().parse().ok().map(Value::Float),
            _ => None,
        };
        if found.is_none() {
            let shown = match &value {
                Value::String(text) => format!("`{}`", text.as_str()),
                _ => node.type_name().to_owned(),
            };
            self.error(source.error(node.span, format!("`{name}` must be {}, not {shown}", kind.name())));
        }
        found
    }

    fn one_of(&mut self, source: &Source, node: &Node, name: &str, value: Option<&Value>, known: &[&str]) {
        let Some(Value::String(text)) = value else { return };
        let short = text.as_str().strip_prefix("ansible.builtin.").unwrap_or(text.as_str());
        if !text.is_active() && !known.contains(&short) {
            let message = format!("{name} `{}` is not supported", text.as_str());
            self.error_at(source, node.span, message, near::hint(short, "supported", known.iter().copied()));
        }
    }

    /// Conditions: text and booleans, one or a list.
    pub fn conditions(&mut self, source: &Source, name: &str, node: &Node) -> Vec<Value> {
        let nodes = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        for node in nodes {
            if matches!(node.kind, NodeKind::Sequence(_) | NodeKind::Mapping(_)) {
                let message = format!("a condition of `{name}` is text or a boolean, not {}", node.type_name());
                self.error_at(source, node.span, message, "quote it; conditions need no `{{ }}`");
            }
        }
        nodes.iter().map(|node| source.value(node)).collect()
    }

    /// Variables: a mapping, or as once a list of mappings.
    pub fn vars(&mut self, source: &Source, node: &Node) -> Option<Dict> {
        let mappings = match &node.kind {
            NodeKind::Null => return None,
            NodeKind::Sequence(items) => {
                self.warn(source.error(node.span, "a list of variables is old syntax").hint("write one mapping"));
                &**items
            }
            _ => std::slice::from_ref(node),
        };
        let mut vars = Dict::new();
        for node in mappings {
            let Some(mapping) = node.as_mapping() else {
                let message = format!("`vars` must be a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `name: value`");
                continue;
            };
            for (key, value) in &mapping.entries {
                self.variable_name(source, key.span, &key.to_key());
                vars.insert(key.to_key().into(), source.value(value));
            }
        }
        Some(vars)
    }

    /// Refuses what cannot name a variable.
    pub fn variable_name(&mut self, source: &Source, span: Span, name: &str) {
        if !is_variable(name) {
            let message = format!("`{name}` cannot name a variable");
            self.error_at(source, span, message, "a name has letters, digits and `_`, and does not start with a digit");
        }
    }

    /// Tags: a list, or text with commas.
    pub fn tags(&mut self, source: &Source, node: &Node) -> Vec<Value> {
        match &node.kind {
            NodeKind::Null => Vec::new(),
            NodeKind::String(text) if text.contains("{{") => vec![source.value(node)],
            NodeKind::String(text) => {
                let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty());
                tags.map(|tag| source.text(node, tag)).collect()
            }
            NodeKind::Number(number) => vec![Value::text(number.to_string())],
            NodeKind::Sequence(items) => {
                for item in items.iter() {
                    if !matches!(item.kind, NodeKind::String(_) | NodeKind::Number(_)) {
                        let message = format!("a tag is text, not {}", item.type_name());
                        self.error_at(source, item.span, message, "quote it");
                    }
                }
                items.iter().map(|item| source.value(item)).collect()
            }
            _ => {
                let message = format!("`tags` must be a list, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `tags: [one, two]`");
                Vec::new()
            }
        }
    }

    /// Texts: one or a list.
    pub fn texts(&mut self, source: &Source, name: &str, node: &Node) -> Vec<String> {
        let values = self.names(source, name, node);
        values.iter().map(ToString::to_string).collect()
    }

    /// Texts that may be templates: one or a list.
    pub fn names(&mut self, source: &Source, name: &str, node: &Node) -> Vec<Value> {
        let nodes = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        nodes.iter().filter_map(|node| self.scalar(source, name, node, Kind::Text)).collect()
    }

    /// Mappings or templates: one or a list.
    fn dicts(&mut self, source: &Source, name: &str, node: &Node) -> Vec<Value> {
        let nodes = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        for node in nodes {
            let is_template = node.as_str().is_some_and(|text| text.contains("{{") || text.contains("{%"));
            if !is_template && !matches!(node.kind, NodeKind::Mapping(_) | NodeKind::Null) {
                let message = format!("`{name}` must be a mapping, not {}", node.type_name());
                self.error_at(source, node.span, message, "write `NAME: value`, or a template that gives a mapping");
            }
        }
        nodes.iter().map(|node| source.value(node)).collect()
    }

    fn module_defaults(&mut self, source: &Source, node: &Node) -> Vec<Value> {
        let values = self.dicts(source, "module_defaults", node);
        let nodes = match &node.kind {
            NodeKind::Sequence(items) => &**items,
            _ => std::slice::from_ref(node),
        };
        for (key, value) in nodes.iter().filter_map(Node::as_mapping).flat_map(|mapping| &mapping.entries) {
            let name = key.to_key();
            if name.starts_with("group/") {
                let message = format!("module_defaults for the group `{name}` is not supported");
                self.error_at(source, key.span, message, "name the modules one by one");
            } else if self.loader.module(&name).is_none() && !known::ACTIONS.contains(&name.as_str()) {
                self.warn_at(source, key.span, format!("module_defaults for `{name}`, which is no module here"));
            }
            let is_template = value.as_str().is_some_and(|text| text.contains("{{"));
            if !is_template && !matches!(value.kind, NodeKind::Mapping(_) | NodeKind::Null) {
                let message = format!("the defaults of `{name}` must be a mapping, not {}", value.type_name());
                self.error(source.error(value.span, message));
            }
        }
        values
    }
}

/// Whether a text is known only when it is used.
pub fn is_computed(text: &Text) -> bool {
    text.is_active() || matches!(text.trust(), Trust::Vaulted(_))
}

/// The boolean that a keyword's value stands for.
pub fn boolean(value: &Value) -> Option<bool> {
    match value.to_string().to_lowercase().as_str() {
        "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
        "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
        _ => None,
    }
}
