//! Encrypting, decrypting, rekeying.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Stdio;

use super::common::run;
use super::{home, says_nothing_of, shown, vault};

/// Made by ansible-vault 2.19.14 with the password `correct horse`.
const VARS: &str = include_str!("../../src/vault/vectors/vars.vault");

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn a_file_of_ansible_vault_is_shown_and_decrypted_in_place() {
    let home = home();
    let path = home.write("vars.yml", VARS);
    let plain = "db_password: hunter2\napi_key: \"abc def\"\n";
    assert_eq!(shown(&home, "vars.yml"), plain);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    run(&mut vault(&home, &["decrypt", "vars.yml"])).expect(0);
    assert_eq!((home.read("vars.yml").as_str(), mode(&path)), (plain, 0o640));
}

#[test]
fn a_file_is_encrypted_through_a_link_and_keeps_its_mode() {
    let home = home();
    let path = home.write("real.yml", "hunter2");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    symlink("real.yml", home.dir().join("link.yml")).unwrap();
    run(&mut vault(&home, &["encrypt", "link.yml"])).expect(0);
    assert!(home.dir().join("link.yml").is_symlink());
    assert!(home.read("real.yml").starts_with("$ANSIBLE_VAULT;1.1;AES256\n"));
    assert_eq!((mode(&path), shown(&home, "link.yml").as_str()), (0o604, "hunter2"));
    assert_eq!(home.holds("hunter2"), None);
}

#[test]
fn an_output_is_for_its_owner_alone() {
    let home = home();
    home.write("a", "hunter2");
    run(&mut vault(&home, &["encrypt", "a", "--output", "b"])).expect(0);
    assert_eq!((home.read("a").as_str(), mode(home.dir().join("b").to_str().unwrap())), ("hunter2", 0o600));
    let out = run(&mut vault(&home, &["decrypt", "b", "--output", "-"])).expect(0);
    assert_eq!(out.text(), "hunter2");
    run(&mut vault(&home, &["encrypt", "a", "b", "--output", "c"])).expect(2);
    assert!(!home.has("c"));
}

#[test]
fn what_is_encrypted_is_not_encrypted_again_and_what_is_plain_is_not_decrypted() {
    let home = home();
    home.write("a", VARS);
    home.write("b", "hunter2");
    let ran = run(&mut vault(&home, &["encrypt", "a"])).expect(2);
    assert!(ran.stderr.contains("a: is encrypted already"), "{}", ran.stderr);
    let ran = run(&mut vault(&home, &["decrypt", "b"])).expect(2);
    assert!(ran.stderr.contains("b: not an Ansible Vault text: it does not begin with"), "{}", ran.stderr);
    says_nothing_of(&ran, "hunter2");
    assert_eq!((home.read("a").as_str(), home.read("b").as_str()), (VARS, "hunter2"));
}

#[test]
fn rekeying_changes_the_password_and_the_id_of_all_or_none() {
    let home = home();
    home.write("a", VARS);
    home.write("b", VARS);
    home.write("plain", "x");
    home.write("new", "battery staple");
    run(&mut vault(&home, &["rekey", "a", "plain", "--new-vault-id", "prod@new"])).expect(2);
    assert_eq!(home.read("a"), VARS);
    run(&mut vault(&home, &["rekey", "a", "b", "--new-vault-id", "prod@new"])).expect(0);
    assert!(home.read("b").starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n"));
    run(&mut vault(&home, &["view", "a"])).expect(2);
    let view = run(home.opsctl().args(["vault", "view", "a", "--vault-id", "prod@new"])).expect(0);
    assert!(view.text().contains("hunter2"));
}

#[test]
fn a_pipe_is_encrypted_and_decrypted() {
    let home = home();
    let through = |action: &str, input: &[u8]| {
        let mut child =
            vault(&home, &[action]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the binary is there");
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().stdout
    };
    let sealed = through("encrypt", b"hunter2\xff");
    assert!(sealed.starts_with(b"$ANSIBLE_VAULT;1.1;AES256\n"));
    assert_eq!(through("decrypt", &sealed), b"hunter2\xff");
}

#[test]
#[expect(clippy::format_collect, reason = "short texts")]
fn a_text_becomes_a_value_of_yaml() {
    let home = home();
    let ran = run(&mut vault(&home, &["encrypt-string", "hunter2", "-n", "password"])).expect(0);
    let text = ran.text();
    assert!(text.starts_with("password: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          "), "{text}");
    let envelope: String = text.lines().skip(1).map(|line| format!("{}\n", line.trim())).collect();
    home.write("one", envelope);
    assert_eq!(shown(&home, "one"), "hunter2");
    run(&mut vault(&home, &["encrypt_string", ""])).expect(2);
}
