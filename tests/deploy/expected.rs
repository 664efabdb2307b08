//! Failures that a playbook is ready for, and what it may ask while it is.

use super::{deploy, said};
use crate::common::{Home, run};

/// Messages of ansible-core 2.19.
#[test]
fn wrong_arguments_fail_when_the_playbook_is_ready_for_it() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - slurp:
      register: lacking
      ignore_errors: true
    - ping: {dta: x}
      register: unknown
      failed_when: false
    - block:
        - set_fact: {x: \"{{ 1 | nofilter }}\"}
      rescue:
        - command: echo '{{ lacking.msg }}'
        - command: echo '{{ unknown.msg }}'
        - command: echo '{{ ansible_failed_result.msg is search(\"nofilter\") }}'
";
    let ran = deploy(&home, playbook, &[]).expect(0);
    assert_eq!(
        said(&home, "a"),
        [
            "missing required arguments: src",
            "Unsupported parameters for (ping) module: dta. Supported parameters include: data.",
            "True"
        ]
    );
    assert!(
        ran.stderr.contains("if this is reached, the task fails: slurp lacks the argument `src`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn wrong_arguments_are_refused_in_a_rescue_itself() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - block:
        - command: echo body
      rescue:
        - slurp:
";
    let ran = deploy(&home, playbook, &[]).expect(2);
    assert!(ran.stderr.contains("slurp lacks the argument `src`"), "{}", ran.stderr);
}

#[test]
fn a_condition_of_meta_may_ask_for_facts() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: true
  tasks:
    - meta: end_host
      when: ansible_system != 'Linux'
    - command: echo went on
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["went on"]);
}

#[test]
fn a_label_may_tell_of_the_items_result() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - command: echo {{ item }}
      loop: [one, two]
      loop_control: {label: 'said {{ r.stdout }}'}
      when: item == 'one'
      register: r
      ignore_errors: true
    - command: echo {{ r.results[0] is failed }} {{ r.results[1] is failed }}
";
    let ran = deploy(&home, playbook, &["-v"]).expect(0);
    assert_eq!(said(&home, "a"), ["False True"]);
    assert!(ran.text().contains("said one"), "{}", ran.text());
}

#[test]
fn roles_are_known_by_their_names() {
    let home = Home::new();
    home.write("roles/one/meta/main.yml", "dependencies: [base]\n");
    home.write("roles/one/tasks/main.yml", "- include_role: {name: inner}\n");
    home.write("roles/base/tasks/main.yml", "- command: echo {{ ansible_parent_role_names is defined }}\n");
    home.write(
        "roles/inner/tasks/main.yml",
        "- command: echo {{ ansible_parent_role_names | join(' ') }} {{ ansible_parent_role_paths | length }}\n",
    );
    let playbook = "
- hosts: a
  gather_facts: false
  roles: [one]
  tasks:
    - command: echo {{ role_names | join(' ') }}, {{ ansible_dependent_role_names | join(' ') }}
    - command: echo {{ ansible_role_names | sort | join(' ') }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["False", "one 1", "one, base", "base one"]);
}

#[test]
fn files_of_variables_may_differ_from_host_to_host() {
    let home = Home::new();
    home.write("vars/a.yml", "x: of a\n");
    home.write("vars/other.yml", "x: of others\n");
    home.write("vars/Linux.yml", "y: of Linux\n");
    let playbook = "
- hosts: all
  gather_facts: true
  vars_files:
    - ['vars/{{ inventory_hostname }}.yml', vars/other.yml]
    - vars/{{ ansible_system }}.yml
  tasks:
    - command: echo {{ x }}, {{ y }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["of a, of Linux"]);
    assert_eq!(said(&home, "b"), ["of others, of Linux"]);
}

#[test]
fn a_file_of_variables_that_needs_facts_is_left_out_where_there_are_none() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  vars_files: ['vars/{{ ansible_system }}.yml']
  tasks:
    - command: echo went on
";
    let ran = deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["went on"]);
    assert!(ran.stderr.contains("a: vars_files: a file is left out"), "{}", ran.stderr);
}

#[test]
fn errors_of_hosts_may_be_cleared_for_later_plays() {
    let home = Home::new();
    let playbook = "
- hosts: all
  gather_facts: false
  tasks:
    - command: 'false'
      when: inventory_hostname == 'b'
    - meta: clear_host_errors
- hosts: all
  gather_facts: false
  tasks:
    - command: echo {{ ansible_play_hosts | length }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "b"), ["", "3"]);
}

#[test]
fn a_cleared_error_does_not_go_on_after_always() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - block:
        - command: 'false'
      always:
        - meta: clear_host_errors
    - command: echo went on
";
    deploy(&home, playbook, &[]);
    assert_eq!(said(&home, "a"), ["", "went on"]);
}

#[test]
fn modules_may_be_the_first_to_ask_for_facts() {
    let task = |task: &str| format!("- hosts: a\n  gather_facts: true\n  tasks:\n    - {task}\n");
    for module in [
        "assert: {that: [ansible_system == 'Linux']}",
        "assert: {that: [\"ansible_facts is defined and 'fqdn' in ansible_facts\"]}",
        "assert: {that: [ansible_system == item]}\n      loop: [Linux, Linux]",
    ] {
        let home = Home::new();
        deploy(&home, &task(module), &[]).expect(0);
    }
    let home = Home::new();
    home.write("t.j2", "{{ ansible_system }} {{ item }} {{ ansible_kernel is defined }}\n");
    let out = home.dir().join("out");
    let template = format!("template: {{src: t.j2, dest: '{}{{{{ item }}}}'}}\n      loop: [1, 2]", out.display());
    deploy(&home, &task(&template), &[]).expect(0);
    for item in ["1", "2"] {
        let written = std::fs::read_to_string(format!("{}{item}", out.display())).unwrap();
        assert_eq!(written, format!("Linux {item} True\n"));
    }
}

#[test]
fn a_host_whose_facts_cannot_be_had_is_unreachable() {
    let home = Home::new();
    home.write("play.yml", "- hosts: all\n  tasks:\n    - debug: {msg: '{{ ansible_system }}'}\n");
    home.write("inventory", "gone ansible_host=127.0.0.1 ansible_port=1\n");
    let ran = run(home.opsctl().args(["deploy", "play.yml", "-i", "inventory"])).expect(4);
    assert!(ran.text().contains("unreachable gone"), "{}", ran.text());
}

#[test]
fn what_failed_when_says_stands_above_tries_that_are_used_up() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - command: echo tried
      until: false
      retries: 1
      delay: 0
      failed_when: r.attempts > 2
      register: r
    - command: echo {{ r.failed }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["tried", "True"]);
}

#[test]
fn the_end_of_a_play_leaves_out_its_later_batches() {
    let home = Home::new();
    let playbook = "
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - command: echo batch
    - meta: end_play
- hosts: all
  gather_facts: false
  tasks:
    - command: sleep 5
      timeout: 1
      register: r
      ignore_errors: true
    - command: echo {{ r is timedout }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["batch", "True"]);
    assert_eq!(said(&home, "b"), ["True"]);
}
