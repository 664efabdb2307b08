//! Reads inventory files within limits, and remembers each for the journal.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::InventoryError;
use crate::yaml::Diagnostic;

/// Largest inventory or variables file: 200,000 hosts with five variables each.
const SIZE_LIMIT_MIB: u64 = 32;

/// A file that was read, and the hash of what was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedFile {
    /// Path as the user named it; for a program's output the program and its argument.
    pub path: String,
    /// Hexadecimal SHA-256.
    pub sha256: String,
}

/// The files read so far.
#[derive(Debug, Default)]
pub struct Files {
    read: Vec<LoadedFile>,
}

impl Files {
    /// Reads a whole file.
    pub fn bytes(&mut self, path: &Path) -> Result<Vec<u8>, InventoryError> {
        let name = path.display().to_string();
        let unreadable = |source| InventoryError::Unreadable { path: name.clone(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take((SIZE_LIMIT_MIB << 20) + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > SIZE_LIMIT_MIB << 20 {
            return Err(InventoryError::TooLarge { path: name, limit_mib: SIZE_LIMIT_MIB });
        }
        self.record(name, &bytes);
        Ok(bytes)
    }

    /// Remembers content that came under `path`.
    pub fn record(&mut self, path: String, bytes: &[u8]) {
        let hex = |mut text: String, byte: &u8| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        };
        let sha256 = Sha256::digest(bytes).iter().fold(String::with_capacity(64), hex);
        self.read.push(LoadedFile { path, sha256 });
    }

    /// All files, in the order in which they were read.
    pub fn into_loaded(self) -> Vec<LoadedFile> {
        self.read
    }
}

/// The text of a file, which must be UTF-8; a byte-order mark is dropped.
pub fn text(path: &Arc<str>, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(Diagnostic::file(path, format!("is a binary file (byte {at} is NUL)"))
            .hint("an inventory is YAML or INI text"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = memchr::memchr_iter(b'\n', &error.as_bytes()[..at]).count() + 1;
        Diagnostic::file(path, format!("is not UTF-8 text (line {line}, byte {at})")).hint("save it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}
