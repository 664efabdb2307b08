//! What can go wrong with a vault.

/// Why an envelope could not be opened or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no password at all.
    #[error("no vault password was given")]
    NoPassword,
    /// No password opens it.
    #[error("no vault password opens it (tried: {})", .0.join(", "))]
    WrongPassword(Vec<String>),
    /// It is no envelope that this version reads.
    #[error("not an Ansible Vault text: {0}")]
    Malformed(String),
}
