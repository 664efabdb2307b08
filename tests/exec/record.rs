//! The record: no run without one, no secret in one, one run of a name at a time.

use serde_json::json;

use super::common::{Home, Marker, Running, Sshd, in_mount_namespace, run};

/// Expects that a run with its journal in `dir` touches no host, and says why.
fn refused(home: &Home, command: &mut std::process::Command, reason: &str) {
    let ran = run(command).expect(2);
    assert!(ran.stderr.contains(reason), "{}", ran.stderr);
    assert_eq!(ran.text(), "");
    assert!(!home.has("touched"), "the command ran");
}

#[test]
fn nothing_starts_where_no_journal_can_be() {
    let home = Home::new();
    home.local("a");
    let file = home.write("file", "");
    for (dir, reason) in [("/proc/no/such", "No such file"), (file.as_str(), "a file is in the way")] {
        let mut command = home.exec(&["a", "--journal-dir", dir, "--", "touch", "touched"]);
        let reason = if dir == file { "file" } else { reason };
        refused(&home, &mut command, reason);
    }
    let mut command = home.exec(&["a", "--", "touch", "touched"]);
    refused(&home, command.env("XDG_STATE_HOME", &file), "Not a directory");
}

#[test]
fn nothing_starts_when_the_journal_is_read_only_or_full() {
    let home = Home::new();
    home.local("a");
    let dir = home.dir().join("disk").display().to_string();
    std::fs::create_dir(&dir).unwrap();
    let touched = home.dir().join("touched").display().to_string();
    let command = home.exec(&["a", "--journal-dir", &dir, "--", "touch", &touched]);
    let read_only = format!("mount -t tmpfs -o ro tmpfs {dir}");
    refused(&home, &mut in_mount_namespace(&read_only, &command, ""), "Read-only file system");
    let full = format!("mount -t tmpfs -o size=4k tmpfs {dir}; echo >{dir}/filler");
    refused(&home, &mut in_mount_namespace(&full, &command, ""), "No space left on device");
    // The same without these troubles does run.
    run(&mut in_mount_namespace(&format!("mount -t tmpfs tmpfs {dir}"), &command, "")).expect(0);
    assert!(home.has("touched"));
}

#[test]
fn a_disk_that_fills_stops_the_run() {
    let home = Home::new();
    home.local("h[01:20]");
    let dir = home.dir().join("disk").display().to_string();
    std::fs::create_dir(&dir).unwrap();
    let options = ["all", "--forks", "1", "--format", "jsonl", "--journal-dir", &dir];
    let command = home.exec(&[&options[..], &["--", "head -c 3000 /dev/zero | tr '\\0' x"]].concat());
    let mount = format!("mount -t tmpfs -o size=20k tmpfs {dir}");
    let keep = format!("cp {dir}/runs/*.jsonl {}/kept", home.dir().display());
    let ran = run(&mut in_mount_namespace(&mount, &command, &keep)).expect(1);
    assert!(ran.stderr.contains("No space left on device"), "{}", ran.stderr);
    let summary = ran.summary();
    assert_eq!(summary["stopped"], "journal");
    let count = |status: &str| summary["counts"][status].as_u64().unwrap_or(0);
    assert!(count("ok") >= 1 && count("not-started") >= 1 && summary["hosts"] == 20, "{summary}");
    // What is on record is whole, but for a last line.
    let kept = home.read("kept");
    let whole = kept.lines().map_while(|line| line.parse::<serde_json::Value>().ok()).count();
    assert!(whole >= 3 && whole + 1 >= kept.lines().count(), "{kept}");
}

#[test]
fn no_host_runs_whose_start_is_not_on_record() {
    let home = Home::new();
    home.local("h[001:300]");
    let dir = home.dir().join("disk").display().to_string();
    std::fs::create_dir(&dir).unwrap();
    std::fs::create_dir(home.dir().join("started")).unwrap();
    let started = home.dir().join("started").display().to_string();
    let command =
        home.exec(&["all", "--format", "jsonl", "--journal-dir", &dir, "--", &format!("mktemp -p {started}")]);
    let mount = format!("mount -t tmpfs -o size=32k tmpfs {dir}");
    let keep = format!("cp {dir}/runs/*.jsonl {}/kept", home.dir().display());
    run(&mut in_mount_namespace(&mount, &command, &keep)).expect(1);
    let kept = home.read("kept");
    let on_record = kept.lines().filter(|line| line.contains(r#""type":"host-start""#)).count();
    let ran = std::fs::read_dir(started).unwrap().count();
    assert!(ran > 0 && ran <= on_record, "{ran} ran, {on_record} are on record");
}

#[test]
fn a_run_of_the_same_name_is_skipped_or_waited_for() {
    let home = Home::new();
    home.local("a");
    let go = home.dir().join("go").display().to_string();
    let log = home.dir().join("log").display().to_string();
    let line = format!("echo begun; while [ ! -e {go} ]; do sleep 0.05; done; echo first >>{log}");
    let named = ["a", "--name", "nightly", "--stream", "--lock"];
    let mut first = Running::start(&mut home.exec(&[&named[..], &["skip", "--", &line]].concat()));
    first.wait_stdout("begun");
    let second = ["skip", "--", "echo second"];
    let ran = run(&mut home.exec(&[&named[..], &second].concat())).expect(6);
    assert!(ran.text().is_empty() && ran.stderr.contains("nightly"), "{}", ran.stderr);
    let ran = run(&mut home.exec(&[&["--quiet"], &named[..3], &["--lock"], &second[..]].concat())).expect(6);
    assert_eq!((ran.text().as_str(), ran.stderr.as_str()), ("", ""));
    // Another name does not wait.
    run(&mut home.exec(&["a", "--name", "other", "--lock", "skip", "--", "true"])).expect(0);
    let waiting = Running::start(&mut home.exec(&[&named[..], &["wait", "--", &format!("cat {log}")]].concat()));
    home.write("go", "");
    first.finish().expect(0);
    let text = waiting.finish().expect(0).text();
    assert!(text.contains("first"), "it did not wait: {text}");
    assert_eq!(home.journal()[0]["header"]["name"], "nightly");
}

#[test]
fn a_killed_run_holds_no_lock() {
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a");
    let named = ["a", "--name", "nightly", "--lock", "skip", "--"];
    let line = format!("sleep {}", marker.text());
    let first = Running::start(&mut home.exec(&[&named[..], &[&line]].concat()));
    marker.wait_for(1);
    first.signal(rustix::process::Signal::KILL);
    first.finish().expect(137);
    run(&mut home.exec(&[&named[..], &["true"]].concat())).expect(0);
}

#[test]
fn secrets_are_in_no_file_and_no_process_list() {
    let (home, outside, marker) = (Home::new(), Home::new(), Marker::new());
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let sudo = outside.program("sudo", super::privilege::ASKING);
    let hosts = home.read("hosts").replace("[all:vars]\n", &format!("[all:vars]\nansible_become_exe={sudo}\n"));
    let hosts = outside.write("hosts", hosts);
    outside.write("group_vars/all", home.read("group_vars/all"));
    std::fs::remove_file(home.dir().join("hosts")).unwrap();
    let password = outside.write("password", "hunter 2\n");
    let mut command = home.opsctl();
    command.args(["exec", "-i", &hosts, "a", "--format", "jsonl", "-b", "--become-password-file", &password]);
    // What the host prints of a secret that opsctl was given is masked on record.
    let line = format!("echo \"$API_TOKEN\" >&2; sleep {} & wait", marker.text());
    command.args(["--env", "API_TOKEN", "--output-dir", &outside.dir().join("out").display().to_string(), "--", &line]);
    command.env("API_TOKEN", "tok-very-secret");
    let running = Running::start(&mut command);
    marker.wait_for(1);
    let shown = run(std::process::Command::new("ps").args(["-eo", "args"])).expect(0).text();
    assert!(shown.contains(marker.text()));
    for secret in ["hunter 2", "tok-very-secret"] {
        assert!(!shown.contains(secret), "`{secret}` is in the process list");
    }
    running.signal(rustix::process::Signal::TERM);
    let ran = running.finish().expect(143);
    assert!(!ran.text().contains("hunter 2"), "{}", ran.text());
    for secret in ["hunter 2", "tok-very-secret"] {
        assert_eq!(home.holds(secret), None);
    }
    assert_eq!(home.recorded("a")["stderr"]["head"], json!({"text": "***\n"}));
}

#[test]
fn secrets_in_arguments_are_not_recorded() {
    let home = Home::new();
    home.local("a");
    let words =
        ["a", "--format", "jsonl", "--env", "DB_PASSWORD=sesame1", "--", "true", "--token", "sesame2", "PASS=sesame3"];
    let ran = run(&mut home.exec(&words)).expect(0);
    assert!(!ran.text().contains("sesame"), "{}", ran.text());
    assert_eq!(home.holds("sesame"), None);
}

#[test]
fn protected_hosts_need_a_yes() {
    let home = Home::new();
    home.write("hosts", "[prod]\na ansible_connection=local\n[prod:vars]\nopsctl_protected=true\n");
    let ran = run(&mut home.exec(&["all", "--", "touch touched"])).expect(11);
    assert!(ran.stderr.contains("hint: --yes"), "{}", ran.stderr);
    assert!(!home.has("touched"));
    let mut terminal = home.exec_at_terminal(&["all", "--", "touch touched"]);
    terminal.wait_stdout("Go on? [y/N]");
    terminal.type_in("n\n");
    terminal.finish().expect(11);
    assert!(!home.has("touched"));
    let dir = home.dir().display().to_string();
    let mut terminal = home.exec_at_terminal(&["all", "--chdir", &dir, "--", "touch touched"]);
    terminal.wait_stdout("Go on? [y/N]");
    terminal.type_in("y\n");
    terminal.finish().expect(0);
    assert!(home.has("touched"));
    run(&mut home.exec(&["all", "--yes", "--", "true"])).expect(0);
}

#[test]
fn runs_at_once_do_not_disturb_each_others_records() {
    let home = Home::new();
    home.local("a b");
    let start = |number: &u32| Running::start(&mut home.exec(&["all", "--", &format!("echo {number}")]));
    let running: Vec<Running> = (0..30).collect::<Vec<u32>>().iter().map(start).collect();
    for one in running {
        one.finish().expect(0);
    }
    assert_eq!(home.journals().len(), 30);
    let verified = run(home.opsctl().args(["report", "verify"])).expect(0);
    assert!(verified.text().contains("30"), "{}", verified.text());
}

#[test]
fn a_rerun_says_which_run_it_takes_and_how_many_hosts() {
    let home = Home::new();
    home.local("a b c");
    run(&mut home.exec(&["all", "--", "mkdir once"])).expect(3);
    let first = home.journals().pop().unwrap().file_stem().unwrap().to_str().unwrap().to_owned();
    let ran = run(home.exec(&["all", "--rerun", "failed", "--", "true"]).env("TZ", "UTC")).expect(0);
    assert!(ran.stderr.starts_with(&format!("rerun: 2 of 3 hosts failed in run {first} (")), "{}", ran.stderr);
    assert!(ran.stderr.lines().next().unwrap().ends_with(" UTC): mkdir once"), "{}", ran.stderr);
    assert!(ran.text().contains("(2) no output") && !ran.text().contains("rerun"), "{}", ran.text());
    let again = format!("failed@{first}");
    let quiet = run(&mut home.exec(&["all", "--rerun", &again, "--quiet", "--", "true"])).expect(0);
    assert_eq!(quiet.stderr, "");
}
