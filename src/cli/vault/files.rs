//! Files that are read and replaced whole: at every moment they are as before or as after.

use std::fmt;
use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::CliError;
use crate::cli::stdout::finish;

/// A file, or standard input and output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `-`.
    Stream,
    /// A file.
    File(PathBuf),
}

impl Place {
    /// Reads `-` or a path.
    pub fn of(text: &str) -> Self {
        if text == "-" { Self::Stream } else { Self::File(PathBuf::from(text)) }
    }

    /// All that is in it.
    pub fn read(&self) -> Result<Vec<u8>, CliError> {
        let read = match self {
            Self::Stream => {
                let mut content = Vec::new();
                std::io::stdin().lock().read_to_end(&mut content).map(|_| content)
            }
            Self::File(path) => fs::read(path),
        };
        read.with_context(|| format!("cannot read {self}")).map_err(CliError::usage)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Where a result goes.
#[derive(Debug)]
pub enum Target {
    /// The place that it was made from.
    Place(Place),
    /// A file of its own, for its owner alone.
    Output(PathBuf),
}

impl Target {
    /// Reads the value of `--output`.
    pub fn new(text: &str) -> Self {
        match Place::of(text) {
            Place::Stream => Self::Place(Place::Stream),
            Place::File(path) => Self::Output(path),
        }
    }

    /// Writes the result.
    pub fn write(&self, content: &[u8]) -> Result<(), CliError> {
        match self {
            Self::Place(Place::Stream) => {
                let mut out = std::io::stdout().lock();
                finish(out.write_all(content).and_then(|()| out.flush())).map(|_| ())
            }
            Self::Place(Place::File(path)) | Self::Output(path) => replace(path, content)
                .with_context(|| format!("cannot write {}", path.display()))
                .map_err(CliError::from),
        }
    }
}

/// Replaces a file, through symbolic links, by one with its mode and owner; a new one has the mode 0600.
fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let path = if path.exists() { path.canonicalize()? } else { path.to_owned() };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".opsctl-").tempfile_in(directory)?;
    file.write_all(content)?;
    if let Ok(old) = fs::metadata(&path) {
        let new = file.as_file().metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            std::os::unix::fs::fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
        }
        file.as_file().set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    }
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    fs::File::open(directory)?.sync_all()
}
