//! What a run knows about keys: each file is read once, each passphrase asked for once, each agent known by its socket.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use russh::keys::agent::AgentSessionBinding;

use super::agent::Agents;
use super::candidates::{Candidate, Supply};
use super::key_file::{self, KeyFile, KeyFiles};
use super::passphrase::Passphrases;
use super::public::Public;
use crate::transport::AskPassphrase;
use crate::transport::ssh_config::Authentication;

/// What a run knows about keys.
#[derive(Debug)]
pub(in crate::transport::native) struct Keyring {
    files: KeyFiles,
    agents: Agents,
    passphrases: Arc<Passphrases>,
    judged: Mutex<HashMap<PathBuf, Option<String>>>,
}

impl Keyring {
    /// An empty one; `passphrases` asks for those of encrypted keys.
    pub(in crate::transport::native) fn new(passphrases: Option<Box<dyn AskPassphrase>>) -> Self {
        Self {
            files: KeyFiles::default(),
            agents: Agents::default(),
            passphrases: Arc::new(Passphrases::new(passphrases)),
            judged: Mutex::default(),
        }
    }

    /// Why only OpenSSH's client can log in as `authentication` says; none when this one does the same.
    ///
    /// Files of security keys need their device, and some forms of key files are read by OpenSSL alone.
    pub(in crate::transport::native) fn only_openssh(&self, authentication: &Authentication) -> Option<String> {
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        authentication.identities.iter().find_map(|path| match judged.get(path) {
            Some(reason) => reason.clone(),
            None => judged.entry(path.clone()).or_insert(key_file::only_openssh(path)).clone(),
        })
    }

    /// How long, all together, a question for a passphrase has been open.
    pub(in crate::transport::native) fn time_asking(&self) -> Duration {
        self.passphrases.time_asking()
    }

    /// Who is asked for passphrases.
    pub(super) fn passphrases(&self) -> &Arc<Passphrases> {
        &self.passphrases
    }

    /// Gathers the keys that may log in; an agent that is gone, or locked, has none.
    pub(super) async fn supply(
        &self,
        authentication: &Authentication,
        session: Option<&AgentSessionBinding>,
    ) -> Supply {
        let mut supply = Supply { identities_only: authentication.identities_only, ..Supply::default() };
        for path in &authentication.certificates {
            let file = self.files.at(path).await;
            let certificate = certificate(&file).cloned();
            supply.certificates.extend(certificate.map(|public| Candidate::from_file(&file, Some(public))));
        }
        for path in &authentication.identities {
            let file = self.files.at(path).await;
            supply.files.push(Candidate::from_file(&file, file.public.clone()));
            if authentication.certificates.is_empty() {
                let mut beside = path.as_os_str().to_owned();
                beside.push("-cert");
                let beside = self.files.at(beside.as_ref()).await;
                let certificate = certificate(&beside).cloned();
                supply.files.extend(certificate.map(|public| Candidate::from_file(&file, Some(public))));
            }
        }
        if let Some(socket) = &authentication.agent {
            let agent = self.agents.at(socket);
            let keys = agent.keys(session).await.ok();
            supply.agent = keys.map(|keys| (agent, keys));
        }
        supply
    }

    /// The public half of `candidate`; where only the private half tells, that is opened, with a question if need be.
    pub(super) async fn public(&self, candidate: &Candidate, prompts: u32) -> Option<Arc<Public>> {
        if let Some(public) = &candidate.public {
            return Some(Arc::clone(public));
        }
        let key = candidate.file.as_ref()?.private(&self.passphrases, prompts).await.ok()?;
        Public::from_key(key.public_key().clone()).map(Arc::new)
    }
}

fn certificate(file: &KeyFile) -> Option<&Arc<Public>> {
    file.public.as_ref().filter(|public| public.is_certificate())
}
