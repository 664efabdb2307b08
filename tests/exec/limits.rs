//! How many hosts at once, how long, and when enough has gone wrong.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::common::{Home, Marker, Ran, Sshd, run};

/// Runs `line` on ten local hosts; each knows its name as `$H`.
fn on_ten(options: &[&str], line: &str) -> Ran {
    let home = Home::new();
    home.local("h[01:10]");
    let count = home.dir().display().to_string();
    let name = "n=0; while ! mkdir turn$n 2>/dev/null; do n=$((n + 1)); done; ";
    run(&mut home.exec(
        &[&["all", "--format", "jsonl", "--chdir", &count], options, &["--", &(name.to_owned() + line)]].concat(),
    ))
}

fn with_status(ran: &Ran, status: &str) -> Vec<String> {
    let lines = ran.lines();
    let hosts = lines.iter().filter(|line| line["type"] == "host" && line["status"] == status);
    let mut names: Vec<String> = hosts.map(|line| line["host"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn names(range: std::ops::RangeInclusive<u32>) -> Vec<String> {
    range.map(|number| format!("h{number:02}")).collect()
}

#[test]
fn fail_fast_starts_no_host_after_the_first_failure() {
    let ran = on_ten(&["--forks", "1", "--fail-fast"], "[ $n != 2 ]").expect(7);
    assert_eq!(with_status(&ran, "ok"), names(1..=2));
    assert_eq!(with_status(&ran, "failed"), names(3..=3));
    assert_eq!(with_status(&ran, "not-started"), names(4..=10));
    assert_eq!(ran.summary()["stopped"], "fail-fast");
}

#[test]
fn max_fail_is_how_many_may_go_wrong() {
    let ran = on_ten(&["--forks", "1", "--max-fail", "2"], "exit 1").expect(7);
    assert_eq!(with_status(&ran, "failed"), names(1..=3));
    assert_eq!(with_status(&ran, "not-started"), names(4..=10));
    let ran = on_ten(&["--forks", "1", "--max-fail", "40%"], "exit 1").expect(7);
    assert_eq!(with_status(&ran, "failed"), names(1..=5));
    let ran = on_ten(&["--max-fail", "100%"], "exit 1").expect(3);
    assert_eq!(with_status(&ran, "failed"), names(1..=10));
}

#[test]
fn a_budget_spent_by_the_last_hosts_stops_nothing() {
    let ran = on_ten(&["--forks", "1", "--fail-fast"], "[ $n != 9 ]").expect(3);
    assert_eq!((with_status(&ran, "failed"), &ran.summary()["stopped"]), (names(10..=10), &Value::Null));
    let ran = on_ten(&["--max-fail", "2"], "exit 1").expect(3);
    assert_eq!(with_status(&ran, "failed"), names(1..=10));
}

#[test]
fn a_batch_begins_when_the_one_before_has_ended() {
    // Each host of a batch of three waits until it has company, and must not get more than that.
    let line = "b=$((n / 3)); e=$((b * 3 + 3)); [ $e -le 9 ] || e=10; \
                while [ ! -d turn$((e - 1)) ]; do sleep 0.02; done; [ ! -d turn$e ] && echo batch $b";
    let ran = on_ten(&["--serial", "3"], line).expect(0);
    let said = |host: &str| ran.host(host)["stdout"]["text"].clone();
    assert_eq!(
        [said("h01"), said("h03"), said("h04"), said("h10")],
        ["batch 0\n", "batch 0\n", "batch 1\n", "batch 3\n"]
    );
}

#[test]
fn batches_are_paused_between_but_not_after() {
    let began = |ran: &Ran| -> Vec<Duration> {
        let times: Vec<jiff::Timestamp> =
            names(1..=10).iter().map(|name| ran.host(name)["started"].as_str().unwrap().parse().unwrap()).collect();
        times.iter().map(|time| Duration::try_from(time.duration_since(times[0])).unwrap_or_default()).collect()
    };
    let ran = on_ten(&["--serial", "50%", "--pause", "1s"], "true").expect(0);
    let began = began(&ran);
    assert!(began[4] < began[5] && began[5] >= Duration::from_secs(1), "{began:?}");
    assert!(ran.summary()["duration"].as_f64().unwrap() < began[9].as_secs_f64() + 0.9, "paused after the last batch");
}

#[test]
fn growing_batches_stop_at_the_first_failure() {
    let ran = on_ten(&["--serial", "1,3,100%", "--fail-fast"], "[ $n = 0 ]").expect(7);
    assert_eq!(with_status(&ran, "ok"), names(1..=1));
    assert_eq!(with_status(&ran, "failed"), names(2..=4));
    assert_eq!(with_status(&ran, "not-started"), names(5..=10));
}

#[test]
fn a_host_that_takes_too_long_is_ended_and_the_others_are_not() {
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a b");
    let dir = home.dir().display().to_string();
    let line = format!("mkdir first 2>/dev/null || exit 0; sleep {}", marker.text());
    let ran =
        run(&mut home.exec(&["all", "--format", "jsonl", "--chdir", &dir, "--timeout", "1s", "--", &line])).expect(3);
    assert_eq!(ran.summary()["counts"], json!({"ok": 1, "timed-out": 1}));
    let ended = ran.lines().into_iter().find(|line| line["status"] == "timed-out").unwrap();
    assert_eq!((&ended["fate"], &ended["error"]["kind"]), (&"killed".into(), &"timeout".into()));
    assert_eq!(marker.alive(), [0; 0]);
}

#[test]
fn the_deadline_ends_the_whole_run() {
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a b c");
    let line = format!("sleep {}", marker.text());
    let begun = Instant::now();
    let ran =
        run(&mut home.exec(&["all", "--format", "jsonl", "--forks", "2", "--deadline", "1s", "--", &line])).expect(124);
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(ran.summary()["counts"], json!({"timed-out": 2, "not-started": 1}));
    assert_eq!((&ran.host("a")["fate"], &ran.host("a")["error"]["kind"]), (&"killed".into(), &"deadline".into()));
    assert_eq!(home.recorded("a")["fate"], "killed");
    assert_eq!(marker.alive(), [0; 0]);
}

#[test]
fn the_deadline_ends_a_wait_between_batches() {
    let ran = on_ten(&["--serial", "5", "--pause", "1h", "--deadline", "1s"], "true").expect(124);
    assert_eq!(with_status(&ran, "ok").len(), 5);
    assert_eq!(with_status(&ran, "not-started").len(), 5);
}

#[test]
fn the_deadline_counts_the_wait_for_the_runs_turn() {
    let home = Home::new();
    home.local("a");
    let ran = run(&mut home.exec(&["a", "--jitter", "1000h", "--deadline", "1s", "--", "true"])).expect(124);
    assert!(ran.stderr.contains("--deadline passed before the run had its turn"), "{}", ran.stderr);
    let marker = Marker::new();
    let line = format!("sleep {}", marker.text());
    let holder = super::common::Running::start(&mut home.exec(&["a", "--name", "n", "--lock", "skip", "--", &line]));
    marker.wait_for(1);
    run(&mut home.exec(&["a", "--name", "n", "--lock", "wait", "--deadline", "1s", "--", "true"])).expect(124);
    holder.signal(rustix::process::Signal::TERM);
    holder.finish().expect(143);
}

#[test]
fn two_thousand_hosts_fit_into_256_open_files() {
    let home = Home::new();
    home.local("h[0001:2000]");
    let command = home.exec(&["all", "--format", "jsonl", "--", "true"]);
    let ran = run(&mut super::common::after("ulimit -n 256", &command)).expect(0);
    assert_eq!(ran.summary()["counts"], json!({"ok": 2000}));
    let warnings: Vec<Value> = ran.lines().into_iter().filter(|line| line["type"] == "warning").collect();
    assert_eq!(ran.lines()[0]["type"], "run");
    assert!(warnings.len() == 1 && warnings[0]["message"].as_str().unwrap().contains("only 256 open files"));
}

#[test]
fn a_low_limit_of_open_files_is_said_on_stderr() {
    let home = Home::new();
    home.local("h[01:50]");
    let ran = run(&mut super::common::after("ulimit -n 128", &home.exec(&["all", "--", "true"]))).expect(0);
    assert!(ran.stderr.contains("warning: only 128 open files are allowed"), "{}", ran.stderr);
}

#[test]
fn ten_thousand_hosts_fit_into_1024_open_files() {
    let home = Home::new();
    let config = home.write("ssh_config", "");
    // Nobody listens there: each host is refused at once.
    let vars = format!("ansible_host=127.0.0.1\nansible_port=1\nansible_ssh_common_args='-F {config}'\n");
    home.write("hosts", format!("[many]\nh[00001:10000]\n[all:vars]\n{vars}"));
    let limits = ["--forks", "10000", "--retries", "0", "--transport", "native"];
    let command = home.exec(&[&["all", "--format", "jsonl"], &limits[..], &["--", "true"]].concat());
    let ran = run(&mut super::common::after("ulimit -n 1024; ulimit -S -n 256", &command)).expect(4);
    assert_eq!(ran.summary()["counts"], json!({"unreachable": 10_000}), "none failed for want of a descriptor");
    let lines = ran.lines();
    let warnings: Vec<&Value> = lines.iter().filter(|line| line["type"] == "warning").collect();
    let said = "only 1024 open files are allowed, so 277 hosts run at once instead of 10000";
    assert!(warnings.len() == 1 && warnings[0]["message"].as_str().unwrap().contains(said), "{warnings:?}");
}

#[test]
fn native_connects_to_twice_as_many_hosts_within_a_low_limit_of_open_files() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let names: Vec<String> = (1..=50).map(|number| format!("h{number:02}")).collect();
    sshd.hosts(&home, &names.join(" "));
    let dir = home.dir().join("turns").display().to_string();
    std::fs::create_dir(&dir).unwrap();
    // Each waits until it is one of 32 that run at once: (200 - 104) / 3.
    let line = "mkdir $$; while [ $(ls | wc -l) -lt 32 ]; do sleep 0.1; done";
    let options = ["all", "--format", "jsonl", "--timeout", "60s", "--transport", "native", "--chdir", &dir];
    let command = home.exec(&[&options[..], &["--", line]].concat());
    let ran = run(&mut super::common::after("ulimit -n 200", &command)).expect(0);
    assert_eq!(ran.summary()["counts"], json!({"ok": 50}));
    assert!(ran.text().contains("so 32 hosts run at once instead of 50"), "{}", ran.text());
}
