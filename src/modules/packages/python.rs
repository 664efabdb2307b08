//! What pip may be asked for: names with versions, as PEP 508 and PEP 440 have them.

use std::cmp::Ordering;

/// A package that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// As it is given to pip.
    pub text: String,
    /// Its name, normalised; none for addresses, paths and what has extras or markers.
    pub name: Option<String>,
    /// Conditions on its version: `>=`, `1.2`.
    pub versions: Vec<(String, String)>,
}

const OPERATORS: [&str; 8] = ["===", "==", "!=", "~=", ">=", "<=", ">", "<"];

impl Requirement {
    /// Reads a requirement.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let other = || Self { text: text.to_owned(), name: None, versions: Vec::new() };
        let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)));
        let (name, mut rest) = text.split_at(end.unwrap_or(text.len()));
        rest = rest.trim();
        let mut versions = Vec::new();
        if name.is_empty() || rest.contains(['/', '[', ';', '@', ':']) || name.starts_with(['.', '-']) {
            return other();
        }
        for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let Some(operator) = OPERATORS.iter().find(|operator| part.starts_with(**operator)) else { return other() };
            versions.push(((*operator).to_owned(), part[operator.len()..].trim().to_owned()));
        }
        Self { text: text.to_owned(), name: Some(normalised(name)), versions }
    }

    /// Whether these lines, `NAME==VERSION`, hold a version that it takes.
    #[must_use]
    pub fn is_met(&self, installed: &str) -> bool {
        let mut packages = installed.lines().filter_map(|line| line.split_once("=="));
        self.name.as_ref().is_some_and(|name| {
            packages.any(|(known, version)| {
                normalised(known) == *name && self.versions.iter().all(|(op, wanted)| takes(op, version.trim(), wanted))
            })
        })
    }
}

/// Names without differences that do not count (PEP 503).
fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

fn takes(operator: &str, version: &str, wanted: &str) -> bool {
    let prefix = wanted.strip_suffix(".*");
    let starts = |prefix: &str| {
        let (version, prefix) = (key(version).0, key(prefix).0);
        version.iter().chain(std::iter::repeat(&0)).take(prefix.len()).eq(prefix.iter())
    };
    let order = compare(version, wanted);
    match operator {
        "===" => version == wanted,
        "==" => prefix.map_or(order == Ordering::Equal, starts),
        "!=" => prefix.map_or(order != Ordering::Equal, |prefix| !starts(prefix)),
        "~=" => {
            let parent = wanted.rsplit_once('.').map_or(wanted, |(parent, _)| parent);
            order != Ordering::Less && starts(parent)
        }
        ">=" => order != Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        _ => order == Ordering::Less,
    }
}

fn compare(one: &str, two: &str) -> Ordering {
    let (one, two) = (key(one), key(two));
    let length = one.0.len().max(two.0.len());
    let padded = |numbers: &[u64]| numbers.iter().copied().chain(std::iter::repeat(0)).take(length).collect::<Vec<_>>();
    padded(&one.0).cmp(&padded(&two.0)).then_with(|| one.1.cmp(&two.1))
}

/// The numbers of a release; then what kind of one it is, and which of that kind.
fn key(version: &str) -> (Vec<u64>, (i8, u64)) {
    let version = version.trim_start_matches(['v', 'V']).split('+').next().unwrap_or_default().to_lowercase();
    let end = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(version.len());
    let (release, suffix) = version.split_at(end);
    let numbers = release.split('.').filter_map(|part| part.parse().ok()).collect();
    let suffix = suffix.trim_start_matches(['-', '_', '.']);
    let digits = suffix.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let number = digits.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    let kind = match suffix.chars().next() {
        None => 0,
        Some('d') => -4,
        Some('a') => -3,
        Some('b') => -2,
        Some('r' | 'c') if !suffix.starts_with("rev") => -1,
        Some(_) => 1,
    };
    (numbers, (kind, number.unwrap_or(0)))
}

/// The packages of a list, in which conditions may have been split from their names.
#[must_use]
pub fn requirements(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for part in names.iter().flat_map(|name| name.split(',')) {
        let condition = OPERATORS.iter().any(|operator| part.trim_start().starts_with(operator));
        match all.last_mut() {
            Some(last) if open || condition => {
                last.push(',');
                last.push_str(part);
            }
            _ => all.push(part.to_owned()),
        }
        open = (open || part.contains('[')) && !part.contains(']');
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `packaging.specifiers` answers.
    #[test]
    fn versions_are_compared_as_pip_compares_them() {
        for (requirement, version, met) in [
            ("Foo_Bar", "1", true),
            ("foo.bar==1.0", "1", true),
            ("foo-bar>1.0,<2,!=1.5", "1.5.0", false),
            ("foo-bar>=1.9", "1.10", true),
            ("foo-bar~=1.4.2", "1.5", false),
            ("foo-bar~=1.4", "1.9", true),
            ("foo-bar==1.*", "1.7rc1", true),
            ("foo-bar>=2.0", "2.0rc1", false),
            ("foo-bar>=2.0rc1", "2.0", true),
            ("foo-bar<2.0", "2.0.dev3", true),
            ("other", "1", false),
            ("foo-bar[x]", "1", false),
            ("git+https://x/foo-bar", "1", false),
        ] {
            assert_eq!(Requirement::parse(requirement).is_met(&format!("foo-bar=={version}\n")), met, "{requirement}");
        }
    }

    #[test]
    fn conditions_find_their_names_again() {
        let names = |list: &[&str]| requirements(&list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["django>1.11.1", "<1.11.3", "x"]), ["django>1.11.1,<1.11.3", "x"]);
        assert_eq!(names(&["a[b", "c]", "d"]), ["a[b,c]", "d"]);
        assert_eq!(names(&["a>1,<2,b"]), ["a>1,<2", "b"]);
    }
}
