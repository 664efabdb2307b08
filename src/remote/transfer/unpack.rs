//! Unpacks what a host sends into a private directory, and nowhere else.
//!
//! Every name is walked from that directory one part at a time, never through a symlink; a name exists at most once;
//! files, directories, and links that stay inside the tree are all there is. One thing else, and the host is refused.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::source::MODE_BITS;
use super::tar_stream::{Head, Member, TarStream};

/// Longest path below the root, in bytes.
const PATH_LIMIT: usize = 4096;

/// Longest list of symlinks that were left out, in bytes.
const SKIPPED_LIMIT: usize = 64 * 1024;

/// Why a host's tree is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    #[error("the host sent `{name}`, which {why}; nothing was fetched from it")]
    Refused { name: String, why: &'static str },
    #[error("the host sent `{name}`, which {why}; nothing was fetched from it")]
    OutsideLink { name: String, why: &'static str },
    #[error("the host sent no readable archive: {0}")]
    Archive(#[source] io::Error),
    #[error("`{name}` cannot be written: {source}")]
    Write { name: String, source: io::Error },
}

/// What becomes of a symlink that leads out of its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideLinks {
    /// The host is refused.
    Refuse,
    /// It is left out, and named in the host's output.
    Skip,
}

/// What was unpacked.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// The root's mode, which is still to be set.
    pub(super) mode: u32,
    /// One line for each symlink that was left out.
    pub(super) skipped: String,
}

/// Unpacks a tar stream below the empty directory `root`, to the stream's end.
pub(super) fn unpack(root: BorrowedFd<'_>, reader: impl Read, links: OutsideLinks) -> Result<Unpacked, UnpackError> {
    let mut stream = TarStream::new(reader);
    let mut unpacker = Unpacker { root, links, parent: None, directories: Vec::new(), skipped: String::new() };
    while let Some(head) = stream.next_head().map_err(UnpackError::Archive)? {
        unpacker.take(&head, &mut stream)?;
    }
    stream.drain().map_err(UnpackError::Archive)?;
    unpacker.finish()
}

struct Unpacker<'a> {
    root: BorrowedFd<'a>,
    links: OutsideLinks,
    /// The directory of the entry before, which is most often the next one's too.
    parent: Option<(Vec<u8>, OwnedFd)>,
    /// Modes to be set when everything is in place.
    directories: Vec<(Vec<u8>, u32)>,
    skipped: String,
}

impl Unpacker<'_> {
    fn take(&mut self, head: &Head, stream: &mut TarStream<impl Read>) -> Result<(), UnpackError> {
        let path = safe_path(&head.name).map_err(|why| refused(&head.name, why))?;
        let mode = head.mode & MODE_BITS;
        let Some((directory, name)) = split(&path) else {
            if head.member != Member::Directory {
                return Err(refused(&head.name, "would take the place of the tree itself"));
            }
            self.directories.push((path, mode));
            return Ok(());
        };
        if let Member::Symlink(target) = &head.member
            && let Err(why) = stays_inside(&path, target)
        {
            return self.outside_link(&head.name, target, why);
        }
        let directory = self.directory(directory).map_err(|error| explain(&head.name, error))?;
        let written = match &head.member {
            Member::Directory => rustix::fs::mkdirat(directory, name, Mode::RWXU),
            Member::File => return write_file(directory, name, head, stream),
            Member::Symlink(target) => rustix::fs::symlinkat(target.as_slice(), directory, name),
            Member::HardLink(target) => return self.hard_link(&path, target, head),
            Member::Special => return Err(refused(&head.name, "is a device, pipe or socket")),
        };
        written.map_err(|error| explain(&head.name, error))?;
        if head.member == Member::Directory {
            self.directories.push((path, mode));
        }
        Ok(())
    }

    fn outside_link(&mut self, name: &[u8], target: &[u8], why: &'static str) -> Result<(), UnpackError> {
        if self.links == OutsideLinks::Refuse {
            return Err(UnpackError::OutsideLink { name: shown(name), why });
        }
        if self.skipped.len() < SKIPPED_LIMIT {
            writeln!(self.skipped, "skipped symlink {} -> {}", shown(name), shown(target))
                .expect("a String takes every write");
        }
        Ok(())
    }

    fn hard_link(&mut self, path: &[u8], target: &[u8], head: &Head) -> Result<(), UnpackError> {
        let explain = |error| explain(&head.name, error);
        let target = safe_path(target).map_err(|_| refused(&head.name, "is a link that leads out of the tree"))?;
        let nowhere = || refused(&head.name, "is a link to something that did not come before it");
        let (from, from_name) = split(&target).ok_or_else(nowhere)?;
        let from = open_directory(self.root, from).map_err(|_| nowhere())?;
        let status = rustix::fs::statat(&from, from_name, AtFlags::SYMLINK_NOFOLLOW).map_err(|_| nowhere())?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(refused(&head.name, "is a link to something that is no file"));
        }
        let (directory, name) = split(path).ok_or_else(nowhere)?;
        let directory = self.directory(directory).map_err(explain)?;
        rustix::fs::linkat(&from, from_name, directory, name, AtFlags::empty()).map_err(explain)
    }

    /// Opens the directory at `path`, which must have come before.
    fn directory(&mut self, path: &[u8]) -> Result<BorrowedFd<'_>, Errno> {
        if self.parent.as_ref().is_none_or(|(known, _)| known != path) {
            self.parent = Some((path.to_vec(), open_directory(self.root, path)?));
        }
        Ok(self.parent.as_ref().map_or(self.root, |(_, directory)| directory.as_fd()))
    }

    /// Sets the modes of directories, deepest first, except the root's: what is closed can still be moved from outside.
    fn finish(mut self) -> Result<Unpacked, UnpackError> {
        self.directories.sort_by(|one, other| other.0.cmp(&one.0));
        let mut root_mode = 0o755;
        for (path, mode) in &self.directories {
            if path.is_empty() {
                root_mode = *mode;
                continue;
            }
            open_directory(self.root, path)
                .and_then(|directory| rustix::fs::fchmod(directory, Mode::from_raw_mode(*mode)))
                .map_err(|error| explain(path, error))?;
        }
        Ok(Unpacked { mode: root_mode, skipped: self.skipped })
    }
}

fn write_file(
    directory: BorrowedFd<'_>,
    name: &[u8],
    head: &Head,
    stream: &mut TarStream<impl Read>,
) -> Result<(), UnpackError> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(directory, name, flags, Mode::RUSR | Mode::WUSR)
        .map_err(|error| explain(&head.name, error))?;
    let mut file = std::fs::File::from(file);
    let mut buffer = vec![0u8; 64 * 1024];
    loop {
        let length = stream.read_content(&mut buffer).map_err(UnpackError::Archive)?;
        if length == 0 {
            break;
        }
        io::Write::write_all(&mut file, &buffer[..length]).map_err(|source| cannot_write(&head.name, source))?;
    }
    rustix::fs::fchmod(&file, Mode::from_raw_mode(head.mode & MODE_BITS))
        .map_err(|error| cannot_write(&head.name, error.into()))
}

/// Opens a directory below `root`, one part at a time, through no symlink.
fn open_directory(root: BorrowedFd<'_>, path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let mut directory = rustix::fs::openat(root, ".", flags, Mode::empty())?;
    for part in path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
        directory = rustix::fs::openat(&directory, part, flags, Mode::empty())?;
    }
    Ok(directory)
}

/// The path below the root, empty for the root itself: without `./`, doubled slashes and a slash at its end.
pub(super) fn safe_path(name: &[u8]) -> Result<Vec<u8>, &'static str> {
    if name.starts_with(b"/") {
        return Err("is an absolute path");
    }
    if name.is_empty() {
        return Err("is no name");
    }
    if name.len() > PATH_LIMIT {
        return Err("is too long a path");
    }
    if has_control(name) {
        return Err("has control characters in its name");
    }
    let parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".").collect();
    if parts.contains(&&b".."[..]) {
        return Err("leads out of the tree");
    }
    Ok(parts.join(&b'/'))
}

/// Whether the symlink at `path` leads to a place inside the tree.
///
/// Its leading `..` go up from a real directory, since nothing is unpacked through a symlink; what follows only goes
/// down, through symlinks that each hold this rule. A `..` further on could follow a symlink, so none is taken.
fn stays_inside(path: &[u8], target: &[u8]) -> Result<(), &'static str> {
    if target.starts_with(b"/") {
        return Err("is a symlink to an absolute path");
    }
    if target.is_empty() || has_control(target) {
        return Err("is a symlink with an empty or unprintable target");
    }
    let parts = || target.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    let up = parts().take_while(|part| *part == b"..").count();
    let depth = memchr::memchr_iter(b'/', path).count();
    if up > depth || parts().skip(up).any(|part| part == b"..") {
        return Err("is a symlink that leads out of the tree");
    }
    Ok(())
}

fn has_control(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| chunk.valid().chars().any(char::is_control))
}

/// Directory and last part; none for the root.
fn split(path: &[u8]) -> Option<(&[u8], &[u8])> {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(place) => Some((&path[..place], &path[place + 1..])),
        None if path.is_empty() => None,
        None => Some((&[], path)),
    }
}

fn explain(name: &[u8], error: Errno) -> UnpackError {
    match error {
        Errno::EXIST => refused(name, "came twice"),
        Errno::LOOP | Errno::NOTDIR => refused(name, "leads through something that is no directory"),
        Errno::NOENT => refused(name, "is in a directory that did not come before it"),
        error => cannot_write(name, error.into()),
    }
}

fn refused(name: &[u8], why: &'static str) -> UnpackError {
    UnpackError::Refused { name: shown(name), why }
}

fn cannot_write(name: &[u8], source: io::Error) -> UnpackError {
    UnpackError::Write { name: shown(name), source }
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(200)]).escape_debug().to_string()
}

#[cfg(test)]
mod tests;
