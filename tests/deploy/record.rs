//! What is on record of a run of playbooks, and what is not.

use super::deploy;
use crate::common::{Home, run};

#[test]
fn the_intent_of_a_change_is_on_record_before_its_end() {
    let home = Home::new();
    deploy(&home, "- hosts: a\n  tasks: [{command: echo x}]\n", &[]).expect(0);
    let journal = home.journal();
    let types: Vec<&str> = journal.iter().filter_map(|record| record["type"].as_str()).collect();
    let intent = types.iter().position(|kind| *kind == "task-intent").unwrap();
    let end = types.iter().position(|kind| *kind == "task-end").unwrap();
    assert!(intent < end, "{types:?}");
}

#[test]
fn nothing_of_a_task_with_no_log_is_kept_or_shown() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: echo hunter2secret
      no_log: true
      register: r
    - command: sh -c 'test -n {{ r.stdout }}'
      no_log: true
";
    let ran = deploy(&home, playbook, &["-D", "-vvv"]).expect(0);
    assert!(!ran.text().contains("hunter2secret") && !ran.stderr.contains("hunter2secret"));
    assert!(home.journal().iter().all(|record| !record.to_string().contains("hunter2secret")));
}

#[test]
fn no_log_hides_items_that_are_skipped_and_tasks_that_cannot_begin() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: 'true'
      loop: [hunter2secret, hunter3secret]
      when: item == 'none'
      no_log: true
    - command: 'true'
      loop: '{{ \"hunter4secret\" }}'
      no_log: true
      ignore_errors: true
    - command: {chdir: '{{ hunter5secret }}', cmd: 'true'}
      no_log: true
      ignore_errors: true
";
    let ran = deploy(&home, playbook, &["--format", "jsonl"]).expect(0);
    for text in [ran.text(), ran.stderr, home.journal().iter().map(ToString::to_string).collect()] {
        assert!(!["hunter2", "hunter3", "hunter4", "hunter5"].iter().any(|secret| text.contains(secret)), "{text}");
    }
}

#[test]
fn what_a_vault_held_is_masked_line_by_line_and_in_names() {
    let home = Home::new();
    home.write("pw", "correct horse\n");
    home.write("vars.yml", "secret: |\n  first-hidden-line\n  second-hidden-line\n");
    run(home.opsctl().args(["vault", "encrypt", "vars.yml", "--vault-password-file", "pw"])).expect(0);
    let playbook = "
- hosts: a
  vars_files: [vars.yml]
  tasks:
    - name: says {{ secret }}
      command: printf '%s' {{ secret | quote }}
    - command: sh -c 'echo first-hidden-line; exit 3'
      ignore_errors: true
";
    let ran = deploy(&home, playbook, &["--vault-password-file", "pw", "-D"]).expect(0);
    for text in [ran.text(), ran.stderr, home.journal().iter().map(ToString::to_string).collect()] {
        assert!(!text.contains("hidden-line"), "{text}");
    }
}

#[test]
fn check_mode_changes_nothing_and_says_what_would_change() {
    let home = Home::new();
    let file = home.dir().join("new.txt");
    let playbook = format!("- hosts: a\n  tasks: [{{copy: {{content: x, dest: '{}'}}}}]\n", file.display());
    deploy(&home, &playbook, &["--check", "--detailed-exitcode"]).expect(10);
    assert!(!file.exists());
    deploy(&home, &playbook, &[]).expect(0);
    deploy(&home, &playbook, &["--check", "--detailed-exitcode"]).expect(0);
}

#[test]
fn json_lines_tell_each_task_and_end_with_the_summary() {
    let home = Home::new();
    let ran = deploy(&home, "- hosts: a\n  tasks: [{command: echo x}]\n", &["--format", "jsonl"]).expect(0);
    let lines = ran.lines();
    let of = |kind: &str| lines.iter().find(|line| line["type"] == kind).unwrap().clone();
    assert_eq!(of("task")["module"], "command");
    assert_eq!((&of("result")["status"], &of("result")["result"]["stdout"]), (&"changed".into(), &"x".into()));
    assert_eq!(of("host")["recap"]["changed"], 1);
    assert_eq!(lines.last().unwrap()["type"], "summary");
}
