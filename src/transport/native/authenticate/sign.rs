//! Signs for a server that has accepted a public key: in an agent, or here with a key from a file.

use std::sync::Arc;

use russh::keys::agent::{AgentIdentity, AgentSessionBinding};
use russh::keys::signature::Signer as _;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::ssh_key::{Error, Signature};
use russh::keys::{HashAlg, PrivateKey, ssh_encoding::Encode as _};

use super::agent::{Agent, AgentError};
use super::candidates::Candidate;
use super::key_file::Locked;
use super::passphrase::Passphrases;
use super::public::Public;

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignError {
    /// The session has ended.
    #[error("the session has ended")]
    Ended(#[from] russh::SendError),
    /// The agent did not sign.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The private key cannot be used.
    #[error("the private key cannot be used")]
    Locked(Locked),
    /// The private key is not the one that belongs to the public key, or failed.
    #[error("the private key does not fit its public half")]
    Mismatch,
}

/// Signs with one key, whose private half is looked for only then.
pub(super) struct Signer<'a> {
    /// What the server has accepted.
    pub(super) public: &'a Public,
    /// Who signs for it.
    pub(super) by: &'a Candidate,
    /// The session, for agents.
    pub(super) session: Option<&'a AgentSessionBinding>,
    /// Who is asked for passphrases.
    pub(super) passphrases: &'a Arc<Passphrases>,
    /// `NumberOfPasswordPrompts`.
    pub(super) prompts: u32,
}

impl russh::Signer for Signer<'_> {
    type Error = SignError;

    async fn auth_sign(
        &mut self,
        _: &AgentIdentity,
        hash: Option<HashAlg>,
        mut data: Vec<u8>,
    ) -> Result<Vec<u8>, SignError> {
        let signature = match &self.by.agent {
            Some(agent) => self.in_agent(agent, hash, &data).await?,
            None => self.here(hash, &data).await?,
        };
        signature.encode(&mut data).map_err(|_| SignError::Mismatch)?;
        Ok(data)
    }
}

impl Signer<'_> {
    async fn in_agent(&self, agent: &Agent, hash: Option<HashAlg>, data: &[u8]) -> Result<Vec<u8>, SignError> {
        let held = self.by.public.as_deref().unwrap_or(self.public);
        Ok(agent.sign(self.session, held, hash, data).await?)
    }

    async fn here(&self, hash: Option<HashAlg>, data: &[u8]) -> Result<Vec<u8>, SignError> {
        let Some(file) = &self.by.file else {
            return Err(SignError::Locked(Locked::Missing));
        };
        let key = file.private(self.passphrases, self.prompts).await.map_err(SignError::Locked)?;
        if key.public_key().key_data() != self.public.key() {
            return Err(SignError::Mismatch);
        }
        let data = data.to_vec();
        let signed = match key.key_data() {
            // RSA takes milliseconds, in which this thread would serve nobody else.
            KeypairData::Rsa(_) => tokio::task::spawn_blocking(move || sign(&key, hash, &data)).await.ok(),
            _ => Some(sign(&key, hash, &data)),
        };
        signed.and_then(Result::ok).ok_or(SignError::Mismatch)
    }
}

fn sign(key: &PrivateKey, hash: Option<HashAlg>, data: &[u8]) -> Result<Vec<u8>, Error> {
    let signature: Signature = match key.key_data() {
        KeypairData::Rsa(pair) => (pair, hash).try_sign(data)?,
        _ => key.try_sign(data)?,
    };
    let mut encoded = Vec::new();
    signature.encode(&mut encoded)?;
    Ok(encoded)
}
