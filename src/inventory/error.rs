//! Why an inventory could not be loaded.

use std::io;
use std::time::Duration;

use crate::vault::VaultError;
use crate::yaml::Diagnostic;

/// Why an inventory could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// Something in a file, at a place.
    #[error(transparent)]
    Invalid(#[from] Diagnostic),
    /// A source without a name.
    #[error("the name of an inventory is empty")]
    Unnamed,
    /// A source that does not exist.
    #[error("inventory {path} does not exist")]
    Missing {
        /// The source as given.
        path: String,
    },
    /// A file or directory that cannot be read.
    #[error("cannot read inventory {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// The system's word on it.
        source: io::Error,
    },
    /// A file beyond the size limit.
    #[error("inventory {path} is larger than {limit_mib} MiB")]
    TooLarge {
        /// The file.
        path: String,
        /// The limit.
        limit_mib: u64,
    },
    /// An encrypted file that the vault does not open.
    #[error("{path}: {source}")]
    Vaulted {
        /// The file.
        path: String,
        /// Why not.
        source: VaultError,
    },
    /// A program that could not be started.
    #[error("cannot run inventory program {path}")]
    NotStarted {
        /// The program.
        path: String,
        /// The system's word on it.
        source: io::Error,
    },
    /// A program that failed.
    #[error("inventory program {command} failed: {status}{stderr}")]
    Failed {
        /// The program and its argument.
        command: String,
        /// How it ended.
        status: String,
        /// The end of what it said on standard error, on lines of their own.
        stderr: String,
    },
    /// A program that did not end in time, and was killed.
    #[error("inventory program {command} did not end within {} s and was killed", limit.as_secs())]
    TimedOut {
        /// The program and its argument.
        command: String,
        /// The limit.
        limit: Duration,
    },
    /// A program whose output is not an inventory.
    #[error("inventory program {command} printed no inventory: {reason}")]
    Garbage {
        /// The program and its argument.
        command: String,
        /// What is wrong with its output.
        reason: String,
    },
}

impl InventoryError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid(diagnostic) => diagnostic.hint.clone(),
            Self::Unnamed => Some("a variable of the shell that is not set may stand behind -i".to_owned()),
            Self::Missing { path } if path.contains('/') => Some("check the path".to_owned()),
            Self::Missing { path } => Some(format!("check the path; a list of host names needs a comma: -i '{path},'")),
            Self::Unreadable { .. } => None,
            Self::TooLarge { .. } => Some("split it into several files in one directory".to_owned()),
            Self::Vaulted { source, .. } => source.hint().map(str::to_owned),
            Self::NotStarted { path, .. } => {
                Some(format!("check the program's `#!` line, or if it is no program: chmod -x {path}"))
            }
            Self::Failed { command, .. } => Some(format!("run it by hand: {command}")),
            Self::TimedOut { .. } => Some("raise the limit with OPSCTL_INVENTORY_TIMEOUT=SECONDS".to_owned()),
            Self::Garbage { .. } => {
                Some("--list must print a JSON object: {\"GROUP\": {\"hosts\": […]}, \"_meta\": …}".to_owned())
            }
        }
    }
}
