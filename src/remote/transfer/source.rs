//! What is copied to hosts: a local file or tree, read once before any host is touched.

use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::digest::{Digest, Hasher};
use crate::remote::encode;

/// The nine permission bits; set-user-id and its like are never copied.
pub(super) const MODE_BITS: u32 = 0o777;

/// Longest content, escaped, that travels with the question, in bytes: the host's shell reads it byte by byte.
const SHORT: usize = 16 * 1024;

/// Why a local file or tree cannot be copied.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be read.
    #[error("{}: cannot be read", .path.display())]
    Unreadable {
        /// Which file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is neither file, directory nor symlink.
    #[error("{}: is a device, pipe or socket, which cannot be copied", .path.display())]
    Special {
        /// Which file.
        path: PathBuf,
    },
}

/// A local file or tree.
#[derive(Debug)]
pub struct Source {
    /// The last part of its path.
    pub(super) name: OsString,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    File(SourceFile),
    Tree(Arc<Tree>),
}

#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) mode: u32,
    pub(super) size: u64,
    pub(super) digest: Digest,
    /// The content of a file that stands alone, escaped, if it is short.
    pub(super) short: Option<String>,
}

#[derive(Debug)]
pub(super) struct Tree {
    /// Mode of the root.
    pub(super) mode: u32,
    /// Everything below the root, sorted by bytes: a directory stands before what is in it.
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(super) struct Entry {
    /// Path below the root; no leading slash.
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Directory(u32),
    File(SourceFile),
    Symlink(Vec<u8>),
}

impl Entry {
    /// Path of the directory it is in; empty for the root.
    pub(super) fn parent(&self) -> &[u8] {
        parent_of(&self.name)
    }
}

/// Path of the directory that `name` is in; empty for the root.
pub(super) fn parent_of(name: &[u8]) -> &[u8] {
    name.iter().rposition(|byte| *byte == b'/').map_or(&[], |place| &name[..place])
}

impl Source {
    /// Reads modes and checksums of the file or tree at `path`; a symlink there is followed, those inside a tree are
    /// kept.
    ///
    /// # Errors
    /// Fails at the first thing that cannot be read or copied.
    pub fn read(path: &Path) -> Result<Self, SourceError> {
        let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        let name = match path.file_name() {
            Some(name) => name.to_owned(),
            None => fs::canonicalize(path).map_err(unreadable)?.file_name().map(OsString::from).unwrap_or_default(),
        };
        let content = if metadata.is_dir() {
            let mut entries = Vec::new();
            read_directory(path, &[], &mut entries)?;
            entries.sort_by(|one, other| one.name.cmp(&other.name));
            Content::Tree(Arc::new(Tree { mode: mode(&metadata), entries }))
        } else {
            Content::File(read_lone_file(path, &metadata)?)
        };
        Ok(Self { name, content })
    }

    /// Number of files, and their bytes in all.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        match &self.content {
            Content::File(file) => (1, file.size),
            Content::Tree(tree) => tree.entries.iter().fold((0, 0), |(count, bytes), entry| match &entry.kind {
                Kind::File(file) => (count + 1, bytes + file.size),
                Kind::Directory(_) | Kind::Symlink(_) => (count, bytes),
            }),
        }
    }
}

fn read_directory(path: &Path, below: &[u8], entries: &mut Vec<Entry>) -> Result<(), SourceError> {
    let unreadable = |source| SourceError::Unreadable { path: path.to_owned(), source };
    for item in fs::read_dir(path).map_err(unreadable)? {
        let item = item.map_err(unreadable)?;
        let name = [below, item.file_name().as_bytes()].concat();
        let (path, metadata) = (item.path(), item.metadata().map_err(unreadable)?);
        let kind = if metadata.is_dir() {
            read_directory(&path, &[&name[..], b"/"].concat(), entries)?;
            Kind::Directory(mode(&metadata))
        } else if metadata.is_symlink() {
            let target = fs::read_link(&path).map_err(|source| SourceError::Unreadable { path, source })?;
            Kind::Symlink(target.into_os_string().into_vec())
        } else {
            Kind::File(read_file(path, &metadata)?)
        };
        entries.push(Entry { name, kind });
    }
    Ok(())
}

fn read_lone_file(path: &Path, metadata: &Metadata) -> Result<SourceFile, SourceError> {
    if !metadata.is_file() || metadata.len() > SHORT as u64 {
        return read_file(path.to_owned(), metadata);
    }
    let content = fs::read(path).map_err(|source| SourceError::Unreadable { path: path.to_owned(), source })?;
    let mut hasher = Hasher::default();
    hasher.update(&content);
    Ok(SourceFile {
        path: path.to_owned(),
        mode: mode(metadata),
        size: content.len() as u64,
        digest: hasher.finish(),
        short: may_travel(metadata, &content).then(|| encode::escape(&content)).filter(|text| text.len() <= SHORT),
    })
}

/// Whether content may stand in the environment of its script: nobody but its user may read that, but who keeps a file
/// from others wants it nowhere else. `printf` of dash before 0.5.11 knows no NUL.
fn may_travel(metadata: &Metadata, content: &[u8]) -> bool {
    mode(metadata) & 0o004 != 0 && !content.contains(&0)
}

fn read_file(path: PathBuf, metadata: &Metadata) -> Result<SourceFile, SourceError> {
    if !metadata.is_file() {
        return Err(SourceError::Special { path });
    }
    match File::open(&path).and_then(|mut file| Digest::read(&mut file)) {
        Ok((digest, size)) => Ok(SourceFile { path, mode: mode(metadata), size, digest, short: None }),
        Err(source) => Err(SourceError::Unreadable { path, source }),
    }
}

fn mode(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & MODE_BITS
}
