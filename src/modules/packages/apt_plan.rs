//! Decides what apt-get must install or remove.

use std::cmp::Ordering;

use super::apt::{AptState, newest};
use super::{glob, version};

/// A package as the task names it: `nginx`, `nginx=1.22.*`, `nginx>=1.20`, `nginx*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The whole text.
    pub text: String,
    /// The name, which may be a pattern.
    pub name: String,
    /// The version asked for.
    pub version: Wanted,
}

/// The version that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Any.
    Any,
    /// This, or what the pattern says.
    Exactly(String),
    /// This or a later one.
    AtLeast(String),
}

/// How installed packages are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Install {
    /// Whether installed ones are brought to the newest version.
    pub latest: bool,
    /// Whether those that are not installed are left alone.
    pub only_upgrade: bool,
}

impl Request {
    /// Reads a name.
    ///
    /// # Errors
    /// With the message for a name that says two versions.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.matches('=').count() > 1 {
            return Err(format!("invalid package spec: {text}"));
        }
        let (name, version) = match (text.split_once(">="), text.split_once('=')) {
            (Some((name, version)), _) => (name, Wanted::AtLeast(version.to_owned())),
            (None, Some((name, version))) => (name, Wanted::Exactly(version.to_owned())),
            (None, None) => (text, Wanted::Any),
        };
        Ok(Self { text: text.to_owned(), name: name.to_owned(), version })
    }

    fn named(name: &str) -> Self {
        Self { text: name.to_owned(), name: name.to_owned(), version: Wanted::Any }
    }
}

/// Puts the names that patterns stand for in their place.
///
/// # Errors
/// With the message for a pattern that no package matches.
pub fn expand(requests: &[Request], state: &AptState) -> Result<Vec<Request>, String> {
    let mut expanded = Vec::new();
    for request in requests {
        if !glob::is_pattern(&request.name) {
            expanded.push(request.clone());
            continue;
        }
        let matching: Vec<&String> = state.found.iter().filter(|name| glob::matches(&request.name, name)).collect();
        if matching.is_empty() {
            return Err(format!("No package(s) matching '{}' available", request.name));
        }
        expanded.extend(matching.into_iter().map(|name| Request::named(name)));
    }
    Ok(expanded)
}

/// What apt-get is to install: names, with versions where they matter.
///
/// # Errors
/// With the message for what cannot be had.
pub fn to_install(requests: &[Request], state: &AptState, how: Install) -> Result<Vec<String>, String> {
    let mut list = Vec::new();
    for request in requests {
        list.extend(install_one(request, state, how)?);
    }
    Ok(list)
}

fn install_one(request: &Request, state: &AptState, how: Install) -> Result<Option<String>, String> {
    let name = &request.name;
    let policy = state.policy.as_ref().and_then(|policy| policy.get(name));
    let real = state.known(name).is_some_and(|known| known.status == "installed")
        || policy.is_some_and(|policy| !policy.versions.is_empty());
    if !real && state.policy.is_some() {
        return match state.provides.get(name).map(Vec::as_slice) {
            _ if how.only_upgrade => Ok(None),
            None | Some([]) => Err(format!("No package matching '{name}' is available")),
            // A virtual package that only one can provide is installed when that one is.
            Some([provider]) if state.installed(provider).is_some() => Ok(None),
            Some(_) => Ok(Some(name.clone())),
        };
    }
    let installed = state.installed(name);
    if installed.is_none() && how.only_upgrade {
        return Ok(None);
    }
    let fits = installed.is_some_and(|version| satisfies(version, &request.version));
    let best = policy.and_then(|policy| match &request.version {
        Wanted::Exactly(wanted) => {
            newest(policy.versions.iter().map(String::as_str).filter(|version| glob::matches(wanted, version)))
        }
        Wanted::Any | Wanted::AtLeast(_) => policy.candidate.as_deref(),
    });
    let installable =
        best.filter(|best| installed.is_none() || (installed != Some(best) && satisfies(best, &request.version)));
    match installable {
        None if !fits => Err(format!("no available installation candidate for {}", request.text)),
        Some(version) if installed.is_none() || how.latest || !fits => Ok(Some(format!("{name}={version}"))),
        // Installed, and a newer version matches the pattern as well: Ansible asks for the pattern.
        Some(_) if matches!(request.version, Wanted::Exactly(_)) => Ok(Some(request.text.clone())),
        _ => Ok(None),
    }
}

fn satisfies(installed: &str, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Any => true,
        Wanted::Exactly(pattern) => glob::matches(pattern, installed),
        Wanted::AtLeast(least) => version::compare(installed, least) != Ordering::Less,
    }
}

/// What apt-get is to remove; with `purge` also what has left its configuration.
#[must_use]
pub fn to_remove(requests: &[Request], state: &AptState, purge: bool) -> Vec<String> {
    let leaves = |request: &&Request| match state.known(&request.name) {
        Some(known) if known.status == "installed" => satisfies(&known.version, &request.version) || purge,
        Some(known) => purge && known.status == "config-files",
        None => false,
    };
    requests.iter().filter(leaves).map(|request| request.name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> AptState {
        AptState::parse(
            "dpkg curl amd64 installed 7.0-1\ndpkg ntp amd64 config-files 4.2\ndpkg postfix amd64 installed 3.7\npolicy\n\
             curl:\n  Candidate: 7.2-1\n     7.2-1 500\n     7.1-1 500\n *** 7.0-1 100\n\
             nginx:\n  Candidate: 1.22-1\n     1.22-1 500\n     1.18-1 400\nmta:\n  Candidate: (none)\nnone:\n  Candidate: \
             (none)\nprovides\nPackage: mta\nReverse Provides: \npostfix 3.7 (= )\n",
        )
    }

    fn install(name: &str, latest: bool, only_upgrade: bool) -> Result<Vec<String>, String> {
        to_install(&[Request::parse(name).unwrap()], &state(), Install { latest, only_upgrade })
    }

    #[test]
    fn what_is_there_is_left_alone_and_the_rest_is_installed() {
        let none: Vec<String> = Vec::new();
        assert_eq!(install("curl", false, false), Ok(none.clone()));
        assert_eq!(install("curl", true, false), Ok(vec!["curl=7.2-1".to_owned()]));
        assert_eq!(install("nginx", false, false), Ok(vec!["nginx=1.22-1".to_owned()]));
        assert_eq!(install("nginx", true, true), Ok(none.clone()));
        assert_eq!(install("nginx=1.18*", false, false), Ok(vec!["nginx=1.18-1".to_owned()]));
        assert_eq!(install("curl=7.0-1", false, false), Ok(none.clone()));
        assert_eq!(install("curl=7.1-1", false, false), Ok(vec!["curl=7.1-1".to_owned()]));
        assert_eq!(install("curl>=7.1", false, false), Ok(vec!["curl=7.2-1".to_owned()]));
        assert_eq!(install("mta", false, false), Ok(none));
    }

    #[test]
    fn what_cannot_be_had_says_so() {
        let message = |text: &str| Err(text.to_owned());
        assert_eq!(install("none", false, false), message("No package matching 'none' is available"));
        assert_eq!(install("nginx=9", false, false), message("no available installation candidate for nginx=9"));
        assert_eq!(Request::parse("a=1=2"), Err("invalid package spec: a=1=2".to_owned()));
    }

    #[test]
    fn only_what_is_there_is_removed() {
        let requests: Vec<Request> = ["curl", "ntp", "nginx"].map(|name| Request::parse(name).unwrap()).to_vec();
        assert_eq!(to_remove(&requests, &state(), false), ["curl"]);
        assert_eq!(to_remove(&requests, &state(), true), ["curl", "ntp"]);
    }
}
