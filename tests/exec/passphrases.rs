//! Passphrases of encrypted keys: asked for at a terminal, once for all hosts, and kept nowhere.

use std::process::Command;

use super::common::{Home, Sshd, require, run};

/// Hosts whose only key needs the passphrase `hunter 2`.
fn encrypted(home: &Home, names: &str) -> Sshd {
    let sshd = Sshd::start(home);
    sshd.hosts(home, names);
    let key = home.dir().join(".ssh/id").display().to_string();
    run(Command::new(require("ssh-keygen", "openssh-client"))
        .args(["-q", "-p", "-P", "", "-N", "hunter 2", "-f", &key]))
    .expect(0);
    sshd
}

const NATIVE: [&str; 3] = ["all", "--transport", "native"];

#[test]
fn a_passphrase_is_asked_for_once_for_all_hosts() {
    let home = Home::new();
    let _sshd = encrypted(&home, "a b c");
    let mut terminal = home.exec_at_terminal(&[&NATIVE[..], &["--", "echo it ran"]].concat());
    terminal.wait_stdout("/.ssh/id: ");
    terminal.type_in("hunter 2\n");
    let screen = terminal.finish().expect(0).text();
    assert_eq!(screen.matches("Passphrase of ").count(), 1, "{screen}");
    assert!(screen.contains("it ran") && !screen.contains("hunter"), "{screen}");
    assert_eq!(home.holds("hunter 2"), None);
}

#[test]
fn a_wrong_passphrase_may_be_bettered() {
    let home = Home::new();
    let _sshd = encrypted(&home, "a b");
    let mut terminal = home.exec_at_terminal(&[&NATIVE[..], &["--", "echo it ran"]].concat());
    terminal.wait_stdout("Passphrase of ");
    terminal.type_in("wrong\n");
    terminal.wait_stdout("That is not it. Passphrase of ");
    terminal.type_in("hunter 2\n");
    terminal.finish().expect(0);
}

#[test]
fn the_time_that_a_person_takes_is_not_the_hosts() {
    let home = Home::new();
    let _sshd = encrypted(&home, "a b");
    let options = [&NATIVE[..], &["--connect-timeout", "2s", "--", "echo it ran"]].concat();
    let mut terminal = home.exec_at_terminal(&options);
    terminal.wait_stdout("Passphrase of ");
    let asked = std::time::Instant::now();
    super::common::wait_until("more than the limit has passed", std::time::Duration::from_secs(20), || {
        asked.elapsed() > std::time::Duration::from_secs(3)
    });
    terminal.type_in("hunter 2\n");
    let screen = terminal.finish().expect(0).text();
    assert_eq!(screen.matches("Passphrase of ").count(), 1, "{screen}");
}

#[test]
fn an_interrupt_is_an_answer_to_the_question_for_a_passphrase() {
    let home = Home::new();
    let _sshd = encrypted(&home, "a b");
    let mut terminal = home.exec_at_terminal(&[&NATIVE[..], &["--", "echo it ran"]].concat());
    terminal.wait_stdout("Passphrase of ");
    terminal.type_in("\x03");
    let ran = terminal.finish_with_input().expect(130);
    assert!(!ran.text().contains("it ran\r\n"), "{}", ran.text());
    assert_eq!(home.recorded("a")["outcome"], "unreachable");
}

#[test]
fn nobody_is_asked_without_a_terminal_or_with_quiet() {
    let home = Home::new();
    let _sshd = encrypted(&home, "a");
    let ran = run(&mut home.exec(&[&NATIVE[..], &["--", "true"]].concat())).expect(4);
    assert!(!ran.stderr.contains("Passphrase"), "{}", ran.stderr);
    let quiet = home.exec_at_terminal(&[&NATIVE[..], &["--quiet", "--", "true"]].concat()).finish().expect(4);
    assert!(!quiet.text().contains("Passphrase"), "{}", quiet.text());
}
