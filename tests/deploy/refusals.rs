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
