//! Which signature algorithm goes with a key: what the configuration accepts and the server verifies.

use russh::keys::HashAlg;

use super::public::Public;

/// `PubkeyAcceptedAlgorithms` where nothing is configured.
const ACCEPTED: &[&str] = &[
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
];

/// `PubkeyAcceptedAlgorithms`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted<'a>(Option<&'a [String]>);

/// The best RSA signatures that a server says it verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerRsa {
    /// With SHA-512.
    Sha512,
    /// With SHA-256.
    Sha256,
    /// With SHA-1, though it has the extension to tell of others.
    Sha1,
    /// It does not tell.
    Untold,
}

/// What to sign with: a hash for RSA; none for SHA-1, and where the type of the key leaves no choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SignatureHash(pub(super) Option<HashAlg>);

impl<'a> Accepted<'a> {
    /// Takes the list; none is the default.
    pub(super) fn new(listed: Option<&'a [String]>) -> Self {
        Self(listed)
    }

    fn has(self, name: &str) -> bool {
        match self.0 {
            Some(listed) => listed.iter().any(|listed| listed == name),
            None => ACCEPTED.contains(&name),
        }
    }

    /// Whether `public` may be used with any algorithm.
    pub(super) fn allows(self, public: &Public) -> bool {
        if !public.key().is_rsa() {
            return self.has(&public.algorithm());
        }
        [Some(HashAlg::Sha512), Some(HashAlg::Sha256), None].iter().any(|hash| self.has(rsa_name(public, *hash)))
    }

    /// What to sign with; none when no algorithm will do.
    pub(super) fn hash(self, public: &Public, server: ServerRsa) -> Option<SignatureHash> {
        if !public.key().is_rsa() {
            return self.has(&public.algorithm()).then_some(SignatureHash(None));
        }
        let all = &[Some(HashAlg::Sha512), Some(HashAlg::Sha256), None][..];
        let verified = match server {
            ServerRsa::Sha512 => all,
            // OpenSSH 7.4 verifies SHA-2 for plain keys but does not say so; whoever has this extension has SHA-2.
            ServerRsa::Sha1 if !public.is_certificate() => all,
            ServerRsa::Sha256 => &all[1..],
            ServerRsa::Sha1 | ServerRsa::Untold => &all[2..],
        };
        verified.iter().copied().find(|hash| self.has(rsa_name(public, *hash))).map(SignatureHash)
    }
}

fn rsa_name(public: &Public, hash: Option<HashAlg>) -> &'static str {
    match (hash, public.is_certificate()) {
        (Some(HashAlg::Sha512), false) => "rsa-sha2-512",
        (Some(HashAlg::Sha512), true) => "rsa-sha2-512-cert-v01@openssh.com",
        (Some(_), false) => "rsa-sha2-256",
        (Some(_), true) => "rsa-sha2-256-cert-v01@openssh.com",
        (None, false) => "ssh-rsa",
        (None, true) => "ssh-rsa-cert-v01@openssh.com",
    }
}
