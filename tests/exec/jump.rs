//! Jump hosts: what fails there is told apart from what fails at the host behind, and is tried again only if it may help.

use super::common::{Home, Ran, Sshd, run};

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
