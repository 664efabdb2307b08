//! Which algorithms are offered to a host.

use super::super::{HostKeys, Offer};
use super::fixture::Bench;

const DEFAULT: &str =
    "ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256";

fn words(offer: &Offer) -> (String, String) {
    let join = |algorithms: &[russh::keys::Algorithm]| {
        algorithms.iter().map(russh::keys::Algorithm::as_str).collect::<Vec<_>>().join(" ")
    };
    (join(&offer.keys), join(&offer.certificates))
}

fn offer(bench: &Bench, listed: Option<&[String]>) -> (String, String) {
    words(&HostKeys::default().offer(&bench.settings.host_keys, &bench.peer, listed))
}

#[test]
fn recorded_keys_lead() {
    let rsa = "rsa-sha2-512 rsa-sha2-256 ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521";
    let p384 = "ecdsa-sha2-nistp384 ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256";
    let bench = Bench::new();
    for (known, expected) in [
        ("", DEFAULT),
        ("db {ed25519-a}", DEFAULT),
        ("db {rsa-a}\ndb {ed25519-a}", DEFAULT),
        ("db {rsa-a}", rsa),
        ("web {rsa-a}", DEFAULT),
        ("db {ecdsa384-a}", p384),
        ("@revoked db {rsa-a}", DEFAULT),
        ("@revoked db {rsa-a}\ndb {rsa-a}", DEFAULT),
        ("@revoked db {ed25519-a}\ndb {ed25519-a}\ndb {rsa-b}", rsa),
    ] {
        bench.write("known", known);
        assert_eq!(offer(&bench, None).0, expected, "{known}");
    }
}

#[test]
fn certificates_are_asked_for_ahead_of_keys() {
    let rsa = "rsa-sha2-512 rsa-sha2-256";
    let mut bench = Bench::new();
    for (port, known, expected) in [
        (22, "@cert-authority d* {ed25519-ca}", DEFAULT),
        (22, "", DEFAULT),
        (22, "db {ed25519-a}", DEFAULT),
        (22, "db {rsa-a}", rsa),
        (22, "@cert-authority web {ed25519-ca}\ndb {rsa-a}", rsa),
        (22, "@cert-authority db {ed25519-ca}\ndb {rsa-a}", DEFAULT),
        (2222, "@cert-authority db {ed25519-ca}", DEFAULT),
        (2222, "@cert-authority db {ed25519-ca}\n[db]:2222 {rsa-a}", rsa),
        (2222, "@cert-authority db {ed25519-ca}\n[db]:2222 {ed25519-a}", DEFAULT),
    ] {
        bench.peer.port = port;
        bench.write("known", known);
        assert_eq!(offer(&bench, None).1, expected, "{known}");
    }
}

#[test]
fn listed_algorithms_stay_as_they_are() {
    let bench = Bench::new();
    bench.write("known", "db {ed25519-a}\n");
    for (listed, keys, certificates) in [
        ("rsa-sha2-256 ssh-ed25519", "rsa-sha2-256 ssh-ed25519", ""),
        ("ssh-rsa", "ssh-rsa", ""),
        ("rsa-sha2-512-cert-v01@openssh.com ssh-ed25519", "ssh-ed25519", "rsa-sha2-512"),
        ("ssh-ed25519 ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", ""),
    ] {
        let listed: Vec<String> = listed.split(' ').map(str::to_owned).collect();
        assert_eq!(offer(&bench, Some(&listed)), (keys.to_owned(), certificates.to_owned()), "{listed:?}");
    }
}
