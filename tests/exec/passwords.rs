//! Connection passwords: given where they are needed, seen by nobody.

use super::common::{Home, run};

/// A host that only openssh may connect to and that has a password, and one here that says the password.
fn telltale(home: &Home, variable: &str) -> [&'static str; 3] {
    home.write("hosts", format!("a ansible_host=127.0.0.2 {variable}\nb ansible_connection=local\n"));
    ["all", "--transport", "openssh"]
}

#[test]
fn a_host_with_a_password_that_only_openssh_could_reach_is_not_reached() {
    let home = Home::new();
    let host = telltale(&home, "ansible_password='hunter 2'");
    let ran = run(&mut home.exec(&[&host[..], &["--format", "jsonl", "--", "echo its hunter 2"]].concat())).expect(3);
    let error = &ran.host("a")["error"];
    assert_eq!(error["kind"], "local");
    assert!(error["message"].as_str().unwrap().contains("ssh takes no password from opsctl"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("--transport auto logs in with passwords"), "{error}");
    assert_eq!(ran.host("b")["stdout"]["text"], "its hunter 2\n");
    assert_eq!(home.recorded("b")["stdout"]["head"]["text"], "its ***\n");
}

#[test]
fn a_password_for_all_hosts_comes_from_a_file_or_the_terminal_and_is_not_kept() {
    let home = Home::new();
    let host = telltale(&home, "");
    let file = home.write("password", "hunter 2\nsecond line\n");
    let said = ["-v", "--", "echo its hunter 2"];
    let options = [&host[..], &["--connection-password-file", &file], &said].concat();
    let ran = run(&mut home.exec(&options)).expect(3);
    assert!(!ran.stderr.contains("hunter"), "{}", ran.stderr);
    std::fs::remove_file(file).unwrap();
    assert_eq!(home.holds("hunter 2"), None);

    let mut terminal = home.exec_at_terminal(&[&host[..], &["-k"], &said].concat());
    terminal.wait_stdout("SSH password: ");
    terminal.type_in("hunter 2\n");
    let screen = terminal.finish().expect(3).text();
    assert!(screen.contains("ssh takes no password from opsctl"), "{screen}");
    assert_eq!(home.holds("hunter 2"), None);
}

#[test]
fn without_a_terminal_nobody_is_asked_for_a_password() {
    let home = Home::new();
    let host = telltale(&home, "");
    let ran = run(&mut home.exec(&[&host[..], &["-k", "--", "true"]].concat())).expect(11);
    assert!(ran.stderr.contains("hint: --connection-password-file"), "{}", ran.stderr);
    let empty = home.write("password", "\n");
    let file = ["--connection-password-file", &empty, "--", "true"];
    let ran = run(&mut home.exec(&[&host[..], &file].concat())).expect(2);
    assert!(ran.stderr.contains("has no password in its first line"), "{}", ran.stderr);
}

#[test]
fn a_password_that_cannot_be_had_counts_where_one_is_needed() {
    let home = Home::new();
    let host = telltale(&home, "ansible_password='{{ vault_password }}'");
    let ran = run(&mut home.exec(&[&host[..], &["--", "true"]].concat())).expect(2);
    assert!(ran.stderr.contains("`ansible_password` of host `a` cannot be resolved"), "{}", ran.stderr);
    let file = home.write("password", "hunter 2\n");
    let given = ["--connection-password-file", &file, "--", "true"];
    run(&mut home.exec(&[&host[..], &given].concat())).expect(3);
    home.write("hosts", "b ansible_connection=local ansible_password='{{ vault_password }}'\n");
    run(&mut home.exec(&["all", "--", "true"])).expect(0);
}

#[test]
fn no_become_password_means_the_connection_password_when_both_are_asked_for() {
    let home = Home::new();
    let sudo = home.program("sudo", super::privilege::ASKING);
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    let mut terminal = home.exec_at_terminal(&["a", "-b", "-k", "-K", "--", "echo raised"]);
    terminal.wait_stdout("SSH password: ");
    terminal.type_in("hunter 2\n");
    terminal.wait_stdout("become password [as the SSH password]: ");
    terminal.type_in("\n");
    let screen = terminal.finish().expect(0).text();
    assert!(screen.contains("raised") && !screen.contains("hunter"), "{screen}");
}
