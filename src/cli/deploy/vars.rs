//! Variables that the command line gives, and those that are the same for all hosts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use crate::cli::{AnsibleConfig, CliError, InventoryArgs};
use crate::template::{Dict, Key, Origin, Value};

/// Variables of `-e`: `k=v` words, a JSON or YAML mapping, or a file of one.
///
/// # Errors
/// When a file cannot be read, or holds no mapping.
pub fn extra_vars(given: &[String]) -> Result<Dict, CliError> {
    let mut vars = Dict::new();
    for text in given {
        let found = match text.strip_prefix('@') {
            Some(path) => {
                let content = std::fs::read_to_string(path)
                    .with_context(|| format!("the variables cannot be read from {path}"))
                    .map_err(CliError::usage)?;
                mapping(path, &content)?
            }
            None if text.trim_start().starts_with(['{', '[']) => mapping("--extra-vars", text)?,
            None => pairs(text)?,
        };
        vars.extend(found);
    }
    Ok(vars)
}

fn mapping(name: &str, text: &str) -> Result<Dict, CliError> {
    let file: Arc<str> = name.into();
    let document = crate::yaml::parse(&file, text).map_err(|error| CliError::usage(anyhow!("{error}")))?;
    let value = document.root.map_or_else(|| Value::dict(Dict::new()), |root| Value::of_node(&root, &file));
    match value.as_dict() {
        Some(dict) => Ok(dict.clone()),
        None => Err(CliError::usage(anyhow!("{name}: variables are a mapping, not {}", value.type_name()))),
    }
}

fn pairs(text: &str) -> Result<Dict, CliError> {
    let origin = Origin { file: "--extra-vars".into(), line: 0, column: 0 };
    let words = crate::playbook::key_values(text).map_err(|error| CliError::usage(anyhow!("--extra-vars: {error}")))?;
    let entry = |(name, value): (String, String)| (Key::from(name), Value::template(value, origin.clone()));
    Ok(words.into_iter().map(entry).collect())
}

/// Names that are the same everywhere: `ansible_version`, `inventory_dir`, …
pub fn fixed_vars(args: &InventoryArgs, ansible: &AnsibleConfig) -> Dict {
    let version = Dict::from_iter([
        (Key::from("full"), Value::text("2.19.0")),
        (Key::from("string"), Value::text("2.19.0")),
        (Key::from("major"), Value::Int(2)),
        (Key::from("minor"), Value::Int(19)),
        (Key::from("revision"), Value::Int(0)),
    ]);
    let mut vars = Dict::from_iter([
        (Key::from("ansible_version"), Value::dict(version)),
        (Key::from("ansible_managed"), Value::text(ansible.text("ansible_managed").unwrap_or("Ansible managed"))),
        (Key::from("ansible_playbook_python"), Value::text("/usr/bin/python3")),
    ]);
    if let Some(limit) = &args.limit {
        vars.insert("ansible_limit".into(), Value::text(limit.as_str()));
    }
    if let Some(source) = args.inventory.first().filter(|source| !source.contains(',')) {
        let path = std::path::absolute(source).unwrap_or_else(|_| PathBuf::from(source));
        let directory = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(Path::new("/")) };
        vars.insert("inventory_dir".into(), Value::text(directory.to_string_lossy()));
        vars.insert("inventory_file".into(), Value::text(path.to_string_lossy()));
    }
    vars
}
