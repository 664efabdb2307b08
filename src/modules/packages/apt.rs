//! Reads what apt and dpkg say.

use std::collections::BTreeMap;

use super::version;

/// What a host's apt knows, as the probe `apt_state` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AptState {
    /// The host's clock, in seconds since 1970.
    pub now: i64,
    /// When the lists were fetched, in seconds since 1970; 0 when never.
    pub updated: i64,
    /// Whether there is no apt-get.
    pub absent: bool,
    /// The names that patterns stand for.
    pub found: Vec<String>,
    /// Packages that dpkg knows.
    pub known: Vec<Known>,
    /// Installed packages that nobody asked for.
    pub automatic: Vec<String>,
    /// What could be installed; none when apt-cache was not asked.
    pub policy: Option<BTreeMap<String, Policy>>,
    /// The packages that provide a virtual one.
    pub provides: BTreeMap<String, Vec<String>>,
}

/// A package that dpkg knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name, without architecture.
    pub name: String,
    /// Its architecture.
    pub architecture: String,
    /// `installed`, `config-files`, …
    pub status: String,
    /// Its version; empty when nothing of it is there.
    pub version: String,
}

/// What apt's policy says of a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What would be installed.
    pub candidate: Option<String>,
    /// All versions there are.
    pub versions: Vec<String>,
}

impl AptState {
    /// Reads the answer of the probe; lines that make no sense are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut state = Self::default();
        let (facts, rest) = text.split_once("\npolicy\n").map_or((text, None), |(facts, rest)| (facts, Some(rest)));
        for line in facts.lines() {
            state.read_fact(line);
        }
        if let Some(rest) = rest {
            let (policy, provides) = rest.split_once("\nprovides\n").unwrap_or((rest, ""));
            state.policy = Some(parse_policy(policy));
            state.provides = parse_provides(provides);
        }
        state
    }

    fn read_fact(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match *words.as_slice() {
            ["now", seconds] => self.now = seconds.parse().unwrap_or(0),
            ["updated", seconds] => self.updated = seconds.parse().unwrap_or(0),
            ["no", "apt-get"] => self.absent = true,
            ["glob", name] => self.found.push(name.to_owned()),
            ["auto", name] => self.automatic.push(name.to_owned()),
            ["dpkg", name, architecture, status, ref version @ ..] => self.known.push(Known {
                name: name.to_owned(),
                architecture: architecture.to_owned(),
                status: status.to_owned(),
                version: version.join(" "),
            }),
            _ => {}
        }
    }

    /// The package under a name, which may say its architecture (`libc6:i386`).
    #[must_use]
    pub fn known(&self, name: &str) -> Option<&Known> {
        let (name, architecture) = name.split_once(':').map_or((name, None), |(name, arch)| (name, Some(arch)));
        let fits = |known: &&Known| {
            known.name == name && architecture.is_none_or(|arch| arch == known.architecture || arch == "any")
        };
        let mut all = self.known.iter().filter(fits);
        all.clone().find(|known| known.status == "installed").or_else(|| all.next())
    }

    /// The version of an installed package.
    #[must_use]
    pub fn installed(&self, name: &str) -> Option<&str> {
        self.known(name).filter(|known| known.status == "installed").map(|known| known.version.as_str())
    }
}

fn parse_policy(text: &str) -> BTreeMap<String, Policy> {
    let mut all = BTreeMap::new();
    let mut current: Option<(String, Policy)> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_suffix(':').filter(|_| !line.starts_with(' ')) {
            all.extend(current.replace((name.to_owned(), Policy::default())));
            continue;
        }
        let Some((_, policy)) = &mut current else { continue };
        if let Some(candidate) = line.strip_prefix("  Candidate: ") {
            policy.candidate = Some(candidate.to_owned()).filter(|candidate| candidate != "(none)");
        } else if let Some(version) = line.strip_prefix("     ").or_else(|| line.strip_prefix(" *** ")) {
            // Deeper lines say where a version comes from.
            policy.versions.extend(version.split(' ').next().filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    all.extend(current);
    all
}

fn parse_provides(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut name, mut inside) = ("", false);
    for line in text.lines() {
        if let Some(package) = line.strip_prefix("Package: ") {
            (name, inside) = (package.trim(), false);
        } else if line.starts_with("Reverse Provides:") {
            inside = true;
        } else if let Some(provider) = line.split(' ').next().filter(|word| inside && !word.is_empty()) {
            let list = all.entry(name.to_owned()).or_default();
            if !list.iter().any(|known| known == provider) {
                list.push(provider.to_owned());
            }
        }
    }
    all
}

/// What apt-get would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// Lines before: packages that would be altered, as they are.
    pub before: Vec<String>,
    /// Lines after.
    pub after: Vec<String>,
}

impl Simulation {
    /// Reads `Inst`, `Remv` and `Purg` lines of `apt-get -s`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut simulation = Self::default();
        for line in text.lines() {
            let Some((verb, rest)) = line.split_once(' ') else { continue };
            let Some(name) = rest.split(' ').next() else { continue };
            let old = between(rest, '[', ']').filter(|_| rest[name.len()..].trim_start().starts_with('['));
            let new = between(rest, '(', ')').and_then(|inside| inside.split(' ').next());
            match verb {
                "Inst" => {
                    simulation.before.extend(old.map(|old| format!("{name} {old}")));
                    simulation.after.push(format!("{name} {}", new.unwrap_or_default()));
                }
                "Remv" => simulation.before.push(format!("{name} {}", old.unwrap_or_default())),
                "Purg" => simulation.before.push(format!("{name} {} (and its configuration)", old.unwrap_or_default())),
                _ => {}
            }
        }
        simulation.before.sort();
        simulation.after.sort();
        simulation
    }
}

fn between(text: &str, open: char, close: char) -> Option<&str> {
    let (_, rest) = text.split_once(open)?;
    rest.split_once(close).map(|(inside, _)| inside)
}

/// The highest of the versions.
pub fn newest<'a>(versions: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    versions.into_iter().max_by(|one, two| version::compare(one, two))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded on Debian 12.
    const STATE: &str = "now 1700000100\nupdated 1700000000\nglob nginx-full\ndpkg curl amd64 installed 7.88.1-10\n\
        dpkg ntp amd64 config-files 1:4.2\nauto curl\npolicy\ncurl:\n  Installed: 7.88.1-10\n  Candidate: 7.88.1-10+deb12u8\n  \
        Version table:\n     7.88.1-10+deb12u8 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n \
        *** 7.88.1-10 100\n        100 /var/lib/dpkg/status\nmail-transport-agent:\n  Installed: (none)\n  \
        Candidate: (none)\n  Version table:\nprovides\nPackage: mail-transport-agent\nVersions: \n\nReverse Depends: \n  \
        mutt,mail-transport-agent\nDependencies: \nProvides: \nReverse Provides: \npostfix 3.7.11 (= )\npostfix 3.7.6 (= )\n\
        exim4-daemon-light 4.96 (= )\n";

    #[test]
    fn the_state_of_a_host_is_read() {
        let state = AptState::parse(STATE);
        assert_eq!((state.now, state.updated), (1_700_000_100, 1_700_000_000));
        assert_eq!((state.installed("curl"), state.installed("ntp")), (Some("7.88.1-10"), None));
        assert_eq!(state.known("ntp").unwrap().version, "1:4.2");
        let policy = state.policy.unwrap();
        assert_eq!(policy["curl"].candidate.as_deref(), Some("7.88.1-10+deb12u8"));
        assert_eq!(policy["curl"].versions, ["7.88.1-10+deb12u8", "7.88.1-10"]);
        assert_eq!(policy["mail-transport-agent"], Policy::default());
        assert_eq!(state.provides["mail-transport-agent"], ["postfix", "exim4-daemon-light"]);
    }

    #[test]
    fn a_simulation_is_read() {
        let text = "Inst libpcre3 (2:8.39-15 Debian:12.5/stable [amd64])\nInst curl [7.88.1-10] (7.88.1-11 Debian [amd64])\n\
            Remv ntp [1:4.2]\nPurg old [1]\nConf curl (7.88.1-11 Debian [amd64])\n";
        let simulation = Simulation::parse(text);
        assert_eq!(simulation.before, ["curl 7.88.1-10", "ntp 1:4.2", "old 1 (and its configuration)"]);
        assert_eq!(simulation.after, ["curl 7.88.1-11", "libpcre3 2:8.39-15"]);
    }

    #[test]
    fn whatever_a_host_says_is_read_without_panic() {
        for text in ["", "dpkg", "now x", "Inst", "Inst  (", "\npolicy\n\n  Candidate: \n     \nprovides\n x"] {
            let _ = (AptState::parse(text), Simulation::parse(text));
        }
    }
}
