//! What the command line and `ansible.cfg` say.

use std::time::Duration;

use rustix::process::Signal;

use super::deploy;
use crate::common::{Home, Running, run, wait_until};

const ECHO: &str = "- hosts: a\n  tasks: [{command: echo x}]\n";

#[test]
fn a_run_of_the_same_name_that_is_still_going_is_not_joined() {
    let home = Home::new();
    home.write("long.yml", "- hosts: a\n  tasks: [{shell: echo > begun; sleep 60}]\n");
    let hosts = home.local("a b c");
    let first = ["deploy", "long.yml", "-i", &hosts, "--name", "night", "--lock", "skip"];
    let running = Running::start(home.opsctl().args(first));
    wait_until("the first run's command", Duration::from_secs(20), || home.dir().join("begun").exists());
    deploy(&home, ECHO, &["--name", "night", "--lock", "skip"]).expect(6);
    running.signal(Signal::TERM);
    running.finish().expect(143);
    let ended =
        home.journal().into_iter().find(|record| record["type"] == "host-end" && record["host"] == "a").unwrap();
    assert_eq!((&ended["outcome"], &ended["fate"]), (&"cancelled".into(), &"killed".into()));
    std::fs::remove_dir_all(home.dir().join("state")).unwrap();
    deploy(&home, ECHO, &["--name", "night", "--lock", "skip"]).expect(0);
}

#[test]
fn protected_hosts_are_not_touched_unasked() {
    let home = Home::new();
    home.write("hosts.ini", "a ansible_connection=local opsctl_protected=true\n");
    home.write("play.yml", ECHO);
    let arguments = ["deploy", "play.yml", "-i", "hosts.ini"];
    let ran = run(home.opsctl().args(arguments)).expect(11);
    assert!(ran.stderr.contains("protected hosts are selected: a"), "{}", ran.stderr);
    assert!(home.journals().is_empty());
    run(home.opsctl().args(arguments).arg("-y")).expect(0);
}

#[test]
fn ansible_cfg_says_as_whom_and_what_it_cannot_mean_is_refused() {
    let home = Home::new();
    home.write("ansible.cfg", "[privilege_escalation]\nbecome = true\nbecome_method = enable\n");
    let ran = deploy(&home, ECHO, &[]).expect(2);
    assert!(ran.stderr.contains("become_method = enable is not supported"), "{}", ran.stderr);
    home.write("ansible.cfg", "[defaults]\nhash_behaviour = merge\n");
    deploy(&home, ECHO, &[]).expect(2);
    // A program that raises nothing and says so shows that the setting is followed.
    home.program("sudo", "#!/bin/sh\necho raised >>\"$HOME/raised\"; exit 1\n");
    home.write("ansible.cfg", "[privilege_escalation]\nbecome = true\n");
    let executable = format!("ansible_become_exe={}", home.dir().join("sudo").display());
    deploy(&home, ECHO, &["-e", &executable]).expect(3);
    assert_eq!(home.read("raised"), "raised\n");
}

#[test]
fn changes_are_told_by_the_code_only_in_check_mode() {
    let home = Home::new();
    deploy(&home, ECHO, &["--detailed-exitcode"]).expect(2);
}

#[test]
fn a_play_that_matches_no_host_says_so() {
    let home = Home::new();
    let ran = deploy(&home, "- hosts: nobody\n  tasks: [{command: echo x}]\n", &[]).expect(5);
    assert!(ran.stderr.contains("no host matches `nobody`"), "{}", ran.stderr);
}

#[test]
fn a_play_whose_hosts_have_failed_says_which() {
    let home = Home::new();
    let playbook = "
- hosts: all
  tasks:
    - command: test {{ inventory_hostname }} != b
- name: The rest
  hosts: b
  tasks: [{command: echo x}]
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    assert!(ran.stderr.contains("play.yml:5:3: no host of `b` is left: b failed before"), "{}", ran.stderr);
}

#[test]
fn a_stop_waits_for_no_template() {
    let home = Home::new();
    home.program("slow", "#!/bin/sh\necho $$ >\"$HOME/pid\"; exec sleep 300\n");
    let slow = home.dir().join("slow");
    home.write("t.j2", format!("{{{{ lookup('pipe', '{}') }}}}", slow.display()));
    for task in [
        format!("command: echo {{{{ lookup('pipe', '{}') }}}}", slow.display()),
        "template: {src: t.j2, dest: x}".into(),
    ] {
        home.write("slow.yml", format!("- hosts: a\n  tasks:\n    - {task}\n"));
        let running = Running::start(home.opsctl().args(["deploy", "slow.yml", "-i", &home.local("a")]));
        wait_until("the lookup runs", Duration::from_secs(20), || home.has("pid") && !home.read("pid").is_empty());
        running.signal(Signal::TERM);
        running.finish().expect(143);
        let pid: i32 = home.read("pid").trim().parse().unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
        std::fs::remove_file(home.dir().join("pid")).unwrap();
    }
}

#[test]
fn templates_of_the_inventory_that_could_never_be_computed_are_told() {
    let home = Home::new();
    home.write("group_vars/all.yml", "wrong: \"{{ 1 | nothing }}\"\nright: \"{{ nothing }}\"\n");
    let ran =
        deploy(&home, "- hosts: a\n  gather_facts: false\n  tasks:\n    - command: echo {{ 1 }}\n", &[]).expect(0);
    let told = "if this variable is used, the task fails: no filter named 'nothing'";
    assert_eq!(ran.stderr.matches(told).count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("group_vars/all.yml:1: "), "{}", ran.stderr);
}

#[test]
fn template_files_can_be_checked_alone() {
    let home = Home::new();
    let right = home.write("right.j2", "{{ x | default(1) }}\n");
    let wrong = home.write("wrong.j2", "a\n  {{ x | defualt(1) }}\n");
    run(home.opsctl().args(["deploy", "--syntax-check", &right])).expect(0);
    let ran = run(home.opsctl().args(["deploy", "--syntax-check", &right, &wrong])).expect(2);
    assert!(ran.stderr.contains("wrong.j2:2:10: no filter named 'defualt'"), "{}", ran.stderr);
}
