//! Host keys: unknown ones are never accepted in silence, changed ones never at all.

use std::time::Duration;

use opsctl::event::FailureKind;
use opsctl::transport::{ConnectError, ConnectOptions, HostKeyPolicy, OpenSsh, Opening, Target, Transport};

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

/// Connects as after a person's yes to `fingerprint`.
fn connect_confirmed(home: &Home, target: Target, fingerprint: &str) -> Result<(), ConnectError> {
    let options =
        ConnectOptions { timeout: Duration::from_secs(3), host_keys: HostKeyPolicy::Confirmed(fingerprint.into()) };
    let ssh_args = vec!["-F".into(), home.dir().join(".ssh/config").display().to_string()];
    let target = Target { address: "127.0.0.1".into(), ssh_args, ..target };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ssh = OpenSsh::new().unwrap();
        let (session, channel) = ssh.connect(&target, &options, &Opening { line: "true", ahead: None }).await?;
        drop(channel);
        session.close().await;
        Ok(())
    })
}

#[test]
fn a_server_cannot_pass_for_the_one_whose_key_was_confirmed() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "VersionAddendum Server host key: ssh-ed25519 SHA256:confirmed");
    let target = Target { port: Some(sshd.port()), ..Target::default() };
    let error = connect_confirmed(&home, target.clone(), "SHA256:confirmed").unwrap_err();
    assert_eq!(error.kind, FailureKind::HostKeyChanged);
    assert!(error.message.contains(sshd.fingerprint()), "{error}");
    assert_eq!(known_hosts(&home), "");
    connect_confirmed(&home, target, sshd.fingerprint()).unwrap();
    assert_eq!(known_hosts(&home).lines().count(), 1);
}

#[test]
fn a_session_whose_host_key_ssh_does_not_record_is_ended() {
    let home = Home::new();
    let find_log = "for word; do [ \"$before\" = -E ] && log=$word; before=$word; done";
    let key = "debug1: Server host key: ssh-ed25519 SHA256:confirmed";
    for (log, kind) in [(key, FailureKind::AuthTimeout), ("Authenticated to a", FailureKind::HostKeyUnknown)] {
        let log = format!("debug1: Remote protocol version 2.0\n{log}");
        let ssh = home.program("ssh", &format!("#!/bin/sh\n{find_log}\necho '{log}' >>\"$log\"; exec sleep 10\n"));
        let target = Target { ssh_executable: Some(ssh), ..Target::default() };
        assert_eq!(connect_confirmed(&home, target, "SHA256:confirmed").unwrap_err().kind, kind);
    }
}

#[test]
fn a_confirmed_key_goes_on_a_line_of_its_own_in_a_path_with_spaces() {
    let home = Home::called("opsctl test's ");
    let sshd = Sshd::unknown(&home, "");
    home.write(".ssh/known_hosts", "another ssh-ed25519 AAAA");
    let target = Target { port: Some(sshd.port()), ..Target::default() };
    connect_confirmed(&home, target, sshd.fingerprint()).unwrap();
    let known = known_hosts(&home);
    assert!(known.starts_with("another ssh-ed25519 AAAA\n[127.0.0.1]:"), "{known}");
}

#[test]
fn a_confirmed_key_with_no_file_to_go_to_is_said_and_nothing_is_started() {
    let home = Home::new();
    let sshd = Sshd::unknown(&home, "");
    home.write(".ssh/config", home.read(".ssh/config").replace("UserKnownHostsFile ", "UserKnownHostsFile none #"));
    let target = Target { port: Some(sshd.port()), ..Target::default() };
    let error = connect_confirmed(&home, target.clone(), sshd.fingerprint()).unwrap_err();
    assert!(error.message.contains("UserKnownHostsFile is none"), "{error}");
    assert!(!std::path::Path::new("none").exists());
    let ssh = home.program("ssh", "#!/bin/sh\n[ \"$1\" = -G ] && exec sleep 10\nexec ssh \"$@\"\n");
    let target = Target { ssh_executable: Some(ssh), ..target };
    let error = connect_confirmed(&home, target, sshd.fingerprint()).unwrap_err();
    assert!(error.message.contains("did not end in time"), "{error}");
}
