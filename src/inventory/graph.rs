//! An inventory as a tree, in the shape of `ansible-inventory --graph`.

use std::fmt::{Display, Write};
use std::sync::Arc;

use serde_json::Value;

use super::listing::INTERNAL;
use super::{Group, Inventory, Var, VarsResolver};

/// Whether the tree has variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphVars {
    /// Names alone.
    Hidden,
    /// All variables of each host, and those that each group sets itself; secrets are not shown.
    Drawn,
}

/// Tells by a variable's name whether its value looks like a secret.
pub type IsSecret = fn(&str) -> bool;

/// Draws `group` and all that is within it.
#[must_use]
pub fn graph(inventory: &Inventory, group: &Group, vars: GraphVars, is_secret: IsSecret) -> String {
    let mut drawing =
        Drawing { inventory, vars, is_secret, resolver: VarsResolver::new(inventory), text: String::new() };
    drawing.group(group, 0);
    drawing.text
}

struct Drawing<'a> {
    inventory: &'a Inventory,
    vars: GraphVars,
    is_secret: IsSecret,
    resolver: VarsResolver<'a>,
    text: String,
}

impl<'a> Drawing<'a> {
    fn group(&mut self, group: &'a Group, depth: usize) {
        self.line(depth, format_args!("@{}:", group.name));
        for child in self.inventory.children(group) {
            self.group(child, depth + 1);
        }
        if &*group.name != "all" {
            for host in self.inventory.members(group) {
                self.line(depth + 1, &host.name);
                if self.vars == GraphVars::Drawn {
                    let vars = self.resolver.vars(host);
                    self.vars(vars.into_iter(), depth + 2);
                }
            }
        }
        if self.vars == GraphVars::Drawn {
            let own = [&group.vars].into_iter().chain(&group.adjacent.sources).chain([&group.adjacent.play]);
            let merged: super::Vars = own.flatten().map(|(name, var)| (Arc::clone(name), var.clone())).collect();
            self.vars(merged.iter().map(|(name, var)| (&**name, var)), depth + 1);
        }
    }

    fn vars<'v>(&mut self, vars: impl Iterator<Item = (&'v str, &'v Var)>, depth: usize) {
        let mut vars: Vec<_> = vars.filter(|(name, _)| !INTERNAL.contains(name)).collect();
        vars.sort_by_key(|(name, _)| *name);
        for (name, var) in vars {
            self.line(depth, format_args!("{{{name} = {}}}", shown(name, &var.value, self.is_secret)));
        }
    }

    fn line(&mut self, depth: usize, content: impl Display) {
        let lead = if depth == 0 { "" } else { "--" };
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{}{lead}{content}", "  |".repeat(depth));
    }
}

/// A value as one line of text; the value of a variable that is named like a secret is not shown.
#[must_use]
pub fn shown(name: &str, value: &Value, is_secret: IsSecret) -> String {
    match value {
        // A reference tells nothing, and helps.
        Value::String(text) if text.starts_with("{{") => text.clone(),
        Value::Object(map) if map.contains_key("__ansible_vault") => "(vault)".to_owned(),
        _ if is_secret(name) => "***".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(map) if map.len() == 1 && map.contains_key("__ansible_unsafe") => {
            map["__ansible_unsafe"].as_str().unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    }
}
