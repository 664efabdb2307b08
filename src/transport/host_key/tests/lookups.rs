//! Lookups against those of `ssh-keygen -F`.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::known_hosts_lines;
use super::fixture::Bench;

/// A line for `db` with each form of key, the last of them a certificate.
const SAMPLES: &str = include_str!("known_hosts");

/// The lines that `ssh-keygen` finds and can read the key of.
fn keygen_lines(bench: &Bench, name: &str) -> Vec<usize> {
    // With -l it reads the keys, as ssh does.
    let found =
        Command::new("ssh-keygen").args(["-l", "-F", name, "-f", "known"]).current_dir(&bench.dir).output().unwrap();
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    text.lines().filter_map(|line| line.split_once(" found: line ")?.1.split(' ').next()?.parse().ok()).collect()
}

const NAMES: [&str; 8] =
    ["db", "db.example.com", "[db]:2222", "[db.example.com]:2222", "192.0.2.1", "::1", "[::1]:2222", "x"];

#[test]
fn every_kind_of_line_is_found_as_ssh_keygen_finds_it() {
    let bench = Bench::new();
    let mut text = String::new();
    for names in [
        "db",
        "DB.Example.com",
        "web,db",
        "*",
        "*,!db",
        "!db",
        "d?",
        "[db]:2222",
        "[*]:2222",
        "[*.example.com]:*",
        "?",
        "*.example.com,192.0.2.*",
        "@revoked db",
        "@cert-authority *",
        "@revoked\tdb",
        "@other db",
        "@revoked @revoked db",
        "  db",
        "\tdb",
        "|1|",
        "|2|AAAA|AAAA",
        "::1",
        "*:*",
        "db,",
        ",db",
        "[db]:22",
    ] {
        for tail in [" {ed25519-a}", "\t{rsa-a} some words", " {ecdsa-a}\r", " ssh-ed25519", "", " # {ed25519-a}"] {
            let _ = writeln!(text, "{names}{tail}");
        }
        let _ = writeln!(text, "# {names}\n\n\r");
    }
    let long = "x".repeat(2000);
    let _ = write!(text, "{long},db {{ed25519-a}}\ndb,{long} {{ed25519-a}}\ndb {{ed25519-a}} {long}\n");
    let _ = write!(text, "db rsa-sha2-512 {{rsa-a}}\ndb ssh-rsa {{ed25519-a}}\nx {{ed25519-a}}");
    bench.write("known", &text);
    for name in NAMES {
        let ours = known_hosts_lines(bench.known().as_bytes(), name);
        assert_eq!(ours, keygen_lines(&bench, name), "{name}");
    }
    bench.write("known", "db,web {ed25519-a}\n[db]:2222 {rsa-a}\n*.example.com {ed25519-b}\n192.0.2.1 {ed25519-a}\n");
    bench.keygen(&["-H", "-f", "known"]);
    assert!(bench.known().starts_with("|1|"));
    for name in NAMES {
        let ours = known_hosts_lines(bench.known().as_bytes(), name);
        assert_eq!(ours, keygen_lines(&bench, name), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_list_of_names_means_what_it_means_to_ssh_keygen(
        fields in prop::collection::vec("(@revoked |@cert-authority |@x )?!?[abAB*?!,.\\[\\]:2]{1,8}", 1..20),
        name in "[ab]{1,3}(\\.[ab])?|\\[[ab]\\]:2",
    ) {
        let bench = Bench::new();
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        let text: String = fields.iter().flat_map(|field| [field, " ", key, "\n"]).collect();
        std::fs::write(bench.path("known"), &text).unwrap();
        prop_assert_eq!(known_hosts_lines(text.as_bytes(), &name), keygen_lines(&bench, &name));
    }
}

proptest! {
    #[test]
    fn no_damage_to_a_line_upsets_the_reader(
        line in 0..4_usize,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let lines: Vec<&str> = SAMPLES.lines().collect();
        prop_assert_eq!(known_hosts_lines(SAMPLES.as_bytes(), "db"), vec![1, 2, 3, 4]);
        let words: Vec<&str> = lines[line].split(' ').collect();
        let mut blob = STANDARD.decode(words[2]).unwrap();
        let at = at.index(blob.len());
        blob[at] = byte;
        for blob in [&blob[..], &blob[..cut.index(blob.len())]] {
            let text = format!("{} {} {}\n", words[0], words[1], STANDARD.encode(blob));
            prop_assert!(known_hosts_lines(text.as_bytes(), "db").len() <= 1);
        }
    }

    #[test]
    fn no_bytes_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300), name in ".{0,20}") {
        let count = bytes.split(|byte| *byte == b'\n').count();
        prop_assert!(known_hosts_lines(&bytes, &name).iter().all(|line| (1..=count).contains(line)));
    }
}

#[test]
fn ten_thousand_hosts_are_looked_up_in_a_moment() {
    let bench = Bench::new();
    let key = bench.key("ed25519-a");
    let text: String =
        (0..10_000).flat_map(|host| [format!("host{host},10.0.0.{host} {key}"), "\n".to_owned()]).collect();
    let started = Instant::now();
    let mut file = super::super::file::KnownHosts::parse(text.as_bytes());
    assert!((0..10_000).all(|host| file.lookup(&format!("host{host}")).len() == 1));
    // Going through all lines for each would take minutes.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
