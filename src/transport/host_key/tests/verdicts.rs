//! What lines of `known_hosts` come to for a key that a host shows.

use russh::keys::ssh_key::public::{KeyData, RsaPublicKey};
use russh::keys::ssh_key::{Mpint, PublicKey};

use super::fixture::{Bench, word};
use crate::transport::ssh_config::HostKeyChecking::{AcceptNew, Off, Strict};

/// The user's file, the key shown, and the verdict when checking is strict, accept-new and off.
type Case = (&'static str, &'static str, [&'static str; 3]);

const PORT_22: &[Case] = &[
    ("", "ed25519-a", ["unknown", "full", "full"]),
    ("db {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("DB,web {ed25519-a} a comment", "ed25519-a", ["full"; 3]),
    ("  \tdb\t {ed25519-a}\r\n", "ed25519-a", ["full"; 3]),
    ("# db\n\n\r\ndb nonsense\ndb\ndb ssh-ed25519\ndb ssh-ed25519 AAAA\ndb {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("db {ed25519-b}\ndb {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("* {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("*,!db {ed25519-a}", "ed25519-a", ["unknown", "full", "full"]),
    ("web {ed25519-a}\n192.0.2.1 {ed25519-a}\n[db]:2222 {ed25519-a}", "ed25519-a", ["unknown", "full", "full"]),
    ("db {ed25519-b}", "ed25519-a", ["changed", "changed", "no passwords"]),
    ("db {rsa-a}", "ed25519-a", ["changed", "changed", "no passwords"]),
    ("db rsa-sha2-512 junk\ndb unknown-type AAAA", "ed25519-a", ["unknown", "full", "full"]),
    ("db {rsa-a}", "rsa-a", ["full"; 3]),
    ("db {ecdsa-a}", "ecdsa-a", ["full"; 3]),
    ("@revoked db {ed25519-a}", "ed25519-a", ["revoked", "revoked", "no passwords"]),
    ("@revoked * {ed25519-a}\ndb {ed25519-a}", "ed25519-a", ["revoked", "revoked", "no passwords"]),
    ("@revoked web {ed25519-a}\ndb {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("@revoked db {ed25519-b}\ndb {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("@cert-authority db {ed25519-a}", "ed25519-a", ["unknown", "full", "full"]),
    ("@unknown db {ed25519-b}", "ed25519-a", ["unknown", "full", "full"]),
    ("@revoked @revoked db {ed25519-b}", "ed25519-a", ["unknown", "full", "full"]),
    ("@cert-authority @revoked db {ed25519-a}\ndb {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("", "short-a", ["unknown", "full", "full"]),
];

const PORT_2222: &[Case] = &[
    ("[db]:2222 {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("[db]:2222 {ed25519-b}\ndb {ed25519-a}", "ed25519-a", ["changed", "changed", "no passwords"]),
    ("[d*]:2222 {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("db {ed25519-a}", "ed25519-a", ["full"; 3]),
    ("db {ed25519-b}", "ed25519-a", ["unknown", "full", "full"]),
    ("[db]:22 {ed25519-a}", "ed25519-a", ["unknown", "full", "full"]),
    ("@revoked db {ed25519-a}", "ed25519-a", ["revoked", "revoked", "no passwords"]),
    ("@revoked [db]:2222 {ed25519-a}\ndb {ed25519-a}", "ed25519-a", ["revoked", "revoked", "no passwords"]),
];

fn hold(cases: &[Case], port: u16) {
    let mut bench = Bench::new();
    bench.peer.port = port;
    for (known, shown, expected) in cases {
        for (checking, expected) in [Strict, AcceptNew, Off].into_iter().zip(expected) {
            bench.settings.host_keys.checking = checking;
            bench.write("known", known);
            let verdict = bench.check(&bench.shown(shown));
            assert_eq!(word(&verdict), *expected, "{known} {shown} {checking:?} {verdict:?}");
        }
    }
}

#[test]
fn each_file_has_its_verdict() {
    hold(PORT_22, 22);
}

#[test]
fn a_key_recorded_without_a_port_counts_for_all_but_a_changed_one_does_not() {
    hold(PORT_2222, 2222);
}

#[test]
fn an_alias_is_looked_up_as_it_is_and_alone() {
    let mut bench = Bench::new();
    bench.peer.port = 2222;
    bench.settings.host_keys.alias = Some("cluster".into());
    let shown = bench.shown("ed25519-a");
    for (known, expected) in [
        ("cluster {ed25519-a}", "full"),
        ("[cluster]:2222 {ed25519-a}", "unknown"),
        ("db {ed25519-a}\n[db]:2222 {ed25519-a}", "unknown"),
        ("cluster {ed25519-b}", "changed"),
    ] {
        bench.write("known", known);
        assert_eq!(word(&bench.check(&shown)), expected, "{known}");
    }
}

#[test]
fn all_files_count() {
    let mut bench = Bench::new();
    bench.settings.host_keys.user_files.push(bench.path("known2"));
    let shown = bench.shown("ed25519-a");
    for (file, text, expected) in [
        ("known", "db {ed25519-b}\n", "changed"),
        ("known2", "db {ed25519-a}\n", "full"),
        ("global", "@revoked * {ed25519-a}\n", "revoked"),
    ] {
        bench.write(file, text);
        assert_eq!(word(&bench.check(&shown)), expected, "{file}");
    }
}

#[test]
fn files_that_cannot_be_read_say_nothing() {
    let mut bench = Bench::new();
    bench.settings.host_keys.user_files = vec![bench.dir.path().into(), "/no/such/file".into(), "/dev/null".into()];
    bench.write("global", "db {ed25519-a}\n");
    assert_eq!(word(&bench.check(&bench.shown("ed25519-a"))), "full");
    assert_eq!(word(&bench.check(&bench.shown("ed25519-b"))), "changed");
}

#[test]
fn refusals_say_what_ssh_would() {
    let bench = Bench::new();
    let shown = bench.shown("ed25519-a");
    let print = bench.fingerprint("ed25519-a");
    let unknown = bench.check(&shown).unwrap_err();
    assert_eq!(unknown.message, format!("the host key of DB is not known (ed25519 {print})"));
    assert_eq!(unknown.host_key, Some(("ed25519".to_owned(), print.clone())));
    bench.write("known", "# one\ndb {rsa-a}\n");
    let changed = bench.check(&shown).unwrap_err();
    assert_eq!(changed.message, format!("the host key of DB has changed: it is now ed25519 {print}"));
    let place = bench.path("known").display().to_string();
    let hint = format!("Offending RSA key in {place}:2; remove the old key only if you know why it changed");
    assert_eq!(changed.hint, Some(hint));
    assert_eq!(changed.host_key, None);
    bench.write("known", "@revoked * {ed25519-a}\n");
    assert_eq!(bench.check(&shown).unwrap_err().message, "the ed25519 host key of DB is revoked");
}

#[test]
fn localhost_is_let_in_only_if_that_is_asked_for_and_it_has_no_alias() {
    let mut bench = Bench::new();
    let shown = bench.shown("ed25519-a");
    bench.write("known", "db {ed25519-b}\n");
    bench.peer.ip = Some("127.0.0.9".parse().unwrap());
    assert_eq!(word(&bench.check(&shown)), "changed");
    bench.settings.host_keys.skip_localhost = true;
    assert_eq!(word(&bench.check(&shown)), "full");
    bench.peer.ip = None;
    assert_eq!(word(&bench.check(&shown)), "changed");
    bench.peer.ip = Some("::1".parse().unwrap());
    bench.settings.host_keys.alias = Some("db".into());
    assert_eq!(word(&bench.check(&shown)), "changed");
}

#[test]
fn the_address_must_have_the_same_key_if_that_is_checked() {
    let mut bench = Bench::new();
    bench.settings.host_keys.check_ip = true;
    let shown = bench.shown("ed25519-a");
    for (known, expected) in [
        ("db {ed25519-a}\n192.0.2.1 {ed25519-a}", ["full"; 3]),
        ("db {ed25519-a}\n192.0.2.1 {ed25519-b}", ["other address", "other address", "full"]),
        ("db {ed25519-b}\n192.0.2.1 {ed25519-a}", ["changed", "changed", "no passwords"]),
        ("192.0.2.1 {ed25519-b}", ["other address", "other address", "full"]),
        ("192.0.2.1 {ed25519-a}", ["unknown", "full", "full"]),
        ("db {ed25519-a}\n@revoked 192.0.2.1 {ed25519-a}", ["revoked", "revoked", "full"]),
    ] {
        for (checking, expected) in [Strict, AcceptNew, Off].into_iter().zip(expected) {
            bench.settings.host_keys.checking = checking;
            bench.write("known", known);
            assert_eq!(word(&bench.check(&shown)), expected, "{known} {checking:?}");
        }
    }
}

#[test]
fn keys_that_prove_nothing_are_refused_even_if_they_are_known() {
    let mut bench = Bench::new();
    bench.settings.host_keys.checking = Off;
    let rsa = |bytes: usize| {
        let modulus = Mpint::from_positive_bytes(&vec![0x7f; bytes]);
        let key = RsaPublicKey::new(Mpint::from_positive_bytes(&[3]), modulus).unwrap();
        PublicKey::new(KeyData::Rsa(key), "")
    };
    let certificate = bench.certificate("ed25519-a", "ed25519-ca", &["-h"]);
    let certificate = KeyData::Certificate(Box::new(certificate.certificate().unwrap().clone()));
    for (key, expected) in [(rsa(96), "unusable"), (rsa(128), "full"), (PublicKey::new(certificate, ""), "unusable")] {
        let known = key.to_openssh().unwrap();
        std::fs::write(bench.path("known"), format!("db {known}\n")).unwrap();
        assert_eq!(word(&bench.check(&key.into())), expected, "{known}");
    }
}
