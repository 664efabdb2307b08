//! The verdict on a host key: OpenSSH's `check_host_key` without a person to ask.
//!
//! Stricter than OpenSSH in few things, none of which a host that is what it claims to be runs into: a key that is
//! revoked under the host's name without its port or under its address is refused; a key that is not the address's is
//! refused before it is recorded, not after; and a name that would match more than itself is never recorded.

use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Certificate, PublicKeyOrCertificate};

use super::line::Marker;
use super::records::{Record, Records};
use super::{Peer, Trust, certificate, names};
use crate::transport::ssh_config::{HostKeyChecking, HostKeySettings};

/// Why a key is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No record of it, and it may not be recorded; the reason why a certificate of a trusted authority did not help.
    Unknown(Option<String>),
    /// Other keys are recorded; the last of them, and the reason why a certificate did not help.
    Changed(Box<Record>, Option<String>),
    /// It is marked as revoked.
    Revoked,
    /// The host's address is recorded with another key.
    OtherAddress(Box<Record>),
    /// It was confirmed but could not be recorded.
    NotRecorded(std::io::Error),
}

/// Whether a key that cannot be recorded is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recording {
    /// It is, as OpenSSH does.
    Tried,
    /// It is not: a person wants it on record.
    Insisted,
}

/// Which name of a host is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// That with the port.
    Full,
    /// That without it, where only a match counts.
    WithoutPort,
}

#[derive(Clone, Copy)]
enum Presented<'a> {
    Key(&'a KeyData),
    Certificate(&'a Certificate),
}

/// One check of one key.
pub(super) struct Check<'a> {
    /// The files.
    pub(super) records: &'a mut Records,
    /// The host's settings; `checking` is what is in effect.
    pub(super) settings: &'a HostKeySettings,
    /// `CASignatureAlgorithms`.
    pub(super) ca_signature: Option<&'a [String]>,
    /// The host.
    pub(super) peer: &'a Peer,
    /// What happens when an accepted key cannot be recorded.
    pub(super) recording: Recording,
    /// `CheckHostIP`, until it turns out that there is nothing to check.
    pub(super) compares_address: bool,
}

impl Check<'_> {
    /// Accepts what is presented (its own signature has been verified), or tells why not.
    pub(super) fn run(mut self, presented: &PublicKeyOrCertificate) -> Result<Trust, Refusal> {
        match presented {
            PublicKeyOrCertificate::PublicKey { key, .. } => self.at(Scope::Full, Presented::Key(key.key_data())),
            PublicKeyOrCertificate::Certificate(one) => self.at(Scope::Full, Presented::Certificate(one)),
        }
    }

    fn at(&mut self, scope: Scope, presented: Presented<'_>) -> Result<Trust, Refusal> {
        let name = self.name(scope);
        let address = self.peer.ip.map(|ip| with_port(&ip.to_string(), self.port(scope)));
        let is_local = self.peer.ip.is_some_and(|ip| ip.is_loopback());
        self.compares_address &= !is_local && address.as_ref().is_some_and(|address| *address != self.peer.hostname);
        let host = self.records.lookup(self.settings, &name);
        match presented {
            Presented::Certificate(certificate) => self.certificate(scope, certificate, &host),
            Presented::Key(key) => {
                let address = address.filter(|_| self.compares_address).map(|name| self.addressed(name));
                self.key(scope, key, &host, address.as_ref())
            }
        }
    }

    fn addressed(&mut self, name: String) -> Address {
        Address { records: self.records.lookup(self.settings, &name), name }
    }

    /// A certificate of a trusted authority, or else the key in it.
    fn certificate(&mut self, scope: Scope, shown: &Certificate, host: &[Record]) -> Result<Trust, Refusal> {
        let mut reason = None;
        match certificate_status(host, shown) {
            Status::Revoked => return self.unless_off(Refusal::Revoked),
            Status::Known => {
                let name = self.settings.alias.as_ref().unwrap_or(&self.peer.hostname);
                match certificate::check(shown, name, self.ca_signature) {
                    Ok(()) => return Ok(Trust::Full),
                    Err(why) => reason = Some(why),
                }
            }
            Status::New | Status::Changed(_) if self.counts_without_port(scope) => {
                match self.at(Scope::WithoutPort, Presented::Certificate(shown)) {
                    Ok(trust) => return Ok(trust),
                    Err(Refusal::Unknown(why) | Refusal::Changed(_, why)) => reason = why,
                    Err(refusal) => return Err(refusal),
                }
            }
            Status::New | Status::Changed(_) => {}
        }
        self.key(scope, shown.public_key(), host, None).map_err(|refusal| match refusal {
            Refusal::Unknown(why) => Refusal::Unknown(why.or(reason)),
            Refusal::Changed(record, why) => Refusal::Changed(record, why.or(reason)),
            other => other,
        })
    }

    /// A plain key.
    fn key(
        &mut self,
        scope: Scope,
        key: &KeyData,
        host: &[Record],
        address: Option<&Address>,
    ) -> Result<Trust, Refusal> {
        let by_address = address.map(|address| key_status(&address.records, key));
        match key_status(host, key) {
            Status::Revoked => return self.unless_off(Refusal::Revoked),
            Status::Changed(_) if scope == Scope::WithoutPort => return Err(Refusal::Unknown(None)),
            Status::Changed(record) => return self.unless_off(Refusal::Changed(record, None)),
            Status::Known => {
                self.agree(by_address.as_ref())?;
                let new = address.filter(|_| self.compares_address && matches!(by_address, Some(Status::New)));
                if let Some(address) = new.filter(|_| self.may_record(scope)) {
                    // Only the address is lost; ssh goes on as well.
                    let _ = self.records.append(self.settings, &[&address.name], key);
                }
                return Ok(Trust::Full);
            }
            Status::New => {}
        }
        if self.counts_without_port(scope) {
            match self.at(Scope::WithoutPort, Presented::Key(key)) {
                Ok(trust) => return self.agree(by_address.as_ref()).map(|()| trust),
                Err(refusal @ Refusal::Revoked) => return Err(refusal),
                Err(_) => {}
            }
        }
        self.agree(by_address.as_ref())?;
        self.record(scope, key, address.filter(|_| matches!(by_address, Some(Status::New))))
    }

    /// Accepts and records a new key where that is asked for.
    fn record(&mut self, scope: Scope, key: &KeyData, address: Option<&Address>) -> Result<Trust, Refusal> {
        let insists = self.recording == Recording::Insisted && self.settings.user_files.is_empty();
        let name = self.name(scope);
        let may_record = self.may_record(scope) && names::is_plain(&name);
        if self.settings.checking == HostKeyChecking::Strict || !(insists || may_record) {
            return Err(Refusal::Unknown(None));
        }
        let mut names = vec![name.as_str()];
        names.extend(address.filter(|_| self.compares_address).map(|address| address.name.as_str()));
        match self.records.append(self.settings, &names, key) {
            Err(error) if self.recording == Recording::Insisted => Err(Refusal::NotRecorded(error)),
            _ => Ok(Trust::Full),
        }
    }

    /// Whether a file may be written to.
    fn may_record(&self, scope: Scope) -> bool {
        scope == Scope::Full && is_recordable(&self.peer.hostname) && !self.settings.user_files.is_empty()
    }

    /// Refuses a key that is not the address's.
    fn agree(&self, by_address: Option<&Status>) -> Result<(), Refusal> {
        match by_address {
            Some(Status::Changed(record)) if self.compares_address => {
                self.unless_off(Refusal::OtherAddress(record.clone())).map(|_| ())
            }
            Some(Status::Revoked) if self.compares_address => self.unless_off(Refusal::Revoked).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn unless_off(&self, refusal: Refusal) -> Result<Trust, Refusal> {
        match self.settings.checking {
            HostKeyChecking::Off => Ok(Trust::NoPasswords),
            HostKeyChecking::Strict | HostKeyChecking::AcceptNew => Err(refusal),
        }
    }

    /// Whether a key recorded without a port counts as well.
    fn counts_without_port(&self, scope: Scope) -> bool {
        scope == Scope::Full && self.settings.alias.is_none() && self.peer.port != 22
    }

    fn port(&self, scope: Scope) -> u16 {
        if scope == Scope::Full { self.peer.port } else { 22 }
    }

    fn name(&self, scope: Scope) -> String {
        name(self.settings, self.peer, self.port(scope))
    }
}

/// The name under which a host's keys are recorded.
pub(super) fn name(settings: &HostKeySettings, peer: &Peer, port: u16) -> String {
    settings.alias.clone().unwrap_or_else(|| with_port(&peer.hostname, port))
}

fn with_port(host: &str, port: u16) -> String {
    if port == 22 { host.to_owned() } else { format!("[{host}]:{port}") }
}

/// Whether a connection to `hostname` may be recorded at all, under whatever name.
fn is_recordable(hostname: &str) -> bool {
    !hostname.contains(|one: char| "@?*#[]|'\"\\".contains(one))
}

/// An address, and what is recorded about it.
struct Address {
    name: String,
    records: Vec<Record>,
}

/// What records say about a key.
#[derive(Debug)]
enum Status {
    New,
    Known,
    Changed(Box<Record>),
    Revoked,
}

fn key_status(records: &[Record], key: &KeyData) -> Status {
    if is_revoked(records, key) {
        return Status::Revoked;
    }
    let mut others = None;
    for record in records.iter().filter(|record| record.entry.marker == Marker::Host) {
        if !record.entry.key.is_certificate && record.entry.key.data == *key {
            return Status::Known;
        }
        others = Some(record);
    }
    others.map_or(Status::New, |record| Status::Changed(Box::new(record.clone())))
}

fn certificate_status(records: &[Record], shown: &Certificate) -> Status {
    if is_revoked(records, shown.public_key()) || is_revoked(records, shown.signature_key()) {
        return Status::Revoked;
    }
    let mut authorities = records.iter().filter(|record| record.entry.marker == Marker::Authority);
    let is_trusted = authorities.any(|record| record.entry.key.data == *shown.signature_key());
    if is_trusted { Status::Known } else { Status::New }
}

/// Whether one of `records` revokes `key`.
pub(super) fn is_revoked(records: &[Record], key: &KeyData) -> bool {
    records.iter().any(|record| record.entry.marker == Marker::Revoked && record.entry.key.data == *key)
}
