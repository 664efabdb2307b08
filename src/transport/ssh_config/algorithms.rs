//! Names of algorithms: those that native offers, and those that every OpenSSH since 9.2 knows.
//!
//! Pure.

/// Which list a name is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// `Ciphers`.
    Ciphers,
    /// `MACs`.
    Macs,
    /// `KexAlgorithms`.
    Kex,
    /// `HostKeyAlgorithms`, `PubkeyAcceptedAlgorithms` and their like: signatures with keys and certificates.
    Signatures,
    /// `CASignatureAlgorithms`: signatures with keys alone.
    CaSignatures,
}

impl List {
    /// The names that native offers.
    pub(super) fn offered(self) -> Vec<&'static str> {
        // "none" and "clear" are no choice for anyone, and russh has no more to say about a name than the name.
        match self {
            Self::Ciphers => strings(russh::cipher::ALL_CIPHERS),
            Self::Macs => strings(russh::mac::ALL_MAC_ALGORITHMS),
            Self::Kex => strings(russh::kex::ALL_KEX_ALGORITHMS),
            Self::Signatures => [OFFERED_KEYS, OFFERED_CERTIFICATES].concat(),
            Self::CaSignatures => OFFERED_KEYS.to_vec(),
        }
    }

    /// The names that every OpenSSH since 9.2 knows; another one may be an error there.
    fn known(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Ciphers => &[KNOWN_CIPHERS],
            Self::Macs => &[KNOWN_MACS],
            Self::Kex => &[KNOWN_KEX],
            Self::Signatures => &[OFFERED_KEYS, OFFERED_CERTIFICATES, SECURITY_KEYS, SECURITY_KEY_CERTIFICATES],
            Self::CaSignatures => &[OFFERED_KEYS, SECURITY_KEYS],
        }
    }

    /// Whether OpenSSH accepts `text` as a value: a list, or one that is added to (`+`, `^`) or taken from (`-`) its own.
    pub(super) fn accepts(self, text: &str) -> bool {
        if text.starts_with('-') {
            return text.len() > 1;
        }
        let names = text.strip_prefix(['+', '^']).unwrap_or(text);
        names.split(',').all(|name| self.knows(name))
    }

    fn knows(self, name: &str) -> bool {
        let mut known = self.known().iter().flat_map(|names| names.iter());
        let wildcards = matches!(self, Self::Signatures | Self::CaSignatures);
        if wildcards && name.contains(['*', '?']) {
            return !name.starts_with('!') && known.any(|known| super::pattern::matches(known, name));
        }
        known.any(|known| *known == name)
    }

    /// The names of a whole list, all of which native offers; none for anything else.
    pub(super) fn whole(self, text: &str) -> Option<Vec<String>> {
        let offered = self.offered();
        text.split(',').map(|name| offered.contains(&name).then(|| name.to_owned())).collect()
    }
}

fn strings<N: AsRef<str>>(names: &'static [&'static N]) -> Vec<&'static str> {
    let names = names.iter().map(|name| (*name).as_ref());
    names.filter(|name| !matches!(*name, "none" | "clear")).collect()
}

const OFFERED_KEYS: &[&str] = &[
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-rsa",
];

const OFFERED_CERTIFICATES: &[&str] = &[
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
];

const SECURITY_KEYS: &[&str] = &[
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
];

const SECURITY_KEY_CERTIFICATES: &[&str] =
    &["sk-ssh-ed25519-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"];

const KNOWN_CIPHERS: &[&str] = &[
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
];

const KNOWN_MACS: &[&str] = &[
    "hmac-sha1",
    "hmac-sha1-96",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-md5",
    "hmac-md5-96",
    "umac-64@openssh.com",
    "umac-128@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha1-96-etm@openssh.com",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-md5-etm@openssh.com",
    "hmac-md5-96-etm@openssh.com",
    "umac-64-etm@openssh.com",
    "umac-128-etm@openssh.com",
];

const KNOWN_KEX: &[&str] = &[
    "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group-exchange-sha256",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "sntrup761x25519-sha512@openssh.com",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn native_offers_what_russh_is_built_with() {
        assert!(List::Ciphers.offered().contains(&"aes256-gcm@openssh.com"));
        assert!(!List::Ciphers.offered().contains(&"none") && !List::Ciphers.offered().contains(&"clear"));
        assert!(List::Macs.offered().contains(&"hmac-sha2-512-etm@openssh.com"));
        assert!(List::Kex.offered().contains(&"curve25519-sha256"));
        for name in OFFERED_KEYS {
            let algorithm: russh::keys::Algorithm = name.parse().unwrap();
            assert!(!matches!(algorithm, russh::keys::Algorithm::Other(_)), "{name}");
            assert!(OFFERED_CERTIFICATES.contains(&algorithm.to_certificate_type().as_str()), "{name}");
        }
    }

    #[test]
    fn lists_are_accepted_as_openssh_accepts_them() {
        assert!(List::Ciphers.accepts("aes128-ctr,3des-cbc") && List::Ciphers.accepts("+aes128-cbc"));
        assert!(List::Ciphers.accepts("-no-matter-what") && List::Signatures.accepts("^ssh-*"));
        for text in ["", "+", "-", "aes128-ctr,", "arcfour", "aes*"] {
            assert!(!List::Ciphers.accepts(text), "{text}");
        }
        assert!(!List::Signatures.accepts("no-*") && !List::CaSignatures.accepts("ssh-rsa-cert-v01@openssh.com"));
    }

    #[test]
    fn only_a_whole_list_of_offered_names_is_taken() {
        assert_eq!(List::Ciphers.whole("aes128-ctr,aes256-ctr").unwrap(), ["aes128-ctr", "aes256-ctr"]);
        for text in ["+aes128-ctr", "-aes128-ctr", "^aes128-ctr", "3des-cbc", "aes128-ctr,3des-cbc", ""] {
            assert_eq!(List::Ciphers.whole(text), None, "{text}");
        }
        assert_eq!(List::Signatures.whole("ssh-*"), None);
    }
}
