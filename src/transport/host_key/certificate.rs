//! Whether a host certificate is good for a name, given that its authority is trusted.

use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::Certificate;
use russh::keys::ssh_key::certificate::CertType;

/// `CASignatureAlgorithms` unless it is set; RSA with SHA-1 is not among them.
const SIGNATURES: [&str; 8] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
];

/// Tells why a certificate, whose signature has been verified, is not good for `name`; `allowed` is
/// `CASignatureAlgorithms`.
pub(super) fn check(certificate: &Certificate, name: &str, allowed: Option<&[String]>) -> Result<(), String> {
    if certificate.cert_type() != CertType::Host {
        return Err("it is not a host certificate".to_owned());
    }
    // Before 1970 nothing is valid yet.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    if now < certificate.valid_after() {
        return Err("it is not yet valid".to_owned());
    }
    if now >= certificate.valid_before() {
        return Err("it has expired".to_owned());
    }
    let principals = certificate.valid_principals();
    if !principals.is_empty() && !principals.iter().any(|principal| principal == name) {
        return Err(format!("it is not for the name {name}"));
    }
    if !certificate.critical_options().is_empty() {
        return Err("it has critical options".to_owned());
    }
    let algorithm = certificate.signature().algorithm();
    let is_allowed = match allowed {
        Some(allowed) => allowed.iter().any(|name| name == algorithm.as_str()),
        None => SIGNATURES.contains(&algorithm.as_str()),
    };
    if is_allowed { Ok(()) } else { Err(format!("it is signed with {algorithm}, which is not allowed")) }
}
