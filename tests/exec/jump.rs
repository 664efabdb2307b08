//! Jump hosts: what fails there is told apart from what fails at the host behind, and is tried again only if it may help.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;

use super::common::{Home, Marker, Ran, Running, Sshd, run, wait_until};

/// Writes an inventory of one host at `port` behind the jump host at `jump`.
fn behind(home: &Home, port: u16, jump: u16) {
    let config = home.dir().join(".ssh/config");
    let words = format!("-F {} -J 127.0.0.1:{jump}", config.display());
    home.write("hosts", format!("a ansible_host=127.0.0.2 ansible_port={port} ansible_ssh_common_args='{words}'\n"));
}

/// Runs on host `a`; returns the kind, the message and the number of attempts.
#[track_caller]
fn unreachable(home: &Home) -> (String, String, u64) {
    let ran: Ran = run(&mut home.exec(&["a", "--format", "jsonl", "--retries", "1", "--", "true"])).expect(4);
    let line = ran.host("a");
    assert_eq!((&line["status"], &line["fate"]), (&"unreachable".into(), &().into()), "{line}");
    let text = |name: &str| line["error"][name].as_str().unwrap().to_owned();
    assert!(!text("hint").contains("MaxStartups"), "{line}");
    (text("kind"), text("message"), line["attempts"].as_u64().unwrap())
}

#[test]
fn a_jump_host_that_lets_no_key_in() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let jump = Sshd::with(&home, "PubkeyAuthentication no");
    home.write(
        ".ssh/config",
        home.read(".ssh/config")
            .replace("UserKnownHostsFile", "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n#"),
    );
    behind(&home, sshd.port(), jump.port());
    let (kind, message, attempts) = unreachable(&home);
    assert_eq!((kind.as_str(), attempts), ("auth-denied", 1), "{message}");
    assert!(message.starts_with("on the way to 127.0.0.2: ") && message.contains("127.0.0.1"), "{message}");
}

#[test]
fn a_jump_host_whose_key_is_not_known() {
    let home = Home::new();
    let jump = Sshd::unknown(&home, "");
    let sshd = Sshd::start(&home);
    behind(&home, sshd.port(), jump.port());
    let (kind, message, attempts) = unreachable(&home);
    assert_eq!((kind.as_str(), attempts), ("host-key-unknown", 1), "{message}");
    // It is not the host's key, so nobody is asked to confirm it as such.
    let ran = home.exec_at_terminal(&["a", "--", "true"]).finish().expect(4);
    assert!(!ran.text().contains("[y/N]"), "{}", ran.text());
}

#[test]
fn a_host_that_refuses_a_jump_host() {
    let home = Home::new();
    let jump = Sshd::start(&home);
    behind(&home, 1, jump.port());
    let (kind, message, attempts) = unreachable(&home);
    assert_eq!((kind.as_str(), attempts), ("refused", 2), "{message}");
}

#[test]
fn a_shell_that_is_missing_behind_a_jump_host_is_explained_by_the_hosts_own_words() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "ForceCommand echo no shell for you; exit 1");
    let known = home.read(".ssh/known_hosts");
    let jump = Sshd::start(&home);
    home.write(".ssh/known_hosts", known + &home.read(".ssh/known_hosts"));
    behind(&home, sshd.port(), jump.port());
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "true"])).expect(3);
    let error = &ran.host("a")["error"];
    assert_eq!(error["kind"], "shell-missing");
    assert!(error["message"].as_str().unwrap().ends_with(": no shell for you"), "{error}");
}

#[test]
fn a_jump_host_says_nothing_into_the_commands_output() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    behind(&home, sshd.port(), sshd.port());
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "echo out; echo err >&2"])).expect(0);
    assert_eq!(
        (&ran.host("a")["stdout"]["text"], &ran.host("a")["stderr"]["text"]),
        (&"out\n".into(), &"err\n".into())
    );
}

/// Writes hosts that listen and say nothing, and then one that answers, all behind a jump host.
fn silent_and_good(home: &Home, sshd: &Sshd, silent: usize) -> TcpListener {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let (port, config) = (listener.local_addr().unwrap().port(), home.dir().join(".ssh/config"));
    let words = format!("ansible_ssh_common_args='-F {} -J 127.0.0.1:{}'", config.display(), sshd.port());
    let line = |name: &str, ip: &str, port| format!("{name} ansible_host={ip} ansible_port={port} {words}\n");
    let hosts: String =
        (1..=silent).map(|one| line(&format!("silent{one}"), &format!("127.0.1.{one}"), port)).collect();
    home.write("hosts", hosts + &line("good", "127.0.0.2", sshd.port()));
    listener
}

#[test]
fn hosts_that_say_nothing_do_not_hold_up_those_behind_the_same_jump_host() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let _listener = silent_and_good(&home, &sshd, 24);
    let words = ["all", "--format", "jsonl", "--connect-timeout", "5s", "--retries", "0", "--", "true"];
    let ran = run(&mut home.exec(&words)).expect(4);
    let first = ran.text().lines().find(|line| line.contains("\"type\":\"host\"")).unwrap().to_owned();
    assert!(first.contains("\"host\":\"good\""), "{first}");
}

#[test]
fn a_way_that_nobody_uses_any_more_is_closed() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    let listener = silent_and_good(&home, &sshd, 1);
    let line = format!("sleep {}", marker.text());
    let words = ["all", "--connect-timeout", "2s", "--retries", "0", "--", &line];
    let running = Running::start(&mut home.exec(&words));
    let (mut connection, _) = listener.accept().unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // Ends while the good host still works, and its jump host's session with it.
    connection.read_to_end(&mut Vec::new()).unwrap();
    // An end of input is none of the connection: what is written to one that is closed comes back as an error.
    wait_until("the end of the way", Duration::from_secs(20), || connection.write(b"x").is_err());
    marker.wait_for(1);
    running.signal(Signal::TERM);
    running.finish().expect(143);
}
