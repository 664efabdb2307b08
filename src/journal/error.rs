//! What can go wrong with a journal.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a journal cannot be written or read.
#[derive(Debug, Error)]
pub enum JournalError {
    /// Nothing says where the state directory is.
    #[error("no directory for the journal: HOME is not set and user id {uid} is not in the passwd database")]
    NoStateDir {
        /// The user's number.
        uid: u32,
    },
    /// A file or directory could not be used.
    #[error("{}: cannot {action}: {error}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed; part of the message, hence no source of its own.
        error: io::Error,
    },
    /// Something else than a regular file stands where the journal keeps one.
    #[error("{}: not a regular file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Written by a newer opsctl.
    #[error("{}:{line}: journal format {version} is newer than this opsctl, which reads up to {}", path.display(), super::VERSION)]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Line in the file, from 1.
        line: usize,
        /// The format version found.
        version: u64,
    },
    /// No run has this id, prefix or word.
    #[error("no run `{selector}` in {}", join(dirs))]
    UnknownRun {
        /// What was asked for.
        selector: String,
        /// Where was looked.
        dirs: Vec<PathBuf>,
    },
    /// More than one run has this prefix.
    #[error("`{selector}` is the beginning of {} runs: {}", matches.len(), matches.join(", "))]
    AmbiguousRun {
        /// What was asked for.
        selector: String,
        /// The ids that begin so.
        matches: Vec<String>,
    },
    /// The run's journal is too damaged to answer.
    #[error("{}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl JournalError {
    /// Makes the map from an I/O error on `path`.
    pub(crate) fn io<'a>(path: &'a Path, action: &'static str) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |error| Self::Io { path: path.to_owned(), action, error }
    }

    /// One line: what to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoStateDir { .. } => Some("name one with --journal-dir, OPSCTL_JOURNAL_DIR or XDG_STATE_HOME"),
            Self::Io { action, .. } if *action != "read" => {
                Some("make it writable, free space, or name another one with --journal-dir or OPSCTL_JOURNAL_DIR")
            }
            Self::NewerVersion { .. } => Some("use the opsctl that wrote it, or a newer one; nothing was changed"),
            Self::UnknownRun { .. } => Some("`opsctl report runs` lists them"),
            Self::AmbiguousRun { .. } => Some("give more of the id"),
            Self::Io { .. } | Self::NotAFile { .. } | Self::Damaged { .. } => None,
        }
    }
}

fn join(dirs: &[PathBuf]) -> String {
    dirs.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ")
}
