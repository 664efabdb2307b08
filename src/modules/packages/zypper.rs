//! What zypper is called with, and what it says in XML.

use crate::modules::{Args, ModuleError};
use crate::template::{Dict, Value};

/// A package as a task names it: `nginx`, `nginx>=1.2`, `-nginx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// `+` or `-`.
    pub sign: char,
    /// Its name.
    pub name: String,
    /// The condition on its version, with its operator; empty without.
    pub version: String,
}

impl Wanted {
    /// Reads a name; without a sign it has `sign`.
    #[must_use]
    pub fn parse(text: &str, sign: char) -> Self {
        let (sign, rest) = match text.chars().next() {
            Some('+') => ('+', &text[1..]),
            Some('-' | '~') => ('-', &text[1..]),
            _ => (sign, text),
        };
        let is_version =
            |version: &str| version.chars().all(|letter| letter.is_alphanumeric() || "_.:+~-".contains(letter));
        let start = rest
            .find(['<', '>', '='])
            .filter(|start| is_version(rest[*start..].trim_start_matches(['<', '>']).trim_start_matches('=')));
        let (name, version) = rest.split_at(start.unwrap_or(rest.len()));
        Self { sign, name: name.to_owned(), version: version.to_owned() }
    }

    /// As zypper takes it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}{}", self.sign, self.name, self.version)
    }
}

/// The words of a call. `check` has zypper only say what it would do.
#[must_use]
pub fn words(args: &Args, verb: &str, old: bool, check: bool) -> Vec<String> {
    let installs = matches!(verb, "install" | "update" | "patch" | "dist-upgrade");
    let refreshes = verb == "refresh";
    let mut words = vec!["zypper".to_owned(), "--non-interactive".to_owned(), "--xmlout".to_owned()];
    let mut flag = |wanted: bool, option: &str| words.extend(wanted.then(|| option.to_owned()));
    flag(args.bool("quiet"), "--quiet");
    for word in args.needed("extra_args_precommand").split_whitespace() {
        flag(true, word);
    }
    flag((installs || refreshes) && args.bool("disable_gpg_check"), "--no-gpg-checks");
    flag(installs && args.bool("auto_import_keys"), "--gpg-auto-import-keys");
    flag(verb == "search", "--disable-repositories");
    flag(true, verb);
    if !refreshes && !matches!(verb, "patch" | "dist-upgrade") {
        flag(true, "--type");
        flag(true, args.needed("type"));
    }
    flag(check && verb != "search", "--dry-run");
    flag(installs, "--auto-agree-with-licenses");
    flag(installs && args.bool("disable_recommends"), "--no-recommends");
    for (name, option) in [("force", "--force"), ("force_resolution", "--force-resolution")] {
        flag(installs && args.bool(name), option);
    }
    flag(installs && old, "--oldpackage");
    flag(installs && args.bool("replacefiles"), "--replacefiles");
    flag(verb == "remove" && args.bool("clean_deps"), "--clean-deps");
    flag(verb == "dist-upgrade" && args.bool("allow_vendor_change"), "--allow-vendor-change");
    for word in args.needed("extra_args").split(' ').filter(|word| !word.is_empty()) {
        flag(true, word);
    }
    words
}

/// An element of XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// The name of the one around it.
    pub parent: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
    /// The text in front of its first child.
    pub text: String,
}

impl Element {
    /// The value of an attribute; empty where it has none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// The elements of a text of XML, in order; what makes no sense is left out.
#[must_use]
pub fn elements(xml: &str) -> Vec<Element> {
    let mut all: Vec<Element> = Vec::new();
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find('<') {
        let before = &rest[..start];
        if let Some((_, place)) = open.last().filter(|(_, place)| all.last().is_some_and(|_| all.len() == place + 1)) {
            all[*place].text.push_str(&decoded(before));
        }
        rest = &rest[start + 1..];
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if let Some(depth) = open.iter().rposition(|(known, _)| known == name.trim()) {
                open.truncate(depth);
            }
            continue;
        }
        if tag.starts_with(['?', '!']) {
            continue;
        }
        let bare = tag.trim_end_matches('/');
        let name = bare.split_whitespace().next().unwrap_or_default().to_owned();
        let parent = open.last().map(|(name, _)| name.clone()).unwrap_or_default();
        all.push(Element {
            attributes: attributes(&bare[name.len()..]),
            parent,
            text: String::new(),
            name: name.clone(),
        });
        if !tag.ends_with('/') {
            open.push((name, all.len() - 1));
        }
    }
    all
}

fn attributes(mut text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { break };
        let Some((value, after)) = rest[1..].split_once(quote) else { break };
        all.push((name.trim().to_owned(), decoded(value)));
        text = after;
    }
    all
}

fn decoded(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The packages in a summary: name, group (`to-install`, `to-remove`, `to-upgrade`, …), old and new version.
#[must_use]
pub fn solvables(xml: &str) -> Vec<[String; 4]> {
    let solvables = elements(xml).into_iter().filter(|element| element.name == "solvable");
    solvables
        .map(|element| {
            let attribute = |name: &str| element.attribute(name).to_owned();
            [attribute("name"), element.parent.clone(), attribute("edition-old"), attribute("edition")]
        })
        .collect()
}

/// What came, went and was upgraded, a line each.
#[must_use]
pub fn summary(packages: &[[String; 4]]) -> String {
    let mut text = String::new();
    for (group, label) in [("to-install", "installed"), ("to-remove", "removed"), ("to-upgrade", "upgraded")] {
        let of_group = packages.iter().filter(|package| package[1] == group);
        let shown: Vec<String> = of_group
            .map(
                |[name, _, old, new]| {
                    if group == "to-upgrade" { format!("{name} ({old} => {new})") } else { name.clone() }
                },
            )
            .collect();
        if !shown.is_empty() {
            text.extend([label, ": ", &shown.join(", "), "\n"]);
        }
    }
    text
}

/// The texts of zypper's messages.
#[must_use]
pub fn messages(xml: &str) -> Vec<String> {
    elements(xml).into_iter().filter(|element| element.name == "message").map(|element| element.text).collect()
}

/// A repository as zypper lists it.
#[must_use]
pub fn repositories(xml: &str) -> Vec<Dict> {
    let mut all: Vec<Dict> = Vec::new();
    for element in elements(xml) {
        match element.name.as_str() {
            "repo" => {
                let mut repo = Dict::new();
                for name in ["alias", "name", "priority", "enabled", "autorefresh", "gpgcheck"] {
                    repo.insert(name.into(), element.attribute(name).into());
                }
                repo.insert("url".into(), element.attribute("metalink").into());
                all.push(repo);
            }
            "url" if element.parent == "repo" => {
                if let Some(repo) = all.last_mut() {
                    repo.insert("url".into(), Value::text(element.text.trim()));
                }
            }
            _ => {}
        }
    }
    all
}

/// The error of a call of zypper that ended badly.
#[must_use]
pub fn failed(message: impl Into<String>, rc: i32, stdout: &str, stderr: &str) -> ModuleError {
    ModuleError::new(message).field("rc", rc).field("stdout", stdout).field("stderr", stderr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_signs_and_versions() {
        for (text, sign, name, version) in [
            ("nginx", '+', "nginx", ""),
            ("docker>=1.10", '+', "docker", ">=1.10"),
            ("-exim", '-', "exim", ""),
            ("~exim=2", '-', "exim", "=2"),
            ("gtk+", '+', "gtk+", ""),
            ("crash-kmp-default<7.2.1_k4.12", '+', "crash-kmp-default", "<7.2.1_k4.12"),
        ] {
            let expected = Wanted { sign, name: name.to_owned(), version: version.to_owned() };
            assert_eq!(Wanted::parse(text, '+'), expected, "{text}");
        }
    }

    #[test]
    fn what_zypper_says_is_read() {
        let xml = "<?xml version='1.0'?>\n<stream>\n<message type=\"info\">a &lt;b&gt;</message>\n<install-summary>\
                   <to-upgrade><solvable type=\"package\" name=\"a\" edition=\"2-1\" edition-old=\"1-1\"/></to-upgrade>\
                   <to-install><solvable name='b' edition='3'/></to-install></install-summary></stream>";
        assert_eq!(messages(xml), ["a <b>"]);
        assert_eq!(summary(&solvables(xml)), "installed: b\nupgraded: a (1-1 => 2-1)\n");
        assert!(elements("<a b=c><d").len() <= 1);
        let repos = repositories("<repo-list><repo alias=\"a\" enabled=\"1\"><url>http://x/</url></repo></repo-list>");
        assert_eq!(repos[0].get("url").map(ToString::to_string), Some("http://x/".to_owned()));
    }
}
