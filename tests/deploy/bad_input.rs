//! Mistakes in playbooks and variables: each is told with its place, and what is nearest to it.

use super::deploy;
use crate::common::{Home, run};

const TASKS: &str = "- hosts: a\n  gather_facts: false\n  tasks:\n";

/// Refuses a playbook before anything runs and gives what it says.
fn refused(playbook: &str) -> String {
    let home = Home::new();
    let ran = deploy(&home, playbook, &[]).expect(2);
    assert!(home.journals().is_empty(), "{playbook}");
    ran.stderr
}

/// Runs a playbook that fails and gives what it shows.
fn failing(home: &Home, playbook: &str) -> String {
    let ran = deploy(home, playbook, &[]).expect(3);
    format!("{}{}", ran.text(), ran.stderr)
}

#[test]
fn a_text_that_is_no_yaml_is_told_with_place_and_caret() {
    for (text, place, says) in [
        ("- hosts: a\n\ttasks: []\n", "2:1", "use spaces"),
        ("    - command: \"echo\n", "4:16", "a quote is opened and not closed"),
        ("    - command: 'echo' x\n", "4:23", "text follows the closing one"),
        ("    - command: {{ x }}\n", "4:17", "quote a value that starts with `{{`"),
        ("    - {command: echo {{ x }}}\n", "4:22", "quote a value with a template in it"),
        ("    - command: echo\n     name: x\n", "5:6", "check the indentation"),
        ("    - command: *x\n", "4:16", "an anchor (`&name`) must stand before its alias"),
        ("    - command: [echo\n", "4:16", "nothing closes what is opened here"),
        ("    - command: echo\n---\n- hosts: b\n", "5:1", "remove `---`"),
        ("    - command: !nosuch x\n", "4:", "`!vault` and `!unsafe` are known"),
        ("    - name:x\n      command: echo\n", "5:14", "put a space after the colon: `name: x`"),
        ("    - name: a: b\n", "4:14", "a value that holds `: ` must be quoted"),
        ("    - command: %x\n", "4:16", "quote a value that starts with this character"),
        ("    - command: @x\n", "4:16", "quote a value that starts with this character"),
        ("    - command: echo \u{1}\n", "4:", "unexpected character"),
    ] {
        let playbook = if text.starts_with("- hosts") { text.to_owned() } else { format!("{TASKS}{text}") };
        let said = refused(&playbook);
        assert!(said.contains(&format!("play.yml:{place}")) && said.contains(says), "{text}: {said}");
        assert!(said.lines().any(|line| line.trim_start().trim_start_matches('|').trim() == "^"), "{text}: {said}");
    }
}

#[test]
fn a_text_that_is_no_playbook_is_told_with_its_place() {
    for (text, says) in [
        ("", "play.yml: is empty and holds no play"),
        ("hosts: a\n", "play.yml:1:1: a playbook is a list of plays, not a mapping"),
        ("- tasks: []\n", "play.yml:1:"),
        ("- hosts: a\n  tasks: x\n", "play.yml:2:10"),
        ("- hosts: a\n  task: []\n", "did you mean `tasks`"),
    ] {
        let said = refused(text);
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn a_template_that_cannot_be_read_is_told_with_place_and_caret() {
    for (text, place, says) in [
        ("{{ x", "5:18", "unexpected end of input, expected end of variable block"),
        ("{% if x %}y", "5:25", "unexpected end of input"),
        ("{% endfor %}", "5:18", "endfor"),
        ("{% for x %}{% endfor %}", "5:24", "expected in"),
        ("{{ 1 + }}", "5:22", "unexpected end of variable block"),
        ("{{ 1 | nosuch }}", "5:22", "no filter named 'nosuch'"),
        ("{{ 1 is nosuch }}", "5:23", "no test named 'nosuch'"),
        ("{{ lookup(\"nosuch\") }}", "5:18", "no lookup named 'nosuch'"),
        ("{{ 1 | defualt(2) }}", "5:22", "did you mean `default`"),
    ] {
        let said = refused(&format!("{TASKS}    - debug:\n        msg: '{text}'\n"));
        assert!(said.contains(&format!("play.yml:{place}")) && said.contains(says), "{text}: {said}");
        assert!(said.contains("    |") && said.contains('^'), "{text}: {said}");
    }
}

#[test]
fn a_template_that_cannot_be_computed_fails_its_task_with_the_place() {
    for (text, says) in [
        ("{{ nosuch(1) }}", "'nosuch' is undefined (play.yml:5:18)"),
        ("{{ \"a\" + 1 }}", "can only concatenate str (not \"int\") to str (play.yml:5:24)"),
        ("{{ 1 / 0 }}", "division by zero (play.yml:5:22)"),
        ("{{ [1][5] }}", "object of type 'list' has no attribute 5 (play.yml:5:18)"),
        ("{% for i in 5 %}{% endfor %}", "'int' object is not iterable (play.yml:5:27)"),
        ("{{ inventory_hostnam }}", "did you mean `inventory_hostname`?"),
    ] {
        let said = failing(&Home::new(), &format!("{TASKS}    - debug:\n        msg: '{text}'\n"));
        assert!(said.contains(says), "{text}: {said}");
    }
}

#[test]
fn an_undefined_variable_is_told_where_it_is_used_however_it_came_there() {
    let playbook = "
- hosts: a
  gather_facts: false
  vars:
    people: [{name: ada}]
    first: '{{ peopel[0] }}'
  tasks:
    - debug: {msg: '{{ first.name }}'}
";
    let said = failing(&Home::new(), playbook);
    assert!(said.contains("'peopel' is undefined (play.yml:6:16); did you mean `people`?"), "{said}");
}

#[test]
fn what_includes_itself_ends() {
    let home = Home::new();
    home.write("self.yml", "- include_tasks: self.yml\n");
    let said = failing(&home, &format!("{TASKS}    - include_tasks: self.yml\n"));
    assert!(said.contains("it includes itself") && said.contains("self.yml:1:3"), "{said}");
    home.write("roles/r/tasks/main.yml", "- include_role: {name: r}\n");
    let said = failing(&home, "- hosts: a\n  gather_facts: false\n  roles: [r]\n");
    assert!(said.contains("it includes itself") && said.contains("roles/r/tasks/main.yml:1:3"), "{said}");
}

#[test]
fn what_imports_itself_is_refused_with_the_chain() {
    let home = Home::new();
    home.write("self.yml", "- import_tasks: self.yml\n");
    home.write("roles/x/meta/main.yml", "dependencies: [y]\n");
    home.write("roles/y/meta/main.yml", "dependencies: [x]\n");
    for (playbook, place, chain) in [
        (format!("{TASKS}    - import_tasks: self.yml\n"), "self.yml:1:3", "self.yml -> self.yml"),
        ("- import_playbook: play.yml\n".to_owned(), "play.yml:1:20", "play.yml -> play.yml"),
        ("- hosts: a\n  roles: [x]\n".to_owned(), "roles/y/meta/main.yml:1:16", "x -> y -> x"),
    ] {
        let said = deploy(&home, &playbook, &[]).expect(2).stderr;
        assert!(said.contains(place) && said.contains(chain), "{said}");
    }
}

#[test]
fn a_role_that_is_not_there_is_told_with_the_places_looked_at() {
    let said = refused("- hosts: a\n  roles: [nosuch]\n");
    assert!(said.contains("play.yml:2:11: there is no role `nosuch`"), "{said}");
    assert!(said.contains("looked for: roles/nosuch, ") && said.contains("/etc/ansible/roles/nosuch"), "{said}");
    // One whose name is computed is known only when it is its turn; another host's play goes on.
    let playbook = format!("{TASKS}    - include_role: {{name: \"{{{{ 'no' ~ 'such' }}}}\"}}\n");
    let said = failing(&Home::new(), &playbook);
    assert!(said.contains("TASK include_role  failed 1") && said.contains("there is no role `nosuch`"), "{said}");
    assert!(said.contains("looked for: roles/nosuch, "), "{said}");
}

#[test]
fn a_file_to_include_that_is_not_there_fails_and_may_be_rescued() {
    let home = Home::new();
    let playbook = "
- hosts: a
  gather_facts: false
  tasks:
    - block:
        - include_tasks: '{{ inventory_hostname }}.yml'
      rescue:
        - command: echo rescued
";
    let ran = deploy(&home, playbook, &[]).expect(0);
    assert!(ran.text().contains("failed a:") && ran.text().contains("a.yml"), "{}", ran.text());
    assert_eq!(super::said(&home, "a"), ["rescued"]);
}

#[test]
fn a_vault_that_no_password_opens_is_told_with_the_ids_tried() {
    let home = Home::new();
    home.write("vars.yml", "k: 1\n");
    home.write("right", "right\n");
    home.write("wrong", "wrong\n");
    run(home.opsctl().args(["vault", "encrypt", "vars.yml", "--vault-password-file", "right"])).expect(0);
    let playbook = "- hosts: a\n  vars_files: [vars.yml]\n  tasks: [{debug: {var: k}}]\n";
    let said = deploy(&home, playbook, &["--vault-password-file", "wrong"]).expect(2).stderr;
    assert!(said.contains("vars.yml: cannot be decrypted: no vault password opens it (tried: default)"), "{said}");
    let said = deploy(&home, playbook, &[]).expect(2).stderr;
    assert!(said.contains("no vault password was given") && said.contains("--ask-vault-pass"), "{said}");
    deploy(&home, playbook, &["--vault-password-file", "right"]).expect(0);
}

#[test]
fn a_template_that_never_ends_is_ended() {
    let count = "{% for i in range(99999999) %}{% for j in range(99999999) %}{% endfor %}{% endfor %}";
    let recursive = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    for (text, says) in [(count, "larger than"), (recursive, "recursive loop detected in template")] {
        let said = failing(&Home::new(), &format!("{TASKS}    - debug:\n        msg: '{text}'\n"));
        assert!(said.contains(says) && said.contains("(play.yml:5:"), "{text}: {said}");
    }
    let playbook = "
- hosts: a
  gather_facts: false
  vars: {x: '{{ y }}', y: '{{ x }}'}
  tasks: [{debug: {var: x}}]
";
    let said = failing(&Home::new(), playbook);
    assert!(said.contains("recursive loop detected in template (play.yml:4:"), "{said}");
}

#[test]
fn an_argument_of_the_wrong_type_is_refused_with_its_place() {
    for (task, place, says) in [
        ("file: {path: x, state: nosuch}", "4:23", "must be one of: absent, directory, file, hard, link, touch"),
        ("wait_for: {port: abc}", "4:18", "argument 'port' is of type str and we were unable to convert to int"),
        ("copy: {content: x, dest: y, force: maybe}", "4:35", "argument 'force' is of type str"),
        ("apt: {name: {a: b}}", "4:", "unable to convert to list"),
    ] {
        let said = refused(&format!("{TASKS}    - {task}\n"));
        assert!(said.contains(&format!("play.yml:{place}")) && said.contains(says), "{task}: {said}");
        assert!(said.contains('^'), "{said}");
    }
    // What is computed is known only when it is its turn.
    let said = failing(&Home::new(), &format!("{TASKS}    - file: {{path: x, state: \"{{{{ 'nosuch' }}}}\"}}\n"));
    assert!(said.contains("failed a: value of state must be one of: absent"), "{said}");
}
