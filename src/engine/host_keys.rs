//! Unknown host keys: collected over the run, shown on one screen, asked about once.

use std::sync::Arc;

use crate::transport::BoxFuture;

/// A host key that no `known_hosts` file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHostKey {
    /// Inventory name.
    pub host: Arc<str>,
    /// The address connected to.
    pub address: String,
    /// Key type, such as `ed25519`.
    pub kind: String,
    /// `SHA256:` fingerprint.
    pub fingerprint: String,
}

/// Asks a person about unknown host keys.
pub trait ConfirmHostKeys: Send {
    /// Shows all keys and returns whether they are accepted.
    fn confirm<'a>(&'a mut self, keys: &'a [UnknownHostKey]) -> BoxFuture<'a, bool>;
}
