//! Which distribution it is: as its release files say, in the order in which they are to be believed.

mod lsb;
mod release;
mod tables;

pub use lsb::lsb;

use super::{Facts, Sections};
use crate::template::{Dict, Value};
use lsb::{lsb_program, strip_quotes};
use release::{OsRelease, best_version, words_version};
use tables::{FAMILIES, FILES};

/// `distribution*` and `os_family`.
pub fn distribution(sections: &Sections, facts: &mut Facts) {
    let release = OsRelease::parse(sections.file("/etc/os-release").or_else(|| sections.file("/usr/lib/os-release")));
    let lsb = lsb_program(sections);
    let guess = guess(sections, &release, &lsb);
    let mut found = guess.clone();
    for (path, name) in FILES {
        let empty_is_enough = matches!(*name, "VMwareESX" | "Archlinux") && *path != "/etc/os-release";
        if empty_is_enough && sections.has_file(path) {
            found.insert("distribution".into(), (*name).into());
            found.insert("distribution_file_path".into(), (*path).into());
            found.insert("distribution_file_variety".into(), (*name).into());
            break;
        }
        let Some(text) = sections.file(path) else { continue };
        let text = text.trim_matches(['\'', '"', '\\']);
        let file = File { path, text, guess: &guess, release: &release, sections };
        let Some(said) = file.say(name) else { continue };
        found.insert("distribution".into(), (*name).into());
        found.insert("distribution_file_path".into(), (*path).into());
        found.insert("distribution_file_variety".into(), (*name).into());
        found.insert("distribution_file_parsed".into(), true.into());
        found.extend(said.into_iter().map(|(name, value)| (name.into(), Value::text(value))));
        break;
    }
    let name = found.get("distribution").map(ToString::to_string).unwrap_or_default();
    let family = FAMILIES.iter().find(|(_, members)| members.contains(&name.as_str())).map(|(family, _)| *family);
    found.insert("os_family".into(), family.unwrap_or(&name).into());
    facts.dict.extend(found);
}

/// What is said before any special knowledge.
fn guess(sections: &Sections, release: &OsRelease, lsb: &Dict) -> Dict {
    let id = release.id();
    let name = match id.as_str() {
        "amzn" => "Amazon".to_owned(),
        "rhel" => "Redhat".to_owned(),
        "" => "OtherLinux".to_owned(),
        _ => {
            let (first, rest) = id.split_at(id.chars().next().map_or(0, char::len_utf8));
            first.to_uppercase() + rest
        }
    };
    let version = version(sections, release, lsb, &id);
    let codename = release
        .get("version_codename")
        .or_else(|| release.get("ubuntu_codename"))
        .map(str::to_owned)
        .or_else(|| release.codename().or_else(|| lsb.get("codename").map(ToString::to_string)))
        .unwrap_or_else(|| "NA".to_owned());
    let version = if version.is_empty() { "NA".to_owned() } else { version };
    let major = version.split('.').next().filter(|major| !major.is_empty()).unwrap_or("NA").to_owned();
    [
        ("distribution", name),
        ("distribution_version", version),
        ("distribution_release", codename),
        ("distribution_major_version", major),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), Value::text(value)))
    .collect()
}

fn version(sections: &Sections, release: &OsRelease, lsb: &Dict, id: &str) -> String {
    let text = |name: &str| lsb.get(name).map(ToString::to_string).unwrap_or_default();
    let named = ["centos", "redhat", "fedora", "almalinux", "rocky", "oracle"]
        .into_iter()
        .find_map(|name| sections.file(&format!("/etc/{name}-release")))
        .unwrap_or_default();
    let mut versions = vec![
        release.get("version_id").unwrap_or_default().to_owned(),
        text("release"),
        words_version(named.lines().next().unwrap_or_default()),
        words_version(release.get("pretty_name").unwrap_or_default()),
        words_version(&text("description")),
    ];
    let like = release.get("id_like").unwrap_or_default();
    if id == "debian" || like.split_whitespace().any(|name| name == "debian") {
        versions.push(sections.file("/etc/debian_version").unwrap_or_default().to_owned());
    }
    match id {
        "debian" => best_version(&versions),
        // Its release file knows the minor version, its os-release does not.
        "centos" => best_version(&versions).split('.').take(2).collect::<Vec<_>>().join("."),
        _ => versions.into_iter().find(|version| !version.is_empty()).unwrap_or_default(),
    }
}

/// A release file, and what is known besides.
struct File<'a> {
    path: &'a str,
    text: &'a str,
    guess: &'a Dict,
    release: &'a OsRelease,
    sections: &'a Sections,
}

type Said = Vec<(&'static str, String)>;

impl File<'_> {
    /// What the file says; none when it is not of this distribution.
    fn say(&self, name: &str) -> Option<Said> {
        match name {
            "OracleLinux" => Some(self.searched("OracleLinux", "Oracle Linux")),
            "RedHat" => Some(self.searched("RedHat", "Red Hat")),
            "Altlinux" => Some(self.searched("Altlinux", "ALT")),
            "SMGL" => Some(self.searched("SMGL", "Source Mage GNU/Linux")),
            "Archlinux" => self.text.contains("Arch Linux").then(Vec::new),
            "Slackware" => self.slackware(),
            "CentOS" => self.centos(),
            "OpenWrt" => self.assigned("OpenWrt"),
            "Mandriva" => self.assigned("Mandriva"),
            "Amazon" => self.amazon(),
            "Alpine" => Some(vec![("distribution_version", self.text.to_owned())]),
            "SUSE" => self.suse(),
            "Debian" => self.debian(),
            "ClearLinux" => self.clear(),
            "Coreos" => self.coreos(),
            "Flatcar" => self.flatcar(),
            _ => Some(self.other()),
        }
    }

    /// Its own name when the file holds the text, else the file's first word: `CentOS`, Rocky, Fedora, …
    fn searched(&self, name: &str, search: &str) -> Said {
        if self.text.contains(search) {
            return vec![("distribution", name.to_owned()), ("distribution_file_search_string", search.to_owned())];
        }
        vec![("distribution", self.text.split_whitespace().next().unwrap_or_default().to_owned())]
    }

    fn slackware(&self) -> Option<Said> {
        let version = |word: &&str| word.contains('.') && word.starts_with(|first: char| first.is_ascii_digit());
        self.text.contains("Slackware").then(|| {
            let version = self.text.split_whitespace().find(version).map(str::to_owned);
            version.into_iter().map(|version| ("distribution_version", version)).collect()
        })
    }

    fn centos(&self) -> Option<Said> {
        if self.text.contains("CentOS Stream") {
            return Some(vec![("distribution_release", "Stream".to_owned())]);
        }
        self.text.contains("TencentOS Server").then(|| vec![("distribution", "TencentOS".to_owned())])
    }

    fn assigned(&self, name: &str) -> Option<Said> {
        let quoted = |name: &str| {
            self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
        };
        self.text.contains(name).then(|| {
            let version = quoted("DISTRIB_RELEASE").map(|value| ("distribution_version", value.to_owned()));
            let release = quoted("DISTRIB_CODENAME").map(|value| ("distribution_release", value.to_owned()));
            version.into_iter().chain(release).collect()
        })
    }

    fn amazon(&self) -> Option<Said> {
        if !self.text.contains("Amazon") {
            return None;
        }
        let mut said = vec![("distribution", "Amazon".to_owned())];
        if self.path != "/etc/os-release" {
            let number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
            let version = self.text.split_whitespace().find(number).unwrap_or("NA");
            said.push(("distribution_version", version.to_owned()));
            return Some(said);
        }
        if let Some(version) = self.release.get("version_id") {
            let (major, minor) = version.split_once('.').unwrap_or((version, "NA"));
            said.push(("distribution_version", version.to_owned()));
            said.push(("distribution_major_version", major.to_owned()));
            said.push(("distribution_minor_version", minor.to_owned()));
        }
        Some(said)
    }

    #[expect(clippy::match_same_arms, reason = "each arm says what it is for")]
    fn suse(&self) -> Option<Said> {
        let lower = self.text.to_lowercase();
        if !lower.contains("suse") {
            return None;
        }
        let mut said = if self.path == "/etc/os-release" { self.suse_release(&lower) } else { self.suse_old(&lower) };
        let product = self.sections.get("baseproduct").trim();
        let variant = self.text.lines().find_map(|line| line.strip_prefix("VARIANT_ID=")).map(strip_quotes);
        let name = match variant {
            Some("server-sap" | "sles-sap") => Some("SLES_SAP"),
            Some("transactional") => Some("SL-Micro"),
            Some(_) => None,
            None if product.ends_with("SLES_SAP.prod") => Some("SLES_SAP"),
            None if product.ends_with("SL-Micro.prod") => Some("SL-Micro"),
            None => None,
        };
        said.extend(name.map(|name| ("distribution", name.to_owned())));
        Some(said)
    }

    fn suse_release(&self, lower: &str) -> Said {
        let mut said = Said::new();
        if let Some(name) = self.release.get("name") {
            said.push(("distribution", name.to_owned()));
        }
        if let Some(version) = self.release.get("version_id") {
            let (major, minor) = version.split_once('.').unwrap_or((version, ""));
            said.push(("distribution_version", version.to_owned()));
            said.push(("distribution_major_version", major.to_owned()));
            if lower.contains("open") {
                said.push(("distribution_release", minor.to_owned()));
            } else if lower.contains("enterprise") {
                said.push(("distribution_release", if minor.is_empty() { "0" } else { minor }.to_owned()));
            }
        }
        said
    }

    fn suse_old(&self, lower: &str) -> Said {
        let mut said = Said::new();
        let value = |name: &str| {
            let lines = self.text.lines().filter_map(|line| line.split_once('='));
            lines.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned()).next_back()
        };
        if lower.contains("open") {
            said.push(("distribution", self.text.split_whitespace().next().unwrap_or_default().to_owned()));
            said.extend(value("CODENAME").map(|release| ("distribution_release", release)));
        } else if lower.contains("enterprise") {
            let name = if self.text.contains("Server") { Some("SLES") } else { None };
            let name = name.or_else(|| self.text.contains("Desktop").then_some("SLED"));
            said.extend(name.map(|name| ("distribution", name.to_owned())));
            if let Some(level) = value("PATCHLEVEL") {
                let version = self.guess.get("distribution_version").map(ToString::to_string).unwrap_or_default();
                said.push(("distribution_version", format!("{version}.{level}")));
                said.push(("distribution_release", level));
            }
        }
        said
    }

    fn clear(&self) -> Option<Said> {
        let name = self.release.get("name").filter(|name| name.contains("Clear Linux"))?;
        let mut said = vec![("distribution", name.to_owned())];
        if let Some(version) = self.release.get("version_id") {
            said.push(("distribution_major_version", version.to_owned()));
            said.push(("distribution_version", version.to_owned()));
        }
        said.push(("distribution_release", self.release.id()));
        Some(said)
    }

    fn coreos(&self) -> Option<Said> {
        (self.release.id() == "coreos").then(|| {
            let group = self.text.lines().find_map(|line| line.strip_prefix("GROUP="));
            group.into_iter().map(|group| ("distribution_release", strip_quotes(group).to_owned())).collect()
        })
    }

    fn flatcar(&self) -> Option<Said> {
        (self.release.id() == "flatcar").then(|| {
            let version = self.release.get("version").unwrap_or_default();
            let major = version.split('.').next().unwrap_or_default();
            vec![("distribution_major_version", major.to_owned()), ("distribution_version", version.to_owned())]
        })
    }

    fn other(&self) -> Said {
        let mut said = Said::new();
        if let Some(name) = self.release.get("name") {
            said.push(("distribution", name.to_owned()));
        }
        let unknown = self.guess.get("distribution_version").is_some_and(|version| version.as_str() == Some("NA"));
        if let Some(version) = self.release.get("version").filter(|_| unknown) {
            said.push(("distribution_version", version.to_owned()));
        }
        said
    }

    fn debian(&self) -> Option<Said> {
        let names = |names: &[&str]| names.iter().any(|name| self.text.contains(name));
        let version = || self.release.get("version_id").or_else(|| self.quoted("VERSION_ID"));
        let versioned = |name: &str| {
            let mut said = vec![("distribution", name.to_owned())];
            if let Some(version) = version() {
                said.push(("distribution_version", version.to_owned()));
                said.push(("distribution_major_version", version.split('.').next().unwrap_or_default().to_owned()));
            }
            said
        };
        let plain = |name: &str| Some(vec![("distribution", name.to_owned())]);
        let codename = || self.release.get("version_codename").map(|name| ("distribution_release", name.to_owned()));
        if names(&["Debian", "Raspbian"]) {
            return Some(self.debian_itself());
        }
        if names(&["Ubuntu"]) {
            return plain("Ubuntu");
        }
        if names(&["SteamOS"]) {
            return plain("SteamOS");
        }
        if names(&["Kali", "Parrot"]) {
            let mut said = vec![("distribution", if names(&["Kali"]) { "Kali" } else { "Parrot" }.to_owned())];
            let release = self.text.lines().find_map(|line| line.strip_prefix("DISTRIB_RELEASE="));
            said.extend(release.map(|release| ("distribution_release", release.to_owned())));
            return Some(said);
        }
        if names(&["Devuan"]) {
            let mut said = versioned("Devuan");
            said.extend(self.pretty_codename().map(|release| ("distribution_release", release)));
            return Some(said);
        }
        if names(&["Cumulus"]) {
            let mut said = versioned("Cumulus Linux");
            said.extend(self.quoted("VERSION").map(|release| ("distribution_release", release.to_owned())));
            return Some(said);
        }
        if names(&["Mint"]) {
            return Some(versioned("Linux Mint"));
        }
        if names(&["UOS", "Uos", "uos"]) {
            return Some(versioned("Uos").into_iter().chain(codename()).collect());
        }
        if names(&["Deepin", "deepin"]) {
            return Some(versioned("Deepin").into_iter().chain(codename()).collect());
        }
        if names(&["LMDE"]) { plain("Linux Mint Debian Edition") } else { None }
    }

    fn debian_itself(&self) -> Said {
        let mut said = vec![("distribution", "Debian".to_owned())];
        said.extend(self.pretty_codename().map(|release| ("distribution_release", release)));
        for line in self.sections.file("/etc/debian_version").unwrap_or_default().lines() {
            let minor = line.split_once('.').map(|(_, minor)| minor).unwrap_or_default();
            let digits = minor.find(|character: char| !character.is_ascii_digit()).unwrap_or(minor.len());
            if digits > 0 {
                said.push(("distribution_minor_version", minor[..digits].to_owned()));
            }
        }
        said
    }

    fn quoted(&self, name: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(strip_quotes)
    }

    /// What stands in parentheses in the pretty name.
    fn pretty_codename(&self) -> Option<String> {
        let pretty = self.text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        let (_, rest) = pretty.split_once('(')?;
        rest.split_once(')').map(|(release, _)| release.to_owned())
    }
}
