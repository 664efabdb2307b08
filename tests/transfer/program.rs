//! The program as a whole, with hosts that are this machine.

use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::fs::inotify;
use tempfile::TempDir;

use super::host::stuck;

/// `good` is this machine, `gone` refuses connections.
const INVENTORY: &str = "\
all:
  hosts:
    good: {ansible_connection: local}
    gone: {ansible_host: 127.0.0.1, ansible_port: 1}
";

fn opsctl(place: &Path) -> Command {
    fs::write(place.join("inventory.yml"), INVENTORY).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_opsctl"));
    command.current_dir(place).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", place).env("OPSCTL_JOURNAL_DIR", place.join("journal")).stdin(Stdio::null());
    command
}

fn run(place: &Path, arguments: &[&str]) -> Output {
    opsctl(place).args(arguments).args(["-i", "inventory.yml", "--retries", "0"]).output().unwrap()
}

fn statuses(output: &Output) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&output.stdout);
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let hosts = records.filter(|record| record["type"] == "host");
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> = hosts.map(|record| (word(&record["host"]), word(&record["status"]))).collect();
    all.sort();
    all
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(host, status)| ((*host).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn one_host_that_is_gone_does_not_keep_the_other_from_its_copy() {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("app.conf"), "new\n").unwrap();
    fs::create_dir(place.path().join("there")).unwrap();
    let there = format!("all:{}/there/", place.path().display());
    for status in ["changed", "ok"] {
        let output = run(place.path(), &["copy", "app.conf", &there, "--format", "jsonl"]);
        assert_eq!(statuses(&output), pairs(&[("gone", "unreachable"), ("good", status)]));
        assert_eq!(output.status.code(), Some(4));
    }
    assert_eq!(fs::read_to_string(place.path().join("there/app.conf")).unwrap(), "new\n");
    let source = format!("all:{}/there/app.conf", place.path().display());
    for status in ["changed", "ok"] {
        let output = run(place.path(), &["fetch", &source, "back", "--format", "jsonl"]);
        assert_eq!(statuses(&output), pairs(&[("gone", "unreachable"), ("good", status)]));
        assert_eq!(output.status.code(), Some(4));
    }
    assert_eq!(fs::read_to_string(place.path().join("back/app.conf.good")).unwrap(), "new\n");
    assert_eq!(fs::read_dir(place.path().join("back")).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_done_is_said_before_any_host_is_touched() {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("app.conf"), "new\n").unwrap();
    for (arguments, expected) in [
        (&["copy", "missing", "all:/x"][..], "missing: cannot be read: No such file"),
        (&["copy", "app.conf", "all"], "said as PATTERN:PATH"),
        (&["copy", "all:/x", "."], "opsctl fetch brings files from hosts"),
        (&["copy", "app.conf", "all:/x", "--maxrc"], "--maxrc goes with `opsctl exec` only"),
        (&["fetch", "all:/", "back"], "does not name a file or directory of its own"),
        (&["fetch", "all:/etc/hosts", "app.conf"], "app.conf: cannot be made a directory"),
    ] {
        let output = run(place.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    }
    assert!(!place.path().join("journal").exists());
}

#[test]
fn a_host_whose_controller_was_killed_keeps_the_old_file_and_removes_the_new() {
    let place = TempDir::new().unwrap();
    let there = place.path().join("there");
    fs::create_dir(&there).unwrap();
    let old = vec![b'o'; 300_000];
    fs::write(there.join("file"), &old).unwrap();
    fs::write(place.path().join("file"), vec![1u8; 300_000]).unwrap();
    let pipe = place.path().join("pipe");
    let tools = stuck(&pipe);
    let path = format!("{}:{}", tools.0.path().display(), std::env::var("PATH").unwrap());
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC).unwrap();
    inotify::add_watch(&watch, &there, inotify::WatchFlags::DELETE).unwrap();
    let mut controller = opsctl(place.path());
    controller.args(["copy", "file", &format!("good:{}/", there.display()), "-i", "inventory.yml"]).env("PATH", path);
    controller.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut controller = controller.spawn().unwrap();
    // Opens when the host stands between receiving and moving.
    assert_eq!(fs::read(&pipe).unwrap(), b"here\n");
    assert_eq!(fs::read_dir(&there).unwrap().count(), 2);
    controller.kill().unwrap();
    controller.wait().unwrap();
    let mut buffer = [MaybeUninit::uninit(); 1024];
    let mut events = inotify::Reader::new(&watch, &mut buffer);
    let removed = events.next().unwrap().file_name().unwrap().to_string_lossy().into_owned();
    assert!(removed.starts_with(".opsctl-"), "{removed}");
    assert_eq!(fs::read(there.join("file")).unwrap(), old);
    assert_eq!(fs::read_dir(&there).unwrap().count(), 1);
}
