//! Paths of hosts, as texts.

/// What stands after the last slash, as Python's `basename`.
#[must_use]
pub fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What stands before the last slash, as Python's `dirname`.
#[must_use]
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((parent, _)) => parent.trim_end_matches('/'),
        None => "",
    }
}

/// One path below another, as Python's `join`.
#[must_use]
pub fn join(directory: &str, name: &str) -> String {
    match (directory, name.starts_with('/')) {
        (_, true) | ("", _) => name.to_owned(),
        (directory, false) if directory.ends_with('/') => format!("{directory}{name}"),
        (directory, false) => format!("{directory}/{name}"),
    }
}
