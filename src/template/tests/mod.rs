//! Tests, as Ansible 2.19 and Jinja2 answer.

use super::call::Test;

/// Finds a test by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Test> {
    let _ = name;
    None
}

/// The names of all tests, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Vec::new()
}

/// Whether a test takes an undefined value.
#[must_use]
pub fn takes_undefined(name: &str) -> bool {
    matches!(name, "defined" | "undefined")
}
