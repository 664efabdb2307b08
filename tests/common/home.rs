//! A temporary home: its own configuration, keys, state and inventories.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::{Running, SEARCH_PATH, require, write_program};

pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self::called("opsctl-test-")
    }

    /// A home whose name begins with `name`.
    pub fn called(name: &str) -> Self {
        let directory = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        fs::create_dir(directory.path().join("tmp")).unwrap();
        Self(directory)
    }

    pub fn dir(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.place(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn place(&self, name: &str) -> PathBuf {
        let path = self.dir().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// Writes a program and returns its path.
    pub fn program(&self, name: &str, text: &str) -> String {
        let path = self.place(name);
        write_program(&path, text);
        path.display().to_string()
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir().join(name)).unwrap()
    }

    pub fn has(&self, name: &str) -> bool {
        self.dir().join(name).exists()
    }

    /// Writes an inventory of hosts that are this machine without SSH, and returns its path.
    pub fn local(&self, names: &str) -> String {
        self.write("hosts", format!("[all:vars]\nansible_connection=local\n[test]\n{}\n", names.replace(' ', "\n")))
    }

    /// `opsctl` with nothing of the tests' own environment but the transport to test, where one is named.
    pub fn opsctl(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
        command.env_clear().env("PATH", SEARCH_PATH).env("HOME", self.dir());
        command.env("XDG_STATE_HOME", self.dir().join("state")).env("TMPDIR", self.dir().join("tmp"));
        command.current_dir(self.dir());
        if let Some(transport) = std::env::var_os("OPSCTL_TEST_TRANSPORT") {
            command.env("OPSCTL_TRANSPORT", transport);
        }
        command
    }

    /// `opsctl exec`, on the inventory that was written as `hosts`.
    pub fn exec(&self, arguments: &[&str]) -> Command {
        let mut command = self.opsctl();
        command.args(["exec", "-i"]).arg(self.dir().join("hosts")).args(arguments);
        command
    }

    /// `opsctl exec` at a terminal of its own: what is typed into the answer reaches it as from a keyboard.
    pub fn exec_at_terminal(&self, arguments: &[&str]) -> Running {
        self.at_terminal(&self.exec(arguments))
    }

    /// A command of ours at a terminal of its own.
    pub fn at_terminal(&self, command: &Command) -> Running {
        let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"));
        let words: Vec<String> = [command.get_program()].into_iter().chain(command.get_args()).map(quoted).collect();
        let mut script = Command::new(require("script", "bsdutils"));
        script.args(["-qefc", &words.join(" "), "/dev/null"]).env_clear().current_dir(self.dir());
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Running::with_input(script.env("TERM", "xterm").env("SHELL", "/bin/sh"))
    }

    /// The journal files, oldest first.
    pub fn journals(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.dir().join("state/opsctl/runs")) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    /// The records of the last run.
    pub fn journal(&self) -> Vec<Value> {
        let path = self.journals().pop().expect("a run is on record");
        fs::read_to_string(path).unwrap().lines().map(|line| line.parse().unwrap()).collect()
    }

    /// What the last run's journal says about the end of `host`.
    pub fn recorded(&self, host: &str) -> Value {
        let records = self.journal();
        let found = records.iter().find(|record| record["type"] == "host-end" && record["host"] == host);
        found.unwrap_or_else(|| panic!("no end of {host} in {records:#?}")).clone()
    }

    /// Whether any file below the home holds `text`.
    pub fn holds(&self, text: &str) -> Option<PathBuf> {
        let mut open = vec![self.dir().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    open.push(entry);
                } else if memchr::memmem::find(&fs::read(&entry).unwrap_or_default(), text.as_bytes()).is_some() {
                    return Some(entry);
                }
            }
        }
        None
    }
}
