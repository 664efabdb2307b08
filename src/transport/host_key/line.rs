//! One line of `known_hosts`: its marker, its names, its key.
//!
//! Pure. What OpenSSH skips is skipped here: comments, blank lines, unknown markers, and keys that cannot be read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate, PublicKey};

use super::names::Names;
use crate::transport::explain;

/// Markers of this length or more are unknown.
const MARKER_LIMIT: usize = 32;

/// What a line says of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    /// The host has it.
    Host,
    /// It certifies the keys of the host.
    Authority,
    /// It must not be trusted.
    Revoked,
}

/// A line that is about some host; its key has not been looked at.
#[derive(Debug)]
pub(super) struct Line {
    /// What it says.
    pub(super) marker: Marker,
    /// Which hosts it is about.
    pub(super) names: Names,
    /// Key type, key and comment.
    pub(super) key: Box<[u8]>,
}

impl Line {
    /// Reads a line without its end; none if it says nothing.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        // OpenSSH reads lines as C strings.
        let line = line.split(|byte| *byte == 0).next().unwrap_or_default();
        let line = line.skip_blanks();
        if line.is_empty() || line.starts_with(b"#") {
            return None;
        }
        let (marker, line) = marker(line)?;
        let (field, key) = word(line);
        let key = key.skip_blanks();
        if key.is_empty() || key.starts_with(b"#") {
            return None;
        }
        Some(Self { marker, names: Names::parse(field)?, key: key.into() })
    }
}

trait Blanks {
    /// Without the spaces and tabs that it starts with.
    fn skip_blanks(&self) -> &Self;
}

impl Blanks for [u8] {
    fn skip_blanks(&self) -> &Self {
        let start = self.iter().position(|byte| !is_blank(*byte)).unwrap_or(self.len());
        &self[start..]
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Splits at the first space or tab.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len()))
}

/// Takes a marker off; none if it is unknown or there is more than one.
fn marker(line: &[u8]) -> Option<(Marker, &[u8])> {
    if !line.starts_with(b"@") {
        return Some((Marker::Host, line));
    }
    // OpenSSH looks for a tab only if there is no space in the whole line.
    let find = |wanted: u8| line.iter().position(|byte| *byte == wanted);
    let (name, rest) = line.split_at(find(b' ').or_else(|| find(b'\t')).filter(|length| *length < MARKER_LIMIT)?);
    let rest = rest.skip_blanks();
    let marker = match name {
        b"@cert-authority" => Marker::Authority,
        b"@revoked" => Marker::Revoked,
        _ => return None,
    };
    (!rest.starts_with(b"@")).then_some((marker, rest))
}

/// A recorded key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordedKey {
    /// The key, or that of a certificate.
    pub(super) data: KeyData,
    /// Whether it is a certificate, which is never equal to a plain key.
    pub(super) is_certificate: bool,
}

impl RecordedKey {
    /// Reads key type and key; what follows them is a comment. None if there is no whole key of that type.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (name, rest) = word(text);
        let (blob, _) = word(rest.skip_blanks());
        // Such as the carriage return of a file written elsewhere.
        let blob: Vec<u8> = blob.iter().copied().filter(|byte| !matches!(byte, b'\r' | 0x0b | 0x0c)).collect();
        let blob = STANDARD.decode(blob).ok()?;
        let name = str::from_utf8(name).ok()?;
        if let Some(algorithm) = certificate_algorithm(name) {
            let certificate = Certificate::from_bytes(&blob).ok()?;
            certificate.verify_signature().ok()?;
            let data = certificate.public_key().clone();
            return (data.algorithm() == algorithm).then_some(Self { data, is_certificate: true });
        }
        let data = PublicKey::from_bytes(&blob).ok()?.key_data().clone();
        let is_known = !matches!(data, KeyData::Certificate(_) | KeyData::Other(_));
        let is_as_named = data.algorithm() == kind(Algorithm::new(name).ok()?);
        (is_known && is_as_named).then_some(Self { data, is_certificate: false })
    }

    /// The short name of its type, as ssh's messages have it.
    pub(super) fn short_name(&self) -> String {
        let name = explain::key_type(&self.data.algorithm());
        format!("{name}{}", if self.is_certificate { "-CERT" } else { "" })
    }
}

/// The type of a certificate's key, by the certificate's name; none if it does not name one.
pub(super) fn certificate_algorithm(name: &str) -> Option<Algorithm> {
    let algorithm = Algorithm::new_certificate(name).ok()?;
    (!matches!(algorithm, Algorithm::Other(_))).then(|| kind(algorithm))
}

/// The type of key that an algorithm is for: RSA has several.
pub(super) fn kind(algorithm: Algorithm) -> Algorithm {
    match algorithm {
        Algorithm::Rsa { .. } => Algorithm::Rsa { hash: None },
        other => other,
    }
}
