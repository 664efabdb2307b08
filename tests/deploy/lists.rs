//! `--list-hosts`, `--list-tasks`, `--list-tags` and `--step`. The lists are ansible-playbook's (2.19), but for the order
//! of hosts, which is the inventory's here, and for roles of tasks without a name, which are named here.

use insta::assert_snapshot;

use super::{deploy, said};
use crate::common::Home;

const PLAYBOOK: &str = "
- name: First
  hosts: a,b
  tags: play1
  pre_tasks:
    - {name: pre, debug: {msg: x}}
  tasks:
    - {name: one, debug: {msg: one}, tags: [x, y]}
    - debug: {msg: no name}
    - block:
        - {name: in block, command: 'true', tags: z}
      rescue:
        - {name: rescued, debug: {}}
      tags: blk
    - meta: flush_handlers
    - {name: 'of {{ inventory_hostname }}', debug: {}, tags: never}
- hosts: '{{ who | default(\"all\") }}:!c'
  tasks:
    - {debug: {}, tags: '{{ given | default(\"late\") }}'}
";

#[test]
fn plays_are_listed_as_ansible_lists_them() {
    let home = Home::new();
    let list = |arguments: &[&str]| deploy(&home, PLAYBOOK, arguments).expect(0).text();
    assert_snapshot!(list(&["--list-tasks"]), @r#"

    playbook: play.yml

      play #1 (a,b): First	TAGS: [play1]
        tasks:
          pre	TAGS: [play1]
          one	TAGS: [play1, x, y]
          debug	TAGS: [play1]
          in block	TAGS: [blk, play1, z]
          meta	TAGS: [play1]

      play #2 ({{ who | default("all") }}:!c): {{ who | default("all") }}:!c	TAGS: []
        tasks:
          debug	TAGS: [late]
    "#);
    assert_snapshot!(list(&["--list-hosts", "-l", "b:c"]), @r#"

    playbook: play.yml

      play #1 (a,b): First	TAGS: [play1]
        pattern: ['a,b']
        hosts (1):
          b

      play #2 ({{ who | default("all") }}:!c): {{ who | default("all") }}:!c	TAGS: []
        pattern: ['{{ who | default("all") }}:!c']
        hosts (1):
          b
    "#);
    assert_snapshot!(list(&["--list-tags", "--skip-tags", "x"]), @r#"

    playbook: play.yml

      play #1 (a,b): First	TAGS: [play1]
          TASK TAGS: [blk, play1, z]

      play #2 ({{ who | default("all") }}:!c): {{ who | default("all") }}:!c	TAGS: []
          TASK TAGS: [late]
    "#);
    assert_snapshot!(list(&["--list-tasks", "--list-tags", "-t", "x,never", "-e", "given=x"]), @r#"

    playbook: play.yml

      play #1 (a,b): First	TAGS: [play1]
        tasks:
          one	TAGS: [play1, x, y]
          of {{ inventory_hostname }}	TAGS: [never, play1]
          TASK TAGS: [never, play1, x, y]

      play #2 ({{ who | default("all") }}:!c): {{ who | default("all") }}:!c	TAGS: []
        tasks:
          debug	TAGS: [x]
          TASK TAGS: [x]
    "#);
    assert!(home.journals().is_empty(), "a list is no run");
}

#[test]
fn each_step_is_asked_for_until_all_the_rest_is_wanted() {
    let home = Home::new();
    let task = |word: &str| format!("    - {{name: {word}, command: echo {word}}}\n");
    let tasks: String = ["one", "two", "three", "four"].iter().map(|word| task(word)).collect();
    home.write("play.yml", format!("- hosts: all\n  tasks:\n{tasks}"));
    let inventory = home.local("a b");
    let mut command = home.opsctl();
    let mut terminal = home.at_terminal(command.args(["deploy", "play.yml", "--step", "-i", &inventory]));
    for (name, answer) in [("one", "y\n"), ("two", "\n"), ("three", "c\n")] {
        terminal.wait_stdout(&format!("Perform task: {name} (N)o/(y)es/(c)ontinue: "));
        terminal.type_in(answer);
    }
    terminal.finish_with_input().expect(0);
    for host in ["a", "b"] {
        assert_eq!(said(&home, host), ["one", "three", "four"]);
    }
}

#[test]
fn without_a_terminal_nobody_can_be_asked_for_steps() {
    let home = Home::new();
    let ran = deploy(&home, PLAYBOOK, &["--step"]).expect(11);
    assert!(ran.stderr.contains("--step asks before each task"), "{}", ran.stderr);
    assert!(home.journals().is_empty());
}
