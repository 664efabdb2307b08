//! Unpacks what a host sends into a private directory, and nowhere else.
//!
//! Every name is walked from that directory one part at a time, never through a symlink; a name exists at most once;
//! files, directories, and links that stay inside the tree are all there is. One thing else, and the host is refused.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::source::MODE_BITS;
use super::tar_stream::{Head, Member, TarStream};

/// Longest path below the root, in bytes.
const PATH_LIMIT: usize = 4096;

/// Why a host's tree is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    #[error("the host sent `{name}`, which {why}; nothing was fetched from it")]
    Refused { name: String, why: &'static str },
    #[error("the host sent no readable archive: {0}")]
    Archive(#[source] io::Error),
    #[error("`{name}` cannot be written: {source}")]
    Write { name: String, source: io::Error },
}

/// Unpacks a tar stream below the empty directory `root`, to the stream's end; returns the root's mode.
pub(super) fn unpack(root: BorrowedFd<'_>, reader: impl Read) -> Result<u32, UnpackError> {
    let mut stream = TarStream::new(reader);
    let mut unpacker = Unpacker { root, parent: None, directories: Vec::new() };
    while let Some(head) = stream.next_head().map_err(UnpackError::Archive)? {
        unpacker.take(&head, &mut stream)?;
    }
    stream.drain().map_err(UnpackError::Archive)?;
    unpacker.finish()
}

struct Unpacker<'a> {
    root: BorrowedFd<'a>,
    /// The directory of the entry before, which is most often the next one's too.
    parent: Option<(Vec<u8>, OwnedFd)>,
    /// Modes to be set when everything is in place.
    directories: Vec<(Vec<u8>, u32)>,
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
        let directory = self.directory(directory).map_err(|error| explain(&head.name, error))?;
        let written = match &head.member {
            Member::Directory => rustix::fs::mkdirat(directory, name, Mode::RWXU),
            Member::File => return write_file(directory, name, head, stream),
            Member::Symlink(target) => {
                stays_inside(&path, target).map_err(|why| refused(&head.name, why))?;
                rustix::fs::symlinkat(target.as_slice(), directory, name)
            }
            Member::HardLink(target) => return self.hard_link(&path, target, head),
            Member::Special => return Err(refused(&head.name, "is a device, pipe or socket")),
        };
        written.map_err(|error| explain(&head.name, error))?;
        if head.member == Member::Directory {
            self.directories.push((path, mode));
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
    fn finish(mut self) -> Result<u32, UnpackError> {
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
        Ok(root_mode)
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
mod tests {
    use std::fs;

    use super::*;

    /// A raw entry: nothing that a tar program would refuse to write is beyond it.
    fn entry(kind: u8, name: &[u8], target: &[u8], content: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name);
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target);
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_mode(0o6755);
        header.set_size(content.len() as u64);
        header.set_cksum();
        let mut blocks = [header.as_bytes(), content].concat();
        blocks.resize(blocks.len().next_multiple_of(512), 0);
        blocks
    }

    fn file(name: &str) -> Vec<u8> {
        entry(b'0', name.as_bytes(), b"", b"evil")
    }

    fn directory(name: &str) -> Vec<u8> {
        entry(b'5', name.as_bytes(), b"", b"")
    }

    fn symlink(name: &str, target: &str) -> Vec<u8> {
        entry(b'2', name.as_bytes(), target.as_bytes(), b"")
    }

    fn hard_link(name: &str, target: &str) -> Vec<u8> {
        entry(b'1', name.as_bytes(), target.as_bytes(), b"")
    }

    fn pax(key: &str, value: &str) -> Vec<u8> {
        let rest = format!(" {key}={value}\n");
        let length =
            (rest.len()..rest.len() + 8).find(|length| length.to_string().len() + rest.len() == *length).unwrap();
        entry(b'x', b"pax", b"", format!("{length}{rest}").as_bytes())
    }

    /// Unpacks into a directory beside a file that must stay as it is.
    fn unpacked(parts: &[Vec<u8>]) -> (tempfile::TempDir, Result<u32, UnpackError>) {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("outside"), "safe").unwrap();
        fs::create_dir(place.path().join("root")).unwrap();
        let root = fs::File::open(place.path().join("root")).unwrap();
        let stream = [parts.concat(), vec![0; 1024]].concat();
        let result = unpack(root.as_fd(), stream.as_slice());
        let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["outside", "root"]);
        assert_eq!(fs::read_to_string(place.path().join("outside")).unwrap(), "safe");
        (place, result)
    }

    #[test]
    fn whatever_leads_elsewhere_is_refused() {
        let long = "x/".repeat(3000);
        let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
            ("is an absolute path", vec![file("/tmp/evil")]),
            ("leads out of the tree", vec![file("../outside")]),
            ("leads out of the tree", vec![directory("a"), file("a/../../outside")]),
            ("leads out of the tree", vec![directory("a"), file("./a/../b")]),
            ("leads out of the tree", vec![directory("..")]),
            ("leads out of the tree", vec![entry(b'L', b"x", b"", b"../outside\0"), file("short")]),
            ("leads out of the tree", vec![pax("path", "../outside"), file("short")]),
            ("is too long a path", vec![entry(b'L', b"x", b"", long.as_bytes()), file("short")]),
            ("is no name", vec![file("")]),
            ("would take the place of the tree itself", vec![file(".")]),
            ("would take the place of the tree itself", vec![symlink("./", "outside")]),
            ("has control characters", vec![file("new\nline")]),
            ("has control characters", vec![file("\u{1b}[2J")]),
            ("has control characters", vec![file("c1\u{9b}2J")]),
            ("is a symlink to an absolute path", vec![symlink("l", "/etc")]),
            ("is a symlink that leads out", vec![symlink("l", "..")]),
            ("is a symlink that leads out", vec![symlink("l", "../outside")]),
            ("is a symlink that leads out", vec![directory("a"), symlink("a/l", "../../outside")]),
            (
                "is a symlink that leads out",
                vec![directory("a"), symlink("a/up", ".."), symlink("l", "a/up/../outside")],
            ),
            ("is a symlink that leads out", vec![pax("linkpath", "../outside"), symlink("l", "fine")]),
            ("is a symlink that leads out", vec![entry(b'K', b"x", b"", b"../outside\0"), symlink("l", "fine")]),
            ("empty or unprintable", vec![symlink("l", "")]),
            ("empty or unprintable", vec![symlink("l", "a\nb")]),
            ("leads through something", vec![directory("d"), symlink("l", "d"), file("l/evil")]),
            ("leads through something", vec![directory("d"), symlink("l", "d"), directory("l/evil")]),
            ("leads through something", vec![file("f"), file("f/evil")]),
            ("is a link that leads out", vec![hard_link("h", "../outside")]),
            ("is a link that leads out", vec![hard_link("h", "/etc/passwd")]),
            ("is a link to something that did not come before", vec![hard_link("h", "missing")]),
            ("is a link to something that is no file", vec![symlink("l", "x"), hard_link("h", "l")]),
            ("is a link to something that is no file", vec![directory("d"), hard_link("h", "d")]),
            (
                "is a link to something that did not",
                vec![directory("d"), symlink("l", "d"), file("d/f"), hard_link("h", "l/f")],
            ),
            ("came twice", vec![file("f"), file("f")]),
            ("came twice", vec![file("f"), file("./f")]),
            ("came twice", vec![symlink("f", "x"), file("f")]),
            ("came twice", vec![file("f"), symlink("f", "x")]),
            ("came twice", vec![file("f"), file("g"), hard_link("g", "f")]),
            ("came twice", vec![directory("d"), directory("d/")]),
            ("in a directory that did not come before", vec![file("no/such")]),
            ("is a device, pipe or socket", vec![entry(b'3', b"null", b"", b"")]),
            ("is a device, pipe or socket", vec![entry(b'4', b"disk", b"", b"")]),
            ("is a device, pipe or socket", vec![entry(b'6', b"pipe", b"", b"")]),
            ("is a device, pipe or socket", vec![entry(b'Z', b"thing", b"", b"")]),
        ];
        for (number, (expected, parts)) in cases.iter().enumerate() {
            let (_place, result) = unpacked(parts);
            let error = result.unwrap_err();
            assert!(matches!(error, UnpackError::Refused { .. }), "case {number}, {expected}: {error}");
            assert!(error.to_string().contains(expected), "case {number}: {error}");
        }
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        let mut flipped = file("f");
        flipped[0] ^= 1;
        let mut huge = entry(b'L', b"x", b"", b"");
        huge[124..136].copy_from_slice(b"77777777777\0");
        let header: &mut tar::Header = &mut tar::Header::from_byte_slice(&huge).clone();
        header.set_cksum();
        let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
            ("checksum is wrong", vec![flipped]),
            ("checksum is wrong", vec![vec![b'x'; 512]]),
            ("extended header is too long", vec![header.as_bytes().to_vec()]),
            ("ends early", vec![entry(b'0', b"f", b"", &[1; 4096])[..1024].to_vec()]),
            ("sparse files are not supported", vec![pax("GNU.sparse.major", "1"), file("f")]),
            ("size is no number", vec![pax("size", "-1"), file("f")]),
        ];
        for (expected, parts) in cases {
            let (_place, result) = unpacked(&parts);
            let error = result.unwrap_err().to_string();
            assert!(error.contains(expected) || error.contains("numeric field"), "{expected}: {error}");
        }
    }

    #[test]
    fn what_stays_inside_is_unpacked() {
        let parts = vec![
            directory("./"),
            directory("./a/"),
            directory("a/b"),
            entry(b'0', b"a/b/f", b"", b"content"),
            symlink("a/b/up", "../../top"),
            symlink("a/down", "b/./f"),
            symlink("dots", "a/..name"),
            hard_link("a/hard", "./a/b/f"),
            entry(b'g', b"global", b"", b"11 path=x\n"),
            pax("path", "long by pax"),
            file("short"),
            entry(b'L', b"x", b"", b"long by gnu\0"),
            file("short"),
            entry(0, b"v7/", b"", b""),
            file("v7/f"),
        ];
        let (place, result) = unpacked(&parts);
        assert_eq!(result.unwrap(), 0o755);
        let root = place.path().join("root");
        assert_eq!(fs::read_to_string(root.join("a/hard")).unwrap(), "content");
        assert_eq!(fs::read_link(root.join("a/b/up")).unwrap(), std::path::Path::new("../../top"));
        for name in ["long by pax", "long by gnu", "v7/f"] {
            assert_eq!(fs::read_to_string(root.join(name)).unwrap(), "evil");
        }
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(root.join("a/b/f")).unwrap().permissions());
        assert_eq!(mode & 0o7777, 0o755);
    }
}
