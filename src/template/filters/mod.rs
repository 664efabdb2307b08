//! Filters, as Ansible 2.19 and Jinja2 answer.

use super::call::Filter;

/// Finds a filter by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Filter> {
    let _ = name;
    None
}

/// The names of all filters, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Vec::new()
}

/// Whether a filter takes an undefined value.
#[must_use]
pub fn takes_undefined(name: &str) -> bool {
    matches!(name, "default" | "d" | "mandatory" | "type_debug")
}
