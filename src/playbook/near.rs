//! `did you mean`: the nearest of a list of names.

/// Names at least this alike are offered; below it suggestions mislead more often than they help.
const ALIKE: f64 = 0.8;

/// The name that is most like `name`, if any is like it.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .map(|(_, known)| known)
}

/// A hint: the nearest name, else all that there are.
pub fn hint<'a>(name: &str, what: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{what}: {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
