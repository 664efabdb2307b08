//! What playbooks mean.

use super::{deploy, said};
use crate::common::{Home, run};

#[test]
fn blocks_rescue_and_always_run_in_their_order() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - block:
        - command: echo body
        - command: sh -c 'echo bad; exit 3'
        - command: echo never
      rescue:
        - command: echo rescued {{ ansible_failed_result.rc }}
      always:
        - command: echo always
    - command: echo after
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["body", "bad", "rescued 3", "always", "after"]);
}

#[test]
fn handlers_run_once_in_the_order_of_their_definition() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: echo one
      notify: [second, topic]
    - command: echo two
      notify: second
    - meta: flush_handlers
    - command: echo three
      changed_when: false
      notify: first
  handlers:
    - name: first
      command: echo h1
      listen: topic
    - name: second
      command: echo h2
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["one", "two", "h1", "h2", "three"]);
}

#[test]
fn a_failure_ends_one_host_and_no_other() {
    let home = Home::new();
    let playbook = "
- hosts: all
  tasks:
    - command: sh -c 'test {{ inventory_hostname }} != b'
    - command: echo went on
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    assert!(said(&home, "b").iter().all(|text| text != "went on"));
    assert!(said(&home, "c").contains(&"went on".to_owned()));
    assert!(ran.text().contains("failed b: non-zero return code"), "{}", ran.text());
}

#[test]
fn loops_set_facts_that_later_items_see() {
    let home = Home::new();
    let playbook = "
- hosts: a
  vars: {all: []}
  tasks:
    - set_fact: {all: '{{ all + [item] }}'}
      loop: [1, 2, 3]
    - command: echo {{ all | join('-') }} {{ all | length }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["1-2-3 3"]);
}

#[test]
fn the_stronger_variable_wins() {
    let home = Home::new();
    home.write("roles/r/defaults/main.yml", "x: default\ny: default\nz: default\n");
    home.write("roles/r/vars/main.yml", "y: role\n");
    home.write(
        "roles/r/tasks/main.yml",
        "- command: echo {{ x }} {{ y }} {{ z }} {{ v }}\n  vars: {v: task, z: task}\n",
    );
    let playbook = "
- hosts: a
  vars: {x: play, y: play, z: play, v: play}
  roles: [r]
";
    deploy(&home, playbook, &["-e", "z=extra"]).expect(0);
    assert_eq!(said(&home, "a"), ["play role extra task"]);
}

#[test]
fn what_is_included_in_a_loop_runs_before_what_follows() {
    let home = Home::new();
    home.write("inc.yml", "- command: echo {{ n }}a\n- command: echo {{ n }}b\n");
    let playbook = "
- hosts: a
  tasks:
    - include_tasks: inc.yml
      vars: {n: '{{ item }}'}
      loop: [1, 2]
    - command: echo end
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["1a", "1b", "2a", "2b", "end"]);
}

#[test]
fn what_a_host_says_is_never_templated() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: cat said.txt
      args: {chdir: '{{ playbook_dir }}'}
      register: r
    - set_fact: {copied: '{{ r.stdout }}', listed: ['{{ r.stdout }}']}
    - command: echo {{ copied | quote }}
    - command: echo {{ listed[0] | quote }}
    - command: echo {{ hostvars['a'].copied | quote }} {{ hostvars['a'].r.stdout | quote }}
    - command: echo {{ item | quote }}
      loop: '{{ r.stdout_lines }}'
";
    home.write("said.txt", "{{ lookup('pipe', 'touch hit') }}");
    deploy(&home, playbook, &[]).expect(0);
    assert!(!home.has("hit"), "what a host said was run");
    let text = "{{ lookup('pipe', 'touch hit') }}";
    assert_eq!(said(&home, "a")[..3], [text, text, text]);
}

#[test]
fn batches_come_one_after_the_other() {
    let home = Home::new();
    let playbook = "
- hosts: all
  serial: [1, 2]
  tasks:
    - command: echo {{ ansible_play_batch | join(',') }} of {{ ansible_play_hosts_all | length }}
";
    let ran = deploy(&home, playbook, &[]).expect(0);
    assert_eq!((said(&home, "a"), said(&home, "c")), (vec!["a of 3".into()], vec!["b,c of 3".into()]));
    assert!(ran.text().contains("batch 2 of 2"), "{}", ran.text());
}

#[test]
fn hosts_without_a_turn_are_named() {
    let home = Home::new();
    let playbook = "
- hosts: all
  serial: 1
  tasks:
    - command: test {{ inventory_hostname }} != b
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    assert!(ran.stderr.contains("play.yml:2:3: ended with batch 2 of 3; not begun: c"), "{}", ran.stderr);
    let ran = deploy(&home, "- hosts: a\n  tasks: []\n", &["-l", "b"]).expect(5);
    assert!(ran.stderr.contains("no host of `a` is within the limit"), "{}", ran.stderr);
}

#[test]
fn tasks_of_one_host_stand_for_all_when_they_run_once() {
    let home = Home::new();
    let playbook = "
- hosts: all
  tasks:
    - command: echo {{ inventory_hostname }}
      register: r
      run_once: true
    - command: echo got {{ r.stdout }}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!((said(&home, "a"), said(&home, "c")), (vec!["a".into(), "got a".into()], vec!["got a".into()]));
}

#[test]
fn debug_shows_and_assert_judges() {
    let home = Home::new();
    let playbook = "
- hosts: a
  vars: {x: 3}
  tasks:
    - debug: {msg: 'x is {{ x }}'}
    - debug: {var: x + 1}
    - debug: {var: missing}
    - assert:
        that: x in [1, 3]
    - assert:
        that: [x == 3, x == 4]
        fail_msg: it is {{ x }}
      ignore_errors: true
";
    let text = deploy(&home, playbook, &[]).expect(0).text();
    for shown in ["x is 3", "x + 1: 4", "missing: VARIABLE IS NOT DEFINED!", "ignored a: it is 3"] {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
}

#[test]
fn a_fatal_task_ends_the_play_for_all() {
    let home = Home::new();
    let playbook = "
- hosts: all
  tasks:
    - command: sh -c 'test {{ inventory_hostname }} != b'
      any_errors_fatal: true
    - command: echo went on
";
    deploy(&home, playbook, &[]).expect(7);
    assert!(!said(&home, "a").contains(&"went on".to_owned()));
}

#[test]
fn a_host_that_names_itself_cannot_move_the_cursor() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: printf 'x\\033[2Jy'
      register: r
    - add_host: {name: '{{ r.stdout }}', groups: new, ansible_connection: local}
- hosts: new
  tasks:
    - command: sh -c 'echo z; exit 1'
";
    let ran = deploy(&home, playbook, &["-D"]).expect(3);
    assert!(ran.text().contains("[2Jy") && !ran.text().contains('\u{1b}'), "{:?}", ran.text());
}

#[test]
fn a_role_that_two_others_need_runs_once() {
    let home = Home::new();
    home.write("roles/base/tasks/main.yml", "- command: echo base\n");
    for role in ["one", "two"] {
        home.write(&format!("roles/{role}/meta/main.yml"), "dependencies: [{role: base, when: x is defined}]\n");
        home.write(&format!("roles/{role}/tasks/main.yml"), format!("- command: echo {role}\n"));
    }
    deploy(&home, "- hosts: a\n  vars: {x: 1}\n  roles: [one, two]\n", &[]).expect(0);
    assert_eq!(said(&home, "a"), ["base", "one", "two"]);
}

#[test]
fn a_role_checks_what_it_is_given() {
    let home = Home::new();
    let spec = "
argument_specs:
  main:
    options:
      number: {type: int, required: true}
      mode: {choices: [a, b], default: a}
      users: {type: list, elements: dict, options: {name: {required: true}}}
";
    home.write("roles/r/meta/argument_specs.yml", spec);
    home.write("roles/r/tasks/main.yml", "- command: echo {{ number }}\n");
    let play = |role: &str| format!("- hosts: a\n  roles: [{{role: r, {role}}}]\n");
    deploy(&home, &play("number: '80', users: [{name: x}]"), &[]).expect(0);
    let ran = deploy(&home, &play("mode: c, users: [{nam: x}]"), &[]).expect(3).text();
    for said in ["missing required arguments: number", "value of mode must be one of: a, b, got: c", "found in users"] {
        assert!(ran.contains(said), "{ran}");
    }
    deploy(&home, &play("number: many"), &[]).expect(3);
}

#[test]
fn a_task_goes_on_by_itself_until_its_end_is_asked_for() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - copy: {content: hi, dest: made}
      async: 30
      poll: 0
      register: job
    - async_status: jid={{ job.ansible_job_id }}
      register: end
      until: end is finished
      retries: 100
      delay: 0.1
    - command: echo {{ job.started }} {{ job.finished }} {{ end.changed }} {{ end.checksum }} {{ end.attempts > 0 }}
    - async_status: jid={{ job.ansible_job_id }} mode=cleanup
    - async_status: jid={{ job.ansible_job_id }}
      register: gone
      ignore_errors: true
    - command: echo {{ gone.msg }}
    - command: echo waited for
      async: 30
      poll: 1
      register: waited
    - command: echo {{ waited.finished }} {{ waited.stdout }}
";
    deploy(&home, playbook, &[]).expect(0);
    let told = "True False True c22b5f9178342609428d6f51b2c5af4c0bde6a42 True";
    assert_eq!(said(&home, "a"), [told, "", "", "could not find job", "waited for", "True waited for"]);
}

#[test]
fn variables_are_included_from_files_and_directories() {
    let home = Home::new();
    home.write("vars/one.yml", "x: 1\nd: {x: 1}\nsaid: '{{ x }} {{ inventory_hostname }}'\n");
    home.write("vars/all/b.yml", "y: 2\nd: {y: 2}\n");
    home.write("vars/all/a.json", "{\"y\": 1, \"z\": 3}");
    let playbook = "
- hosts: a
  tasks:
    - include_vars: one.yml
      register: one
    - command: echo {{ said }} {{ one.ansible_included_var_files | map('basename') | first }}
    - include_vars: {dir: all, name: all}
    - command: echo {{ all.y }} {{ all.z }} {{ y is defined }}
    - include_vars: file=all/b.yml hash_behaviour=merge
    - command: echo {{ d.x }} {{ d.y }}
    - copy: {content: 'x: 9', dest: '{{ playbook_dir }}/vars/one.yml'}
    - include_vars: one.yml
    - command: echo {{ x }}
    - include_vars: none.yml
      ignore_errors: true
      register: missing
    - command: echo {{ missing.msg.splitlines() | first }}
";
    deploy(&home, playbook, &[]).expect(0);
    let missing = "Could not find or access none.yml on the controller";
    assert_eq!(said(&home, "a"), ["1 a one.yml", "2 3 False", "1 2", "9", missing]);
}

#[test]
fn a_pause_without_a_terminal_asks_nobody() {
    let home = Home::new();
    let playbook = "
- hosts: a:b
  vars_prompt:
    - {name: answer, prompt: What, default: '{{ 6 * 7 }}'}
    - {name: secret, prompt: Secret, default: geheim, encrypt: sha512_crypt, salt: abcdefgh}
  tasks:
    - pause: prompt=Well?
      register: asked
    - command: echo {{ answer }} {{ asked.user_input | length }} {{ secret.split('$')[3] }}
";
    deploy(&home, playbook, &["-e", "answer=none"]).expect(0);
    assert_eq!(said(&home, "b"), ["none 0 abcdefgh"]);
    let playbook = "
- hosts: a
  vars_prompt: [{name: answer, prompt: What}]
  tasks: [ping: {}]
";
    let ran = deploy(&home, playbook, &[]).expect(7);
    assert!(ran.stderr.contains("vars_prompt: nobody is asked for `answer`; give it with -e answer=VALUE"));
}

#[test]
fn a_person_at_the_terminal_is_asked() {
    let home = Home::new();
    let playbook = "
- hosts: a:b
  vars_prompt:
    - {name: shown, prompt: Which, default: none, private: false}
    - {name: hidden, prompt: Word, confirm: true}
  tasks:
    - pause: {prompt: 'Go on?'}
      register: asked
    - command: echo {{ shown }} {{ hidden }} {{ asked.user_input }}
";
    home.write("play.yml", playbook);
    let inventory = home.local("a b");
    let mut terminal = home.at_terminal(home.opsctl().args(["deploy", "play.yml", "-i", &inventory]));
    terminal.wait_stdout("Which [none]: ");
    terminal.type_in("blue\n");
    terminal.wait_stdout("Word: ");
    terminal.type_in("one\n");
    terminal.wait_stdout("confirm Word: ");
    terminal.type_in("two\n");
    terminal.wait_stdout("These differ. Word: ");
    terminal.type_in("three\n");
    terminal.wait_stdout("confirm These differ. Word: ");
    terminal.type_in("three\n");
    terminal.wait_stdout("Go on?: ");
    terminal.type_in("yes\n");
    let screen = terminal.finish().expect(0).text();
    assert!(!screen.contains("three"), "{screen}");
    assert_eq!(said(&home, "b"), ["blue three yes"]);
}

#[test]
fn without_an_inventory_there_is_this_machine_alone() {
    let home = Home::new();
    home.write("play.yml", "- hosts: localhost\n  tasks:\n    - command: echo {{ ansible_host }}\n");
    run(home.opsctl().args(["deploy", "play.yml"])).expect(0);
    assert_eq!(said(&home, "localhost"), ["localhost"]);
}

/// As ansible-core 2.19 does.
#[test]
fn a_role_that_allows_no_duplicates_runs_once() {
    let home = Home::new();
    home.write("roles/r/tasks/main.yml", "- command: echo r\n");
    let playbook = "
- hosts: a
  tasks:
    - include_role: {name: r}
    - command: echo then
    - include_role: {name: r, allow_duplicates: false}
    - import_role: {name: r, allow_duplicates: false}
    - command: echo then
    - include_role: {name: r}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["r", "then", "then", "r"]);
}

// The answers are those of ansible-core 2.19.
#[test]
fn a_role_call_is_the_same_when_its_files_and_variables_are() {
    let home = Home::new();
    home.write("roles/r/tasks/main.yml", "- command: echo r {{ x | default(0) }} {{ item | default(9) }}\n");
    home.write("roles/r/tasks/other.yml", "- command: echo other\n");
    let playbook = "
- hosts: a
  gather_facts: false
  roles: [r]
  tasks:
    - include_role: {name: r, allow_duplicates: false}
    - include_role: {name: r, allow_duplicates: false}
      when: true
    - include_role: {name: r, allow_duplicates: false}
      vars: {x: 1}
    - include_role: {name: r, allow_duplicates: false}
      vars: {x: 1}
    - include_role: {name: r, allow_duplicates: false}
      loop: [1, 2, 1]
    - include_role: {name: r, tasks_from: other, allow_duplicates: false}
    - import_role: {name: r, allow_duplicates: false}
      vars: {x: 1}
    - import_role: {name: r, allow_duplicates: false}
      vars: {x: 3}
    - import_role: {name: r, allow_duplicates: false}
      vars: {x: 3}
      when: true
      tags: t
    - include_role: {name: r}
";
    deploy(&home, playbook, &[]).expect(0);
    assert_eq!(said(&home, "a"), ["r 0 9", "r 0 9", "r 1 9", "r 0 1", "r 0 2", "other", "r 3 9", "r 0 9"]);
}
