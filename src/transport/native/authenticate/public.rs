//! Public keys and certificates: read from lines, files and agents.

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Certificate, HashAlg, PublicKey, key::parse_public_key};

use crate::transport::explain;

/// RSA keys below this size are ignored (`RequiredRSASize`), in bits.
const SMALLEST_RSA: u32 = 1024;

/// A public key, or a certificate for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Public {
    blob: Vec<u8>,
    form: Form,
}

/// What is offered to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The key itself.
    Key(PublicKey),
    /// A certificate.
    Certificate(Box<Certificate>),
}

impl Public {
    /// Reads what the protocol calls a key blob; none when this client cannot use it.
    pub(super) fn from_blob(blob: &[u8]) -> Option<Self> {
        let key = parse_public_key(blob).ok()?;
        let form = match key.key_data().certificate() {
            Some(certificate) => Form::Certificate(Box::new(certificate.clone())),
            None => Form::Key(key),
        };
        Self::new(blob.to_vec(), form)
    }

    /// Reads a line of a public key file.
    pub(super) fn from_line(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().take(2).collect();
        let line = words.join(" ");
        if words.first()?.ends_with("-cert-v01@openssh.com") {
            let certificate = Certificate::from_openssh(&line).ok()?;
            return Self::new(certificate.to_bytes().ok()?, Form::Certificate(Box::new(certificate)));
        }
        PublicKey::from_openssh(&line).ok().and_then(Self::from_key)
    }

    /// Takes a key.
    pub(super) fn from_key(key: PublicKey) -> Option<Self> {
        Self::new(key.to_bytes().ok()?, Form::Key(key))
    }

    fn new(blob: Vec<u8>, form: Form) -> Option<Self> {
        let public = Self { blob, form };
        let unknown = public.key().is_other() || public.key().is_certificate();
        let small = public.key().rsa().is_some_and(|key| key.key_size() < SMALLEST_RSA);
        (!unknown && !small).then_some(public)
    }

    /// The form in which agents know it, and by which it is compared.
    pub(super) fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// What is offered to a server.
    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    /// The key, also where a certificate carries it.
    pub(super) fn key(&self) -> &KeyData {
        match &self.form {
            Form::Key(key) => key.key_data(),
            Form::Certificate(certificate) => certificate.public_key(),
        }
    }

    /// Whether it is a certificate.
    pub(super) fn is_certificate(&self) -> bool {
        matches!(self.form, Form::Certificate(_))
    }

    /// Whether it is a certificate for hosts, with which no user logs in.
    pub(super) fn is_host_certificate(&self) -> bool {
        matches!(&self.form, Form::Certificate(certificate) if certificate.cert_type() != CertType::User)
    }

    /// Whether its private half never leaves a security key.
    pub(super) fn is_security_key(&self) -> bool {
        self.key().is_sk_ed25519() || self.key().is_sk_ecdsa_p256()
    }

    /// Whether it is the key of a security key, without a certificate.
    pub(super) fn is_bare_security_key(&self) -> bool {
        self.is_security_key() && !self.is_certificate()
    }

    /// The protocol's name of its type.
    pub(super) fn algorithm(&self) -> String {
        let algorithm = self.key().algorithm();
        if self.is_certificate() { algorithm.to_certificate_type() } else { algorithm.as_str().to_owned() }
    }

    /// Its type and fingerprint, as `ssh -v` shows them.
    pub(super) fn describe(&self) -> String {
        let kind = explain::key_type(&self.key().algorithm());
        let certificate = if self.is_certificate() { "-CERT" } else { "" };
        format!("{kind}{certificate} {}", self.key().fingerprint(HashAlg::Sha256))
    }
}
