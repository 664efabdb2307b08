//! Host keys: unknown ones are never accepted in silence, changed ones never at all.

use super::common::{Home, Ran, Sshd, run};

/// Runs on all hosts and returns what was said; `options` come before the command.
fn ran(home: &Home, options: &[&str]) -> Ran {
    run(&mut home.exec(&[&["all"], options, &["--", "touch", "touched"]].concat()))
}

fn known_hosts(home: &Home) -> String {
    if home.has(".ssh/known_hosts") { home.read(".ssh/known_hosts") } else { String::new() }
}

#[test]
fn an_unknown_key_is_refused_and_named_without_a_terminal() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a");
    let refused = ran(&home, &[]).expect(4);
    let said = refused.text() + &refused.stderr;
    assert!(said.contains(sshd.fingerprint()), "{said}");
    assert!(said.contains("--accept-new-host-keys"), "{said}");
    assert_eq!(known_hosts(&home), "");
    assert_eq!(home.recorded("a")["failure"]["kind"], "host-key-unknown");
}

#[test]
fn an_unknown_key_is_recorded_when_that_was_asked_for() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a b");
    ran(&home, &["--accept-new-host-keys"]).expect(0);
    let known = known_hosts(&home);
    assert_eq!(known.lines().count(), 2, "{known}");
    assert!(known.contains(&format!("[127.0.0.2]:{} ssh-ed25519 ", sshd.port())), "{known}");
    ran(&home, &[]).expect(0);
}

#[test]
fn a_changed_key_is_always_refused() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a");
    sshd.trust_another(&home);
    let before = known_hosts(&home);
    for options in [&[][..], &["--accept-new-host-keys"]] {
        let refused = ran(&home, options).expect(4);
        let said = refused.text() + &refused.stderr;
        assert!(said.contains("has changed") && said.contains(sshd.fingerprint()), "{said}");
        assert_eq!(home.recorded("a")["failure"]["kind"], "host-key-changed");
    }
    assert_eq!(known_hosts(&home), before);
}

#[test]
fn all_unknown_keys_are_asked_about_once_and_yes_records_them() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a b c");
    let mut terminal = home.exec_at_terminal(&["all", "--", "echo it ran"]);
    terminal.wait_stdout("Record them in known_hosts and go on? [y/N]");
    terminal.type_in("y\n");
    let ran = terminal.finish().expect(0);
    let screen = ran.text();
    assert_eq!(screen.matches("[y/N]").count(), 1, "{screen}");
    assert_eq!(screen.matches(sshd.fingerprint()).count(), 3, "{screen}");
    assert!(screen.contains("it ran"), "{screen}");
    assert_eq!(known_hosts(&home).lines().count(), 3);
    run(&mut home.exec(&["all", "--", "true"])).expect(0);
}

#[test]
fn hosts_with_confirmed_keys_keep_to_forks_batches_and_budget() {
    for limit in [&["--forks", "1"][..], &["--serial", "1"]] {
        let home = Home::new();
        let sshd = Sshd::unknown(&home, "");
        sshd.hosts(&home, "a b c");
        let dir = home.dir().display().to_string();
        let line = format!("cd {dir}; mkdir busy || exit 9; echo >>turns; sleep 0.3; rmdir busy; exit 1");
        let options = [&["all", "--max-fail", "1"], limit, &["--", &line]].concat();
        let mut terminal = home.exec_at_terminal(&options);
        terminal.wait_stdout("[y/N]");
        terminal.type_in("y\n");
        terminal.finish().expect(7);
        assert_eq!(home.read("turns").lines().count(), 2, "{limit:?}");
        assert_eq!(home.recorded("c")["outcome"], "not-started", "{limit:?}");
    }
}

#[test]
fn an_answer_that_is_not_yes_leaves_unknown_hosts_alone() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a b");
    let mut terminal = home.exec_at_terminal(&["all", "--", "echo it ran"]);
    terminal.wait_stdout("[y/N]");
    terminal.type_in("n\n");
    let ran = terminal.finish().expect(4);
    assert!(!ran.text().contains("it ran\r\n"), "{}", ran.text());
    assert_eq!(known_hosts(&home), "");
}

#[test]
fn a_changed_key_is_never_asked_about() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a");
    sshd.trust_another(&home);
    let ran = home.exec_at_terminal(&["all", "--", "echo it ran"]).finish().expect(4);
    assert!(!ran.text().contains("[y/N]"), "{}", ran.text());
}

#[test]
fn an_interrupt_is_an_answer_to_the_question() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    sshd.hosts(&home, "a b");
    let mut terminal = home.exec_at_terminal(&["all", "--", "echo it ran"]);
    terminal.wait_stdout("[y/N]");
    terminal.type_in("\x03");
    let ran = terminal.finish_with_input().expect(130);
    assert!(!ran.text().contains("it ran\r\n"), "{}", ran.text());
    assert_eq!(known_hosts(&home), "");
    assert_eq!(home.recorded("a")["outcome"], "unreachable");
}
