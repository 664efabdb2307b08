//! Host certificates, made by `ssh-keygen`.

use russh::keys::{Certificate, PublicKeyOrCertificate};

use super::fixture::{Bench, word};
use crate::transport::ssh_config::HostKeyChecking::{AcceptNew, Off, Strict};

const HOST: &[&str] = &["-h", "-n", "db"];

#[test]
fn a_certificate_of_a_trusted_authority_is_enough() {
    let mut bench = Bench::new();
    for (name, authority) in [("ed25519-a", "ed25519-ca"), ("rsa-a", "ecdsa-ca"), ("ecdsa-a", "rsa-ca")] {
        for words in [HOST, &["-h"], &["-h", "-n", "web,db", "-V", "-1d:+1d"]] {
            let shown = bench.certificate(name, authority, words);
            bench.write("known", &format!("@cert-authority d* {{{authority}}}\n"));
            assert_eq!(word(&bench.check(&shown)), "full", "{name} {authority} {words:?}");
        }
    }
    let shown = bench.certificate("ed25519-a", "ed25519-ca", &["-h", "-n", "cluster"]);
    assert_eq!(word(&bench.check(&shown)), "unknown");
    bench.settings.host_keys.alias = Some("cluster".into());
    bench.write("known", "@cert-authority cluster {ed25519-ca}\n");
    assert_eq!(word(&bench.check(&shown)), "full");
}

#[test]
fn a_certificate_that_is_not_good_for_the_host_leaves_its_key_alone() {
    let bench = Bench::new();
    for (words, reason) in [
        (&["-h", "-n", "web"][..], "it is not for the name db"),
        (&["-h", "-n", "d*"], "it is not for the name db"),
        (&["-h", "-n", "db", "-V", "-2d:-1d"], "it has expired"),
        (&["-h", "-n", "db", "-V", "+1d:+2d"], "it is not yet valid"),
        (&["-n", "db"], "it is not a host certificate"),
        (&["-h", "-n", "db", "-O", "critical:x"], "it has critical options"),
    ] {
        let shown = bench.certificate("ed25519-a", "ed25519-ca", words);
        bench.write("known", "@cert-authority * {ed25519-ca}\n");
        let error = bench.check(&shown).unwrap_err();
        assert_eq!(word(&Err(error.clone())), "unknown", "{words:?}");
        assert!(error.message.ends_with(&format!("its certificate does not help: {reason}")), "{error}");
        assert_eq!(error.host_key, None);
        bench.write("known", "@cert-authority * {ed25519-ca}\ndb {ed25519-a}\n");
        assert_eq!(word(&bench.check(&shown)), "full", "{words:?}");
        bench.write("known", "@cert-authority * {ed25519-ca}\ndb {ed25519-b}\n");
        assert_eq!(word(&bench.check(&shown)), "changed", "{words:?}");
    }
}

#[test]
fn only_an_authority_of_this_host_counts() {
    let mut bench = Bench::new();
    let shown = bench.certificate("ed25519-a", "ed25519-ca", HOST);
    for known in ["@cert-authority web {ed25519-ca}", "@cert-authority db {ed25519-other}", "db {ed25519-ca}"] {
        bench.write("known", known);
        assert_eq!(word(&bench.check(&shown)), if known.starts_with('@') { "unknown" } else { "changed" }, "{known}");
    }
    bench.peer.port = 2222;
    for known in ["@cert-authority db {ed25519-ca}", "@cert-authority [db]:2222 {ed25519-ca}"] {
        bench.write("known", known);
        assert_eq!(word(&bench.check(&shown)), "full", "{known}");
    }
}

#[test]
fn a_revoked_authority_or_key_spoils_a_certificate() {
    let mut bench = Bench::new();
    let shown = bench.certificate("ed25519-a", "ed25519-ca", HOST);
    for revoked in ["ed25519-ca", "ed25519-a"] {
        for (checking, expected) in [(Strict, "revoked"), (AcceptNew, "revoked"), (Off, "no passwords")] {
            bench.settings.host_keys.checking = checking;
            let text = format!("@revoked * {{{revoked}}}\n@cert-authority * {{ed25519-ca}}\ndb {{ed25519-a}}\n");
            bench.write("known", &text);
            assert_eq!(word(&bench.check(&shown)), expected, "{revoked} {checking:?}");
        }
    }
}

#[test]
fn a_signature_of_an_algorithm_that_is_not_allowed_does_not_count() {
    let mut bench = Bench::new();
    bench.write("known", "@cert-authority * {rsa-ca}\n");
    let sha1 = bench.certificate("ed25519-a", "rsa-ca", &["-h", "-t", "ssh-rsa"]);
    assert_eq!(word(&bench.check(&sha1)), "unknown");
    let sha256 = bench.certificate("ed25519-a", "rsa-ca", &["-h", "-t", "rsa-sha2-256"]);
    assert_eq!(word(&bench.check(&sha256)), "full");
    bench.settings.algorithms.ca_signature = Some(vec!["ssh-ed25519".into(), "rsa-sha2-512".into()]);
    assert_eq!(word(&bench.check(&sha256)), "unknown");
}

#[test]
fn a_forged_certificate_is_refused_whatever_is_known() {
    let mut bench = Bench::new();
    bench.settings.host_keys.checking = Off;
    let shown = bench.certificate("ed25519-a", "ed25519-ca", &["-h", "-n", "xx"]);
    bench.write("known", "@cert-authority * {ed25519-ca}\ndb {ed25519-a}\n");
    let mut bytes = shown.certificate().unwrap().to_bytes().unwrap();
    let at = bytes.windows(2).position(|two| two == b"xx").unwrap();
    bytes[at..at + 2].copy_from_slice(b"db");
    let forged: PublicKeyOrCertificate = Certificate::from_bytes(&bytes).unwrap().into();
    assert_eq!(word(&bench.check(&forged)), "unusable");
}

#[test]
fn a_certificate_that_no_authority_here_has_signed_counts_as_its_key() {
    let mut bench = Bench::new();
    let shown = bench.certificate("ed25519-a", "ed25519-ca", HOST);
    let error = bench.check(&shown).unwrap_err();
    assert_eq!(error.host_key, Some(("ed25519".to_owned(), bench.fingerprint("ed25519-a"))));
    bench.settings.host_keys.checking = AcceptNew;
    assert_eq!(word(&bench.check(&shown)), "full");
    assert_eq!(bench.known(), format!("db {}\n", bench.key("ed25519-a")));
}
