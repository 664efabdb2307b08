//! What dnf is asked, what it says it would do, and how it fails.

use std::path::Path;

use crate::modules::flow;
use crate::modules::{Answer, Args, ModuleError};
use crate::template::{Dict, Value};

/// What is to be done with packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// They are there.
    Install,
    /// They are there, in the newest version.
    Latest,
    /// All that is there gets its newest version.
    Upgrade,
    /// They are not there.
    Remove,
    /// They are not there, nor what nobody needs.
    Autoremove,
}

impl Verb {
    /// What the arguments ask for.
    #[must_use]
    pub fn of(args: &Args) -> Self {
        let state = args.text("state");
        match state {
            _ if args.bool("autoremove") => Self::Autoremove,
            Some("absent" | "removed") => Self::Remove,
            Some("latest") if args.texts("name") == ["*"] => Self::Upgrade,
            Some("latest") => Self::Latest,
            _ if args.bool("update_only") => Self::Latest,
            _ => Self::Install,
        }
    }

    /// Its name for the probe.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Latest => "latest",
            Self::Upgrade => "upgrade",
            Self::Remove => "remove",
            Self::Autoremove => "autoremove",
        }
    }

    /// The command of dnf.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Latest => "install",
            other => other.name(),
        }
    }

    fn installs(self) -> bool {
        !matches!(self, Self::Remove | Self::Autoremove)
    }
}

/// The tool that the task asks for.
#[must_use]
pub fn tool(args: &Args) -> &'static str {
    match args.needed("use_backend") {
        "dnf" | "dnf4" | "yum4" => "dnf",
        "dnf5" => "dnf5",
        _ => "auto",
    }
}

/// The options of a command that works on packages.
#[must_use]
pub fn options(args: &Args, verb: Verb) -> Vec<String> {
    let mut options = common_options(args);
    let mut set = |name: &str, value: bool| options.push(format!("--setopt={name}={}", i32::from(value)));
    if !verb.installs() {
        set("clean_requirements_on_remove", verb == Verb::Autoremove);
        return options;
    }
    set("install_weak_deps", args.bool("install_weak_deps"));
    set("localpkg_gpgcheck", !args.bool("disable_gpg_check"));
    for (name, option) in [
        ("security", "--security"),
        ("bugfix", "--bugfix"),
        ("download_only", "--downloadonly"),
        ("allowerasing", "--allowerasing"),
        ("skip_broken", "--skip-broken"),
    ] {
        options.extend(args.bool(name).then(|| option.to_owned()));
    }
    let best = args.maybe_bool("best").or(args.maybe_bool("nobest").map(|nobest| !nobest));
    options.extend(best.map(|best| if best { "--best" } else { "--nobest" }.to_owned()));
    if args.bool("download_only") {
        options.extend(args.text("download_dir").map(|folder| format!("--downloaddir={folder}")));
    }
    options
}

/// The options that every command takes.
#[must_use]
pub fn common_options(args: &Args) -> Vec<String> {
    let mut options = Vec::new();
    options.extend(args.text("conf_file").map(|file| format!("--config={file}")));
    for (name, option) in [
        ("disablerepo", "--disablerepo"),
        ("enablerepo", "--enablerepo"),
        ("exclude", "--exclude"),
        ("disable_plugin", "--disableplugin"),
        ("enable_plugin", "--enableplugin"),
    ] {
        options.extend(listed(args, name).iter().map(|item| format!("{option}={item}")));
    }
    options.extend(args.text("disable_excludes").map(|which| format!("--disableexcludes={which}")));
    for (name, option) in
        [("update_cache", "--refresh"), ("cacheonly", "--cacheonly"), ("disable_gpg_check", "--nogpgcheck")]
    {
        options.extend(args.bool(name).then(|| option.to_owned()));
    }
    if !args.bool("sslverify") || !args.bool("validate_certs") {
        options.push("--setopt=sslverify=0".to_owned());
    }
    if let Some(root) = args.text("installroot").filter(|root| *root != "/") {
        options.push(format!("--installroot={root}"));
    }
    options.extend(args.text("releasever").map(|version| format!("--releasever={version}")));
    options
}

/// The items of a list, which may stand within one text, between commas.
#[must_use]
pub fn listed(args: &Args, name: &str) -> Vec<String> {
    let texts = args.texts(name);
    let items = texts.iter().flat_map(|text| text.split(',')).map(str::trim);
    items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// Whether a name is that of a file, or the address of one.
#[must_use]
pub fn is_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rpm")
}

/// What a transaction adds and takes away: packages with their versions, one each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// What is there afterwards and was not before.
    pub added: Vec<String>,
    /// What is no longer there.
    pub removed: Vec<String>,
}

impl Transaction {
    /// Reads the table that dnf prints. `there` is what is installed, for the versions that others take the place of.
    #[must_use]
    pub fn of_table(text: &str, there: &[&str]) -> Self {
        let mut transaction = Self::default();
        let mut section = None;
        // A name that is longer than its column stands on a line of its own.
        let mut name: Option<&str> = None;
        for line in text.lines() {
            if !line.starts_with(' ') {
                section = Section::of(line);
                name = None;
                continue;
            }
            let words: Vec<&str> = name.take().into_iter().chain(line.split_whitespace()).collect();
            match (section, words.as_slice()) {
                (Some(Section::Removes), [name, arch, version, ..])
                | (Some(_), ["replacing", name, arch, version, ..]) => {
                    transaction.removed.push(format!("{name}-{version}.{arch}"));
                }
                (Some(adds), [name, arch, version, ..]) => {
                    if adds == Section::Replaces {
                        transaction.removed.extend(older(there, name, arch));
                    }
                    transaction.added.push(format!("{name}-{version}.{arch}"));
                }
                (Some(_), [long]) => name = Some(long),
                _ => {}
            }
        }
        transaction.added.sort();
        transaction.removed.sort();
        transaction.removed.dedup();
        transaction
    }

    /// Reads what the action says came and went.
    #[must_use]
    pub fn of_action(text: &str) -> Self {
        let marked = |mark| text.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect();
        Self { added: marked("@+ "), removed: marked("@- ") }
    }

    /// Adds what another one does.
    pub fn add(&mut self, other: Self) {
        self.added.extend(other.added);
        self.removed.extend(other.removed);
    }

    /// Whether it does nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Its lines in `results`.
    pub fn lines(&self, added: &str) -> impl Iterator<Item = String> {
        let added = self.added.iter().map(move |package| format!("{added}: {package}"));
        added.chain(self.removed.iter().map(|package| format!("Removed: {package}"))).collect::<Vec<_>>().into_iter()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Adds,
    Replaces,
    Removes,
}

impl Section {
    fn of(line: &str) -> Option<Self> {
        let title = line.trim_end().strip_suffix(':')?.to_lowercase();
        if ["groups", "modules", "profiles", "streams"].iter().any(|kind| title.ends_with(kind)) {
            return None;
        }
        match title.split(' ').next()? {
            "installing" => Some(Self::Adds),
            "upgrading" | "updating" | "downgrading" => Some(Self::Replaces),
            "removing" => Some(Self::Removes),
            _ => None,
        }
    }
}

/// What is installed of a package: `NAME-VERSION-RELEASE.ARCH`.
fn older(there: &[&str], name: &str, arch: &str) -> Option<String> {
    let is_version = |package: &&&str| {
        let version =
            package.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')?.strip_suffix(arch)?.strip_suffix('.'));
        version.is_some_and(|version| version.matches('-').count() == 1)
    };
    there.iter().find(is_version).map(|package| (*package).to_owned())
}

/// Names that dnf knows no package for.
#[must_use]
pub fn unmatched(said: &str) -> Vec<String> {
    let names = said.lines().filter_map(|line| line.strip_prefix("No match for argument: "));
    names.map(|name| format!("No package {} available.", name.trim())).collect()
}

/// Why dnf did not do it.
#[must_use]
pub fn failure(answer: &Answer) -> ModuleError {
    let said = format!("{}{}", answer.text(), answer.errors());
    let nothing = || Value::list(Vec::new());
    let group =
        said.lines().find_map(|line| line.strip_prefix("Module or Group '")?.strip_suffix("' is not available."));
    if let Some(group) = group {
        return ModuleError::new(format!("No group {group} available.")).field("results", nothing());
    }
    if let Some((package, line)) = unsigned(&said) {
        return ModuleError::new(format!("Failed to validate GPG signature for {package}: {line}"));
    }
    let missing = unmatched(&said);
    if missing.is_empty() {
        return flow::failure(answer, "Failed to run the transaction");
    }
    ModuleError::new("Failed to install some of the specified packages")
        .field("failures", missing.into_iter().map(Value::text).collect::<Vec<_>>())
        .field("results", nothing())
        .field("rc", 1)
}

/// The package that nobody signed whom the host trusts, and what dnf says of it.
fn unsigned(said: &str) -> Option<(String, &str)> {
    said.contains("GPG check FAILED").then_some(())?;
    let line = said.lines().find(|line| line.starts_with("Package ") || line.starts_with("Public key for "))?;
    let file = line.trim_start_matches("Package ").trim_start_matches("Public key for ").split(' ').next()?;
    Some((file.strip_suffix(".rpm").unwrap_or(file).to_owned(), line))
}

/// The packages that `list` returns.
#[must_use]
pub fn packages(text: &str) -> Vec<Value> {
    let package = |line: &str| {
        let fields: Vec<&str> = line.trim().split('|').collect();
        let [name, arch, epoch, release, version, repository] = fields[..] else { return None };
        let full = format!("{epoch}:{name}-{version}-{release}.{arch}");
        let state = if repository == "@System" { "installed" } else { "available" };
        Some(dict(&[
            ("name", name),
            ("arch", arch),
            ("epoch", epoch),
            ("release", release),
            ("version", version),
            ("repo", repository),
            ("envra", &full),
            ("nevra", &full),
            ("yumstate", state),
        ]))
    };
    text.lines().filter_map(package).collect()
}

/// The repositories that `list` returns.
#[must_use]
pub fn repositories(text: &str) -> Vec<Value> {
    let names = text.lines().filter_map(|line| line.split_whitespace().next().filter(|_| !line.starts_with("repo id")));
    names.map(|name| dict(&[("repoid", name), ("state", "enabled")])).collect()
}

fn dict(entries: &[(&str, &str)]) -> Value {
    let entries = entries.iter().map(|(name, value)| ((*name).into(), Value::text(*value)));
    Value::dict(entries.collect::<Dict>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_what_comes_and_goes() {
        let text = "Dependencies resolved.\n=====\n Package  Arch Version Repo Size\n=====\nInstalling:\n \
             a-rather-long-name\n                 noarch  2:1.0-1  base  6 k\n b  x86_64  1-1  base  6 k\n\
             Upgrading:\n c  noarch  1.1-1  base  6 k\nRemoving dependent packages:\n d  noarch  3-1  @base  4\n\
             Installing Groups:\n Some Development Tools\nTransaction Summary:\n Installing:  2 packages\n";
        let transaction = Transaction::of_table(text, &["c-d-1.0-1.noarch", "c-1.0-1.noarch"]);
        assert_eq!(transaction.added, ["a-rather-long-name-2:1.0-1.noarch", "b-1-1.x86_64", "c-1.1-1.noarch"]);
        assert_eq!(transaction.removed, ["c-1.0-1.noarch", "d-3-1.noarch"]);
    }

    #[test]
    fn dnf_5_says_what_it_replaces() {
        let text = "Upgrading:\n c  noarch  1.1-1  base  6 k\n   replacing c  noarch  1.0-1  base  6 k\n";
        let transaction = Transaction::of_table(text, &["c-1.0-1.noarch"]);
        assert_eq!((transaction.added.len(), transaction.removed), (1, vec!["c-1.0-1.noarch".to_owned()]));
    }
}
