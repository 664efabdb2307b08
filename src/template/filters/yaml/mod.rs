//! YAML, written as Ansible writes it, and read.

mod emit;
mod node;
mod scalar;

use std::sync::Arc;

use self::emit::{Style, dump};
use super::bind::{Answer, none};
use super::python::{check, flag, integer, size};
use crate::template::{Arguments, Calls, TemplateError, Value};

const TERSE: Style = Style {
    indent: 2,
    width: 80,
    flow: None,
    sort_keys: true,
    explicit_start: false,
    explicit_end: false,
    quotes: None,
};

pub fn to_yaml(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    let style = style(arguments.named, TERSE)?;
    dump(&value, &style).map(Value::from)
}

pub fn to_nice_yaml(_: &mut dyn Calls, value: Value, mut arguments: Arguments) -> Answer {
    if !arguments.positional.is_empty() {
        arguments.named.push(("indent".into(), arguments.positional.remove(0)));
    }
    let style = style(arguments.named, Style { indent: 4, flow: Some(false), ..TERSE })?;
    dump(&value, &style).map(Value::from)
}

fn style(named: Vec<(Arc<str>, Value)>, mut style: Style) -> Answer<Style> {
    for (name, value) in named {
        match &*name {
            "indent" => style.indent = size(integer(Some(&value), 2)?),
            "width" => {
                // A width below zero is none at all to libyaml.
                let width = integer(Some(&value), 80)?;
                style.width = if width < 0 { usize::MAX } else { size(width) };
            }
            "default_flow_style" => {
                style.flow = if matches!(value, Value::Null) { None } else { Some(flag(Some(&value))?) }
            }
            "sort_keys" => style.sort_keys = flag(Some(&value))?,
            "explicit_start" => style.explicit_start = flag(Some(&value))?,
            "explicit_end" => style.explicit_end = flag(Some(&value))?,
            "default_style" => {
                style.quotes = value.as_str().and_then(|text| text.chars().next()).filter(|c| "'\"".contains(*c));
            }
            "allow_unicode" | "canonical" | "encoding" | "line_break" | "version" | "tags" | "vault_to_text" => {}
            _ => {
                return Err(TemplateError::value(format!("dump_all() got an unexpected keyword argument '{name}'"))
                    .hint(
                        "`indent`, `width`, `sort_keys`, `default_flow_style`, `explicit_start` and the like are known",
                    ));
            }
        }
    }
    // What libyaml makes of values that it cannot use.
    if !(2..=9).contains(&style.indent) {
        style.indent = 2;
    }
    if style.width <= style.indent * 2 {
        style.width = 80;
    }
    Ok(style)
}

/// Reads a document; nothing in it is ever templated.
pub fn from_yaml(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "from_yaml")?;
    match &value {
        Value::String(text) => document(text.as_str()),
        Value::Undefined(_) => check(&value).map(|()| value),
        _ => Ok(value),
    }
}

pub fn from_yaml_all(_: &mut dyn Calls, value: Value, arguments: Arguments) -> Answer {
    none(arguments, "from_yaml_all")?;
    match &value {
        Value::Null => Ok(Value::list(Vec::new())),
        Value::String(text) => {
            documents(text.as_str()).iter().map(|text| document(text)).collect::<Answer<Vec<_>>>().map(Value::list)
        }
        Value::Undefined(_) => check(&value).map(|()| value),
        _ => Ok(value),
    }
}

fn document(text: &str) -> Answer {
    let path: Arc<str> = "<unicode string>".into();
    let document =
        crate::yaml::parse(&path, text).map_err(|diagnostic| TemplateError::value(diagnostic.to_string()))?;
    Ok(document.root.map_or(Value::Null, |root| Value::of_node(&root, &path).distrusted()))
}

/// The documents of a text: each `---` starts one.
fn documents(text: &str) -> Vec<String> {
    let mut documents: Vec<String> = Vec::new();
    let mut current = String::new();
    let mut is_open = false;
    for line in text.split_inclusive('\n') {
        let word = line.trim_end();
        let starts = word == "---" || line.starts_with("--- ");
        let ends = word == "...";
        if starts && (is_open || !blank(&current)) || ends && is_open {
            documents.push(std::mem::take(&mut current));
            is_open = false;
        }
        if ends {
            continue;
        }
        is_open |= starts || !blank(line);
        current.push_str(line);
    }
    if is_open {
        documents.push(current);
    }
    documents
}

fn blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}
