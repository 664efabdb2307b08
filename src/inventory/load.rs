//! Reads sources of every kind: files, directories, programs, lists of names.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::builder::Builder;
use super::files::{self, Files};
use super::vars_files::{self, Roots};
use super::vaulted::{self, Content, Opener};
use super::{Inventory, InventoryError, LoadedFile, host_list, ini_source, script_source, yaml_source};
use crate::vault::Vault;
use crate::yaml::{self, Diagnostic};

/// Endings of files that a directory of sources may hold beside its sources.
const IGNORED_ENDINGS: [&str; 12] =
    [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"];

/// Names in a directory of sources that are never sources.
const IGNORED_NAMES: [&str; 3] = ["host_vars", "group_vars", "vars_plugins"];

/// How to load an inventory.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The playbook's directory, for the `group_vars` and `host_vars` beside it.
    pub playbook_dir: Option<PathBuf>,
    /// How inventory programs are run.
    pub programs: ProgramOptions,
    /// Opens encrypted files and connection variables. Without one, encrypted variables files are left out with a
    /// warning; with one, a file that it does not open is an error.
    pub vault: Option<Vault>,
}

/// How inventory programs are run.
#[derive(Clone, Copy, Debug)]
pub struct ProgramOptions {
    /// Time that one call may take.
    pub timeout: Duration,
    /// Which process group they are in.
    pub group: ProgramGroup,
}

/// The process group of an inventory program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramGroup {
    /// One of its own: its children end with it at the time limit.
    Own,
    /// That of this process: Ctrl-C at the terminal reaches it.
    Shared,
}

impl Default for LoadOptions {
    /// No playbook; 60 seconds, since a cloud's inventory may take that long.
    fn default() -> Self {
        let programs = ProgramOptions { timeout: Duration::from_mins(1), group: ProgramGroup::Own };
        Self { playbook_dir: None, programs, vault: None }
    }
}

/// An inventory and what was learnt on the way to it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The inventory.
    pub inventory: Inventory,
    /// What the user should know, each with its place.
    pub warnings: Vec<String>,
    /// What only `inventory check` tells.
    pub notes: Vec<String>,
    /// Every file read.
    pub files: Vec<LoadedFile>,
    /// Texts of encrypted files, which must appear nowhere.
    pub secrets: Vec<String>,
}

/// Reads all `sources` and the variables beside them.
pub fn load(sources: &[String], options: &LoadOptions) -> Result<Loaded, InventoryError> {
    let opener = Opener::new(options.vault.as_ref());
    let mut loader = Loader { builder: Builder::new(), files: Files::default(), warnings: Vec::new(), options, opener };
    let mut roots = Roots { sources: Vec::new(), play: options.playbook_dir.clone() };
    for source in sources {
        roots.sources.extend(loader.source(source)?);
    }
    let Loader { builder, mut files, mut warnings, mut opener, .. } = loader;
    let mut inventory = builder.finish();
    inventory.vault = options.vault.clone().unwrap_or_default();
    let reader = vars_files::Reader { files: &mut files, warnings: &mut warnings, opener: &mut opener };
    vars_files::add(&mut inventory, &roots, reader)?;
    if inventory.hosts.is_empty() && warnings.is_empty() {
        warnings.push(format!("{}: holds no hosts", sources.join(", ")));
    }
    warnings.extend(same_names(&inventory));
    let notes = odd_group_names(&inventory);
    Ok(Loaded { inventory, warnings, notes, files: files.into_loaded(), secrets: opener.into_secrets() })
}

struct Loader<'a> {
    builder: Builder,
    files: Files,
    warnings: Vec<String>,
    options: &'a LoadOptions,
    opener: Opener<'a>,
}

impl Loader<'_> {
    /// Reads one source; gives the directory whose `group_vars` and `host_vars` belong to it.
    fn source(&mut self, source: &str) -> Result<Option<PathBuf>, InventoryError> {
        if source.trim_matches([',', ' ']).is_empty() {
            return Err(InventoryError::Unnamed);
        }
        let path = expand_home(source);
        if !path.exists() && source.contains(',') {
            host_list::add(&mut self.builder, source)?;
            return Ok(None);
        }
        if path.is_dir() {
            self.directory(&path)?;
            return Ok(Some(path));
        }
        if !path.exists() && path.symlink_metadata().is_err() {
            return Err(InventoryError::Missing { path: source.to_owned() });
        }
        self.file(&path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        Ok(Some(parent.unwrap_or(Path::new(".")).to_owned()))
    }

    fn directory(&mut self, directory: &Path) -> Result<(), InventoryError> {
        let unreadable = |source| InventoryError::Unreadable { path: directory.display().to_string(), source };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(unreadable)? {
            names.push(entry.map_err(unreadable)?.file_name());
        }
        names.sort_unstable();
        for name in names {
            if is_ignored(&name.to_string_lossy()) {
                continue;
            }
            let path = directory.join(name);
            if path.is_dir() { self.directory(&path)? } else { self.file(&path)? }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), InventoryError> {
        let bytes = self.files.bytes(path)?;
        if is_program(path, &bytes) {
            return script_source::add(&mut self.builder, &mut self.files, path, self.options.programs);
        }
        let name: Arc<str> = Arc::from(path.display().to_string());
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        match ending.as_deref() {
            Some("toml") => Err(Diagnostic::file(&name, "TOML inventories are not supported")
                .hint("write it as YAML or INI")
                .into()),
            Some("yml" | "yaml" | "json") | None => self.yaml_or_ini(&name, bytes),
            Some(_) => self.ini(&name, bytes),
        }
    }

    /// As Ansible does: YAML when it reads as a mapping, else INI.
    fn yaml_or_ini(&mut self, name: &Arc<str>, bytes: Vec<u8>) -> Result<(), InventoryError> {
        let text = match files::text(name, bytes.clone()) {
            Ok(text) => text,
            Err(_) if name.rsplit('/').next().is_some_and(|file| !file.contains('.')) => return self.ini(name, bytes),
            Err(error) => return Err(error.into()),
        };
        let (text, is_secret) = match self.opener.open(name, text)? {
            Content::Plain(text) => (text, false),
            Content::Opened(text) => (text, true),
            Content::Closed => {
                let error = Diagnostic::file(name, "is encrypted with Ansible Vault, and no vault password was given");
                return Err(error.hint("give --vault-password-file FILE or --vault-id ID@FILE").into());
            }
        };
        let bytes = text.clone().into_bytes();
        let document = match yaml::parse(name, &text) {
            Ok(document) => document,
            Err(_) if ini_source::looks_like_ini(&text) => return self.ini(name, bytes),
            Err(error) => return Err(vaulted::about(is_secret, error).into()),
        };
        match document.root {
            Some(root) if root.as_mapping().is_some() || !ini_source::looks_like_ini(&text) => {
                let warnings = document.warnings.into_iter().map(|warning| vaulted::about(is_secret, warning));
                self.warnings.extend(warnings.map(|warning| warning.to_string()));
                if root.is_falsy() {
                    self.warn_empty(name);
                    return Ok(());
                }
                if is_secret {
                    self.opener.note_value(&root.to_value());
                }
                Ok(yaml_source::add(&mut self.builder, name, &text, &root)?)
            }
            _ => self.ini(name, bytes),
        }
    }

    fn ini(&mut self, name: &Arc<str>, bytes: Vec<u8>) -> Result<(), InventoryError> {
        let text = files::text(name, without_odd_comments(bytes))?;
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with(['#', ';'])) {
            self.warn_empty(name);
        }
        Ok(ini_source::add(&mut self.builder, name, &text)?)
    }

    fn warn_empty(&mut self, name: &str) {
        self.warnings.push(format!("{name}: holds no hosts"));
    }
}

/// A leading `~/` is the home directory: sources also come from the environment, where no shell expands it.
fn expand_home(source: &str) -> PathBuf {
    match (source.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(source),
    }
}

fn is_ignored(name: &str) -> bool {
    name.starts_with('.')
        || IGNORED_NAMES.contains(&name)
        || IGNORED_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file is to be run: it may be, and it says how. A mere execute bit on a data file is an accident.
fn is_program(path: &Path, bytes: &[u8]) -> bool {
    let executable = path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0);
    executable && (bytes.starts_with(b"#!") || bytes.starts_with(b"\x7fELF"))
}

/// Empties comment lines that are not UTF-8, which Ansible lets pass.
fn without_odd_comments(bytes: Vec<u8>) -> Vec<u8> {
    if std::str::from_utf8(&bytes).is_ok() {
        return bytes;
    }
    let odd = |line: &&[u8]| line.starts_with(b"#") || line.starts_with(b";");
    let lines: Vec<&[u8]> =
        bytes.split(|byte| *byte == b'\n').map(|line| if odd(&line) { &b""[..] } else { line }).collect();
    lines.join(&b'\n')
}

fn same_names(inventory: &Inventory) -> Vec<String> {
    let both = inventory.groups().filter(|group| inventory.hosts.contains_key(group.name()));
    both.map(|group| format!("`{}` is the name of a group and of a host", group.name())).collect()
}

fn odd_group_names(inventory: &Inventory) -> Vec<String> {
    let odd = |name: &str| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        name.starts_with(|c: char| c.is_numeric() || !word(c)) || !name.chars().all(word)
    };
    let names = inventory.groups().filter(|group| odd(group.name()));
    names
        .map(|group| {
            format!("group name `{}` is no valid variable name (templates can use it only in quotes)", group.name())
        })
        .collect()
}
