//! The few templates that connection variables hold in practice: `{{ other_var }}`, `{{ inventory_hostname }}`,
//! `{{ lookup('env', 'NAME') }}`, each with the filters `default('…')`, `default('…', true)`, `int`, `string`, `trim`.
//!
//! Anything else is refused by name: a literal `{{` must never reach ssh.

use serde_json::Value;

use super::HostVars;
use crate::vault::{Vault, VaultError};

/// Longest chain of references.
const DEPTH_LIMIT: usize = 16;

/// Why a template has no value here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// More than a reference.
    #[error("`{0}` is more than a reference to a variable")]
    TooComplex(String),
    /// A variable that is not set.
    #[error("`{0}` is not set")]
    Unset(String),
    /// A variable encrypted with Ansible Vault.
    #[error("`{variable}` is encrypted with Ansible Vault: {reason}")]
    Vaulted {
        /// The variable.
        variable: String,
        /// Why it is not opened.
        reason: VaultError,
    },
    /// A variable whose encrypted bytes are no text.
    #[error("`{0}` is encrypted with Ansible Vault, and no UTF-8 text")]
    Binary(String),
    /// References that lead to themselves.
    #[error("`{0}` refers to itself")]
    Circular(String),
}

/// Resolves the references in `value` for the host `name`; text comes back as text, other values as they are.
pub fn resolve(value: &Value, name: &str, vars: &HostVars<'_>, vault: &Vault) -> Result<Value, ReferenceError> {
    Resolver { name, vars, vault }.value(value, "value", 0)
}

struct Resolver<'a> {
    name: &'a str,
    vars: &'a HostVars<'a>,
    vault: &'a Vault,
}

impl Resolver<'_> {
    fn value(&self, value: &Value, variable: &str, depth: usize) -> Result<Value, ReferenceError> {
        if depth > DEPTH_LIMIT {
            return Err(ReferenceError::Circular(variable.to_owned()));
        }
        match value {
            Value::String(text) => self.text(text, variable, depth),
            Value::Object(map) if map.contains_key("__ansible_vault") => {
                let envelope = map["__ansible_vault"].as_str().unwrap_or_default();
                let closed = |reason| ReferenceError::Vaulted { variable: variable.to_owned(), reason };
                let text = self.vault.open(envelope).map_err(closed)?;
                String::from_utf8(text).map(Value::from).map_err(|_| ReferenceError::Binary(variable.to_owned()))
            }
            Value::Object(map) => Ok(map.get("__ansible_unsafe").unwrap_or(value).clone()),
            other => Ok(other.clone()),
        }
    }

    fn text(&self, text: &str, variable: &str, depth: usize) -> Result<Value, ReferenceError> {
        if text.contains("{%") || text.contains("{#") {
            return Err(ReferenceError::TooComplex(text.to_owned()));
        }
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (expression, after) =
                after.split_once("}}").ok_or_else(|| ReferenceError::TooComplex(text.to_owned()))?;
            let value = self.expression(expression.trim(), variable, depth)?;
            if before.is_empty() && after.is_empty() && resolved.is_empty() {
                return Ok(value);
            }
            resolved.push_str(before);
            resolved.push_str(&plain(&value));
            rest = after;
        }
        resolved.push_str(rest);
        Ok(Value::from(resolved))
    }

    fn expression(&self, expression: &str, variable: &str, depth: usize) -> Result<Value, ReferenceError> {
        let too_complex = || ReferenceError::TooComplex(expression.to_owned());
        let mut parts = expression.split('|').map(str::trim);
        let mut value = self.reference(parts.next().unwrap_or_default(), variable, depth);
        for filter in parts {
            value = match Filter::parse(filter).ok_or_else(too_complex)? {
                Filter::Default { text, empties } => match value {
                    Err(ReferenceError::Unset(_)) => Ok(Value::from(text)),
                    Ok(value) if empties && is_empty(&value) => Ok(Value::from(text)),
                    value => value,
                },
                Filter::Int => value.and_then(|value| int(&value).ok_or_else(too_complex)),
                Filter::String => value.map(|value| Value::from(plain(&value))),
                Filter::Trim => value.map(|value| Value::from(plain(&value).trim())),
            };
        }
        value
    }

    fn reference(&self, reference: &str, variable: &str, depth: usize) -> Result<Value, ReferenceError> {
        if let Some(name) = environment_lookup(reference) {
            // Ansible gives an unset variable of the environment as an empty string.
            return Ok(Value::from(std::env::var(name).unwrap_or_default()));
        }
        if !reference.chars().all(|c| c.is_alphanumeric() || c == '_') || reference.starts_with(char::is_numeric) {
            return Err(ReferenceError::TooComplex(reference.to_owned()));
        }
        match (reference, self.vars.get(reference)) {
            ("inventory_hostname", _) => Ok(Value::from(self.name)),
            ("inventory_hostname_short", _) => Ok(Value::from(short_name(self.name))),
            (_, Some(var)) if reference != variable => self.value(&var.value, reference, depth + 1),
            (_, Some(_)) => Err(ReferenceError::Circular(reference.to_owned())),
            (_, None) => Err(ReferenceError::Unset(reference.to_owned())),
        }
    }
}

fn short_name(name: &str) -> &str {
    if super::address::is_address(name) && name.parse::<std::net::IpAddr>().is_ok() {
        return name;
    }
    name.split('.').next().unwrap_or(name)
}

/// A filter that is known here.
enum Filter<'a> {
    /// Stands in for what is not set; also for what is empty, when `empties`.
    Default {
        text: &'a str,
        empties: bool,
    },
    Int,
    String,
    Trim,
}

impl<'a> Filter<'a> {
    fn parse(filter: &'a str) -> Option<Self> {
        match filter {
            "int" => return Some(Self::Int),
            "string" => return Some(Self::String),
            "trim" => return Some(Self::Trim),
            _ => {}
        }
        let arguments = filter.strip_prefix("default(").or_else(|| filter.strip_prefix("d("))?.strip_suffix(')')?;
        let (text, empties) = match arguments.rsplit_once(',').map(|(text, flag)| (text, flag.trim())) {
            Some((text, "true" | "True" | "boolean=true")) => (text, true),
            _ => (arguments, false),
        };
        let text = text.trim();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let text = if is_number { text } else { quoted(text)? };
        Some(Self::Default { text, empties })
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value == "" || value == false || value == 0
}

/// A whole number, as the filter `int` makes one of text.
fn int(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => number.as_i64().map(Value::from),
        Value::String(text) => text.trim().parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

/// The name in `lookup('env', 'NAME')`.
fn environment_lookup(reference: &str) -> Option<&str> {
    let arguments = reference.strip_prefix("lookup(")?.strip_suffix(')')?;
    let (plugin, name) = arguments.split_once(',')?;
    matches!(quoted(plugin.trim())?, "env" | "ansible.builtin.env").then_some(())?;
    quoted(name.trim())
}

fn quoted(text: &str) -> Option<&str> {
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.contains(['\'', '"', '\\'])).then_some(inner)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        other => other.to_string(),
    }
}
