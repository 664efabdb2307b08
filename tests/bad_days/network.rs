//! Networks that lose, alter or hold back bytes on the way to a real server.

use std::sync::Mutex;

use super::common::{Home, Sshd, run};
use super::judge::{bounded, nothing_is_left, try_all};
use super::proxy::{Fault, Way, start};

/// Where faults strike: in each greeting, offer, exchange, login and command there is one.
const PLACES: &[usize] = &[0, 3, 10, 30, 41, 44, 47, 120, 600, 1100, 1300, 1700, 2000, 2300, 2700, 3100, 3500];

/// Whose turn it is among the tests that start many connections.
static TURN: Mutex<()> = Mutex::new(());

/// A server that is known by any name and port, as the proxies before it have others.
fn known_everywhere(home: &Home) -> Sshd {
    let sshd = Sshd::start(home);
    let known = home.read(".ssh/known_hosts").replace(&format!("[127.0.0.*]:{}", sshd.port()), "*");
    home.write(".ssh/known_hosts", known);
    sshd
}

/// Tries `fault` at each place, in each direction, each on a host of its own: the output is right or there is none, no
/// host takes another along, and nothing is left.
fn strike(fault: fn(usize) -> Fault) {
    // One at a time: they must not make each other late.
    let _turn = TURN.lock();
    let cases: Vec<(Way, usize)> =
        [Way::ToClient, Way::ToServer].iter().flat_map(|way| PLACES.iter().map(|place| (*way, *place))).collect();
    let home = Home::new();
    let sshd = known_everywhere(&home);
    let line = |(index, (way, place)): (usize, &(Way, usize))| {
        let port = start(sshd.port(), *way, fault(*place));
        format!("h{index} ansible_host=127.0.0.1 ansible_port={port}\n")
    };
    let hosts: String = cases.iter().enumerate().map(line).collect();
    home.write("hosts", hosts + &format!("good ansible_host=127.0.0.1 ansible_port={}\n", sshd.port()));
    try_all(1, |_, transport| {
        // A fault may leave a client waiting for the rest of a packet: the command's own limit ends that.
        let limits = ["--retries", "0", "--connect-timeout", "5s", "--timeout", "3s"];
        let fixed = ["all", "--format", "jsonl", "--forks", "12", "--transport", transport];
        let ran = run(&mut home.exec(&[&fixed[..], &limits, &["--", "echo begun; sleep 0.3; echo done"]].concat()));
        nothing_is_left(&home);
        let wrong = cases.iter().enumerate().filter_map(|(index, (way, place))| {
            let host = ran.host(&format!("h{index}"));
            let right = match host["status"].as_str().unwrap() {
                "ok" => host["stdout"]["text"] == "begun\ndone\n",
                "unreachable" => host["error"]["hint"].is_string(),
                "timed-out" => true,
                _ => false,
            };
            (!right).then(|| format!("\n{:?} {way:?}: {host}", fault(*place)))
        });
        let mut wrong: Vec<String> = wrong.collect();
        if ran.host("good")["status"] != "ok" || ran.stderr.contains("panicked") {
            wrong.push(format!("\n{} {}", ran.host("good"), ran.stderr));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.concat()) }
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
    let sshd = known_everywhere(&home);
    try_all(2, |index, transport| {
        let way = [Way::ToClient, Way::ToServer][index];
        let port = start(sshd.port(), way, Fault::Drip);
        home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
        let ran = bounded(&home, transport, &[], "echo hello", 20)?;
        if ran.host("a")["stdout"]["text"] == "hello\n" { Ok(()) } else { Err(format!("{way:?}: {}", ran.text())) }
    });
}
