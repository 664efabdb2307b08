//! Lookups, as Ansible 2.19 answers. What they give is plain: it is never templated.
//!
//! A lookup is one function and one line in the table below.

#![expect(clippy::needless_pass_by_value, reason = "the signature of lookups")]

mod files;
mod filetree;
mod first_found;
mod hosts;
mod lists;
mod options;
mod password;
mod random_string;
mod sequence;
mod tables;
mod template;
mod url;
mod values;

pub(in crate::template) use tables::rows;

use super::call::{Arguments, Calls, Lookup};
use super::{TemplateError, Value};

macro_rules! lookups {
    ($($name:literal => $lookup:path,)*) => {
        const TABLE: &[(&str, Lookup)] = &[$(($name, $lookup),)*];
    };
}

lookups! {
    "cartesian" => lists::nested,
    "csvfile" => tables::csvfile,
    "dict" => lists::dict,
    "env" => values::env,
    "file" => files::file,
    "fileglob" => files::fileglob,
    "filetree" => filetree::filetree,
    "first_found" => first_found::first_found,
    "flattened" => lists::flattened,
    "indexed_items" => lists::indexed_items,
    "ini" => tables::ini,
    "inventory_hostnames" => hosts::inventory_hostnames,
    "items" => lists::items,
    "lines" => files::lines,
    "list" => lists::list,
    "nested" => lists::nested,
    "password" => password::password,
    "pipe" => files::pipe,
    "random_choice" => lists::random_choice,
    "random_string" => random_string::random_string,
    "sequence" => sequence::sequence,
    "subelements" => lists::subelements,
    "template" => template::template,
    "together" => lists::together,
    "unvault" => files::unvault,
    "url" => url::url,
    "varnames" => values::varnames,
    "vars" => values::vars,
}

/// Finds a lookup by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Lookup> {
    let short = ["ansible.builtin.", "ansible.legacy.", "community.general."]
        .iter()
        .find_map(|collection| name.strip_prefix(collection))
        .unwrap_or(name);
    TABLE.iter().find(|(known, _)| *known == short).map(|(_, lookup)| *lookup)
}

/// The names of all lookups, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    TABLE.iter().map(|(name, _)| *name).collect()
}

/// The items of a `with_KIND` loop over `terms`, which are templated already.
///
/// # Errors
/// When there is no such lookup, or it fails.
pub fn loop_items(calls: &mut dyn Calls, kind: &str, terms: Value) -> Result<Vec<Value>, TemplateError> {
    let Some(lookup) = find(kind) else {
        let message = format!("`with_{kind}` is not supported");
        return Err(TemplateError::new(super::TemplateErrorKind::Unknown, message));
    };
    let positional = match terms {
        Value::List(items) => items.to_vec(),
        Value::Undefined(missing) => {
            return Err(TemplateError::new(super::TemplateErrorKind::Undefined, missing.message.clone()));
        }
        one => vec![one],
    };
    lookup(calls, Arguments { positional, named: Vec::new() })
}

#[cfg(test)]
mod tests;
