//! What modules read of the controller: files, trees, and what a person types.
//!
//! Files are read away from the runtime's threads. Vaulted ones are decrypted; their plaintext is in no error.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use sha1::{Digest as _, Sha1};
use tokio::time::sleep;

use super::steps::ReadLocal;
use crate::http;
use crate::modules::{LocalFile, LocalKind, LocalPath, LocalRead, LocalReply, ModuleError, Typed};
use crate::playbook::Loader;
use crate::template::{Environment, SearchPath};
use crate::transport::BoxFuture;
use crate::vault::is_vaulted;

/// Larger files are not kept in memory, in bytes.
const CONTENT_LIMIT: u64 = 1024 * 1024;

/// Larger vaulted files are refused, in bytes: they cannot be decrypted piece by piece.
const VAULTED_LIMIT: u64 = 256 * 1024 * 1024;

/// Deepest tree that is read; links to a directory above them make endless ones.
const DEPTH: usize = 100;

/// What vaulted files begin with, in bytes enough to tell.
const HEAD: usize = 32;

/// Asks whoever is at the terminal.
pub trait Prompt: Send + Sync {
    /// Waits for a line, at most `limit`; none when nobody can type one, or nobody did.
    fn ask<'a>(&'a self, prompt: &'a str, echo: bool, limit: Option<Duration>) -> BoxFuture<'a, Option<String>>;
}

/// How files are read.
#[derive(Clone, Copy)]
struct Reading {
    follow: bool,
    decrypt: bool,
}

impl Reading {
    const PLAIN: Self = Self { follow: false, decrypt: true };
}

/// Reads for one task.
#[derive(Clone)]
pub struct Files {
    /// Where names are looked for.
    pub search: Arc<SearchPath>,
    /// Opens vaulted files.
    pub environment: Arc<Environment>,
    /// Reads files of variables.
    pub loader: Arc<Loader>,
    /// Asks a person; none where nobody is there.
    pub prompt: Option<Arc<dyn Prompt>>,
}

impl ReadLocal for Files {
    fn read<'a>(&'a self, read: &'a LocalRead) -> BoxFuture<'a, Result<LocalReply, ModuleError>> {
        Box::pin(async move {
            match read {
                LocalRead::File { kind, name } => {
                    let (kind, name) = (*kind, name.clone());
                    self.blocking(move |files| files.file(kind, &name)).await
                }
                LocalRead::Tree { kind, name } => {
                    let (kind, name) = (*kind, name.clone());
                    self.blocking(move |files| files.tree(kind, &name)).await
                }
                LocalRead::Vars { name } => {
                    let name = name.clone();
                    self.blocking(move |files| files.vars(&name)).await
                }
                LocalRead::Source { kind, name, follow, decrypt } => {
                    let ((kind, name), reading) =
                        ((*kind, name.clone()), Reading { follow: *follow, decrypt: *decrypt });
                    self.blocking(move |files| files.source(kind, &name, reading)).await
                }
                LocalRead::Path(path) => {
                    let path = path.clone();
                    self.blocking(move |files| files.path(path)).await
                }
                LocalRead::Fetch(request) => {
                    let request = request.clone();
                    self.blocking(move |_| Ok(LocalReply::Fetched(http::ask(&request)))).await
                }
                LocalRead::Pause { limit, prompt, echo } => {
                    Ok(LocalReply::Line(self.pause(*limit, prompt.as_deref(), *echo).await))
                }
            }
        })
    }
}

impl Files {
    async fn blocking(
        &self,
        work: impl FnOnce(&Self) -> Result<LocalReply, ModuleError> + Send + 'static,
    ) -> Result<LocalReply, ModuleError> {
        let files = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.unwrap_or_else(|error| Err(ModuleError::new(format!("reading on the controller failed: {error}"))))
    }

    async fn pause(&self, limit: Option<Duration>, prompt: Option<&str>, echo: bool) -> Typed {
        let (began, clock) = (SystemTime::now(), Instant::now());
        let line = match (&self.prompt, limit) {
            (Some(person), _) => person.ask(prompt.unwrap_or_default(), echo, limit).await,
            (None, Some(limit)) => {
                sleep(limit).await;
                None
            }
            (None, None) => None,
        };
        Typed { line, asked: self.prompt.is_some(), began, took: clock.elapsed() }
    }

    fn vars(&self, name: &str) -> Result<LocalReply, ModuleError> {
        let path = self.find("vars", name)?;
        let loaded = self.loader.included_vars(&path);
        loaded
            .map(LocalReply::Vars)
            .map_err(|errors| ModuleError::new(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
    }

    fn find(&self, kind: &str, name: &str) -> Result<PathBuf, ModuleError> {
        self.search.find(kind, name).ok_or_else(|| {
            let places = self.search.candidates(kind, name);
            let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
            let message =
                format!("Could not find or access '{name}' on the controller\nSearched in:\n\t{}", places.join("\n\t"));
            ModuleError::new(message)
        })
    }

    fn file(&self, kind: &str, name: &str) -> Result<LocalReply, ModuleError> {
        let path = self.find(kind, name)?;
        let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
        let metadata = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        self.entry(path, relative, &metadata, None, Reading::PLAIN).map(LocalReply::File)
    }

    fn tree(&self, kind: &str, name: &str) -> Result<LocalReply, ModuleError> {
        let root = self.find(kind, name)?;
        let mut all = Vec::new();
        self.walk(&root, Path::new(""), Reading::PLAIN, &mut all)?;
        Ok(LocalReply::Tree(all))
    }

    fn source(&self, kind: &str, name: &str, reading: Reading) -> Result<LocalReply, ModuleError> {
        let path = self.find(kind, name)?;
        let metadata = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if metadata.is_dir() {
            let mut all = Vec::new();
            self.walk(&path, Path::new(""), reading, &mut all)?;
            return Ok(LocalReply::Tree(all));
        }
        let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
        self.entry(path, relative, &metadata, None, reading).map(LocalReply::File)
    }

    fn path(&self, path: PathBuf) -> Result<LocalReply, ModuleError> {
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LocalReply::Path(None)),
            Err(error) => return Err(unreadable(&path, &error)),
        };
        let user = nix::unistd::User::from_uid(metadata.uid().into()).ok().flatten();
        let owner = user.map_or_else(|| metadata.uid().to_string(), |user| user.name);
        let modified = metadata.modified().map_err(|error| unreadable(&path, &error))?;
        let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
        let file = self.entry(path, relative, &metadata, None, Reading { follow: true, decrypt: false })?;
        Ok(LocalReply::Path(Some(LocalPath { file, owner, modified })))
    }

    /// Every entry below `folder`, by name, parents before their children.
    fn walk(
        &self,
        folder: &Path,
        relative: &Path,
        reading: Reading,
        all: &mut Vec<LocalFile>,
    ) -> Result<(), ModuleError> {
        if relative.components().count() > DEPTH {
            return Err(ModuleError::new(format!("{}: the tree is deeper than {DEPTH} directories", folder.display())));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries.map_err(|error| unreadable(folder, &error))?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (path, relative) = (entry.path(), relative.join(entry.file_name()));
            let metadata = entry.metadata().map_err(|error| unreadable(&path, &error))?;
            let mut link = None;
            let mut metadata = metadata;
            if metadata.is_symlink() {
                link = Some(fs::read_link(&path).map_err(|error| unreadable(&path, &error))?);
                // What it leads to is told as well, for those who follow it.
                metadata = fs::metadata(&path).unwrap_or(metadata);
                if reading.follow && metadata.is_dir() && !leads_up(&path) {
                    link = None;
                }
            }
            let deeper = link.is_none() && metadata.is_dir();
            all.push(self.entry(path.clone(), relative.clone(), &metadata, link, reading)?);
            if deeper {
                self.walk(&path, &relative, reading, all)?;
            }
        }
        Ok(())
    }

    fn entry(
        &self,
        path: PathBuf,
        relative: PathBuf,
        metadata: &Metadata,
        link: Option<PathBuf>,
        reading: Reading,
    ) -> Result<LocalFile, ModuleError> {
        let read = if metadata.is_file() {
            self.content(&path, metadata.len(), reading)?
        } else if metadata.is_dir() || link.is_some() {
            Content { size: metadata.size(), ..Content::default() }
        } else {
            return Err(ModuleError::new(format!("{}: is neither a file nor a directory", path.display())));
        };
        let kind = match link {
            Some(target) => LocalKind::Link(target),
            None if metadata.is_dir() => LocalKind::Directory,
            None => LocalKind::File,
        };
        let mode = metadata.permissions().mode() & 0o7777;
        Ok(LocalFile { path, relative, kind, mode, size: read.size, content: read.bytes, sha1: read.sha1 })
    }

    fn content(&self, path: &Path, size: u64, reading: Reading) -> Result<Content, ModuleError> {
        let fails = |error: io::Error| unreadable(path, &error);
        let mut file = File::open(path).map_err(fails)?;
        let mut head = Vec::new();
        (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(fails)?;
        let vaulted = reading.decrypt && is_vaulted(&head);
        if vaulted && size > VAULTED_LIMIT {
            let message = format!("{}: a vaulted file may have {VAULTED_LIMIT} bytes at most", path.display());
            return Err(ModuleError::new(message));
        }
        if vaulted || size <= CONTENT_LIMIT {
            let mut bytes = head;
            // One that grows is not read for ever.
            file.take(VAULTED_LIMIT).read_to_end(&mut bytes).map_err(fails)?;
            let bytes = if vaulted { self.open(path, &bytes)? } else { bytes };
            return Ok(Content::of(bytes));
        }
        let mut hash = Sha1::new();
        hash.update(&head);
        let rest = io::copy(&mut file, &mut Hashing(&mut hash)).map_err(fails)?;
        Ok(Content { size: head.len() as u64 + rest, bytes: None, sha1: Some(hex(&hash.finalize())) })
    }

    fn open(&self, path: &Path, envelope: &[u8]) -> Result<Vec<u8>, ModuleError> {
        let fails = |reason: String| ModuleError::new(format!("{}: {reason}", path.display()));
        let envelope = std::str::from_utf8(envelope).map_err(|_| fails("is no vaulted text".to_owned()))?;
        self.environment.vault.open(envelope).map_err(|error| fails(error.to_string()))
    }
}

/// What a file holds.
#[derive(Default)]
struct Content {
    size: u64,
    bytes: Option<Arc<[u8]>>,
    sha1: Option<String>,
}

impl Content {
    fn of(bytes: Vec<u8>) -> Self {
        Self { size: bytes.len() as u64, sha1: Some(hex(&Sha1::digest(&bytes))), bytes: Some(bytes.into()) }
    }
}

struct Hashing<'a>(&'a mut Sha1);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a link leads to a directory that it stands in.
fn leads_up(link: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    match (real(link), link.parent().and_then(real)) {
        (Some(target), Some(place)) => place.starts_with(target),
        _ => true,
    }
}

fn unreadable(path: &Path, error: &io::Error) -> ModuleError {
    ModuleError::new(format!("{}: {error}", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests;
