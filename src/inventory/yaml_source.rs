//! YAML inventories: groups with `hosts`, `children` and `vars`.

use std::sync::Arc;

use serde_json::Value;

use super::builder::{BuildError, Builder};
use super::{Source, address, range, select};
use crate::yaml::{Diagnostic, Mapping, Node, NodeKind};

/// Adds the inventory under `root`.
pub fn add(builder: &mut Builder, path: &Arc<str>, text: &str, root: &Node) -> Result<(), Diagnostic> {
    let mut reader = Reader { builder, path, text };
    let Some(groups) = root.as_mapping() else {
        let message = format!("an inventory is a mapping of groups, found {}", root.type_name());
        return Err(reader.error(root, message).hint("begin with `all:` and `hosts:` within"));
    };
    if let Some(plugin) = groups.get("plugin").filter(|plugin| !plugin.is_falsy()) {
        return Err(reader.plugin(plugin));
    }
    for (name, body) in &groups.entries {
        reader.group(name, body)?;
    }
    Ok(())
}

struct Reader<'a> {
    builder: &'a mut Builder,
    path: &'a Arc<str>,
    text: &'a str,
}

impl Reader<'_> {
    fn group(&mut self, name: &Node, body: &Node) -> Result<usize, Diagnostic> {
        let text = self.name(name, "group")?;
        let group = self.builder.add_group(text).map_err(|error| self.build_error(name, &error))?;
        let sections = match &body.kind {
            NodeKind::Null => return Ok(group),
            NodeKind::Mapping(sections) => sections,
            _ => {
                let message = format!("group `{text}` must be a mapping, found {}", body.type_name());
                return Err(self.error(body, message).hint("a group holds `hosts`, `children` and `vars`"));
            }
        };
        for (key, body) in &sections.entries {
            self.section(group, text, key, body)?;
        }
        Ok(group)
    }

    fn section(&mut self, group: usize, name: &str, key: &Node, body: &Node) -> Result<(), Diagnostic> {
        let section = key.as_str().unwrap_or_default();
        if !["hosts", "children", "vars"].contains(&section) {
            return Err(self.unknown_section(name, key));
        }
        match &body.kind {
            NodeKind::Null => Ok(()),
            NodeKind::Mapping(entries) => match section {
                "vars" => self.vars(group, entries),
                "children" => self.children(group, entries),
                _ => self.hosts(group, entries),
            },
            // A single name stands for itself without anything in it.
            NodeKind::String(_) if section == "children" => {
                let child = self.group(body, &Node { kind: NodeKind::Null, ..body.clone() })?;
                self.builder.add_child(group, child).map_err(|error| self.build_error(body, &error))
            }
            NodeKind::String(_) if section == "hosts" => {
                self.host(group, body, &Node { kind: NodeKind::Null, ..body.clone() })
            }
            _ => {
                let message = format!("`{section}` of group `{name}` must be a mapping, found {}", body.type_name());
                let hint =
                    if section == "vars" { "write `name: value`" } else { "write each name with a colon: `web1:`" };
                Err(self.error(body, message).hint(hint))
            }
        }
    }

    fn vars(&mut self, group: usize, vars: &Mapping) -> Result<(), Diagnostic> {
        for (name, value) in &vars.entries {
            let source = self.source(name);
            let set = self.builder.set_group_var(group, &name.to_key(), value.to_value(), source);
            set.map_err(|error| self.build_error(name, &error))?;
        }
        Ok(())
    }

    fn children(&mut self, group: usize, children: &Mapping) -> Result<(), Diagnostic> {
        for (name, body) in &children.entries {
            let child = self.group(name, body)?;
            self.builder.add_child(group, child).map_err(|error| self.build_error(name, &error))?;
        }
        Ok(())
    }

    fn hosts(&mut self, group: usize, hosts: &Mapping) -> Result<(), Diagnostic> {
        hosts.entries.iter().try_for_each(|(pattern, vars)| self.host(group, pattern, vars))
    }

    fn host(&mut self, group: usize, pattern: &Node, vars: &Node) -> Result<(), Diagnostic> {
        let text = self.name(pattern, "host")?;
        let (host, port) = address::split_port(text);
        let names = range::expand(host).map_err(|error| self.error(pattern, error.to_string()))?;
        let none = Mapping::default();
        let vars = match &vars.kind {
            NodeKind::Mapping(vars) => vars,
            _ if vars.is_falsy() => &none,
            _ => {
                let message = format!("variables of host `{text}` must be a mapping, found {}", vars.type_name());
                return Err(self.error(vars, message).hint("write `name: value` below the host"));
            }
        };
        let vars: Vec<(String, Value, Source)> =
            vars.entries.iter().map(|(name, value)| (name.to_key(), value.to_value(), self.source(name))).collect();
        for name in names {
            let host = self.builder.add_host(&name, group).map_err(|error| self.build_error(pattern, &error))?;
            if let Some(port) = port {
                let source = self.source(pattern);
                self.builder.set_host_var(host, "ansible_port", Value::from(port), source);
            }
            for (name, value, source) in &vars {
                self.builder.set_host_var(host, name, value.clone(), source.clone());
            }
        }
        Ok(())
    }

    fn name<'n>(&self, node: &'n Node, what: &str) -> Result<&'n str, Diagnostic> {
        node.as_str().ok_or_else(|| {
            let message = format!("a {what} name must be a string, found {}", node.type_name());
            self.error(node, message).hint(format!("put it in quotes: \"{}\"", node.to_key()))
        })
    }

    fn unknown_section(&self, group: &str, key: &Node) -> Diagnostic {
        let name = key.to_key();
        let nearest = select::nearest_of(&name, ["hosts", "children", "vars"].into_iter());
        let hint = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                "a group holds `hosts`, `children` and `vars`; other groups go below `children`, variables below `vars`"
                    .to_owned()
            }
        };
        self.error(key, format!("unknown key `{name}` in group `{group}`")).hint(hint)
    }

    fn plugin(&self, plugin: &Node) -> Diagnostic {
        let name = plugin.to_key();
        let hint = format!(
            "use a program that prints its result: #!/bin/sh and `exec ansible-inventory -i {} --list`",
            self.path
        );
        self.error(plugin, format!("inventory plugins are not supported: `{name}`")).hint(hint)
    }

    fn source(&self, node: &Node) -> Source {
        Source { file: Arc::clone(self.path), line: Some(node.span.line) }
    }

    fn error(&self, node: &Node, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(self.path, self.text, node.span, message)
    }

    fn build_error(&self, node: &Node, error: &BuildError) -> Diagnostic {
        self.error(node, error.to_string())
    }
}
