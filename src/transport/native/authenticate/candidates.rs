//! Which keys are offered, and in which order: OpenSSH's (`pubkey_prepare`).

use std::collections::VecDeque;
use std::sync::Arc;

use super::agent::{Agent, AgentKey};
use super::algorithm::Accepted;
use super::key_file::KeyFile;
use super::public::Public;

/// A key to offer.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The file, or the comment that the agent has: for messages.
    pub(super) name: String,
    /// The key or certificate; none when only the private half tells.
    pub(super) public: Option<Arc<Public>>,
    /// The file that holds the private half; none when the agent has brought it up.
    pub(super) file: Option<Arc<KeyFile>>,
    /// The agent, if it holds the private half.
    pub(super) agent: Option<Arc<Agent>>,
}

impl Candidate {
    /// A key or certificate that lies in a file.
    pub(super) fn from_file(file: &Arc<KeyFile>, public: Option<Arc<Public>>) -> Self {
        Self { name: file.path.display().to_string(), public, file: Some(Arc::clone(file)), agent: None }
    }

    fn is_blob(&self, blob: &[u8]) -> bool {
        self.public.as_ref().is_some_and(|public| public.blob() == blob)
    }

    /// How `ssh -v` names it, with the public half that it has turned out to have.
    pub(super) fn describe_as(&self, public: &Public) -> String {
        format!("{} {}", self.name, public.describe())
    }
}

/// What there is to offer.
#[derive(Debug, Default)]
pub(super) struct Supply {
    /// `CertificateFile`.
    pub(super) certificates: Vec<Candidate>,
    /// `IdentityFile`, each followed by its certificate.
    pub(super) files: Vec<Candidate>,
    /// What the agent shows.
    pub(super) agent: Option<(Arc<Agent>, Arc<[AgentKey]>)>,
    /// `IdentitiesOnly`.
    pub(super) identities_only: bool,
}

/// Puts candidates into OpenSSH's order: configured certificates, keys of the agent that are configured, its other
/// keys, keys in files.
pub(super) fn order(supply: Supply, accepted: Accepted<'_>) -> VecDeque<Candidate> {
    let Supply { mut certificates, mut files, agent, identities_only } = supply;
    let is = |candidate: &Candidate, what: fn(&Public) -> bool| candidate.public.as_deref().is_some_and(what);
    certificates.retain(|candidate| !is(candidate, Public::is_host_certificate));
    files.retain(|candidate| !is(candidate, Public::is_host_certificate));
    let mut others = Vec::new();
    let mut ordered = certificates;
    if let Some((agent, keys)) = agent {
        for key in keys.iter() {
            match files.iter().position(|candidate| candidate.is_blob(key.public.blob())) {
                Some(position) => {
                    ordered.push(Candidate { agent: Some(Arc::clone(&agent)), ..files.remove(position) });
                }
                None if identities_only => {}
                None => others.push(Candidate {
                    name: key.comment.clone(),
                    public: Some(Arc::clone(&key.public)),
                    file: None,
                    agent: Some(Arc::clone(&agent)),
                }),
            }
        }
    }
    files.retain(|candidate| !is(candidate, Public::is_bare_security_key));
    ordered.append(&mut others);
    ordered.append(&mut files);
    ordered.retain(|candidate| candidate.public.as_ref().is_none_or(|public| accepted.allows(public)));
    ordered.into()
}

/// Who signs for `chosen`: itself, or for a certificate the plain key among `all` that it certifies.
pub(super) fn signer<'a>(chosen: &'a Candidate, public: &Public, all: &[&'a Candidate]) -> &'a Candidate {
    if !public.is_certificate() {
        return chosen;
    }
    let plain = |candidate: &Candidate| {
        candidate.public.as_ref().is_some_and(|plain| !plain.is_certificate() && plain.key() == public.key())
    };
    let first = |fits: &dyn Fn(&Candidate) -> bool| all.iter().copied().find(|candidate| fits(candidate));
    let in_agent = first(&|candidate| candidate.agent.is_some() && plain(candidate));
    if in_agent.is_some() || chosen.agent.is_some() {
        return in_agent.unwrap_or(chosen);
    }
    first(&plain)
        .or_else(|| first(&|candidate| candidate.public.is_none() && is_named_alike(chosen, candidate)))
        .unwrap_or(chosen)
}

/// Whether the file of `certificate` is that of `key`, or named after it.
fn is_named_alike(certificate: &Candidate, key: &Candidate) -> bool {
    let name = &certificate.name;
    key.name == *name || [".pub", "-cert.pub"].iter().any(|suffix| name.strip_suffix(suffix) == Some(&*key.name))
}
