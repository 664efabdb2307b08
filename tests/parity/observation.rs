//! What one run of a case came to, as both sides saw it, in a form that is the same in every run.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::common::{require, run};
use super::keys::KeyStore;
use super::sandbox::Sandbox;

/// Names that hashed lines of `known_hosts` may stand for.
const NAMES: &[&str] = &["[127.0.0.1]:{port}", "[127.0.0.2]:{jump}", "[web]:{port}", "web", "127.0.0.1", "localhost"];

/// What one run came to.
#[derive(Debug)]
pub struct Observation {
    /// `accepted`, or the class of the refusal.
    pub verdict: String,
    /// What the command said.
    pub said: String,
    /// What `known_hosts` files hold afterwards.
    pub known_hosts: String,
    /// The connections that the host saw.
    pub host: Vec<Visit>,
    /// The connections that the jump host saw.
    pub jump: Vec<Visit>,
    /// What was said about a refusal; not compared.
    pub why: String,
}

/// One connection, as the server saw it.
#[derive(Debug, PartialEq, Eq)]
pub struct Visit {
    /// The algorithm of the host key.
    host_key: String,
    /// Users that asked to log in.
    users: Vec<String>,
    /// Keys that were offered, with the algorithm to sign by.
    offered: Vec<String>,
    /// Keys that let the user in.
    accepted: Vec<String>,
}

impl Observation {
    /// A run that came to nothing.
    pub fn none(why: &str) -> Self {
        let (said, known_hosts) = (String::new(), String::new());
        Self { verdict: "none".into(), said, known_hosts, host: vec![], jump: vec![], why: why.into() }
    }

    /// The key that the host accepted last.
    pub fn key(&self) -> Option<&str> {
        self.host.last()?.accepted.last().map(String::as_str)
    }

    /// In what `other` differs, one line each.
    pub fn differences(&self, other: &Self) -> String {
        let mut text = String::new();
        let mut compare = |what: &str, left: String, right: String| {
            if left != right {
                writeln!(text, "    {what}:\n      ssh:   {left}\n      other: {right}").unwrap();
            }
        };
        compare("verdict", self.verdict.clone(), other.verdict.clone());
        compare("said", format!("{:?}", self.said), format!("{:?}", other.said));
        compare("known_hosts", format!("{:?}", self.known_hosts), format!("{:?}", other.known_hosts));
        compare("connections to the host", format!("{:?}", self.host), format!("{:?}", other.host));
        compare("connections to the jump host", format!("{:?}", self.jump), format!("{:?}", other.jump));
        text
    }
}

/// Reads the log of one connection.
pub fn visit(log: &str, store: &KeyStore) -> Visit {
    let mut visit = Visit { host_key: "none".into(), users: vec![], offered: vec![], accepted: vec![] };
    for line in log.lines() {
        let line = line.trim_end().trim_end_matches(" [preauth]");
        if let Some(algorithm) = line.strip_prefix("debug1: kex: host key algorithm: ") {
            algorithm.clone_into(&mut visit.host_key);
        } else if let Some(rest) = line.strip_prefix("debug1: userauth-request for user ") {
            push_new(&mut visit.users, rest.split(' ').next().unwrap().to_owned());
        } else if let Some(rest) = line.strip_prefix("debug1: userauth_pubkey: publickey test pkalg ") {
            let (algorithm, key) = rest.split_once(" pkblob ").unwrap();
            push_new(&mut visit.offered, format!("{} by {algorithm}", key_name(key, store)));
        } else if let Some((_, rest)) =
            line.strip_prefix("debug3: userauth_pubkey: ").and_then(|line| line.split_once(" have "))
        {
            // A key whose public half was not at hand is signed with unasked.
            let (algorithm, key) = rest.split_once(" signature for ").unwrap();
            push_new(&mut visit.offered, format!("{} by {algorithm}", key_name(key, store)));
        } else if line.starts_with("Accepted publickey for ") || line.starts_with("Partial publickey for ") {
            let (_, key) = line.split_once(" ssh2: ").unwrap();
            visit.accepted.push(key_name(key, store));
        }
    }
    visit
}

fn push_new(list: &mut Vec<String>, entry: String) {
    if list.last() != Some(&entry) {
        list.push(entry);
    }
}

/// The name of the key in `ED25519-CERT SHA256:… ID …`.
fn key_name(words: &str, store: &KeyStore) -> String {
    let mut words = words.split(' ');
    let (kind, fingerprint) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let certified = if kind.ends_with("-CERT") { "certified " } else { "" };
    format!("{certified}{}", store.name_of(fingerprint))
}

/// What all files called `known…` of the sandbox hold.
pub fn known_hosts(sandbox: &Sandbox<'_>) -> String {
    let mut text = String::new();
    for dir in [sandbox.home.dir().to_owned(), sandbox.home.dir().join("home/.ssh")] {
        let Ok(entries) = fs::read_dir(dir) else { continue };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.file_name().unwrap().to_str().unwrap().starts_with("known")) {
            let name = file.file_name().unwrap().to_str().unwrap();
            writeln!(text, "{name}: {}", sandbox.blank(&plain(file.to_str().unwrap(), sandbox))).unwrap();
        }
    }
    text
}

/// The lines of a file, with names in the place of hashes.
fn plain(file: &str, sandbox: &Sandbox<'_>) -> String {
    let text = fs::read_to_string(file).unwrap();
    if !text.contains("|1|") {
        return text;
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for name in NAMES {
        let keygen = require("ssh-keygen", "openssh-client");
        let found = run(Command::new(keygen).args(["-F", &sandbox.fill(name), "-f", file])).text();
        let numbers = found.lines().filter_map(|line| line.split_once(" found: line ")?.1.split(' ').next());
        for number in numbers.map(|number| number.parse::<usize>().unwrap()) {
            let line = &mut lines[number - 1];
            if let Some((_, rest)) = line.clone().strip_prefix("|1|").and_then(|line| line.split_once(' ')) {
                *line = format!("hashed {name} {rest}");
            }
        }
    }
    lines.join("\n")
}
