//! Which host key algorithms to offer, in OpenSSH's order.
//!
//! Pure. Every key that comes is checked all the same: the order makes a server show a key that is known.

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};

use super::Offer;
use super::check::is_revoked;
use super::line::{Marker, certificate_algorithm, kind};
use super::records::Record;

/// The default, most preferred first. Keys on security tokens are left out: servers have none.
const DEFAULT: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

/// The algorithms for a host with these records.
pub(super) fn by_records(records: &[Record]) -> Offer {
    let (known, unknown): (Vec<_>, Vec<_>) = DEFAULT.into_iter().partition(|algorithm| is_known(records, algorithm));
    let has_authority = records.iter().any(|record| record.entry.marker == Marker::Authority);
    // OpenSSH leaves its list alone if the first of it is known.
    let as_it_is = known.is_empty() || known[0] == DEFAULT[0];
    // Certificates are asked for where no authority is known as well: one that is revoked shows itself.
    let certificates = if has_authority || as_it_is { DEFAULT.to_vec() } else { known.clone() };
    let keys = if as_it_is { DEFAULT.to_vec() } else { [known, unknown].concat() };
    Offer { keys, certificates }
}

/// Whether the first key of that type is recorded and not revoked.
fn is_known(records: &[Record], algorithm: &Algorithm) -> bool {
    let wanted = kind(algorithm.clone());
    let mut keys = records.iter().filter(|record| record.entry.marker == Marker::Host).map(|record| &record.entry.key);
    keys.find(|key| !key.is_certificate && key.data.algorithm() == wanted)
        .is_some_and(|key| !is_revoked(records, &key.data))
}

/// The algorithms of `HostKeyAlgorithms`, in its order; names of neither keys nor certificates are left out.
pub(super) fn as_listed(names: &[String]) -> Offer {
    let mut offer = Offer::default();
    for name in names {
        if certificate_algorithm(name).is_some() {
            let algorithm = Algorithm::new_certificate(name).unwrap_or_default();
            // A server with such a certificate has the key as well, so it would show that.
            if !offer.keys.contains(&algorithm) {
                offer.certificates.push(algorithm);
            }
        } else if let Ok(algorithm) = Algorithm::new(name)
            && !matches!(algorithm, Algorithm::Other(_))
        {
            offer.keys.push(algorithm);
        }
    }
    offer
}
