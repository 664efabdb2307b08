//! The configuration: what flags leave open.
//!
//! Flag > `OPSCTL_*` environment > `./opsctl.yml` > `$XDG_CONFIG_HOME/opsctl/config.yml` > `/etc/opsctl/config.yml`, key
//! by key. Flags are the subcommands' own matter; this module merges the rest. An unknown key or a value of the wrong
//! kind is an error, never passed over.

mod file;
mod key;
mod load;
mod show;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::CliError;
use crate::inventory::PrivilegeMethod;
use crate::journal::JournalOptions;
use crate::render::Color;
use crate::transport::TransportKind;
use crate::yaml::{Diagnostic, Place};

pub use show::{ConfigCommand, run};

/// The effective values, each key's default where nothing sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `inventory`: sources, used when neither `-i` nor the environment names any.
    pub inventory: Vec<String>,
    /// `forks`: hosts in flight at once.
    pub forks: usize,
    /// `connect_timeout`: limit for one connection attempt.
    pub connect_timeout: Duration,
    /// `timeout`: limit for each host's command; none means no limit.
    pub timeout: Option<Duration>,
    /// `retries`: further connection attempts after a transient failure.
    pub retries: u32,
    /// `transport`: what carries commands to hosts that are not local.
    pub transport: TransportKind,
    /// `become_method`: used where neither a flag nor the inventory names one.
    pub become_method: PrivilegeMethod,
    /// `color`: when to use colour.
    pub color: Color,
    /// `journal`: where the record of runs is kept, and how much of it.
    pub journal: JournalConfig,
    origins: HashMap<&'static str, Origin>,
}

/// The part of the configuration under `journal:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalConfig {
    /// `journal.dir`; none means the user's state directory.
    pub dir: Option<PathBuf>,
    /// `journal.store_output`: whether what commands print is kept.
    pub store_output: bool,
    /// `journal.output_limit`: most bytes that are kept of each stream of a host.
    pub output_limit: usize,
}

/// What set a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A variable of the environment.
    Variable(&'static str),
    /// A place in a file.
    File(Place),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            inventory: Vec::new(),
            forks: 64,
            connect_timeout: Duration::from_secs(10),
            timeout: None,
            retries: 2,
            transport: TransportKind::default(),
            become_method: PrivilegeMethod::Sudo,
            color: Color::default(),
            journal: JournalConfig { dir: None, store_output: true, output_limit: JournalOptions::OUTPUT_LIMIT },
            origins: HashMap::new(),
        }
    }
}

impl Config {
    /// Whether a file or variable of ours sets the key.
    #[must_use]
    pub fn sets(&self, key: &str) -> bool {
        self.origins.contains_key(key)
    }

    /// Reads the configuration that the process's environment and current directory name.
    ///
    /// # Errors
    /// When a file cannot be read or trusted, or a value is wrong: code 2, nothing was touched.
    pub fn load() -> Result<Self, CliError> {
        load::load(&load::Sources::of_process())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::File(place) => place.fmt(f),
        }
    }
}

impl From<Diagnostic> for CliError {
    fn from(diagnostic: Diagnostic) -> Self {
        let hint = diagnostic.hint.clone();
        let error = Self::usage(diagnostic);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
