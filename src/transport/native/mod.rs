//! Speaks SSH in this process (russh): one task a connection, no process a host.

mod authenticate;
mod client;

use std::sync::Arc;

use super::host_key::HostKeys;
use super::ssh_config::Settings;
use super::{AskPassphrase, ConnectError, ConnectOptions, Connection};
use crate::event::FailureKind;
use crate::secret::Secret;
use authenticate::Keyring;

/// Makes sessions in this process.
pub(super) struct Native {
    host_keys: HostKeys,
    keyring: Keyring,
}

impl Native {
    /// Prepares what all connections of a run share.
    pub(super) fn new(passphrases: Option<Box<dyn AskPassphrase>>) -> Self {
        Self { host_keys: HostKeys::default(), keyring: Keyring::new(passphrases) }
    }

    /// Connects as `settings` say, and starts `command` on the first channel.
    pub(super) async fn connect(
        &self,
        settings: &Arc<Settings>,
        _password: Option<&Secret>,
        _options: &ConnectOptions,
        _command: &str,
    ) -> Result<Connection, ConnectError> {
        let _ = (&self.host_keys, &self.keyring);
        Err(ConnectError::new(FailureKind::Local, format!("native cannot connect to {}", settings.hostname)))
    }
}
