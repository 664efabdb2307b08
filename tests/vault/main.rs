//! `opsctl vault` on files: what it writes, what it leaves, what it never leaves behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod edit;
mod files;
mod passwords;

use std::process::Command;

use common::{Home, Ran, run};

/// A home with the password `correct horse` in the file `pw`.
fn home() -> Home {
    let home = Home::new();
    home.write("pw", "correct horse\n");
    home
}

/// `opsctl vault` with that password.
fn vault(home: &Home, arguments: &[&str]) -> Command {
    let mut command = home.opsctl();
    command.arg("vault").args(arguments).args(["--vault-password-file", "pw"]);
    command
}

/// What an encrypted file holds.
fn shown(home: &Home, file: &str) -> String {
    run(&mut vault(home, &["view", file])).expect(0).text()
}

/// Fails if what was said has the text in it.
#[track_caller]
fn says_nothing_of(ran: &Ran, secret: &str) {
    assert!(!ran.text().contains(secret) && !ran.stderr.contains(secret), "{}{}", ran.text(), ran.stderr);
}
