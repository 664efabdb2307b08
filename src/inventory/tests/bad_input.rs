use super::*;

fn error(name: &str, text: &str) -> String {
    Fixture::new(&[(name, text)]).error(name)
}

#[test]
fn missing_inventory_is_an_error() {
    insta::assert_snapshot!(Fixture::new(&[]).error("missing.yml"), @r"
    inventory missing.yml does not exist
    hint: check the path
    ");
    let error = Inventory::load(&["web1".to_owned()], &LoadOptions::default()).expect_err("an error");
    insta::assert_snapshot!(error.hint().expect("a hint"), @"check the path; a list of host names needs a comma: -i 'web1,'");
}

#[test]
fn unreadable_inventory_is_an_error() {
    // A directory in the place of a file fails for root too, who may read everything.
    let fixture = Fixture::new(&[("group_vars/all/x.yml", "a: 1\n"), ("hosts", "h\n")]);
    fs::remove_file(fixture.path().join("hosts")).expect("removed");
    std::os::unix::fs::symlink("/proc/self/mem", fixture.path().join("hosts")).expect("a link");
    assert!(fixture.error("hosts").starts_with("cannot read inventory hosts"));
}

#[test]
fn empty_inventory_has_no_hosts_and_says_so() {
    for (name, text) in
        [("hosts", ""), ("hosts.yml", "---\n# nothing\n"), ("hosts.ini", "; nothing\n"), ("a.json", "{}")]
    {
        let fixture = Fixture::new(&[(name, text)]);
        let loaded = fixture.load(name);
        assert_eq!(loaded.inventory.hosts().len(), 0);
        assert_eq!(loaded.warnings, [format!("{}: holds no hosts", fixture.source(name))]);
    }
}

#[test]
fn directory_without_sources_has_no_hosts_and_says_so() {
    let fixture = Fixture::new(&[("d/README.md", "nothing here\n")]);
    assert_eq!(fixture.load("d").warnings, [format!("{}: holds no hosts", fixture.source("d"))]);
}

#[test]
fn directory_that_leads_into_itself_is_an_error() {
    let fixture = Fixture::new(&[("d/hosts", "h\n")]);
    for name in ["d/one", "d/two"] {
        std::os::unix::fs::symlink(".", fixture.path().join(name)).expect("a link");
    }
    assert!(fixture.error("d").starts_with("cannot read inventory d/one/one/"));
}

#[test]
fn binary_inventory_is_an_error() {
    insta::assert_snapshot!(error("hosts", "h\n\0\u{1}"), @r"
    hosts: is a binary file (byte 2 is NUL)
    hint: an inventory is YAML or INI text
    ");
    insta::assert_snapshot!(error("hosts.yml", "\0"), @r"
    hosts.yml: is a binary file (byte 0 is NUL)
    hint: an inventory is YAML or INI text
    ");
}

#[test]
fn inventory_that_is_not_utf_8_is_an_error_except_in_comments() {
    let fixture = Fixture::new(&[("bad", ""), ("comment", "")]);
    fs::write(fixture.path().join("bad"), b"[web]\nh x=\xff\n").expect("a file");
    fs::write(fixture.path().join("comment"), b"# caf\xe9\n[web]\nh\n").expect("a file");
    insta::assert_snapshot!(fixture.error("bad"), @r"
    bad: is not UTF-8 text (line 2, byte 10)
    hint: save it as UTF-8
    ");
    assert_eq!(names(fixture.load("comment").inventory.hosts()), "h");
}

#[test]
fn inventory_of_50_mb_is_refused() {
    let fixture = Fixture::new(&[("hosts.yml", "")]);
    let file = fs::File::create(fixture.path().join("hosts.yml")).expect("a file");
    file.set_len(50 << 20).expect("a length");
    insta::assert_snapshot!(fixture.error("hosts.yml"), @r"
    inventory hosts.yml is larger than 32 MiB
    hint: split it into several files in one directory
    ");
}

#[test]
fn yaml_syntax_error_has_its_place() {
    insta::assert_snapshot!(error("hosts.yml", "all:\n  hosts:\n    web1:\n   web2:\n"), @r"
    hosts.yml:4:4: while parsing a block mapping, did not find expected key
      4 |    web2:
        |    ^
    hint: check the indentation of this line and the one above
    ");
    insta::assert_snapshot!(error("hosts.yml", "all:\n\thosts:\n"), @r"
    hosts.yml:2:1: a tab cannot indent YAML
      2 |  hosts:
        | ^
    hint: use spaces
    ");
}

#[test]
fn wrong_types_in_yaml_are_errors() {
    insta::assert_snapshot!(error("hosts.yml", "all:\n  hosts:\n    - web1\n"), @r"
    hosts.yml:3:5: `hosts` of group `all` must be a mapping, found a list
      3 |     - web1
        |     ^
    hint: write each name with a colon: `web1:`
    ");
    insta::assert_snapshot!(error("hosts.yml", "all:\n  host:\n    web1:\n"), @r"
    hosts.yml:2:3: unknown key `host` in group `all`
      2 |   host:
        |   ^
    hint: did you mean `hosts`?
    ");
    insta::assert_snapshot!(error("hosts.yml", "all:\n  hosts:\n    web1: 5\n"), @r"
    hosts.yml:3:11: variables of host `web1` must be a mapping, found a number
      3 |     web1: 5
        |           ^
    hint: write `name: value` below the host
    ");
    insta::assert_snapshot!(error("hosts.yml", "all:\n  hosts:\n    12:\n"), @r#"
    hosts.yml:3:5: a host name must be a string, found a number
      3 |     12:
        |     ^
    hint: put it in quotes: "12"
    "#);
    insta::assert_snapshot!(error("hosts.yml", "all: web1\n"), @r"
    hosts.yml:1:6: group `all` must be a mapping, found a string
      1 | all: web1
        |      ^
    hint: a group holds `hosts`, `children` and `vars`
    ");
    insta::assert_snapshot!(error("hosts.yml", "- web1\n- web2: x\n"), @r"
    hosts.yml:1:1: an inventory is a mapping of groups, found a list
      1 | - web1
        | ^
    hint: begin with `all:` and `hosts:` within
    ");
    insta::assert_snapshot!(error("hosts.yml", "all:\n  hosts:\n    web[3:1]:\n"), @r"
    hosts.yml:3:5: range `[3:1]` begins after its end
      3 |     web[3:1]:
        |     ^
    ");
}

#[test]
fn inventory_plugin_is_refused_by_name() {
    insta::assert_snapshot!(error("aws.yml", "plugin: amazon.aws.aws_ec2\nregions: [eu-central-1]\n"), @r"
    aws.yml:1:9: inventory plugins are not supported: `amazon.aws.aws_ec2`
      1 | plugin: amazon.aws.aws_ec2
        |         ^
    hint: use a program that prints its result: #!/bin/sh and `exec ansible-inventory -i aws.yml --list`
    ");
}

#[test]
fn ini_errors_have_their_place() {
    insta::assert_snapshot!(error("hosts", "[web]\nweb1\n[prod:children]\nwbe\n"), @r"
    hosts:4:1: group `wbe` is not defined
      4 | wbe
        | ^
    hint: did you mean `web`?
    ");
    insta::assert_snapshot!(error("hosts", "[web:vars]\nx=1\n"), @r"
    hosts:1:1: [web:vars] stands for a group that is not defined
      1 | [web:vars]
        | ^
    hint: add a section [web]
    ");
    insta::assert_snapshot!(error("hosts", "[web servers]\nweb1\n"), @r"
    hosts:1:1: invalid section `[web servers]`
      1 | [web servers]
        | ^
    hint: a section is [group], [group:children] or [group:vars], without spaces
    ");
    insta::assert_snapshot!(error("hosts", "[web:hots]\nweb1\n"), @r"
    hosts:1:1: section [web:hots] has the unknown kind `hots`
      1 | [web:hots]
        | ^
    hint: known are [group], [group:children] and [group:vars]
    ");
    insta::assert_snapshot!(error("hosts", "web1 user\n"), @r#"
    hosts:1:1: expected key=value after the host
      1 | web1 user
        | ^
    hint: one host a line; a value with spaces needs quotes: key="a b"
    "#);
    insta::assert_snapshot!(error("hosts", "web1 x='open\n"), @r#"
    hosts:1:1: host line cannot be split into words: no closing quotation
      1 | web1 x='open
        | ^
    hint: quote a whole value: key="it's"
    "#);
    insta::assert_snapshot!(error("hosts", "[web:vars]\nnothing\n[web]\n"), @r"
    hosts:2:1: expected key=value
      2 | nothing
        | ^
    ");
}

#[test]
fn cyclic_groups_are_refused() {
    insta::assert_snapshot!(error("hosts", "[a:children]\nb\n[b:children]\na\n"), @r"
    hosts:4:1: group `a` cannot be a child of `b`: that closes a circle
      4 | a
        | ^
    ");
    insta::assert_snapshot!(error("hosts.yml", "a: {children: {b: {children: {a: }}}}\n"), @r"
    hosts.yml:1:16: group `b` cannot be a child of `a`: that closes a circle
      1 | a: {children: {b: {children: {a: }}}}
        |                ^
    ");
    insta::assert_snapshot!(error("hosts.yml", "a: {children: {a: }}\n"), @r"
    hosts.yml:1:16: group `a` cannot be a child of `a`: that closes a circle
      1 | a: {children: {a: }}
        |                ^
    ");
}

#[test]
fn variables_file_that_is_no_mapping_is_an_error() {
    insta::assert_snapshot!(Fixture::new(&[("hosts", "h\n"), ("group_vars/all.yml", "- a\n")]).error("hosts"), @r"
    group_vars/all.yml:1:1: variables must be a mapping, found a list
      1 | - a
        | ^
    hint: write `name: value`
    ");
}

#[test]
fn duplicate_keys_warn_with_their_place() {
    let fixture = Fixture::new(&[("h.yml", "all:\n  hosts:\n    a:\n    b:\n    a:\n")]);
    assert!(fixture.load("h.yml").warnings[0].contains("h.yml:5:5: duplicate key `a`"));
}

#[test]
fn odd_group_names_are_only_noted() {
    let loaded = Fixture::new(&[("hosts", "[web-eu]\nh\n")]).load("hosts");
    assert!(loaded.warnings.is_empty());
    assert!(loaded.notes[0].contains("web-eu"));
}
