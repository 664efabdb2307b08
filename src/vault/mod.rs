//! Ansible Vault: texts encrypted with a password (format 1.1 and 1.2, AES-256 in counter mode, HMAC-SHA256).
//!
//! Knows nothing of YAML and reads no files.

mod cipher;
mod envelope;
mod error;
mod secrets;

pub use envelope::DEFAULT_ID;
pub use error::VaultError;
pub use secrets::secret_texts;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use crate::secret::Secret;
use cipher::Keys;
use envelope::Envelope;

/// Bytes of salt in a new envelope, as Ansible takes.
const SALT: usize = 32;

/// The passwords that open vaulted texts, each with its id. Clones share the keys that were derived.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    passwords: Vec<VaultPassword>,
    keys: Arc<KeyCache>,
}

/// A password and the id that vaulted texts name.
#[derive(Clone, Debug)]
pub struct VaultPassword {
    /// The id; `default` when none was given.
    pub id: String,
    /// The password.
    pub password: Secret,
}

/// A text that was opened.
pub struct Opened {
    /// The text.
    pub plaintext: Vec<u8>,
    /// The id that the envelope names.
    pub id: Option<String>,
    /// The password that opened it.
    pub password: VaultPassword,
}

/// Whether a file's content is an envelope.
#[must_use]
pub fn is_vaulted(content: &[u8]) -> bool {
    content.starts_with(envelope::HEADER.as_bytes())
}

impl Vault {
    /// A vault that is opened by `passwords`, tried in order, those of the text's id first.
    #[must_use]
    pub fn new(passwords: Vec<VaultPassword>) -> Self {
        Self { passwords, keys: Arc::default() }
    }

    /// Whether there is any password.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.passwords.is_empty()
    }

    /// The passwords, in order.
    #[must_use]
    pub fn passwords(&self) -> &[VaultPassword] {
        &self.passwords
    }

    /// Decrypts an envelope (`$ANSIBLE_VAULT;…`).
    ///
    /// # Errors
    /// When it is no envelope, or no password opens it.
    pub fn open(&self, envelope: &str) -> Result<Vec<u8>, VaultError> {
        self.open_with(envelope).map(|opened| opened.plaintext)
    }

    /// Decrypts an envelope and says which password did it.
    ///
    /// # Errors
    /// When it is no envelope, or no password opens it.
    pub fn open_with(&self, envelope: &str) -> Result<Opened, VaultError> {
        let envelope = Envelope::parse(envelope)?;
        if self.is_empty() {
            return Err(VaultError::NoPassword);
        }
        let id = envelope.id.as_deref().unwrap_or(DEFAULT_ID);
        let (own, others): (Vec<_>, Vec<_>) = self.passwords.iter().partition(|password| password.id == id);
        let candidates: Vec<&VaultPassword> = own.into_iter().chain(others).collect();
        for password in &candidates {
            let keys = self.keys.of(&password.password, &envelope.salt);
            if let Some(plaintext) = cipher::decrypt(&keys, &envelope.encrypted, &envelope.code) {
                return Ok(Opened { plaintext, id: envelope.id, password: (*password).clone() });
            }
        }
        let mut tried: Vec<String> = candidates.into_iter().map(|password| password.id.clone()).collect();
        tried.dedup();
        Err(VaultError::WrongPassword(tried))
    }

    /// The password to encrypt with: the first of this id, or without one that of the only id there is.
    ///
    /// # Errors
    /// When there is none, or it is not clear which.
    pub fn sealing(&self, id: Option<&str>) -> Result<&VaultPassword, VaultError> {
        let mut known: Vec<String> = Vec::new();
        for password in &self.passwords {
            if !known.contains(&password.id) {
                known.push(password.id.clone());
            }
        }
        let Some(first) = self.passwords.first() else { return Err(VaultError::NoPassword) };
        match id {
            None if known.len() > 1 => Err(VaultError::Ambiguous(known)),
            None => Ok(first),
            Some(id) => self
                .passwords
                .iter()
                .find(|password| password.id == id)
                .ok_or_else(|| VaultError::UnknownId { id: id.to_owned(), known }),
        }
    }

    /// Encrypts a text with the password that [`Vault::sealing`] finds.
    ///
    /// # Errors
    /// When there is no such password, or the text is an envelope already.
    pub fn seal(&self, plaintext: &[u8], id: Option<&str>) -> Result<String, VaultError> {
        let password = self.sealing(id)?;
        password.seal(plaintext, Some(&password.id))
    }
}

impl VaultPassword {
    /// Encrypts a text into an envelope that names `id`; the default id is not named, as in Ansible.
    ///
    /// # Errors
    /// When the text is an envelope already.
    pub fn seal(&self, plaintext: &[u8], id: Option<&str>) -> Result<String, VaultError> {
        if is_vaulted(plaintext) {
            return Err(VaultError::Encrypted);
        }
        let mut salt = vec![0; SALT];
        getrandom::fill(&mut salt).map_err(|_| VaultError::NoRandomness)?;
        let keys = Keys::derive(self.password.expose().as_bytes(), &salt);
        let (encrypted, code) = cipher::encrypt(&keys, plaintext);
        let id = id.filter(|id| *id != DEFAULT_ID).map(str::to_owned);
        Ok(Envelope { id, salt, code, encrypted }.write())
    }
}

/// Keys by password and salt: a text that is used by a thousand hosts is derived for once.
#[derive(Default)]
struct KeyCache(Mutex<HashMap<(Secret, Vec<u8>), Keys>>);

impl KeyCache {
    fn of(&self, password: &Secret, salt: &[u8]) -> Keys {
        let place = (password.clone(), salt.to_vec());
        if let Some(keys) = self.0.lock().expect("nothing panics while it holds the lock").get(&place) {
            return keys.clone();
        }
        let keys = Keys::derive(password.expose().as_bytes(), salt);
        self.0.lock().expect("nothing panics while it holds the lock").insert(place, keys.clone());
        keys
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyCache")
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("id", &self.id).field("password", &self.password).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
