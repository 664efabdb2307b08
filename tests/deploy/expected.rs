//! Failures that a playbook is ready for, and what it may ask while it is.

use super::{deploy, said};
use crate::common::Home;

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
    assert_eq!(said(&home, "a"), ["one", "False True"]);
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
