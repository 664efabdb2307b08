//! `meta: refresh_inventory`.

use super::said;
use crate::common::{Home, run};

/// Runs a playbook with an inventory that its first play changes.
fn refresh(home: &Home, hosts: &str, playbook: &str) -> crate::common::Ran {
    let inventory = home.write("inventory/hosts", hosts);
    let playbook = home.write("play.yml", playbook);
    run(home.opsctl().args(["deploy", "-i", inventory.rsplit_once('/').expect("it has a directory").0, &playbook]))
}

#[test]
fn hosts_and_variables_that_came_meanwhile_are_there() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - set_fact: {kept: fact}
    - add_host: {name: made, groups: [web, extra], ansible_connection: local, given: by-task}
      changed_when: false
    - group_by: {key: dynamic}
      changed_when: false
    - command: sh -c 'echo before {{ hostvars.keys() | sort | join(\",\") }} {{ tier }}'
    - copy:
        dest: '{{ inventory_dir }}/hosts'
        content: |
          a ansible_connection=local
          b ansible_connection=local
          [web]
          b
          [web:vars]
          of_web=yes-it-is
          [all:vars]
          tier=new
    - meta: refresh_inventory
    - command: sh -c 'echo after {{ hostvars.keys() | sort | join(\",\") }} {{ tier }} {{ kept }}'
    - command: echo {{ groups.web | sort | join(',') }} {{ groups.dynamic }} {{ groups.extra }}
    - command: echo {{ hostvars.made.of_web }} {{ hostvars.made.given }}
- hosts: web:dynamic
  gather_facts: false
  tasks:
    - command: echo {{ tier }} {{ kept | default('none') }} {{ of_web | default('none') }}
- hosts: c
  gather_facts: false
  tasks:
    - command: echo never
";
    let ran = refresh(&home, "a ansible_connection=local tier=old\nc ansible_connection=local\n", playbook).expect(0);
    assert_eq!(
        said(&home, "a"),
        ["before a,c,made old", "after a,b,made new fact", "b,made [a] [made]", "yes-it-is by-task", "new fact none"],
    );
    assert_eq!(said(&home, "b"), ["new none yes-it-is"]);
    assert_eq!(said(&home, "made"), ["new none yes-it-is"]);
    assert!(said(&home, "c").is_empty());
    assert!(ran.stderr.contains("no host matches `c`"), "{}", ran.stderr);
}

#[test]
fn an_inventory_that_is_broken_meanwhile_fails_the_task() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - copy: {dest: '{{ inventory_dir }}/hosts', content: \"[web\\n\"}
    - meta: refresh_inventory
    - command: echo never
";
    let ran = refresh(&home, "a ansible_connection=local\n", playbook).expect(3);
    assert!(ran.text().contains("the inventory cannot be read anew"), "{}", ran.text());
    assert!(said(&home, "a").is_empty());
}

#[test]
fn a_protected_host_that_came_meanwhile_is_not_touched_unseen() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - copy:
        dest: '{{ inventory_dir }}/hosts'
        content: |
          a ansible_connection=local
          b ansible_connection=local opsctl_protected=true
    - meta: refresh_inventory
- hosts: all
  gather_facts: false
  tasks:
    - command: echo touched
";
    let ran = refresh(&home, "a ansible_connection=local\n", playbook).expect(3);
    assert!(ran.text().contains("protected hosts that nobody has confirmed: b"), "{}", ran.text());
    assert!(said(&home, "b").is_empty());
}
