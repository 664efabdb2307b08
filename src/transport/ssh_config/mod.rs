//! Reads `ssh_config` as OpenSSH's client does, and tells whether native can do for a host exactly what it says.
//!
//! Where there is any doubt (an unknown directive, a file that ssh would refuse, a `Match exec`), the answer is
//! OpenSSH: it says itself what is wrong.

mod settings;

pub use settings::{AddressFamily, Algorithms, Authentication, HostKeyChecking, HostKeySettings, Method, Settings};

use super::Target;

/// Who can connect to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Native can, with these settings.
    Native(Box<Settings>),
    /// Only OpenSSH's client can, or knows best what is wrong; the reason in one line, with the directive's place.
    OpenSsh(String),
}

/// The configuration of one run: files are read once.
#[derive(Debug, Default)]
pub struct SshConfig {}

impl SshConfig {
    /// What `ssh` would do for `target`.
    #[must_use]
    pub fn resolve(&self, target: &Target) -> Resolution {
        Resolution::OpenSsh(format!("not resolved: {}", target.address))
    }
}
