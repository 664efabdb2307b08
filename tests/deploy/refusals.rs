//! What is refused before anything runs.

use super::deploy;
use crate::common::Home;

#[test]
fn an_unknown_module_is_refused_with_its_place_and_the_nearest_name() {
    let home = Home::new();
    let ran = deploy(&home, "- hosts: a\n  tasks:\n    - comand: echo x\n", &[]).expect(2);
    assert!(ran.stderr.contains("play.yml:3:7"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `command`"), "{}", ran.stderr);
    assert!(home.journals().is_empty());
}

#[test]
fn an_unknown_argument_is_refused() {
    let home = Home::new();
    let ran = deploy(&home, "- hosts: a\n  tasks:\n    - file: {pth: /x, state: absent}\n", &[]).expect(2);
    assert!(ran.stderr.contains("did you mean `path`"), "{}", ran.stderr);
}

#[test]
fn a_missing_variable_fails_the_task_with_its_name_and_place() {
    let home = Home::new();
    let ran = deploy(&home, "- hosts: a\n  tasks:\n    - command: echo {{ nothing_here }}\n", &[]).expect(3);
    assert!(ran.text().contains("'nothing_here' is undefined (play.yml:3:"), "{}", ran.text());
}

#[test]
fn a_missing_variable_of_a_template_is_told_with_the_templates_line() {
    let home = Home::new();
    home.write("t.j2", "one\n{% for person in people %}\n{{ person.nmae }}\n{% endfor %}\n");
    let playbook = "
- hosts: a
  vars: {people: [{name: ada}]}
  tasks:
    - template: {src: t.j2, dest: out}
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    assert!(ran.text().contains("has no attribute 'nmae'") && ran.text().contains("t.j2:3"), "{}", ran.text());
    assert!(ran.text().contains("did you mean `name`?"), "{}", ran.text());
}

#[test]
fn an_until_that_cannot_be_told_hides_no_failure() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: sh -c 'echo why >&2; exit 3'
      register: asked
      until: asked.answer == 'x'
      retries: 3
      delay: 0
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    let message = "non-zero return code; `until` cannot be told: object of type 'dict' has no attribute 'answer'";
    assert!(ran.text().contains(message) && ran.text().contains("stderr | why"), "{}", ran.text());
}

#[test]
fn an_until_that_never_holds_is_the_failures_reason() {
    let home = Home::new();
    let playbook = "
- hosts: a
  tasks:
    - command: echo fine
      register: asked
      until: asked.stdout == 'better'
      retries: 2
      delay: 0
";
    let ran = deploy(&home, playbook, &[]).expect(3);
    assert!(ran.text().contains("failed a: `until` did not hold in 3 tries"), "{}", ran.text());
}
