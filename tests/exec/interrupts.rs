//! Signals at each stage, and the controller's sudden death: the right code, the right words, nothing left running.

use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::common::{Home, Marker, Ran, Running, Sshd, run, wait_until};

/// Which host runs the commands.
#[derive(Clone, Copy, Debug)]
enum Over {
    Ssh,
    Local,
}

struct Stage {
    home: Home,
    marker: Marker,
    sshd: Option<Sshd>,
}

impl Stage {
    fn new(over: Over, names: &str) -> Self {
        let (home, marker) = (Home::new(), Marker::new());
        let sshd = match over {
            Over::Ssh => Some(Sshd::start(&home)),
            Over::Local => None,
        };
        match &sshd {
            Some(sshd) => sshd.hosts(&home, names),
            None => home.local(names),
        };
        Self { home, marker, sshd }
    }

    /// Starts `line`, in which `MARK` stands for the marker, on all hosts.
    fn start(&self, options: &[&str], line: &str) -> Running {
        let line = line.replace("MARK", self.marker.text());
        let all = [&["all", "--format", "jsonl", "--stream"], options, &["--", &line]].concat();
        Running::start(&mut self.home.exec(&all))
    }

    /// What output and journal say about `host`, which must be the same.
    #[track_caller]
    fn end(&self, ran: &Ran, host: &str) -> (String, String) {
        let (said, kept) = (ran.host(host), self.home.recorded(host));
        assert_eq!((&said["status"], &said["fate"]), (&kept["outcome"], &kept["fate"]));
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("none").to_owned();
        (word(&said["status"]), word(&said["fate"]))
    }

    fn ssh_clients_are_gone(&self) {
        // Each has a file in the private directory below TMPDIR, which is removed at the end.
        let left: Vec<_> = std::fs::read_dir(self.home.dir().join("tmp")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

fn both(words: (&str, &str)) -> (String, String) {
    (words.0.to_owned(), words.1.to_owned())
}

#[test]
fn the_first_interrupt_lets_running_hosts_end_and_starts_no_more() {
    for over in [Over::Ssh, Over::Local] {
        let stage = Stage::new(over, "a b c");
        let go = stage.home.dir().join("go").display().to_string();
        let line = format!("echo begun; while [ ! -e {go} ]; do sleep 0.05; done; echo done");
        let mut running = stage.start(&["--forks", "1"], &line);
        running.wait_stdout("begun\\n");
        running.signal(Signal::INT);
        running.wait_stdout("\"stopping\"");
        stage.home.write("go", "");
        let ran = running.finish().expect(130);
        assert_eq!(stage.end(&ran, "a"), both(("ok", "ended")));
        assert_eq!(stage.end(&ran, "b"), both(("not-started", "none")));
        assert_eq!(ran.summary()["counts"], json!({"ok": 1, "not-started": 2}));
        assert_eq!(ran.summary()["stopped"], "interrupt");
        stage.ssh_clients_are_gone();
    }
}

#[test]
fn a_spent_budget_outranks_an_earlier_interrupt() {
    let stage = Stage::new(Over::Local, "a b c");
    let go = stage.home.dir().join("go").display().to_string();
    let line = format!("echo begun; while [ ! -e {go} ]; do sleep 0.05; done; exit 1");
    let mut running = stage.start(&["--forks", "1", "--fail-fast"], &line);
    running.wait_stdout("begun\\n");
    running.signal(Signal::INT);
    running.wait_stdout("\"stopping\"");
    stage.home.write("go", "");
    let ran = running.finish().expect(7);
    assert_eq!(ran.summary()["stopped"], "fail-fast");
}

#[test]
fn the_second_interrupt_ends_what_runs() {
    for (over, input) in
        [(Over::Ssh, None), (Over::Local, None), (Over::Ssh, Some("--stdin")), (Over::Local, Some("--stdin"))]
    {
        let stage = Stage::new(over, "a b c");
        let options: Vec<&str> = ["--forks", "2"].into_iter().chain(input).collect();
        let mut running = stage.start(&options, "sleep MARK | cat; echo not reached");
        stage.marker.wait_for(2);
        running.signal(Signal::INT);
        running.wait_stdout("\"stopping\"");
        assert!(!stage.marker.alive().is_empty());
        running.signal(Signal::INT);
        let ran = running.finish().expect(130);
        assert_eq!(stage.end(&ran, "a"), both(("cancelled", "killed")));
        assert_eq!(stage.end(&ran, "c"), both(("not-started", "none")));
        // "killed" is the host's word that nothing is left: no waiting here.
        assert_eq!(stage.marker.alive(), [0; 0]);
        stage.ssh_clients_are_gone();
    }
}

#[test]
fn terminate_and_hangup_end_what_runs_at_once() {
    for (signal, code, cause) in [(Signal::TERM, 143, "terminate"), (Signal::HUP, 129, "hangup")] {
        for over in [Over::Ssh, Over::Local] {
            let stage = Stage::new(over, "a b");
            let running = stage.start(&[], "sleep MARK");
            stage.marker.wait_for(2);
            running.signal(signal);
            let ran = running.finish().expect(code);
            assert_eq!(stage.end(&ran, "b"), both(("cancelled", "killed")));
            assert_eq!(ran.summary()["stopped"], cause);
            assert_eq!(stage.marker.alive(), [0; 0]);
        }
    }
}

#[test]
fn hangup_is_ignored_under_nohup() {
    let stage = Stage::new(Over::Local, "a");
    let go = stage.home.dir().join("go").display().to_string();
    let line = format!("echo begun; while [ ! -e {go} ]; do sleep 0.05; done");
    let command = stage.home.exec(&["a", "--format", "jsonl", "--stream", "--", &line]);
    let mut running = Running::start(&mut super::common::after("trap '' HUP", &command));
    running.wait_stdout("begun");
    running.signal(Signal::HUP);
    stage.home.write("go", "");
    running.finish().expect(0);
}

#[test]
fn a_process_that_ignores_terminate_is_killed() {
    let stage = Stage::new(Over::Ssh, "a");
    let running = stage.start(&[], "trap '' TERM; sleep MARK; sleep MARK; sleep MARK");
    stage.marker.wait_for(1);
    running.signal(Signal::TERM);
    let ran = running.finish().expect(143);
    assert_eq!(stage.end(&ran, "a"), both(("cancelled", "killed")));
    assert_eq!(stage.marker.alive(), [0; 0]);
}

#[test]
fn signals_end_a_run_that_is_still_connecting() {
    for (signals, code) in [(&[Signal::TERM][..], 143), (&[Signal::INT, Signal::INT], 130), (&[Signal::HUP], 129)] {
        let (home, listener) = silent_host();
        let options = ["all", "--format", "jsonl", "--connect-timeout", "60s", "--", "true"];
        let mut running = Running::start(&mut home.exec(&options));
        let connection = listener.accept().unwrap();
        for signal in signals {
            running.signal(*signal);
            running.wait_stdout("\"stopping\"");
        }
        let ran = running.finish().expect(code);
        assert_eq!(ran.host("a")["status"], "cancelled");
        // Nothing was sent, so nothing can run.
        assert_eq!(ran.host("a")["fate"], json!(null));
        assert_eq!(home.recorded("a")["outcome"], "cancelled");
        drop(connection);
    }
}

/// A home whose one host `a` accepts connections and says nothing.
fn silent_host() -> (Home, TcpListener) {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_port={port}\n"));
    (home, listener)
}

#[test]
fn signals_end_a_run_that_waits_for_its_turn() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let stage = Stage::new(Over::Local, "a");
        let holder = stage.start(&["--name", "nightly", "--lock", "skip"], "sleep MARK");
        stage.marker.wait_for(1);
        let options = ["all", "--name", "nightly", "--lock", "wait", "--", "echo ran"];
        let waiting = Running::start(&mut stage.home.exec(&options));
        wait_until("signal handlers", Duration::from_secs(20), || catches(waiting.pid(), signal));
        waiting.signal(signal);
        let ran = waiting.finish().expect(code);
        assert_eq!(ran.text(), "");
        holder.signal(Signal::TERM);
        holder.finish().expect(143);
    }
}

#[test]
fn an_interrupt_ends_the_random_wait_before_a_run() {
    let home = Home::new();
    home.local("a");
    let waiting = Running::start(&mut home.exec(&["a", "--jitter", "1000h", "--", "touch touched"]));
    wait_until("signal handlers", Duration::from_secs(20), || catches(waiting.pid(), Signal::INT));
    waiting.signal(Signal::INT);
    waiting.finish().expect(130);
    assert!(home.journals().is_empty() && !home.has("touched"));
}

/// Whether a process has a handler for `signal`.
fn catches(pid: u32, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal.as_raw() - 1) & 1 == 1
}

#[test]
fn an_interrupt_while_output_flows_loses_no_summary() {
    for over in [Over::Ssh, Over::Local] {
        let stage = Stage::new(over, "a b");
        let mut running = stage.start(&[], "sleep MARK & yes flowing");
        running.wait_stdout("flowing");
        stage.marker.wait_for(2);
        running.signal(Signal::TERM);
        let ran = running.finish().expect(143);
        assert_eq!(stage.end(&ran, "a"), both(("cancelled", "killed")));
        assert_eq!(ran.summary()["counts"], json!({"cancelled": 2}));
        assert_eq!(stage.marker.alive(), [0; 0]);
    }
}

/// Kills the controller of `line` on two hosts, and waits until neither runs anything.
fn kill_controller(over: Over, options: &[&str], line: &str) {
    let stage = Stage::new(over, "a b");
    let mut running = stage.start(options, line);
    stage.marker.wait_for(2);
    if line.contains("flowing") {
        running.wait_stdout("flowing");
    }
    running.signal(Signal::KILL);
    running.finish().expect(137);
    stage.marker.wait_gone();
    let types: Vec<_> = stage.home.journal().iter().map(|record| record["type"].clone()).collect();
    assert_eq!(types, ["run-start", "host-start", "host-start"], "{over:?} {line}");
    // What is there is whole, and the run is known as interrupted.
    run(stage.home.opsctl().args(["report", "verify"])).expect(0);
    let runs = run(stage.home.opsctl().args(["report", "runs"])).expect(0).text();
    assert!(runs.contains("interrupted"), "{runs}");
}

#[test]
fn a_killed_controller_leaves_nothing_running() {
    for over in [Over::Ssh, Over::Local] {
        kill_controller(over, &[], "sleep MARK | cat");
        kill_controller(over, &[], "trap '' TERM; sleep MARK; sleep MARK");
        kill_controller(over, &["--stdin"], "sleep MARK | cat");
    }
}

#[test]
fn a_killed_controller_leaves_nothing_of_a_command_that_its_broken_pipe_ends() {
    for over in [Over::Ssh, Over::Local] {
        kill_controller(over, &[], "sleep MARK & yes flowing");
        kill_controller(over, &["--stdin"], "sleep MARK & yes flowing");
    }
}

#[test]
fn a_client_outlives_a_controller_killed_while_connecting_by_the_connect_timeout_at_most() {
    let (home, listener) = silent_host();
    let running =
        Running::start(&mut home.exec(&["all", "--transport", "openssh", "--connect-timeout", "2s", "--", "true"]));
    let (mut connection, _) = listener.accept().unwrap();
    let clients = super::common::children(running.pid());
    assert!(!clients.is_empty());
    running.signal(Signal::KILL);
    running.finish().expect(137);
    // The client's end of the connection closes when it ends.
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut said = Vec::new();
    std::io::Read::read_to_end(&mut connection, &mut said).unwrap();
    assert!(said.starts_with(b"SSH-"), "{}", said.escape_ascii());
}

#[test]
fn a_command_under_way_ends_when_its_connection_does() {
    let stage = Stage::new(Over::Ssh, "a");
    let running = stage.start(&[], "trap '' TERM HUP; sleep MARK; sleep MARK");
    stage.marker.wait_for(1);
    stage.sshd.as_ref().unwrap().cut();
    let ran = running.finish().expect(4);
    assert_eq!(stage.end(&ran, "a"), both(("unreachable", "unknown")));
    stage.marker.wait_gone();
}
