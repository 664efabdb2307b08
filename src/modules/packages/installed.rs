//! What a host's package managers say is installed: the answer of the probe `packages`.

use std::collections::HashMap;

use crate::template::{Dict, Value};

/// The packages of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Installed {
    /// By name; each package with one entry a version.
    pub packages: Dict,
    /// How many managers named some.
    pub managers: usize,
    /// Managers that are there and named none, with what they said.
    pub failed: Vec<(String, String)>,
    /// Managers that are not there.
    pub missing: Vec<String>,
}

impl Installed {
    /// Reads the answer.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut installed = Self::default();
        for section in sections(text) {
            let (manager, body) = section.split_once('\n').unwrap_or((section, ""));
            let packages = match manager {
                "apt" => apt(body),
                "rpm" => body.lines().filter_map(rpm).collect(),
                "apk" => body.lines().filter(|line| is_plain(line)).map(apk).collect(),
                "pacman" => body.split("\n\n").filter_map(pacman).collect(),
                _ => Vec::new(),
            };
            installed.managers += usize::from(!packages.is_empty());
            for package in packages {
                installed.add(manager, package);
            }
        }
        for line in text.lines() {
            if let Some((manager, why)) = line.strip_prefix("@failed ").and_then(|rest| rest.split_once(' ')) {
                installed.failed.push((manager.to_owned(), why.trim().to_owned()));
            }
            installed.missing.extend(line.strip_prefix("@missing ").map(str::to_owned));
        }
        installed
    }

    fn add(&mut self, manager: &str, mut package: Dict) {
        package.insert("source".into(), Value::text(manager));
        let Some(name) = package.get("name").and_then(Value::as_str).map(str::to_owned) else { return };
        let mut entries = self.packages.get(name.as_str()).and_then(Value::as_list).unwrap_or_default().to_vec();
        entries.push(Value::dict(package));
        self.packages.insert(name.as_str().into(), Value::list(entries));
    }
}

fn sections(text: &str) -> impl Iterator<Item = &str> {
    let start = text.strip_prefix("@manager ").map_or(0, |_| "@manager ".len());
    text[start..].split("\n@manager ").filter(move |section| start > 0 || !section.starts_with('@'))
}

fn is_plain(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('@')
}

fn entry<const N: usize>(fields: [(&str, &str); N]) -> Dict {
    fields.into_iter().map(|(name, value)| (name.into(), Value::text(value))).collect()
}

fn apt(body: &str) -> Vec<Dict> {
    let fields = |mark: &'static str| body.lines().filter_map(move |line| line.strip_prefix(mark));
    let origins: HashMap<&str, &str> = fields("@file\t")
        .filter_map(|line| line.split_once('\t'))
        .map(|(file, release)| (file, origin(release)))
        .collect();
    let from: HashMap<&str, &str> = fields("@from\t").filter_map(|line| line.split_once('\t')).collect();
    fields("@package\t")
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let (name, version, arch) = (parts.next()?, parts.next()?, parts.next()?);
            let origin = from.get(name).and_then(|file| origins.get(file)).copied().unwrap_or_default();
            let category = parts.next().unwrap_or_default();
            Some(entry([
                ("name", name),
                ("version", version),
                ("arch", arch),
                ("category", category),
                ("origin", origin),
            ]))
        })
        .collect()
}

/// The origin that a line such as `v=12.1,o=Debian,a=stable` names; it may itself hold commas.
fn origin(release: &str) -> &str {
    let start = if release.starts_with("o=") { Some(2) } else { release.find(",o=").map(|place| place + 3) };
    let rest = start.map_or("", |start| &release[start..]);
    let next = rest.match_indices(',').find(|(place, _)| rest.as_bytes().get(place + 2) == Some(&b'='));
    next.map_or(rest, |(place, _)| &rest[..place])
}

fn rpm(line: &str) -> Option<Dict> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, version, release, epoch, arch] = fields.as_slice() else { return None };
    // As Ansible writes what a package has not.
    let said = |field: &&str| (*field).replace("(none)", "None");
    let (epoch, arch) = (said(epoch), said(arch));
    Some(entry([("name", *name), ("version", *version), ("release", *release), ("epoch", &epoch), ("arch", &arch)]))
}

fn apk(line: &str) -> Dict {
    let mut parts = line.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(release), Some(version), Some(name)) => {
            entry([("name", name), ("version", version), ("release", release)])
        }
        _ => entry([("name", line), ("version", ""), ("release", "")]),
    }
}

fn pacman(section: &str) -> Option<Dict> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in section.lines().filter(|line| is_plain(line)) {
        match line.split_once(" : ") {
            Some((name, value)) if !line.starts_with(' ') => fields.push((name.trim_end(), value.to_owned())),
            _ => {
                let (_, value) = fields.last_mut()?;
                value.push_str("  ");
                value.push_str(line.trim_start());
            }
        }
    }
    let field = |wanted: &str| fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    let mut package =
        entry([("name", field("Name")?), ("version", field("Version")?), ("arch", field("Architecture")?)]);
    let provides = match field("Provides").unwrap_or("None") {
        "None" => Value::Null,
        list => {
            let names = list.split("  ").filter(|item| !item.is_empty());
            Value::list(names.map(|item| Value::text(item.split('=').next().unwrap_or(item))).collect())
        }
    };
    package.insert("provides".into(), provides);
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_may_hold_commas() {
        assert_eq!(origin("v=12.1,o=Debian,a=stable,n=bookworm"), "Debian");
        assert_eq!(origin("o=Example, Inc.,a=stable"), "Example, Inc.");
        assert_eq!(origin("a=now"), "");
        assert_eq!(origin("a=now,o=Docker"), "Docker");
    }

    #[test]
    fn nonsense_is_no_package() {
        let installed = Installed::parse("@manager rpm\nno tabs\n@manager apk\n@failed apk no\n");
        assert_eq!((installed.managers, installed.packages.len()), (0, 0));
        assert_eq!(installed.failed, [("apk".to_owned(), "no".to_owned())]);
        assert_eq!(Installed::parse(""), Installed::default());
    }
}
