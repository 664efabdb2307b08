use serde_json::json;

use super::*;
use crate::secret::Secret;
use crate::vault::VaultPassword;

#[test]
fn deeper_groups_then_priority_then_name_win() {
    let text = "
[a]
h
[b]
h
[deep]
h
[parent:children]
deep
[a:vars]
x=a
y=a
ansible_group_priority=5
[b:vars]
x=b
y=b
[deep:vars]
y=deep
[parent:vars]
x=parent
y=parent
[all:vars]
x=all
z=all
";
    let inventory = load("hosts", text);
    assert_eq!(var(&inventory, "h", "x"), json!("a"));
    assert_eq!(var(&inventory, "h", "y"), json!("deep"));
    assert_eq!(var(&inventory, "h", "z"), json!("all"));
}

#[test]
fn files_beside_the_source_win_over_the_source_and_lose_to_the_playbook() {
    let fixture = Fixture::new(&[
        ("inv/hosts", "[web]\nh a=host b=host c=host\n[web:vars]\nd=web\ne=web\n"),
        ("inv/group_vars/all.yml", "a: all\nd: all\n"),
        ("inv/group_vars/web.yaml", "a: web\ne: file\n"),
        ("inv/host_vars/h", "b: file\nc: file\n"),
        ("play/group_vars/web.json", "{\"e\": \"play\"}"),
        ("play/host_vars/h.yml", "c: play\n"),
    ]);
    let options = playbook_options(fixture.path().join("play"));
    let inventory = Inventory::load(&[fixture.source("inv/hosts")], &options).expect("an inventory").inventory;
    let values: Vec<_> = ["a", "b", "c", "d", "e"].iter().map(|name| var(&inventory, "h", name)).collect();
    assert_eq!(values, [json!("host"), json!("file"), json!("play"), json!("all"), json!("play")]);
}

#[test]
fn later_source_wins_and_its_group_vars_too() {
    let fixture = Fixture::new(&[
        ("one/hosts", "[web]\nh x=1 y=1\n"),
        ("one/group_vars/web", "z: 1\n"),
        ("two/hosts", "[web]\nh x=2\ni\n"),
        ("two/group_vars/all", "z: 2\n"),
    ]);
    let sources = [fixture.source("one"), fixture.source("two")];
    let inventory = Inventory::load(&sources, &LoadOptions::default()).expect("an inventory").inventory;
    assert_eq!(var(&inventory, "h", "x"), json!(2));
    assert_eq!(var(&inventory, "h", "y"), json!(1));
    assert_eq!(var(&inventory, "h", "z"), json!(1));
    assert_eq!(var(&inventory, "i", "z"), json!(1));
}

#[test]
fn directory_of_group_vars_is_read_in_order_and_hides_the_file_beside_it() {
    let fixture = Fixture::new(&[
        ("hosts", "h\n"),
        ("group_vars/all/20.yml", "x: 20\n"),
        ("group_vars/all/10.yml", "x: 10\ny: 10\n"),
        ("group_vars/all/sub/1.yml", "z: sub\n"),
        ("group_vars/all/.hidden.yml", "x: hidden\n"),
        ("group_vars/all/note.txt", "x: note\n"),
        ("group_vars/all.yml", "x: file\n"),
    ]);
    let loaded = fixture.load("hosts");
    assert_eq!(var(&loaded.inventory, "h", "x"), json!(20));
    assert_eq!(var(&loaded.inventory, "h", "y"), json!(10));
    assert_eq!(var(&loaded.inventory, "h", "z"), json!("sub"));
    assert!(loaded.warnings[0].contains("all.yml: is left out"), "{:?}", loaded.warnings);
}

#[test]
fn each_variable_knows_its_place() {
    let fixture = Fixture::new(&[("hosts", "\n[web]\nh x=1\n[web:vars]\ny=2\n"), ("host_vars/h.yml", "\nz: 3\n")]);
    let inventory = fixture.load("hosts").inventory;
    let host = inventory.host("h").expect("a host");
    let places: Vec<String> = inventory.vars(host).values().map(|var| var.source.to_string()).collect();
    let expected = ["hosts:5", "hosts:3", "host_vars/h.yml:2"].map(|place| fixture.source(place));
    assert_eq!(places, expected);
}

#[test]
fn vaulted_file_is_left_out_with_a_warning() {
    let fixture = Fixture::new(&[("hosts", "h\n"), ("group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3132\n")]);
    let loaded = fixture.load("hosts");
    assert!(loaded.warnings[0].contains("encrypted with Ansible Vault"), "{:?}", loaded.warnings);
}

fn vault(password: &str) -> LoadOptions {
    let password = VaultPassword { id: "default".to_owned(), password: Secret::new(password.to_owned()) };
    LoadOptions { vault: Some(Vault::new(vec![password])), ..LoadOptions::default() }
}

#[test]
fn vaulted_file_is_opened_and_its_values_are_secrets() {
    let vars = include_str!("../../vault/vectors/vars.vault");
    let fixture = Fixture::new(&[("hosts", "h\n"), ("group_vars/all/vault.yml", vars)]);
    let sources = [fixture.source("hosts")];
    let loaded = Inventory::load(&sources, &vault("correct horse")).expect("an inventory");
    assert_eq!(var(&loaded.inventory, "h", "db_password"), "hunter2");
    let mut secrets = loaded.secrets;
    secrets.sort();
    assert_eq!(secrets, ["abc def", "hunter2"]);
    let error = Inventory::load(&sources, &vault("wrong")).expect_err("an error");
    let expected = "group_vars/all/vault.yml: no vault password opens it (tried: default)";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("--vault-id")));
}

#[test]
fn an_error_in_a_vaulted_file_shows_nothing_of_it() {
    let options = vault("x");
    let sealed = options.vault.as_ref().expect("a vault").seal(b"- hunter2\n- b: [\n", None).expect("an envelope");
    let fixture = Fixture::new(&[("hosts", "h\n"), ("group_vars/all.yml", &sealed)]);
    let error = Inventory::load(&[fixture.source("hosts")], &options).expect_err("an error");
    assert!(error.to_string().contains("what it holds is not shown"), "{error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

#[test]
#[expect(clippy::format_collect, reason = "short texts")]
fn vaulted_connection_variables_are_opened() {
    let options = vault("x");
    let sealed = options.vault.as_ref().expect("a vault").seal(b"hunter2", None).expect("an envelope");
    let text: String = sealed.lines().map(|line| format!("        {line}\n")).collect();
    let text = format!("all:\n  hosts:\n    h:\n      ansible_password: !vault |\n{text}");
    let fixture = Fixture::new(&[("h.yml", &text)]);
    let loaded = Inventory::load(&[fixture.source("h.yml")], &options).expect("an inventory");
    let vars = loaded.inventory.connection(loaded.inventory.host("h").expect("a host")).expect("variables");
    assert_eq!(vars.password.expect("a password").expect("one").expose(), "hunter2");
}
