//! Decides whether a host is the one that it claims to be: `known_hosts`, host certificates, revocation.
//!
//! Follows OpenSSH's client, and fails closed: any doubt is a refusal.

mod certificate;
mod check;
mod file;
mod line;
mod names;
mod order;
mod records;

pub use file::known_hosts_lines;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, HashAlg, PublicKeyOrCertificate};

use super::explain::{self, HostKey};
use super::ssh_config::{HostKeyChecking, HostKeySettings, Settings};
use super::{ConnectError, HostKeyPolicy};
use check::{Check, Recording, Refusal};
use records::{Record, Records};

/// RSA keys with fewer bits are refused, as by `RequiredRSASize`.
const RSA_BITS: u32 = 1024;

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
pub(super) struct HostKeys {
    // Held for a whole check, so that two connections to one new host record one key.
    records: Mutex<Records>,
}

impl HostKeys {
    /// The algorithms to offer to `peer`; `listed` is `HostKeyAlgorithms`.
    pub(super) fn offer(&self, settings: &HostKeySettings, peer: &Peer, listed: Option<&[String]>) -> Offer {
        if let Some(names) = listed {
            return order::as_listed(names);
        }
        let mut records = self.records();
        order::by_records(&records.lookup(settings, &check::name(settings, peer, peer.port)))
    }

    /// Accepts (and where that is asked for, records) the key that `peer` presents, or tells why not.
    pub(super) fn check(
        &self,
        settings: &Settings,
        policy: &HostKeyPolicy,
        peer: &Peer,
        presented: &PublicKeyOrCertificate,
    ) -> Result<Trust, ConnectError> {
        let host_keys = &settings.host_keys;
        let is_local = peer.ip.is_some_and(|ip| ip.is_loopback());
        let public = presented.public_key();
        let key = described(public.key_data());
        usable(presented).map_err(|reason| explain::host_key_unusable(&settings.original, reason))?;
        if host_keys.skip_localhost && is_local && host_keys.alias.is_none() {
            return Ok(Trust::Full);
        }
        let mut in_effect = host_keys.clone();
        let mut recording = Recording::Tried;
        match policy {
            HostKeyPolicy::Strict => {}
            HostKeyPolicy::AcceptNew => in_effect.checking = HostKeyChecking::AcceptNew,
            HostKeyPolicy::Confirmed(confirmed) if key.1 != *confirmed => {
                return Err(explain::host_key_not_confirmed(&key, confirmed));
            }
            HostKeyPolicy::Confirmed(_) => {
                in_effect.checking = HostKeyChecking::AcceptNew;
                recording = Recording::Insisted;
            }
        }
        let check = Check {
            records: &mut self.records(),
            settings: &in_effect,
            ca_signature: settings.algorithms.ca_signature.as_deref(),
            peer,
            recording,
            compares_address: host_keys.check_ip,
        };
        check.run(presented).map_err(|refusal| explained(refusal, &settings.original, key))
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Tells why what is presented cannot be checked at all.
fn usable(presented: &PublicKeyOrCertificate) -> Result<(), &'static str> {
    let is_usable = |key: &KeyData| match key {
        KeyData::Certificate(_) | KeyData::Other(_) => Err("its type is unknown"),
        KeyData::Rsa(rsa) if rsa.key_size() < RSA_BITS => Err("it is too short"),
        _ => Ok(()),
    };
    match presented {
        PublicKeyOrCertificate::PublicKey { key, .. } => is_usable(key.key_data()),
        PublicKeyOrCertificate::Certificate(certificate) => {
            is_usable(certificate.public_key())?;
            is_usable(certificate.signature_key())?;
            certificate.verify_signature().map_err(|_| "its certificate is forged or damaged")
        }
    }
}

/// A key as (type, `SHA256:` fingerprint).
fn described(key: &KeyData) -> HostKey {
    let algorithm = key.algorithm();
    let name = algorithm.as_str();
    (name.strip_prefix("ssh-").unwrap_or(name).to_owned(), key.fingerprint(HashAlg::Sha256).to_string())
}

fn explained(refusal: Refusal, address: &str, key: HostKey) -> ConnectError {
    match refusal {
        Refusal::Unknown(None) => explain::host_key_unknown(address, Some(key)),
        Refusal::Unknown(Some(why)) => {
            // Nobody is asked about it: a certificate that went bad is no new host.
            let mut error = explain::host_key_unknown(address, Some(key));
            error.host_key = None;
            with_reason(error, Some(&why)).hint("renew the host's certificate, or add its key to known_hosts")
        }
        Refusal::Changed(record, why) => {
            // In ssh's words, so that both transports say the same.
            let offending = format!("Offending {} key in {}", record.entry.key.short_name(), place(&record));
            let error = explain::host_key_changed(address, Some(&key), Some(&offending));
            with_reason(error, why.as_deref())
        }
        Refusal::Revoked => explain::host_key_revoked(address, Some(&key)),
        Refusal::OtherAddress(record) => explain::host_key_of_other_address(address, &key, &place(&record)),
        Refusal::NotRecorded(error) => explain::host_key_not_recorded(&error),
    }
}

fn with_reason(mut error: ConnectError, why: Option<&str>) -> ConnectError {
    if let Some(why) = why {
        error.message = format!("{}; its certificate does not help: {why}", error.message);
    }
    error
}

/// Where a recorded key stands.
fn place(record: &Record) -> String {
    format!("{}:{}", record.file.display(), record.entry.line)
}

#[cfg(test)]
mod tests;
