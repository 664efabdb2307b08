use serde_json::json;

use super::*;

#[test]
fn ini_is_read_as_in_ansible() {
    let text = "
; comment
alone
[web] # comment
web[1:2].example:2222 a=5 b='x y' c=[1,2] # comment
[web:vars]
d = True
e = text # not a comment
[prod:children]
web # comment
later
[later]
x1
";
    let inventory = load("hosts", text);
    assert_eq!(names(inventory.hosts()), "alone web1.example web2.example x1");
    assert_eq!(
        names(inventory.hosts_within(inventory.group("prod").expect("a group"))),
        "web1.example web2.example x1"
    );
    assert_eq!(names(inventory.members(inventory.group("ungrouped").expect("a group"))), "alone");
    let values: Vec<_> =
        ["a", "b", "c", "d", "e", "ansible_port"].map(|name| var(&inventory, "web1.example", name)).into();
    assert_eq!(
        values,
        [json!(5), json!("x y"), json!([1, 2]), json!(true), json!("text # not a comment"), json!(2222)]
    );
}

#[test]
fn yaml_is_read_as_in_ansible() {
    let text = "
all:
  hosts:
    alone:
  children:
    web:
      hosts:
        web[01:03:2]:
          flag: yes
        'h2:2222': {mode: 0644}
      vars:
        x: 1
    empty:
    prod:
      children:
        web:
      hosts: single
";
    let inventory = load("hosts.yml", text);
    assert_eq!(names(inventory.hosts()), "alone web01 web03 h2 single");
    assert_eq!(var(&inventory, "web03", "flag"), json!(true));
    assert_eq!(var(&inventory, "h2", "mode"), json!(420));
    assert_eq!(var(&inventory, "h2", "ansible_port"), json!(2222));
    assert_eq!(var(&inventory, "h2", "x"), json!(1));
    assert_eq!(inventory.hosts_within(inventory.group("empty").expect("a group")).len(), 0);
}

#[test]
fn file_without_ending_may_be_yaml_or_ini() {
    assert_eq!(names(load("hosts", "all:\n  hosts:\n    h:\n").hosts()), "h");
    assert_eq!(names(load("hosts", "[g]\nh\n").hosts()), "h");
    assert_eq!(names(load("hosts", "h1\nh2\n").hosts()), "h1 h2");
    assert_eq!(names(load("hosts.yml", "[g]\nh\n").hosts()), "h");
    assert_eq!(names(load("hosts.json", "{\"all\": {\"hosts\": {\"h\": null}}}").hosts()), "h");
}

#[test]
fn comma_list_is_a_source() {
    let load =
        |list: &str| Inventory::load(&[list.to_owned()], &LoadOptions::default()).expect("an inventory").inventory;
    assert_eq!(names(load("a,b:22,").hosts()), "a b");
    assert_eq!(names(load("web[1:2],web[08-09,11],").hosts()), "web1 web2 web08 web09 web11");
    assert_eq!(var(&load("b:22,"), "b", "ansible_port"), json!(22));
}

#[test]
fn directory_is_read_in_order_without_what_is_no_source() {
    let fixture = Fixture::new(&[
        ("d/02-web", "[web]\nh x=2\n"),
        ("d/01.yml", "web: {hosts: {h: {x: 1}, i: }}\n"),
        ("d/sub/03", "[db]\nj\n"),
        ("d/README.md", "Not an inventory: at all\n"),
        ("d/old.bak", "bak\n"),
        ("d/ansible.cfg", "[defaults]\n"),
        ("d/.git/x", "git\n"),
        ("d/group_vars/web", "y: 3\n"),
    ]);
    let inventory = fixture.load("d").inventory;
    assert_eq!(names(inventory.hosts()), "h i j");
    assert_eq!(var(&inventory, "h", "x"), json!(2));
    assert_eq!(var(&inventory, "i", "y"), json!(3));
}

#[test]
fn data_file_with_an_execute_bit_is_not_run() {
    let fixture = Fixture::new(&[]);
    write_program(fixture.path().join("hosts"), "[g]\nh\n");
    assert_eq!(names(fixture.load("hosts").inventory.hosts()), "h");
}

#[test]
fn every_file_read_is_listed_with_its_hash() {
    let fixture = Fixture::new(&[("hosts", "h\n"), ("group_vars/all", "a: 1\n")]);
    let loaded = fixture.load("hosts");
    assert_eq!(loaded.files.len(), 2);
    assert_eq!(loaded.files[0].sha256, "91ee5e9f42ba3d34e414443b36a27b797a56a47aad6bb1e4c1769e69c77ce0ca");
}

#[test]
fn one_name_for_a_group_and_a_host_warns() {
    let fixture = Fixture::new(&[("hosts", "[web]\nweb\n")]);
    assert_eq!(fixture.load("hosts").warnings, ["`web` is the name of a group and of a host"]);
}
