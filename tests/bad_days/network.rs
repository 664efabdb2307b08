//! Networks that lose, alter or hold back bytes on the way to a real server.

use std::time::Duration;

use super::common::{Home, Sshd};
use super::judge::{bounded, try_all};
use super::proxy::{Fault, Way, start};

/// Where faults strike: in each greeting, offer, exchange, login and command there is one.
const PLACES: &[usize] = &[0, 3, 10, 30, 41, 44, 47, 120, 600, 1100, 1300, 1700, 2000, 2300, 2700, 3100, 3500];

/// The command's own limit; a fault may leave a client waiting for the rest of a packet.
const TIMEOUT: (&str, Duration) = ("2s", Duration::from_secs(6));

/// Tries `fault` at each place, in each direction: the output is right or there is none, and nothing is left.
fn strike(fault: fn(usize) -> Fault) {
    let line = "echo begun; sleep 0.3; echo done";
    let cases: Vec<(Way, usize)> =
        [Way::ToClient, Way::ToServer].iter().flat_map(|way| PLACES.iter().map(|place| (*way, *place))).collect();
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let known = home.read(".ssh/known_hosts").replace(&format!("[127.0.0.*]:{}", sshd.port()), "*");
    home.write(".ssh/known_hosts", known);
    try_all(cases.len(), |index, transport| {
        let (way, place) = cases[index];
        let port = start(sshd.port(), way, fault(place));
        home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
        let ran = bounded(&home, transport, &["--timeout", TIMEOUT.0], line, TIMEOUT.1)
            .map_err(|wrong| format!("{:?} {way:?}: {wrong}", fault(place)))?;
        let host = ran.host("a");
        let right = match host["status"].as_str().unwrap() {
            "ok" => host["stdout"]["text"] == "begun\ndone\n" && ran.code() == 0,
            "unreachable" => ran.code() == 4 && host["error"]["hint"].is_string(),
            "timed-out" => ran.code() == 3,
            _ => false,
        };
        if right { Ok(()) } else { Err(format!("{:?} {way:?}: exit code {}: {host}", fault(place), ran.code())) }
    });
}

#[test]
fn a_connection_that_is_cut_anywhere() {
    strike(Fault::Cut);
}

#[test]
fn a_bit_that_turns_anywhere() {
    strike(Fault::Flip);
}

#[test]
fn a_byte_that_is_lost_anywhere() {
    strike(Fault::Lose);
}

#[test]
fn a_byte_that_comes_twice_anywhere() {
    strike(Fault::Repeat);
}

#[test]
fn bytes_in_the_wrong_order_anywhere() {
    strike(Fault::Swap);
}

#[test]
fn a_network_that_stops_anywhere() {
    strike(Fault::Stall);
}

#[test]
fn bytes_that_come_one_by_one_are_as_good_as_any() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let known = home.read(".ssh/known_hosts").replace(&format!("[127.0.0.*]:{}", sshd.port()), "*");
    home.write(".ssh/known_hosts", known);
    try_all(2, |index, transport| {
        let way = [Way::ToClient, Way::ToServer][index];
        let port = start(sshd.port(), way, Fault::Drip);
        home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
        let ran = bounded(&home, transport, &[], "echo hello", TIMEOUT.1)?;
        if ran.host("a")["stdout"]["text"] == "hello\n" { Ok(()) } else { Err(format!("{way:?}: {}", ran.text())) }
    });
}
