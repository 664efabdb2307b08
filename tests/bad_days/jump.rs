//! A jump host that dies under many sessions.

use std::time::{Duration, Instant};

use super::common::{Home, Marker, Running, Sshd};
use super::judge::{TRANSPORTS, nothing_is_left};

/// How many sessions go through the jump host.
const BEHIND: usize = 50;

#[test]
fn a_jump_host_that_dies_takes_only_those_behind_it() {
    for transport in TRANSPORTS {
        let (home, marker) = (Home::new(), Marker::new());
        let sshd = Sshd::start(&home);
        let known = home.read(".ssh/known_hosts");
        let jump = Sshd::with(&home, "MaxSessions 100");
        home.write(".ssh/known_hosts", known + &home.read(".ssh/known_hosts"));
        hosts(&home, &sshd, &jump);
        let line =
            format!("case $SSH_CONNECTION in *\" 127.0.0.20\"?\" \"*) echo near; exit;; esac; sleep {}", marker.text());
        let options = ["all", "--format", "jsonl", "--retries", "0", "--connect-timeout", "60s", "--forks", "100"];
        let running =
            Running::start(&mut home.exec(&[&options, &["--transport", transport, "--", &line][..]].concat()));
        marker.wait_for(BEHIND);
        let begun = Instant::now();
        jump.cut();
        let ran = running.finish().expect(4);
        assert!(begun.elapsed() < Duration::from_secs(20), "{transport}: it took {:?}", begun.elapsed());
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        for number in 0..BEHIND {
            let host = ran.host(&format!("far{number}"));
            assert_eq!((&host["status"], &host["error"]["kind"]), (&"unreachable".into(), &"lost".into()), "{host}");
            assert_eq!(host["fate"], "unknown", "{transport}: {host}");
        }
        assert_eq!(ran.summary()["counts"], serde_json::json!({"ok": 3, "unreachable": BEHIND}));
        marker.wait_gone();
        nothing_is_left(&home);
    }
}

/// Many hosts behind the jump host, and three that are not.
fn hosts(home: &Home, sshd: &Sshd, jump: &Sshd) {
    let far = (0..BEHIND).map(|number| format!("far{number} ansible_host=127.0.0.{}", number + 10));
    let near = (1..=3).map(|number| format!("near{number} ansible_host=127.0.0.20{number}"));
    let lines = |hosts: Vec<String>| hosts.join("\n");
    let text = format!(
        "[far]\n{}\n[near]\n{}\n[all:vars]\nansible_port={}\n[far:vars]\nansible_ssh_extra_args=-J 127.0.0.1:{}\n",
        lines(far.collect()),
        lines(near.collect()),
        sshd.port(),
        jump.port()
    );
    home.write("hosts", text);
}
