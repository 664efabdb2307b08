//! What can go wrong with a vault.

/// Why an envelope could not be opened or made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no password at all.
    #[error("no vault password was given")]
    NoPassword,
    /// No password opens it; names the ids of those that were tried.
    #[error("no vault password opens it (tried: {})", .0.join(", "))]
    WrongPassword(Vec<String>),
    /// It is no envelope that this version reads.
    #[error("not an Ansible Vault text: {0}")]
    Malformed(String),
    /// The text to encrypt is an envelope.
    #[error("is encrypted already")]
    Encrypted,
    /// No password has the id to encrypt with.
    #[error("no vault password has the id `{id}` (there are: {})", known.join(", "))]
    UnknownId {
        /// The id asked for.
        id: String,
        /// The ids there are.
        known: Vec<String>,
    },
    /// Several ids could encrypt.
    #[error("several vault ids could encrypt: {}", .0.join(", "))]
    Ambiguous(Vec<String>),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}

impl VaultError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoPassword => Some("give --vault-password-file FILE, --vault-id ID@FILE or --ask-vault-pass"),
            Self::WrongPassword(_) => Some("add the right one with --vault-id ID@FILE; all are tried"),
            Self::Ambiguous(_) => Some("say which with --encrypt-vault-id ID"),
            _ => None,
        }
    }
}
