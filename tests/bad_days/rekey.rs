//! Keys that are changed in the middle of a long stream.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::common::{Home, Ran, Sshd, run};
use super::judge::{Case, Want, bounded, judge, try_all};
use super::server::{Behaviour, Flow, Moment, Server};

/// How long a host is waited for that should have ended its command, in seconds.
const VERDICT: u64 = 16;

/// Bytes that are no two blocks alike, 50 MB of them.
const STREAM: &str = "seq 1 6400000";

/// What `seq` writes.
fn numbers(numbers: std::ops::Range<u32>) -> String {
    let mut text = String::new();
    for number in numbers {
        writeln!(text, "{number}").unwrap();
    }
    text
}

fn digest_of_stream() -> Vec<u8> {
    Sha256::digest(numbers(1..6_400_001)).to_vec()
}

fn streamed(home: &Home, transport: &str, options: &[&str]) -> Ran {
    let fixed = ["a", "--passthrough", "--transport", transport];
    run(&mut home.exec(&[&fixed, options, &["--", STREAM]].concat())).expect(0)
}

#[test]
fn a_stream_is_whole_although_the_server_changes_keys() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "RekeyLimit 1M");
    sshd.hosts(&home, "a");
    let wanted = digest_of_stream();
    try_all(1, |_, transport| {
        let ran = streamed(&home, transport, &[]);
        if Sha256::digest(&ran.stdout)[..] == wanted {
            Ok(())
        } else {
            Err(format!("{} other bytes", ran.stdout.len()))
        }
    });
}

#[test]
fn a_stream_is_whole_although_the_client_changes_keys() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "Match all\nLogLevel DEBUG1");
    sshd.hosts(&home, "a");
    home.write(".ssh/config", home.read(".ssh/config") + "RekeyLimit 1M\n");
    let wanted = digest_of_stream();
    try_all(1, |_, transport| {
        let before = changes(&sshd);
        let ran = streamed(&home, transport, &[]);
        let changed = changes(&sshd) - before;
        match Sha256::digest(&ran.stdout)[..] == wanted {
            true if changed > 20 => Ok(()),
            true => Err(format!("keys were changed {changed} times")),
            false => Err(format!("{} other bytes", ran.stdout.len())),
        }
    });
}

fn changes(sshd: &Sshd) -> usize {
    sshd.log().matches("ssh_set_newkeys: rekeying").count()
}

#[test]
fn input_is_whole_although_keys_change() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "RekeyLimit 1M");
    sshd.hosts(&home, "a");
    try_all(1, |_, transport| {
        let mut running = super::common::Running::with_input(&mut home.exec(&[
            "a",
            "--passthrough",
            "--stdin",
            "--transport",
            transport,
            "--",
            "sha256sum",
        ]));
        let input = numbers(0..1_000_000);
        running.type_in(&input);
        let ran = running.finish().expect(0);
        let mut hash = String::new();
        for byte in Sha256::digest(&input) {
            write!(hash, "{byte:02x}").unwrap();
        }
        if ran.text().starts_with(&hash) { Ok(()) } else { Err(format!("another hash: {}", ran.text())) }
    });
}

#[test]
fn keys_that_change_at_every_turn_do_no_harm() {
    let behaviour = Behaviour::scripted(|moment, wire| {
        if matches!(moment, Moment::Output(_)) && !wire.is_exchanging() {
            wire.start_exchange();
        }
        Flow::On
    });
    judge(&[Case::new("a change for each output", behaviour, Want::ok("one\ntwo\n"))
        .running("echo one; sleep 0.2; echo two")]);
}

#[test]
fn a_change_of_keys_that_never_ends_is_ended_by_the_hosts_limit() {
    let behaviour = Behaviour::scripted(|moment, wire| match moment {
        Moment::Output(bytes) if bytes.windows(5).any(|part| part == b"begun") => {
            wire.start_exchange();
            Flow::Hold
        }
        _ => Flow::On,
    });
    hung(&behaviour);
}

#[test]
fn a_window_that_shuts_is_ended_by_the_hosts_limit() {
    let behaviour = Behaviour::scripted(|moment, _| match moment {
        Moment::Output(bytes) if bytes.windows(5).any(|part| part == b"begun") => Flow::Hold,
        _ => Flow::On,
    });
    hung(&Behaviour { window: 8, ..behaviour });
}

/// A host that takes no orders once its command has begun: the limit holds all the same.
#[track_caller]
fn hung(behaviour: &Behaviour) {
    let want = Want { code: 3, status: "timed-out", kinds: &["timeout"], says: String::new(), fate: "unknown" };
    try_all(1, |_, transport| {
        let home = Home::new();
        let _server = Server::start(&home, behaviour.clone());
        let ran = bounded(&home, transport, &["--timeout", "1s"], "echo begun; sleep 3", VERDICT)?;
        want.check(&ran)
    });
}
