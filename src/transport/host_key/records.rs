//! The `known_hosts` files of a run: each is read once, and appended to.

use std::collections::HashMap;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};

use russh::keys::PublicKey;
use russh::keys::ssh_key::public::KeyData;

use super::file::{Entry, KnownHosts};
use super::names;
use crate::transport::known_hosts;
use crate::transport::ssh_config::HostKeySettings;

/// A line about a host, and its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The file.
    pub(super) file: PathBuf,
    /// The line.
    pub(super) entry: Entry,
}

/// What is known of the files so far.
#[derive(Debug, Default)]
pub(super) struct Records {
    files: HashMap<PathBuf, KnownHosts>,
}

impl Records {
    /// What the user's files and then the global ones say about `name`.
    pub(super) fn lookup(&mut self, settings: &HostKeySettings, name: &str) -> Vec<Record> {
        let mut records = Vec::new();
        for path in paths(settings) {
            let entries = self.file(path).lookup(name);
            records.extend(entries.into_iter().map(|entry| Record { file: path.clone(), entry }));
        }
        records
    }

    /// Records `key` under `names` in the user's first file.
    pub(super) fn append(&mut self, settings: &HostKeySettings, names: &[&str], key: &KeyData) -> Result<()> {
        let Some(path) = settings.user_files.first() else {
            return Err(Error::other("UserKnownHostsFile is none, so there is no file for it"));
        };
        let key = PublicKey::new(key.clone(), "").to_openssh().map_err(Error::other)?;
        let line = |names: &str| format!("{names} {key}\n");
        let lines = if settings.hash {
            names.iter().map(|name| Ok(line(&names::hash(name)?))).collect::<Result<String>>()?
        } else {
            line(&names.join(","))
        };
        // Read before it grows, so that its lines are counted but once.
        self.file(path);
        known_hosts::append(path, &lines)?;
        self.file(path).add(lines.as_bytes());
        Ok(())
    }

    fn file(&mut self, path: &Path) -> &mut KnownHosts {
        self.files.entry(path.to_owned()).or_insert_with(|| KnownHosts::parse(&read(path)))
    }
}

fn paths(settings: &HostKeySettings) -> impl Iterator<Item = &PathBuf> {
    settings.user_files.iter().chain(&settings.global_files)
}

/// The bytes of a file; one that cannot be read says nothing, as with OpenSSH.
fn read(path: &Path) -> Vec<u8> {
    // Opening a pipe could wait for ever, and a device may have no end.
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    if is_file { std::fs::read(path).unwrap_or_default() } else { Vec::new() }
}
