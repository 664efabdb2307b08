//! Reads a tar stream entry by entry, believing nothing in it.
//!
//! Holds one header and one extension in memory, each bounded, and passes content on as it comes.

use std::io::{self, Read};

use tar::{EntryType, Header, PaxExtensions};

/// Size of a tar block, in bytes.
const BLOCK: u64 = 512;

/// Largest extension (long name, extended header) that is read, in bytes.
const EXTENSION_LIMIT: u64 = 1024 * 1024;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Directory,
    File,
    Symlink(Vec<u8>),
    /// Another name for an entry that came before.
    HardLink(Vec<u8>),
    /// Device, pipe, or something unheard of.
    Special,
}

/// One entry's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) name: Vec<u8>,
    pub(super) member: Member,
    pub(super) mode: u32,
    pub(super) size: u64,
}

/// The stream.
pub(super) struct TarStream<R> {
    reader: R,
    /// Content of the current entry that was not read yet.
    content: u64,
    padding: u64,
}

/// What extension headers say about the entry that follows.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<R: Read> TarStream<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, content: 0, padding: 0 }
    }

    /// Returns the next entry; none at the archive's end, which must have been marked as such.
    pub(super) fn next_head(&mut self) -> io::Result<Option<Head>> {
        let mut extensions = Extensions::default();
        loop {
            self.skip(self.content + self.padding)?;
            (self.content, self.padding) = (0, 0);
            let Some(header) = self.header()? else { return Ok(None) };
            let size = header.entry_size()?;
            match header.entry_type() {
                EntryType::GNULongName => extensions.name = Some(self.long_name(size)?),
                EntryType::GNULongLink => extensions.target = Some(self.long_name(size)?),
                EntryType::XHeader => extensions.read_pax(&self.extension(size)?)?,
                EntryType::XGlobalHeader => {
                    self.extension(size)?;
                }
                kind => return self.head(&header, kind, size, extensions).map(Some),
            }
        }
    }

    fn head(&mut self, header: &Header, kind: EntryType, size: u64, extensions: Extensions) -> io::Result<Head> {
        let name = extensions.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let target = || {
            let short = header.link_name_bytes().map(std::borrow::Cow::into_owned);
            extensions.target.or(short).unwrap_or_default()
        };
        let member = match kind {
            // Before POSIX, a directory was a file whose name ends in a slash.
            EntryType::Regular if name.ends_with(b"/") => Member::Directory,
            EntryType::Regular | EntryType::Continuous => Member::File,
            EntryType::Directory => Member::Directory,
            EntryType::Symlink => Member::Symlink(target()),
            EntryType::Link => Member::HardLink(target()),
            _ => Member::Special,
        };
        // Only files have content, whatever the header of a link says (POSIX lets it say the size of its file).
        let size = if member == Member::File { extensions.size.unwrap_or(size) } else { 0 };
        self.content = size;
        self.padding = padding(size);
        Ok(Head { name, member, mode: header.mode()?, size })
    }

    /// Reads content of the current entry; 0 at its end.
    pub(super) fn read_content(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.content).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let length = read_some(&mut self.reader, &mut buffer[..wanted])?;
        if length == 0 {
            return Err(truncated());
        }
        self.content -= length as u64;
        Ok(length)
    }

    /// Reads all that may follow the archive's end.
    pub(super) fn drain(&mut self) -> io::Result<()> {
        io::copy(&mut self.reader, &mut io::sink()).map(|_| ())
    }

    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut header = Header::new_old();
        self.reader.read_exact(header.as_mut_bytes()).map_err(as_truncated)?;
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u32 = header.as_bytes().iter().enumerate().fold(0, |sum, (place, byte)| {
            // The checksum counts its own field as spaces.
            sum + if (148..156).contains(&place) { 32 } else { u32::from(*byte) }
        });
        if header.cksum()? != sum {
            return Err(invalid("a header's checksum is wrong"));
        }
        Ok(Some(header))
    }

    fn long_name(&mut self, size: u64) -> io::Result<Vec<u8>> {
        let mut name = self.extension(size)?;
        while name.last() == Some(&0) {
            name.pop();
        }
        Ok(name)
    }

    fn extension(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > EXTENSION_LIMIT {
            return Err(invalid("an extended header is too long"));
        }
        let mut content = vec![0; usize::try_from(size).map_err(|_| invalid("an extended header is too long"))?];
        self.reader.read_exact(&mut content).map_err(as_truncated)?;
        self.skip(padding(size))?;
        Ok(content)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.reader.by_ref().take(length), &mut io::sink())?;
        if skipped < length { Err(truncated()) } else { Ok(()) }
    }
}

impl Extensions {
    fn read_pax(&mut self, content: &[u8]) -> io::Result<()> {
        for extension in PaxExtensions::new(content) {
            let extension = extension?;
            let value = extension.value_bytes();
            match extension.key_bytes() {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.target = Some(value.to_vec()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or_else(|| invalid("a size is no number"))?);
                }
                key if key.starts_with(b"GNU.sparse.") => return Err(invalid("sparse files are not supported")),
                _ => {}
            }
        }
        Ok(())
    }
}

fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

fn truncated() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends early")
}

fn as_truncated(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { truncated() } else { error }
}
