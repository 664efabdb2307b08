//! What is written where: streams, codes, files, and readers that go away.

use std::fs::{self, OpenOptions};
use std::process::Command;

use super::common::{Home, Sshd, run};

#[test]
fn passthrough_is_what_ssh_would_give() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let ran = run(&mut home.exec(&["a", "--passthrough", "--", "printf out; printf err >&2; exit 42"])).expect(42);
    assert_eq!((ran.text().as_str(), ran.stderr.as_str()), ("out", "err"));
    let ran = run(&mut home.exec(&["all", "--passthrough", "--", "true"])).expect(2);
    assert!(ran.stderr.contains("exactly one host"), "{}", ran.stderr);
    home.write("server/authorized_keys", "");
    let ran = run(&mut home.exec(&["a", "--passthrough", "--", "true"])).expect(255);
    assert_eq!(ran.text(), "");
    assert!(ran.stderr.contains("may not log in"), "{}", ran.stderr);
}

#[test]
fn quiet_says_nothing_on_success_and_all_on_failure() {
    let home = Home::new();
    home.local("a b c");
    let ran = run(&mut home.exec(&["all", "--quiet", "--", "echo noise; echo more >&2"])).expect(0);
    assert_eq!((ran.text().as_str(), ran.stderr.as_str()), ("", ""));
    let dir = home.dir().display().to_string();
    let line = "mkdir first 2>/dev/null || { echo fine; exit 0; }; echo printed; echo reason >&2; exit 3";
    let ran = run(&mut home.exec(&["all", "--quiet", "--chdir", &dir, "--", line])).expect(3);
    let said = ran.text() + &ran.stderr;
    for needed in ["printed", "reason", "rc 3", "1 failed"] {
        assert!(said.contains(needed), "no `{needed}` in\n{said}");
    }
    assert!(!said.contains("fine"), "{said}");
}

#[test]
fn an_output_directory_gives_hosts_back() {
    let home = Home::new();
    home.local("a b c d");
    let dir = home.dir().display().to_string();
    let out = home.dir().join("out").display().to_string();
    let line = "mkdir first 2>/dev/null && { printf 'x\\377'; exit 0; }; echo bad >&2; exit 1";
    let options = ["all", "--forks", "1", "--chdir", &dir, "--output-dir", &out];
    run(&mut home.exec(&[&options[..], &["--", line]].concat())).expect(3);
    assert_eq!(fs::read(home.dir().join("out/a.stdout")).unwrap(), b"x\xff");
    assert_eq!((home.read("out/b.stderr").as_str(), home.read("out/hosts.ok").as_str()), ("bad\n", "a\n"));
    let failed = format!("@{out}/hosts.failed");
    let ran = run(&mut home.exec(&["all", "-l", &failed, "--list-hosts"])).expect(0);
    assert_eq!(ran.text(), "b\nc\nd\n");
}

#[test]
fn the_hosts_are_listed_without_touching_them() {
    let home = Home::new();
    home.local("b a c");
    let ran = run(&mut home.exec(&["all:!c", "--list-hosts", "--", "touch touched"])).expect(0);
    assert_eq!(ran.text(), "b\na\n");
    assert_eq!(home.journals().len(), 0);
}

#[test]
fn patterns_that_match_nothing_or_mean_nothing() {
    let home = Home::new();
    home.local("web1 web2");
    let ran = run(&mut home.exec(&["wbe1", "--", "true"])).expect(5);
    assert!(ran.stderr.contains("wbe1") && ran.stderr.contains("web1"), "{}", ran.stderr);
    run(&mut home.exec(&["none", "--allow-empty", "--", "true"])).expect(0);
    let ran = run(&mut home.exec(&["~(", "--", "true"])).expect(2);
    assert!(ran.stderr.contains("~("), "{}", ran.stderr);
    let ran = run(&mut home.exec(&["web1"])).expect(2);
    assert!(ran.stderr.contains("hint: put it behind `--`"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    home.local("h[01:20]");
    for options in [&["--stream"][..], &["--format", "jsonl"], &["--format", "json"], &[]] {
        let command = home.exec(&[&["all"], options, &["--", "seq 2000"]].concat());
        let mut pipe = Command::new("/bin/bash");
        pipe.args(["-c", "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "bash"]).arg(command.get_program());
        pipe.args(command.get_args()).env_clear().current_dir(home.dir());
        pipe.envs(command.get_envs().map(|(name, value)| (name, value.unwrap())));
        let ran = run(&mut pipe).expect(0);
        assert_eq!(ran.text().lines().count(), 1);
        // Every host had its turn all the same, and is on record.
        assert_eq!(home.journal().iter().filter(|record| record["outcome"] == "ok").count(), 20, "{options:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_no_success() {
    let home = Home::new();
    home.local("a b");
    for options in [&["--format", "jsonl"][..], &["--format", "json"], &["--stream"], &[]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = home.exec(&[&["all"], options, &["--", "echo output"]].concat());
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{options:?}: {said}");
        assert!(said.contains("No space left on device"), "{options:?}: {said}");
    }
}

#[test]
fn nothing_of_the_environment_is_needed() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let dir = home.dir().display().to_string();
    let hosts = home.read("hosts").replace(
        "[all:vars]",
        &format!(
            "[all:vars]\nansible_ssh_common_args=\"-o UserKnownHostsFile={dir}/.ssh/known_hosts -i {dir}/.ssh/id\""
        ),
    );
    home.write("hosts", hosts);
    let journal = format!("{dir}/journal");
    let mut command = home.exec(&["a", "--journal-dir", &journal, "--passthrough", "--", "echo it ran"]);
    command.env_clear();
    assert_eq!(run(&mut command).expect(0).text(), "it ran\n");
}

#[test]
fn what_matches_nothing_is_a_warning_in_every_form() {
    let home = Home::new();
    home.local("a");
    let ran = |format: &str| run(&mut home.exec(&["a,typo", "--format", format, "--", "exit 1"])).expect(3);
    let human = ran("human");
    assert_eq!(human.stderr.matches("pattern `typo` matches no host").count(), 1, "{}", human.stderr);
    let lines = ran("jsonl").lines();
    let warnings: Vec<_> = lines.iter().filter(|line| line["type"] == "warning").collect();
    assert!(warnings.len() == 1 && warnings[0]["message"].as_str().unwrap().contains("`typo`"), "{lines:?}");
    let json: serde_json::Value = serde_json::from_slice(&ran("json").stdout).unwrap();
    assert!(json["warnings"][0].as_str().unwrap().contains("`typo`"), "{json}");
    let quiet = run(&mut home.exec(&["a,typo", "--quiet", "--", "exit 1"])).expect(3);
    assert!(quiet.stderr.contains("`typo`"), "{}", quiet.stderr);
    assert_eq!(run(&mut home.exec(&["a,typo", "--quiet", "--", "true"])).expect(0).stderr, "");
}

#[test]
fn what_was_left_out_is_said_to_be_where_it_is() {
    let home = Home::new();
    home.local("a");
    let line = "head -c 20000000 /dev/zero | tr '\\0' '\\n'";
    let plain = run(&mut home.exec(&["a", "--", line])).expect(0);
    assert!(plain.text().contains("left out; --output-dir DIR keeps all]"), "{}", plain.stderr);
    let kept = run(&mut home.exec(&["a", "--output-dir", "out", "--", line])).expect(0);
    assert!(kept.text().contains("left out; the files in --output-dir have all]"), "{}", kept.stderr);
}
