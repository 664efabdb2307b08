//! A tar stream of some of a tree's entries, made while it is read: one block of memory, whatever the tree's size.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use tar::{Builder, EntryType, Header};

use super::source::{Entry, Kind, Tree};

/// Size of a tar block, in bytes.
const BLOCK: usize = 512;

/// Streams a script as member `s`, the root as `p`, and the chosen entries below it.
pub(super) struct Archive {
    tree: Arc<Tree>,
    /// Indices of the entries still to come, last first.
    left: Vec<usize>,
    pending: io::Cursor<Vec<u8>>,
    file: Option<(io::Take<File>, u64)>,
    ended: bool,
}

impl Archive {
    pub(super) fn new(tree: Arc<Tree>, script: &str, mut chosen: Vec<usize>) -> io::Result<Self> {
        let mut head = member(b"s", EntryType::Regular, 0o600, script.len() as u64, &[])?;
        head.extend_from_slice(script.as_bytes());
        head.resize(head.len().next_multiple_of(BLOCK), 0);
        head.extend(member(b"p/", EntryType::Directory, 0o700, 0, &[])?);
        chosen.reverse();
        Ok(Self { tree, left: chosen, pending: io::Cursor::new(head), file: None, ended: false })
    }

    /// Prepares the next entry, or the end.
    fn advance(&mut self) -> io::Result<()> {
        let Some(index) = self.left.pop() else {
            self.pending = io::Cursor::new(vec![0; 2 * BLOCK]);
            self.ended = true;
            return Ok(());
        };
        let entry = &self.tree.entries[index];
        self.pending = io::Cursor::new(header(entry)?);
        if let Kind::File(file) = &entry.kind {
            self.file = Some((File::open(&file.path)?.take(file.size), file.size));
        }
        Ok(())
    }

    fn read_file(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((file, size)) = &mut self.file else { return Ok(0) };
        let length = file.read(buffer)?;
        if length > 0 {
            return Ok(length);
        }
        if file.limit() > 0 {
            return Err(io::Error::other("a file became shorter while it was copied"));
        }
        let padding = size.next_multiple_of(BLOCK as u64) - *size;
        self.pending = io::Cursor::new(vec![0; usize::try_from(padding).expect("less than a block")]);
        self.file = None;
        self.pending.read(buffer)
    }
}

impl Read for Archive {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let length = self.pending.read(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            let length = self.read_file(buffer)?;
            if length > 0 {
                return Ok(length);
            }
            if self.ended {
                return Ok(0);
            }
            self.advance()?;
        }
    }
}

fn header(entry: &Entry) -> io::Result<Vec<u8>> {
    let name = [b"p/", &entry.name[..]].concat();
    match &entry.kind {
        // Their modes are set on the host, when everything is in them.
        Kind::Directory(_) => member(&[&name[..], b"/"].concat(), EntryType::Directory, 0o700, 0, &[]),
        Kind::File(file) => member(&name, EntryType::Regular, 0o600, file.size, &[]),
        Kind::Symlink(target) => member(&name, EntryType::Symlink, 0o777, 0, target),
    }
}

/// The header blocks of one member; long names get blocks of their own, as GNU tar writes and every tar reads them.
fn member(name: &[u8], kind: EntryType, mode: u32, size: u64, target: &[u8]) -> io::Result<Vec<u8>> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let path = Path::new(OsStr::from_bytes(name));
    let mut builder = Builder::new(Vec::new());
    // The literal form keeps targets such as `a/./b/` as they are.
    if kind == EntryType::Symlink && header.set_link_name_literal(target).is_err() {
        builder.append_link(&mut header, path, Path::new(OsStr::from_bytes(target)))?;
    } else {
        builder.append_data(&mut header, path, io::empty())?;
    }
    let mut blocks = builder.into_inner()?;
    // The builder ends its archive with two blocks of zeros.
    blocks.truncate(blocks.len() - 2 * BLOCK);
    Ok(blocks)
}
