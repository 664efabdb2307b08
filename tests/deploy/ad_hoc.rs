//! `exec -m`, and what a run is shown as besides text: `JUnit`, the log, records of tasks.

use super::deploy;
use crate::common::{Home, run};

/// Runs a module on the local hosts `a` and `b`.
fn module(home: &Home, arguments: &[&str], code: i32) -> String {
    home.local("a b");
    run(home.exec(&["all"]).args(arguments)).expect(code).text()
}

#[test]
fn a_module_runs_as_a_task_of_a_playbook_would() {
    let home = Home::new();
    let pong = module(&home, &["-m", "ping"], 0);
    assert!(pong.contains("TASK ping  ok 2") && pong.contains("ok a,b: ping: pong"), "{pong}");
    home.write("src", "text\n");
    let copy = ["-m", "ansible.builtin.copy", "-a", "src=src dest={{ playbook_dir }}/of-{{ inventory_hostname }}"];
    let predicted = module(&home, &[&copy[..], &["--check", "--diff"]].concat(), 0);
    assert!(predicted.contains("changed 2") && predicted.contains("+text"), "{predicted}");
    assert!(!home.has("of-a"), "check mode changes nothing");
    module(&home, &copy, 0);
    assert_eq!((home.read("of-a"), home.read("of-b")), ("text\n".into(), "text\n".into()));
    let failed = module(&home, &["-a", "sh -c 'echo why >&2; exit 7'"], 3);
    assert!(failed.contains("(rc 7)") && failed.contains("stderr | why"), "{failed}");
    assert!(module(&home, &["-m", "debug", "-a", "{\"msg\": \"{{ word }}\"}", "-e", "word=hi"], 0).contains("hi"));
    module(&home, &["-m", "nothing"], 2);
    module(&home, &["-m", "ping", "--max-fail", "1"], 2);
    module(&home, &["-m", "ping", "--", "uptime"], 2);
}

#[test]
fn secret_arguments_reach_neither_screen_nor_record() {
    let home = Home::new();
    home.local("a");
    let arguments = ["a", "-m", "user", "-a", "name=nobody password=hunter2secret", "-C", "-vvv"];
    let ran = run(&mut home.exec(&arguments));
    let records: String = home.journal().iter().map(ToString::to_string).collect();
    for text in [ran.text(), ran.stderr, records] {
        assert!(!text.contains("hunter2secret"), "{text}");
    }
}

/// Whether each tag is closed where it should be.
fn is_well_formed(xml: &str) -> bool {
    let mut open = Vec::new();
    for tag in xml.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            None if !tag.starts_with(['?', '!']) && !tag.ends_with('/') => open.push(name),
            _ => {}
        }
    }
    open.is_empty()
}

const PLAYBOOK: &str = "
- hosts: a
  tasks:
    - {name: fine & <good>, command: echo x}
    - {name: not now, command: 'true', when: false}
    - {name: hidden, command: sh -c 'echo hunter2secret; exit 1', no_log: true, ignore_errors: true}
    - {name: bad, command: sh -c 'echo \"<oops>\" >&2; exit 3'}
";

#[test]
fn junit_has_a_case_for_each_task_and_host() {
    let home = Home::new();
    let xml = deploy(&home, PLAYBOOK, &["--format", "junit"]).expect(3).text();
    assert!(is_well_formed(&xml), "{xml}");
    assert!(xml.contains(r#"tests="4" failures="1" errors="0" skipped="1""#), "{xml}");
    for part in ["name=\"[a] fine &amp; &lt;good&gt;\"", "<skipped/>", "&lt;oops&gt;", "play.yml:7:7"] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    assert!(!xml.contains("hunter2secret"), "{xml}");
}

#[test]
fn ansible_cfg_says_what_is_shown_and_logged() {
    let home = Home::new();
    let settings =
        "stdout_callback = yaml\ndisplay_skipped_hosts = no\nlog_path = run.log\ncallback_whitelist = timer\n";
    home.write("ansible.cfg", format!("[defaults]\n{settings}"));
    let ran = deploy(&home, PLAYBOOK, &[]).expect(3);
    assert!(ran.stderr.contains("ansible.cfg: without effect here: stdout_callback\n"), "{}", ran.stderr);
    let (shown, log) = (ran.text(), home.read("run.log"));
    for text in [&shown, &log] {
        assert!(text.contains("stderr | <oops>") && text.contains("SLOWEST"), "{text}");
        assert!(!text.contains("not now") && !text.contains("hunter2secret"), "{text}");
    }
}

#[test]
fn json_lines_tell_of_plays_tasks_and_results() {
    let home = Home::new();
    let lines = deploy(&home, PLAYBOOK, &["--format", "jsonl"]).expect(3).lines();
    let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).collect::<Vec<_>>();
    assert_eq!((of("play").len(), of("task").len(), of("result").len()), (1, 4, 4));
    let last = of("result")[3];
    assert_eq!(
        (&last["status"], &last["result"]["rc"], &of("task")[3]["hosts"]),
        (&"failed".into(), &3.into(), &1.into())
    );
    assert!(last["arguments"]["_raw_params"].as_str().is_some_and(|text| text.contains("oops")), "{last}");
}

#[test]
fn secrets_of_a_dictionary_reach_neither_screen_nor_record() {
    let home = Home::new();
    let inventory = home.local("a");
    for given in ["{name: nobody, password: hunter2secret}", r#"{"name": "nobody", "password": "hunter2secret"}"#] {
        let arguments = ["exec", "a", "-i", &inventory, "-m", "user", "-a", given, "-C", "-vvv"];
        let ran = run(home.opsctl().args(arguments));
        let journal: Vec<String> = home.journal().iter().map(ToString::to_string).collect();
        for text in [ran.text(), ran.stderr, journal.join("\n")] {
            assert!(!text.contains("hunter2secret"), "{text}");
        }
    }
}

#[test]
fn options_of_a_mount_that_are_secret_are_in_no_failure() {
    let home = Home::new();
    home.write(
        "play.yml",
        "- hosts: a\n  tasks:\n    - mount: {path: /mnt/none, src: //none/x, fstype: none, state: ephemeral, \
         opts: 'password=hunter2secret', opts_no_log: true}\n      failed_when: true\n",
    );
    let inventory = home.local("a");
    let ran = run(home.opsctl().args(["deploy", "play.yml", "-i", &inventory, "-C", "-vvv"]));
    let journal: Vec<String> = home.journal().iter().map(ToString::to_string).collect();
    assert!(ran.text().contains("failed"), "{}", ran.text());
    for text in [ran.text(), ran.stderr, journal.join("\n")] {
        assert!(!text.contains("hunter2secret"), "{text}");
    }
}
