//! What is written down, and where.

use std::sync::Arc;

use super::super::HostKeys;
use super::fixture::{Bench, mode, word};
use crate::transport::HostKeyPolicy;
use crate::transport::ssh_config::HostKeyChecking::{AcceptNew, Off};

#[test]
fn a_new_key_is_recorded_as_ssh_would() {
    for (port, alias, check_ip, names) in [
        (22, None, false, "db"),
        (2222, None, false, "[db]:2222"),
        (2222, Some("cluster"), false, "cluster"),
        (22, None, true, "db,192.0.2.1"),
        (2222, None, true, "[db]:2222,[192.0.2.1]:2222"),
    ] {
        let mut bench = Bench::new();
        bench.settings.host_keys.user_files = vec![bench.path("new/dir/known"), bench.path("known2")];
        bench.settings.host_keys.alias = alias.map(str::to_owned);
        bench.settings.host_keys.check_ip = check_ip;
        bench.peer.port = port;
        let verdict = bench.check_with(&HostKeyPolicy::AcceptNew, &bench.shown("ed25519-a"));
        assert_eq!(word(&verdict), "full");
        let path = bench.path("new/dir/known");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{names} {}\n", bench.key("ed25519-a")));
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(word(&bench.check(&bench.shown("ed25519-a"))), "full");
        assert_eq!(word(&bench.check(&bench.shown("ed25519-b"))), "changed");
    }
}

#[test]
fn hashed_names_stand_on_lines_of_their_own_and_ssh_keygen_finds_them() {
    let mut bench = Bench::new();
    bench.settings.host_keys.hash = true;
    bench.settings.host_keys.check_ip = true;
    bench.peer.port = 2222;
    bench.check_with(&HostKeyPolicy::AcceptNew, &bench.shown("rsa-a")).unwrap();
    assert_eq!(bench.known().lines().filter(|line| line.starts_with("|1|")).count(), 2);
    assert_eq!(bench.known().lines().count(), 2);
    for name in ["[db]:2222", "[192.0.2.1]:2222"] {
        assert!(bench.keygen(&["-F", name, "-f", "known"]).contains(&bench.key("rsa-a")));
    }
    assert_eq!(word(&bench.check(&bench.shown("rsa-a"))), "full");
}

#[test]
fn the_address_of_a_known_host_is_added_even_if_checking_is_strict() {
    let mut bench = Bench::new();
    bench.settings.host_keys.check_ip = true;
    bench.write("known", "db {ed25519-a}\n");
    bench.check(&bench.shown("ed25519-a")).unwrap();
    let key = bench.key("ed25519-a");
    assert_eq!(bench.known(), format!("db {key}\n192.0.2.1 {key}\n"));
}

#[test]
fn nothing_is_recorded_where_something_speaks_against_the_key() {
    let mut bench = Bench::new();
    bench.settings.host_keys.check_ip = true;
    let shown = bench.shown("ed25519-a");
    for known in ["192.0.2.1 {ed25519-b}\n", "@revoked db {ed25519-a}\n", "db {ed25519-b}\n"] {
        bench.write("known", known);
        let before = bench.known();
        bench.check_with(&HostKeyPolicy::AcceptNew, &shown).unwrap_err();
        assert_eq!(bench.known(), before);
    }
}

#[test]
fn a_name_that_would_mean_more_than_itself_is_never_recorded() {
    let mut bench = Bench::new();
    for (hostname, alias) in
        [("*", None), ("a,b", None), ("!db", None), ("@revoked", None), ("a b", None), ("db", Some("*"))]
    {
        bench.peer.hostname = hostname.into();
        bench.settings.host_keys.alias = alias.map(str::to_owned);
        let verdict = bench.check_with(&HostKeyPolicy::AcceptNew, &bench.shown("ed25519-a"));
        assert_eq!(word(&verdict), "unknown", "{hostname}");
        assert_eq!(bench.known(), "");
    }
}

#[test]
fn a_key_that_cannot_be_recorded_is_accepted_unless_a_person_has_confirmed_it() {
    let mut bench = Bench::new();
    let shown = bench.shown("ed25519-a");
    let confirmed = HostKeyPolicy::Confirmed(bench.fingerprint("ed25519-a"));
    bench.settings.host_keys.user_files = vec![bench.dir.path().into()];
    assert_eq!(word(&bench.check_with(&HostKeyPolicy::AcceptNew, &shown)), "full");
    assert_eq!(word(&bench.check_with(&confirmed, &shown)), "local");
    // Without a file to write to ssh refuses.
    bench.settings.host_keys.user_files = Vec::new();
    bench.settings.host_keys.checking = Off;
    assert_eq!(word(&bench.check(&shown)), "unknown");
    assert_eq!(word(&bench.check_with(&HostKeyPolicy::AcceptNew, &shown)), "unknown");
    let error = bench.check_with(&confirmed, &shown).unwrap_err();
    assert!(error.message.contains("UserKnownHostsFile is none"), "{error}");
}

#[test]
fn a_confirmed_key_is_recorded_and_no_other() {
    let mut bench = Bench::new();
    let confirmed = HostKeyPolicy::Confirmed(bench.fingerprint("ed25519-a"));
    let error = bench.check_with(&confirmed, &bench.shown("ed25519-b")).unwrap_err();
    assert!(error.message.contains(&bench.fingerprint("ed25519-b")), "{error}");
    assert_eq!((word(&Err(error)), bench.known().as_str()), ("changed", ""));
    bench.check_with(&confirmed, &bench.shown("ed25519-a")).unwrap();
    bench.check_with(&confirmed, &bench.shown("ed25519-a")).unwrap();
    assert_eq!(bench.known(), format!("db {}\n", bench.key("ed25519-a")));
    bench.settings.host_keys.checking = AcceptNew;
    bench.write("known", "db {ed25519-b}\n");
    assert_eq!(word(&bench.check_with(&confirmed, &bench.shown("ed25519-a"))), "changed");
}

#[test]
fn five_hundred_hosts_at_once_write_whole_lines_and_each_name_once() {
    let bench = Arc::new(Bench::new());
    std::fs::write(bench.path("known"), "# no end").unwrap();
    bench.key("ed25519-a");
    let host_keys = Arc::new(HostKeys::default());
    let threads: Vec<_> = (0..50)
        .map(|thread| {
            let (bench, host_keys) = (Arc::clone(&bench), Arc::clone(&host_keys));
            std::thread::spawn(move || {
                for host in 0..10 {
                    // Every name comes twice.
                    let mut peer = bench.peer.clone();
                    peer.hostname = format!("host{}", thread * 5 + host / 2);
                    let shown = bench.shown("ed25519-a");
                    host_keys.check(&bench.settings, &HostKeyPolicy::AcceptNew, &peer, &shown).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let key = bench.key("ed25519-a");
    let mut lines: Vec<String> = bench.known().lines().skip(1).map(str::to_owned).collect();
    let mut expected: Vec<String> = (0..250).map(|host| format!("host{host} {key}")).collect();
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn files_are_read_once_and_what_was_recorded_is_seen() {
    let bench = Bench::new();
    bench.write("known", "web {ed25519-b}\n");
    let host_keys = HostKeys::default();
    let check =
        |name: &str| host_keys.check(&bench.settings, &HostKeyPolicy::AcceptNew, &bench.peer, &bench.shown(name));
    assert_eq!(word(&check("ed25519-a")), "full");
    bench.write("known", "");
    let error = check("ed25519-b").unwrap_err();
    assert!(error.hint.unwrap().contains("known:2;"));
}
