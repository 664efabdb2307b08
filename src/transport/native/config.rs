//! What we offer to a server: algorithms in OpenSSH's order, windows, keepalives, rekeying.

use std::borrow::Cow;
use std::time::Duration;

use russh::client::Config;
use russh::{Limits, Preferred, SshId, cipher, compression, kex, mac};

use crate::transport::host_key::Offer;
use crate::transport::ssh_config::{Algorithms, Settings};

/// A channel's window, in bytes: on a link with a round trip of 200 ms it allows 80 MB/s. It costs no memory here, since
/// a slow reader stops the connection long before ([`QUEUE`]).
const WINDOW: u32 = 16 * 1024 * 1024;

/// The window through a jump host, in bytes: what a slow reader leaves on the way waits in this process.
const TUNNEL_WINDOW: u32 = 2 * 1024 * 1024;

/// Largest packet's data, in bytes, as OpenSSH has it.
const PACKET: u32 = 32 * 1024;

/// Messages of a channel that wait for their reader before the connection waits as well.
const QUEUE: usize = 16;

/// The most bytes between rekeyings that the protocol's library allows (RFC 4253, section 9, recommends 1 GiB).
const MOST_BYTES: u64 = 1 << 30;

/// Least bytes between rekeyings: below, a connection would do nothing else.
const LEAST_BYTES: u64 = 4096;

/// Rekeying by time where `RekeyLimit` names none, as RFC 4253 recommends.
const REKEY_TIME: Duration = Duration::from_hours(1);

const KEX: &[kex::Name] = &[
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G14_SHA256,
];

const KEX_EXTENSIONS: &[kex::Name] = &[kex::EXTENSION_SUPPORT_AS_CLIENT, kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT];

const CIPHERS: &[cipher::Name] = &[
    cipher::CHACHA20_POLY1305,
    cipher::AES_128_GCM,
    cipher::AES_256_GCM,
    cipher::AES_128_CTR,
    cipher::AES_192_CTR,
    cipher::AES_256_CTR,
];

const MACS: &[mac::Name] = &[
    mac::HMAC_SHA256_ETM,
    mac::HMAC_SHA512_ETM,
    mac::HMAC_SHA1_ETM,
    mac::HMAC_SHA256,
    mac::HMAC_SHA512,
    mac::HMAC_SHA1,
];

/// The library's configuration for one connection.
pub(super) fn config(settings: &Settings, offer: Offer) -> Config {
    let bytes = settings.rekey_bytes.unwrap_or(MOST_BYTES).clamp(LEAST_BYTES, MOST_BYTES);
    let bytes = usize::try_from(bytes).expect("1 GiB fits");
    Config {
        client_id: SshId::Standard(Cow::Borrowed(concat!("SSH-2.0-opsctl_", env!("CARGO_PKG_VERSION")))),
        limits: Limits::new(bytes, bytes, settings.rekey_time.unwrap_or(REKEY_TIME)),
        window_size: if settings.via.is_some() { TUNNEL_WINDOW } else { WINDOW },
        maximum_packet_size: PACKET,
        channel_buffer_size: QUEUE,
        preferred: preferred(&settings.algorithms, offer),
        keepalive_interval: settings.alive_interval,
        keepalive_max: usize::try_from(settings.alive_count).unwrap_or(usize::MAX),
        nodelay: true,
        ..Config::default()
    }
}

fn preferred(algorithms: &Algorithms, offer: Offer) -> Preferred {
    let kex = chosen(algorithms.kex.as_deref(), KEX, |name| kex::Name::try_from(name).ok());
    Preferred {
        kex: [&kex, KEX_EXTENSIONS].concat().into(),
        key: offer.keys.into(),
        host_key_certificates: offer.certificates.into(),
        cipher: chosen(algorithms.ciphers.as_deref(), CIPHERS, |name| cipher::Name::try_from(name).ok()).into(),
        mac: chosen(algorithms.macs.as_deref(), MACS, |name| mac::Name::try_from(name).ok()).into(),
        compression: Cow::Borrowed(&[compression::NONE]),
    }
}

/// The algorithms that were listed, or the default ones.
fn chosen<T: Copy>(listed: Option<&[String]>, default: &[T], read: fn(&str) -> Option<T>) -> Vec<T> {
    listed.map_or_else(|| default.to_vec(), |names| names.iter().filter_map(|name| read(name)).collect())
}
