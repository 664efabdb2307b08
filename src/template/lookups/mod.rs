//! Lookups, as Ansible 2.19 answers.

use super::call::Lookup;

/// Finds a lookup by its short or full name.
#[must_use]
pub fn find(name: &str) -> Option<Lookup> {
    let _ = name;
    None
}

/// The names of all lookups, for `did you mean`.
#[must_use]
pub fn names() -> Vec<&'static str> {
    Vec::new()
}
