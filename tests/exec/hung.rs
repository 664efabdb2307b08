//! Hosts that hang and readers that do not read: limits hold all the same.

use serde_json::json;

use std::time::Duration;

use super::common::{Home, Marker, Running, Sshd, run, wait_until};
use rustix::process::Signal;

#[test]
fn a_host_cut_off_from_the_network_ends_its_command_at_its_own_deadline() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let line = format!("trap '' TERM; sleep {0}; sleep {0}", marker.text());
    let running = Running::start(&mut home.exec(&["a", "--format", "jsonl", "--timeout", "2s", "--", &line]));
    marker.wait_for(1);
    sshd.freeze();
    // sshd stays frozen: only the host itself can have done this.
    marker.wait_gone();
    let ran = running.finish().expect(3);
    let host = ran.host("a");
    assert_eq!((&host["status"], &host["fate"]), (&"timed-out".into(), &"unknown".into()));
    assert_eq!(home.recorded("a")["fate"], "unknown");
}

#[test]
fn a_time_limit_over_ssh_is_answered_by_the_host() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let line = format!("echo kept; sleep {}", marker.text());
    for options in [&[][..], &["--stdin"]] {
        let fixed = ["all", "--format", "jsonl", "--timeout", "1s"];
        let ran = run(&mut home.exec(&[&fixed, options, &["--", &line]].concat())).expect(3);
        for host in ["a", "b"].map(|host| ran.host(host)) {
            assert_eq!((&host["status"], &host["fate"]), (&"timed-out".into(), &"killed".into()), "{options:?}");
            assert_eq!((&host["stdout"]["text"], &host["error"]["kind"]), (&"kept\n".into(), &"timeout".into()));
        }
        assert_eq!(marker.alive(), [0; 0]);
    }
}

#[test]
fn a_signal_ends_commands_although_nobody_reads_their_output() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let line = format!("sleep {} & yes flowing", marker.text());
    let options = ["all", "--stream", "--format", "jsonl", "--", &line];
    let mut running = Running::stalled(&mut home.exec(&options));
    marker.wait_for(2);
    running.signal(rustix::process::Signal::TERM);
    marker.wait_gone();
    running.resume();
    let ran = running.finish().expect(143);
    assert_eq!(ran.summary()["counts"], json!({"cancelled": 2}));
    assert_eq!(ran.host("b")["fate"], "killed");
}

#[test]
fn a_deadline_ends_a_host_that_is_still_connecting() {
    let home = Home::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
    let options = ["a", "--format", "jsonl", "--connect-timeout", "1h", "--deadline", "1s", "--", "true"];
    let ran = run(&mut home.exec(&options)).expect(124);
    assert_eq!((&ran.host("a")["status"], &ran.host("a")["fate"]), (&"timed-out".into(), &json!(null)));
}

#[test]
fn a_background_process_of_a_command_may_stay() {
    let (home, marker) = (Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let line = format!("sleep {} >/dev/null 2>&1 & echo started", marker.text());
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", &line])).expect(0);
    assert_eq!((&ran.host("a")["fate"], &ran.host("a")["stdout"]["text"]), (&"ended".into(), &"started\n".into()));
    marker.wait_for(1);
}

fn has_ended_on_record(home: &Home) -> bool {
    home.journals().len() == 1 && home.journal().iter().any(|record| record["type"] == "run-end")
}

#[test]
fn a_signal_ends_the_wait_for_a_reader_of_the_last_words() {
    let home = Home::new();
    home.local("a");
    let named = ["a", "--name", "nightly", "--lock", "skip", "--"];
    let mut running = Running::stalled(&mut home.exec(&[&named[..], &["seq 100000"]].concat()));
    wait_until("the end on record", Duration::from_secs(30), || has_ended_on_record(&home));
    running.signal(Signal::TERM);
    wait_until("the end of the process", Duration::from_secs(30), || running.has_ended());
    running.resume();
    running.finish().expect(143);
    run(&mut home.exec(&[&named[..], &["true"]].concat())).expect(0);
}

#[test]
fn a_signal_after_the_last_gives_up_a_reader_who_does_not_read() {
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a b");
    let line = format!("sleep {} & yes flowing", marker.text());
    let mut running = Running::stalled(&mut home.exec(&["all", "--stream", "--format", "jsonl", "--", &line]));
    marker.wait_for(2);
    running.signal(Signal::TERM);
    marker.wait_gone();
    running.signal(Signal::TERM);
    wait_until("the end of the process", Duration::from_secs(30), || running.has_ended());
    running.resume();
    running.finish().expect(143);
    assert!(has_ended_on_record(&home));
    assert_eq!((&home.recorded("a")["outcome"], &home.recorded("b")["fate"]), (&json!("cancelled"), &json!("killed")));
}
