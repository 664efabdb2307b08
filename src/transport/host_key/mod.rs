//! Decides whether a host is the one that it claims to be: `known_hosts`, host certificates, revocation.
//!
//! Fails closed: any doubt is a refusal.

use std::net::IpAddr;

use russh::keys::Algorithm;
use russh::keys::PublicKeyOrCertificate;

use super::ssh_config::HostKeySettings;
use super::{ConnectError, HostKeyPolicy};
use crate::event::FailureKind;

/// Which host is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    /// `Settings::hostname`, for `known_hosts` and messages.
    pub(super) hostname: String,
    /// The port.
    pub(super) port: u16,
    /// The address connected to; none behind a jump host.
    pub(super) ip: Option<IpAddr>,
}

/// Host key algorithms to offer to a server, most preferred first: those of recorded keys lead, as in OpenSSH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Plain keys.
    pub(super) keys: Vec<Algorithm>,
    /// Certificates, by the algorithm of their key; they are offered ahead of plain keys.
    pub(super) certificates: Vec<Algorithm>,
}

/// What is recorded about hosts: each file is read once a run, and appended to.
#[derive(Debug, Default)]
pub(super) struct HostKeys {}

impl HostKeys {
    /// The algorithms to offer to `peer`; `listed` is `HostKeyAlgorithms`.
    pub(super) fn offer(&self, _settings: &HostKeySettings, _peer: &Peer, _listed: Option<&[String]>) -> Offer {
        Offer::default()
    }

    /// Accepts (and where that is asked for, records) the key that `peer` presents, or tells why not.
    pub(super) fn check(
        &self,
        _settings: &HostKeySettings,
        _policy: &HostKeyPolicy,
        peer: &Peer,
        _presented: &PublicKeyOrCertificate,
    ) -> Result<Trust, ConnectError> {
        Err(ConnectError::new(FailureKind::HostKeyUnknown, format!("the host key of {} is not known", peer.hostname)))
    }
}

/// How far an accepted host is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Fully.
    Full,
    /// Its key has changed and `StrictHostKeyChecking` is off: no password may be sent.
    NoPasswords,
}
