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

/// What a server says about RSA signatures: the best one, none for SHA-1; nothing at all when it does not tell.
pub(super) type ServerRsa = Option<Option<HashAlg>>;

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

    /// The hash to sign with (none where the type leaves no choice, or for SHA-1); nothing when no algorithm will do.
    pub(super) fn hash(self, public: &Public, server: ServerRsa) -> Option<Option<HashAlg>> {
        if !public.key().is_rsa() {
            return self.has(&public.algorithm()).then_some(None);
        }
        let both = &[Some(HashAlg::Sha512), Some(HashAlg::Sha256), None][..];
        let verified = match server {
            Some(Some(HashAlg::Sha512)) => both,
            Some(Some(_)) => &both[1..],
            // OpenSSH 7.4 verifies SHA-2 for plain keys but does not say so; whoever has this extension has SHA-2.
            Some(None) if !public.is_certificate() => both,
            Some(None) | None => &both[2..],
        };
        verified.iter().copied().find(|hash| self.has(rsa_name(public, *hash)))
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
