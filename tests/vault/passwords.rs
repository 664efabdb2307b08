//! Where passwords come from.

use super::common::{Home, run};
use super::{home, vault};

const VARS: &str = include_str!("../../src/vault/vectors/vars.vault");
const BLOCK: &str = include_str!("../../src/vault/vectors/block.vault");

fn with_both() -> Home {
    let home = home();
    home.write("vars", VARS);
    home.write("block", BLOCK);
    home.write("prod", "prod-pass");
    home
}

#[track_caller]
fn views(home: &Home, file: &str, arguments: &[&str], code: i32) -> String {
    run(home.opsctl().args(["vault", "view", file]).args(arguments)).expect(code).stderr
}

#[test]
fn several_ids_are_tried() {
    let home = with_both();
    for file in ["vars", "block"] {
        views(&home, file, &["--vault-id", "dev@pw", "--vault-id", "other@prod"], 0);
        views(&home, file, &["--vault-pass-file", "pw", "--vault-password-file", "prod"], 0);
    }
    let error = views(&home, "block", &["--vault-id", "dev@pw", "--vault-password-file", "pw"], 2);
    assert!(error.contains("block: no vault password opens it (tried: dev, default)"), "{error}");
    assert!(!error.contains("correct horse"), "{error}");
}

#[test]
fn programs_give_passwords_and_clients_are_told_the_id() {
    let home = with_both();
    home.program("say", "#!/bin/sh\necho correct horse\n");
    home.program("keys-client.sh", "#!/bin/sh\n[ \"$*\" = '--vault-id prod' ] || exit 2\necho prod-pass\n");
    home.program("fail", "#!/bin/sh\necho correct horse\nexit 3\n");
    views(&home, "vars", &["--vault-password-file", "say"], 0);
    views(&home, "block", &["--vault-id", "prod@keys-client.sh"], 0);
    let error = views(&home, "block", &["--vault-id", "dev@keys-client.sh"], 2);
    assert!(error.contains("keys-client.sh knows no password for the id `dev`"), "{error}");
    let error = views(&home, "vars", &["--vault-password-file", "fail"], 2);
    assert!(error.contains("fail failed: exit status: 3") && !error.contains("horse"), "{error}");
}

#[test]
fn the_environment_names_files_and_ids() {
    let home = with_both();
    for variable in ["ANSIBLE_VAULT_PASSWORD_FILE", "OPSCTL_VAULT_PASSWORD_FILE"] {
        run(home.opsctl().args(["vault", "view", "vars"]).env(variable, "pw")).expect(0);
    }
    let mut command = home.opsctl();
    command.args(["vault", "view", "block"]).env("ANSIBLE_VAULT_IDENTITY_LIST", "a@pw, prod@prod");
    run(&mut command).expect(0);
}

#[test]
fn a_missing_source_is_passed_over_where_there_is_another() {
    let home = with_both();
    let said = views(&home, "vars", &["--vault-id", "prod@nowhere", "--vault-id", "pw"], 0);
    assert!(said.contains("the vault password file nowhere cannot be read"), "{said}");
    views(&home, "vars", &["--vault-id", "prod@nowhere"], 2);
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let home = with_both();
    let error = views(&home, "vars", &[], 2);
    assert!(error.contains("no vault password was given") && error.contains("--vault-password-file FILE"), "{error}");
    let error = views(&home, "vars", &["-J"], 11);
    assert!(error.contains("there is no terminal"), "{error}");
}

#[test]
fn which_password_encrypts_must_be_said() {
    let home = with_both();
    home.write("new", "text");
    let both = ["--vault-id", "dev@pw", "--vault-id", "prod@prod"];
    let ran = run(home.opsctl().args(["vault", "encrypt", "new"]).args(both)).expect(2);
    assert!(ran.stderr.contains("several vault ids could encrypt: dev, prod"), "{}", ran.stderr);
    let mut command = home.opsctl();
    run(command.args(["vault", "encrypt", "new", "--encrypt-vault-id", "prod"]).args(both)).expect(0);
    assert!(home.read("new").starts_with("$ANSIBLE_VAULT;1.2;AES256;prod\n"));
    run(&mut vault(&home, &["encrypt", "pw", "--encrypt-vault-id", "qa"])).expect(2);
}
