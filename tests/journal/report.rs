//! `opsctl report` from the outside, over the samples of format version 1 and over fresh journals.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use assert_cmd::Command;
use insta::assert_snapshot;
use opsctl::event::{Captured, EventKind, Outcome};
use opsctl::journal::verify;

use crate::fixture::{Journal, header, report, send};

/// Written by the first opsctl of this format; never edited.
const SAMPLE: &str = "tests/state/v1/journal";

const HOSTS: [(&str, Outcome); 3] = [("web1", Outcome::Ok), ("web2", Outcome::Failed), ("web3", Outcome::Ok)];

struct Answer {
    code: i32,
    stdout: String,
    stderr: String,
}

fn opsctl(dir: &Path, args: &[&str]) -> Answer {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("opsctl").unwrap();
    command.env_clear().env("HOME", home.path()).env("TZ", "UTC").arg("report").args(args).arg("--dir").arg(dir);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Answer { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn the_samples_of_format_1_verify_and_are_listed() {
    assert_eq!(verify(Path::new(SAMPLE), &[]).unwrap().problems, []);
    let answer = opsctl(Path::new(SAMPLE), &["verify"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (0, "5 runs, 27 records: intact\n"));
    assert_snapshot!(opsctl(Path::new(SAMPLE), &["runs"]).stdout, @r"
    RUN            WHEN              VERB  NAME     USER  STATUS     HOSTS                       TOOK   COMMAND
    01a20bf7-ad5   2026-11-24 05:11  exec           ada   ok         1 ok                        4.2 s  uptime
    01a20bf7-ad4   2026-11-24 05:11  exec           ada   unsettled  1 ok                        0.0 s  apt-get update
    01a20bf7-ad3d  2026-11-24 05:11  exec           ada   stopped    1 failed, 1 not-started     4.2 s  systemctl restart app
    01a20bf7-ad35  2026-11-24 05:11  exec  nightly  ada   failed     1 unreachable, 1 timed-out  4.2 s  make backup
    01a20bf7-ad1   2026-11-24 05:11  exec           ada   ok         2 ok                        4.2 s  uptime
    ");
}

#[test]
fn a_sample_of_format_1_is_shown_with_what_its_hosts_said() {
    let answer = opsctl(Path::new(SAMPLE), &["show", "01a20bf7-ad35", "--output"]);
    assert_eq!(answer.code, 0);
    assert_snapshot!(answer.stdout, @r"
    run        01a20bf7-ad35-715d-937f-3e571e289614
    status     failed
    when       2026-11-24 05:11:50 UTC, took 4.2 s
    verb       exec named nightly
    command    make backup
    argv       opsctl exec -i hosts.yml all --env DB_PASSWORD=*** -- make backup
    by         ada (sudo from bob) on ctl1, /dev/pts/3, process 4242
    in         /srv/ops
    inventory  hosts.yml sha256 4f8a2cc398d8664277a96a7843ab4958ab1d0a347cbe7c071fde0fcb58230793
    revision   0123456789abcdef0123456789abcdef01234567+dirty
    hosts      2 of all, 64 at a time
    opsctl     0.1.0

    unreachable (1)       web2
                          web2: connection refused
    timed-out (1)         web1
                          web1: still running after 5 s

    web1 timed-out · rc 137 · SIGKILL
    \xff\x00\x1b[2J
    [1000 bytes left out of the record]
    the end
    still running after 5 s
    hint: raise --timeout
    ");
}

#[test]
fn an_interrupted_sample_tells_which_hosts_are_lost() {
    let answer = opsctl(Path::new(SAMPLE), &["show", "01a20bf7-ad4"]);
    assert!(answer.stdout.contains("status     running or interrupted on ctl1\n"), "{}", answer.stdout);
    assert!(
        answer.stdout.ends_with("ok (1)                web1\nno end on record (1)  db1\nnothing on record (1) db2\n")
    );
}

#[test]
fn runs_are_chosen_by_status_name_user_host_and_time() {
    let ids = |args: &[&str]| {
        let answer = opsctl(Path::new(SAMPLE), &[&["runs", "--format", "jsonl"], args].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let rows = answer.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        rows.map(|row| row["run"].as_str().unwrap()[9..13].to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids(&[]), "ad52 ad4d ad3d ad35 ad13");
    assert_eq!(ids(&["--limit", "2"]), "ad52 ad4d");
    assert_eq!(ids(&["--status", "failed,stopped"]), "ad3d ad35");
    assert_eq!(ids(&["--name", "nightly"]), "ad35");
    assert_eq!(ids(&["--user", "bob", "--host", "db1"]), "ad4d");
    assert_eq!(ids(&["--user", "eve"]), "");
    assert_eq!(ids(&["--verb", "copy"]), "");
    assert_eq!(ids(&["--since", "2026-11-24", "--until", "2026-11-24"]), "ad52 ad4d ad3d ad35 ad13");
    assert_eq!(ids(&["--until", "2026-11-23"]), "");
}

#[test]
fn json_is_that_of_exec_and_never_asks_for_a_terminal() {
    let answer = opsctl(Path::new(SAMPLE), &["show", "01a20bf7-ad35", "--format", "jsonl", "--host", "web1"]);
    let lines: Vec<serde_json::Value> = answer.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["run", "host", "summary"]);
    assert_eq!((&lines[1]["status"], &lines[1]["rc"]), (&"timed-out".into(), &137.into()));
    let document = opsctl(Path::new(SAMPLE), &["runs", "--format", "json"]).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&document).unwrap()["runs"].as_array().unwrap().len(), 5);
}

#[test]
fn escape_sequences_from_hosts_are_made_visible() {
    let journal = Journal::new();
    let mut header = header(&[("web1", Outcome::Ok)]);
    header.command = "echo \x1b[31m".into();
    let (mut writer, summary) = journal.begin(&header, &[]);
    let mut evil = report("web1", Outcome::Failed);
    evil.stdout = Arc::new(Captured::from(&b"\x1b]0;owned\x07"[..]));
    evil.failure.as_mut().unwrap().message = "\x1b[2J".into();
    send(&mut writer, EventKind::HostEnded(Arc::new(evil)));
    send(&mut writer, EventKind::RunEnded(Arc::new(summary)));
    for args in [&["runs"][..], &["show"], &["show", "--output"]] {
        let answer = opsctl(&journal.dir(), args);
        assert!(!answer.stdout.contains('\x1b') && !answer.stderr.contains('\x1b'), "{args:?}: {}", answer.stdout);
    }
}

#[test]
fn a_broken_chain_is_code_12_with_one_line_a_problem() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let mut lines = journal.lines(run);
    lines.remove(2);
    journal.set_lines(run, &lines);
    let answer = opsctl(&journal.dir(), &["verify", "last"]);
    let file = journal.file(run);
    let expected =
        format!("{}:3: record 3 is missing before record 4: removed\n1 runs, 7 records: 1 problem\n", file.display());
    assert_eq!((answer.code, answer.stdout), (12, expected));
}

#[test]
fn a_directory_without_a_journal_is_not_vouched_for() {
    let dir = tempfile::tempdir().unwrap();
    let answer = opsctl(dir.path(), &["verify"]);
    assert_eq!(answer.code, 2);
    assert!(answer.stderr.contains("holds no journal"), "{}", answer.stderr);
}

#[test]
fn prune_only_tells_unless_it_is_confirmed() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let dry = opsctl(&journal.dir(), &["prune", "--older-than", "1ns"]);
    assert_eq!((dry.code, journal.file(run).exists()), (0, true));
    assert!(
        dry.stdout.starts_with(&run.to_string()) && dry.stderr.starts_with("would remove 1 runs"),
        "{}",
        dry.stderr
    );
    assert_eq!(opsctl(&journal.dir(), &["prune", "--older-than", "1d", "--yes"]).stdout, "");
    let done = opsctl(&journal.dir(), &["prune", "--older-than", "1ns", "--yes"]);
    assert_eq!((done.code, journal.file(run).exists()), (0, false));
    assert_eq!(opsctl(&journal.dir(), &["verify"]).code, 0);
}

#[test]
fn what_cannot_be_answered_is_a_usage_error() {
    let journal = Journal::new();
    journal.record(&HOSTS);
    let asked: [(&[&str], &str); 6] = [
        (&["show", "ffff"], "no run `ffff` in "),
        (&["show", "last", "--host", "db9"], "host `db9` is not among the hosts of this run"),
        (&["runs", "--since", "soon"], "`soon` is no time; known are"),
        (&["runs", "--status", "fine"], "invalid value 'fine'"),
        (&["prune", "--older-than", "old"], "`old` is no time"),
        (&["runs", "--dir", "/nonexistent"], "/nonexistent: cannot read: No such file"),
    ];
    for (args, message) in asked {
        let answer = opsctl(&journal.dir(), args);
        assert_eq!(answer.code, 2, "{args:?}");
        assert!(answer.stderr.contains(message), "{args:?}: {}", answer.stderr);
    }
}

#[test]
fn a_reason_is_told_once() {
    let journal = Journal::new();
    fs::create_dir_all(journal.dir()).unwrap();
    fs::write(journal.dir().join("runs"), "").unwrap();
    let answer = opsctl(&journal.dir(), &["runs"]);
    assert_eq!((answer.code, answer.stderr.matches("Not a directory").count()), (2, 1), "{}", answer.stderr);
}

#[test]
fn a_newer_format_is_code_2_and_nothing_is_touched() {
    let journal = Journal::new();
    let run = journal.record(&HOSTS);
    let newer = "{\"v\":2,\"seq\":1}\n";
    fs::write(journal.file(run), newer).unwrap();
    for args in [&["runs"][..], &["show"], &["verify"], &["prune", "--older-than", "1ns", "--yes"]] {
        let answer = opsctl(&journal.dir(), args);
        assert_eq!(answer.code, 2, "{args:?}");
        assert!(answer.stderr.contains("journal format 2 is newer than this opsctl"), "{}", answer.stderr);
        assert_eq!(fs::read_to_string(journal.file(run)).unwrap(), newer);
    }
}
