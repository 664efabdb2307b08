//! A private directory beside the destination, and the move from it into place.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::source::MODE_BITS;
use crate::remote::program;

/// The name of what is fetched, while it is in the staging directory.
const CONTENT: &str = "content";

/// A staging directory; removed, with all that is in it, when it is dropped.
pub(super) struct Staging {
    path: PathBuf,
    directory: OwnedFd,
}

impl Staging {
    /// Makes one in `parent`.
    pub(super) fn create(parent: &Path) -> io::Result<Self> {
        let path = parent.join(format!(".opsctl-{}", program::random_hex()));
        DirBuilder::new().mode(0o700).create(&path)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(&path, flags, Mode::empty())?;
        Ok(Self { path, directory })
    }

    /// Makes the content a new, empty file.
    pub(super) fn file(&self) -> io::Result<fs::File> {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.directory, CONTENT, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// Makes the content a new, empty directory.
    pub(super) fn tree(&self) -> io::Result<OwnedFd> {
        rustix::fs::mkdirat(&self.directory, CONTENT, Mode::RWXU)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.directory, CONTENT, flags, Mode::empty())?)
    }

    /// Moves a file into place; whatever file or symlink stands there is replaced at once.
    pub(super) fn commit_file(self, file: &fs::File, mode: u32, target: &Path) -> io::Result<()> {
        rustix::fs::fchmod(file, Mode::from_raw_mode(mode))?;
        Ok(rustix::fs::renameat(&self.directory, CONTENT, rustix::fs::CWD, target)?)
    }

    /// Moves a tree into place, in exchange for the directory that stands there; returns whether that differed.
    pub(super) fn commit_tree(self, tree: BorrowedFd<'_>, mode: u32, target: &Path) -> io::Result<bool> {
        let set_mode = || rustix::fs::fchmod(tree, Mode::from_raw_mode(mode));
        match fs::symlink_metadata(target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                rustix::fs::renameat(&self.directory, CONTENT, rustix::fs::CWD, target)?;
                set_mode()?;
            }
            Err(error) => return Err(error),
            Ok(metadata) if !metadata.is_dir() => {
                return Err(io::Error::other("exists and is not a directory"));
            }
            Ok(metadata) => {
                if mode_of(&metadata) == mode && same_directory(&self.path.join(CONTENT), target).unwrap_or(false) {
                    return Ok(false);
                }
                // A directory that its owner may not write cannot be moved.
                if mode_of(&metadata) & 0o200 == 0 {
                    fs::set_permissions(target, fs::Permissions::from_mode(mode_of(&metadata) | 0o700))?;
                }
                self.exchange(target)?;
                set_mode()?;
            }
        }
        Ok(true)
    }

    fn exchange(&self, target: &Path) -> io::Result<()> {
        let (here, there) = (self.directory.as_fd(), rustix::fs::CWD);
        match rustix::fs::renameat_with(here, CONTENT, there, target, RenameFlags::EXCHANGE) {
            // Some file systems cannot exchange: then the old tree steps aside, and back if the new one cannot come.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                rustix::fs::renameat(there, target, here, "old")?;
                rustix::fs::renameat(here, CONTENT, there, target).inspect_err(|_| {
                    // The error that made this necessary is the one to tell.
                    let _ = rustix::fs::renameat(here, "old", there, target);
                })?;
                Ok(())
            }
            exchanged => Ok(exchanged?),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if fs::remove_dir_all(&self.path).is_err() {
            open_up(&self.path);
            // Nothing more can be done about a private directory that cannot be removed.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Makes every directory below `path` writable for its owner, so that it can be removed.
fn open_up(path: &Path) {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    if !is_directory || fs::set_permissions(path, fs::Permissions::from_mode(0o700)).is_err() {
        return;
    }
    let Ok(items) = fs::read_dir(path) else { return };
    for item in items.flatten() {
        open_up(&item.path());
    }
}

/// Whether two directories hold the same names with the same kinds, modes, contents and link targets.
fn same_directory(one: &Path, other: &Path) -> io::Result<bool> {
    let names = |path: &Path| -> io::Result<Vec<_>> {
        let mut names = fs::read_dir(path)?.map(|item| Ok(item?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    };
    let mine = names(one)?;
    if mine != names(other)? {
        return Ok(false);
    }
    for name in &mine {
        if !same(&one.join(name), &other.join(name))? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same(one: &Path, other: &Path) -> io::Result<bool> {
    let (mine, theirs) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if mine.file_type() != theirs.file_type() {
        return Ok(false);
    }
    if mine.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    if mode_of(&mine) != mode_of(&theirs) {
        return Ok(false);
    }
    if mine.is_dir() {
        return same_directory(one, other);
    }
    Ok(mine.len() == theirs.len() && same_content(fs::File::open(one)?, fs::File::open(other)?)?)
}

fn same_content(one: fs::File, other: fs::File) -> io::Result<bool> {
    let mut buffers = [vec![0u8; 64 * 1024], vec![0u8; 64 * 1024]];
    let mut readers = [one, other];
    loop {
        let mut lengths = [0; 2];
        for (index, reader) in readers.iter_mut().enumerate() {
            lengths[index] = read_full(reader, &mut buffers[index])?;
        }
        if lengths[0] != lengths[1] || buffers[0][..lengths[0]] != buffers[1][..lengths[1]] {
            return Ok(false);
        }
        if lengths[0] == 0 {
            return Ok(true);
        }
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// The permission bits of `metadata`, special ones included.
pub(super) fn mode_of(metadata: &Metadata) -> u32 {
    metadata.permissions().mode() & (MODE_BITS | 0o7000)
}

/// `base`, a full stop, and `host` written so that it is one part of a path: `/`, `%`, `\` and control characters become
/// `%2F` and the like, so that no two hosts get one name.
pub(super) fn host_name(base: &OsStr, host: &str) -> Vec<u8> {
    let mut name = base.as_bytes().to_vec();
    name.push(b'.');
    for letter in host.chars() {
        let mut bytes = [0; 4];
        let encoded = letter.encode_utf8(&mut bytes).bytes();
        if matches!(letter, '/' | '%' | '\\') || letter.is_control() || letter.is_whitespace() {
            encoded.for_each(|byte| name.extend_from_slice(format!("%{byte:02X}").as_bytes()));
        } else {
            name.extend(encoded);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_host_gets_one_name_of_its_own(hosts in proptest::collection::hash_set(
            prop_oneof![any::<String>(), "[a-b/%.2F\\\\\n ]{0,6}"], 1..20,
        )) {
            let mut seen = HashMap::new();
            for host in hosts {
                let name = host_name(OsStr::new("hosts"), &host);
                prop_assert!(!name.contains(&b'/') && name.starts_with(b"hosts."));
                let text = String::from_utf8(name.clone()).expect("what is escaped is ASCII");
                prop_assert!(!text.chars().any(|letter| letter.is_control() || letter.is_whitespace()));
                prop_assert_eq!(seen.insert(name, host), None);
            }
        }
    }

    #[test]
    fn usual_names_stay_as_they_are() {
        let name = |host| String::from_utf8(host_name(OsStr::new("hosts"), host)).unwrap();
        assert_eq!(name("web1.example.com"), "hosts.web1.example.com");
        assert_eq!(name("::1"), "hosts.::1");
        assert_eq!(name("../../etc"), "hosts...%2F..%2Fetc");
    }

    #[test]
    fn a_staging_directory_goes_with_all_that_is_in_it() {
        let place = tempfile::tempdir().unwrap();
        let staging = Staging::create(place.path()).unwrap();
        let closed = staging.path.join("closed");
        fs::create_dir_all(closed.join("below")).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        drop(staging);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
