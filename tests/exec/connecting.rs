//! Hosts that cannot be reached: each reason is told apart, carries a hint, and stops nobody else.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

use super::common::{Home, Ran, Sshd, run};

/// Writes an inventory of one host at `port` of this machine.
fn host_at(home: &Home, port: u16) {
    home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
}

/// Runs on host `a` with short limits; returns the kind of its error, and everything.
#[track_caller]
fn unreachable(home: &Home, options: &[&str]) -> (String, Ran) {
    let fixed = ["a", "--format", "jsonl", "--connect-timeout", "1s"];
    let ran = run(&mut home.exec(&[&fixed, options, &["--", "true"]].concat())).expect(4);
    let line = ran.host("a");
    assert_eq!((&line["status"], &line["rc"], &line["fate"]), (&"unreachable".into(), &().into(), &().into()));
    assert!(line["error"]["hint"].is_string(), "{line}");
    (line["error"]["kind"].as_str().unwrap().to_owned(), ran)
}

/// A socket that is bound, so that its port is nobody else's, and listens only when told.
fn bound() -> (OwnedFd, u16) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address: SocketAddr = getsockname(&socket).unwrap().try_into().unwrap();
    (socket, address.port())
}

#[test]
fn a_host_that_refuses() {
    let home = Home::new();
    let (_socket, port) = bound();
    host_at(&home, port);
    let (kind, ran) = unreachable(&home, &["--retries", "1"]);
    assert_eq!((kind.as_str(), &ran.host("a")["attempts"]), ("refused", &2.into()));
}

#[test]
fn a_host_that_drops_the_first_packet() {
    let home = Home::new();
    let (socket, port) = bound();
    listen(&socket, 0).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let fill = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    // With its queue full the kernel drops what comes.
    let queue: Vec<TcpStream> = std::iter::from_fn(fill).collect();
    assert!(!queue.is_empty() && queue.len() < 10);
    host_at(&home, port);
    assert_eq!(unreachable(&home, &["--retries", "0"]).0, "connect-timeout");
}

#[test]
fn a_host_that_accepts_and_says_nothing() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    host_at(&home, listener.local_addr().unwrap().port());
    assert_eq!(unreachable(&home, &["--retries", "0"]).0, "banner-timeout");
}

#[test]
fn a_host_that_sheds_load_is_tried_again() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    host_at(&home, listener.local_addr().unwrap().port());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            counter.fetch_add(1, Ordering::SeqCst);
            // Read first: closing with unread bytes would reset the connection.
            let _ = stream.read(&mut [0; 256]);
        }
    });
    let (kind, ran) = unreachable(&home, &["--retries", "2"]);
    assert_eq!((kind.as_str(), &ran.host("a")["attempts"]), ("dropped", &3.into()));
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[test]
fn retries_bring_hosts_back_when_the_server_sheds_load() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "MaxStartups 2:100:2");
    sshd.hosts(&home, "a b c d e f g h");
    run(&mut home.exec(&["all", "--retries", "8", "--", "true"])).expect(0);
    assert!(sshd.log().contains("MaxStartups"), "nothing was shed:\n{}", sshd.log());
}

#[test]
fn a_name_that_has_no_address() {
    let home = Home::new();
    home.write("hosts", "a ansible_host=no-such-host.invalid\n");
    let (kind, ran) = unreachable(&home, &[]);
    assert_eq!(kind, "name-not-found");
    let message = ran.host("a")["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("no-such-host.invalid"), "{message}");
}

#[test]
fn a_host_that_lets_no_key_in() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    home.write("server/authorized_keys", "");
    let (kind, ran) = unreachable(&home, &[]);
    let line = ran.host("a");
    let message = line["error"]["message"].as_str().unwrap();
    let key = home.dir().join(".ssh/id").display().to_string();
    assert!(message.contains("keys tried: ") && message.contains(&key), "{message}");
    assert_eq!((kind.as_str(), &line["attempts"]), ("auth-denied", &1.into()));
}

#[test]
fn a_host_that_closes_after_authentication() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "ForceCommand kill -9 $PPID");
    sshd.hosts(&home, "a");
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "true"])).expect(4);
    let line = ran.host("a");
    // It may have begun: so it is not tried again, and nobody claims to know.
    assert_eq!((&line["error"]["kind"], &line["fate"]), (&"lost".into(), &"unknown".into()));
    assert_eq!((&line["attempts"], &line["status"]), (&1.into(), &"unreachable".into()));
}

#[test]
fn no_ssh_on_this_machine_is_said_plainly() {
    let home = Home::new();
    home.write("hosts", "a ansible_host=127.0.0.1 ansible_ssh_executable=/no/such/ssh\n");
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "true"])).expect(3);
    let error = &ran.host("a")["error"];
    assert_eq!(error["kind"], "local");
    assert!(error["hint"].as_str().unwrap().contains("ansible_ssh_executable"), "{error}");
}

#[test]
fn an_unreachable_host_stops_nobody_else() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let (_socket, port) = bound();
    sshd.hosts(&home, "a b c");
    let hosts = home.read("hosts") + &format!("d ansible_host=127.0.0.1 ansible_port={port}\n");
    home.write("hosts", hosts);
    let ran = run(&mut home.exec(&["all", "--format", "jsonl", "--retries", "0", "--", "echo hi"])).expect(4);
    assert_eq!(ran.summary()["counts"], serde_json::json!({"ok": 3, "unreachable": 1}));
}

#[test]
fn an_sshd_that_sheds_load_loses_no_host() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "MaxStartups 10:30:100");
    let names: Vec<String> = (1..=150).map(|index| format!("h{index}")).collect();
    sshd.hosts(&home, &names.join(" "));
    let words = ["all", "--transport", "native", "-f", "150", "--connect-timeout", "60s", "--format", "jsonl"];
    let ran = run(&mut home.exec(&[&words[..], &["--", "true"]].concat())).expect(0);
    assert_eq!(ran.text().matches("\"status\":\"ok\"").count(), 150);
}
