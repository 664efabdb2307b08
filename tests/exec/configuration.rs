//! It does what `ssh HOST` would do: aliases, jump hosts, odd paths; and what servers limit.

use std::fs;

use super::common::{Home, Running, Sshd, run};

#[test]
fn an_alias_of_the_users_configuration_is_a_host() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let alias = format!("Host alias\n  HostName 127.0.0.7\n  Port {}\n", sshd.port());
    home.write(".ssh/config", alias + &home.read(".ssh/config"));
    home.write("hosts", "alias\n");
    let ran = run(&mut home.exec(&["all", "--passthrough", "--", "echo $SSH_CONNECTION"])).expect(0);
    assert_eq!(ran.text().split(' ').nth(2), Some("127.0.0.7"));
}

#[test]
fn a_jump_host_is_used() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let (port, config) = (sshd.port(), home.dir().join(".ssh/config"));
    let words = format!("-F {} -J 127.0.0.1:{port}", config.display());
    home.write("hosts", format!("a ansible_host=127.0.0.2 ansible_port={port} ansible_ssh_common_args='{words}'\n"));
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "echo through"])).expect(0);
    assert_eq!(ran.host("a")["stdout"]["text"], "through\n");
    assert_eq!(sshd.log().matches("Accepted publickey").count(), 2, "{}", sshd.log());
}

#[test]
fn a_home_with_spaces_is_a_home() {
    let home = Home::called("opsctl test's ");
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    run(&mut home.exec(&["a", "--", "true"])).expect(0);
}

#[test]
fn a_temporary_directory_with_a_long_name_is_no_obstacle() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let long = home.dir().join("t".repeat(150));
    fs::create_dir(&long).unwrap();
    run(home.exec(&["a", "--stdin", "--", "true"]).env("TMPDIR", &long)).expect(0);
    assert_eq!(fs::read_dir(long).unwrap().count(), 0);
}

#[test]
fn a_server_that_allows_one_session_says_so_where_two_are_needed() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "MaxSessions 1");
    sshd.hosts(&home, "a");
    run(&mut home.exec(&["a", "--", "true"])).expect(0);
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--stdin", "--", "true"])).expect(4);
    let error = &ran.host("a")["error"];
    assert!(error["hint"].as_str().unwrap().contains("MaxSessions"), "{error}");
}

#[test]
fn large_words_and_scripts_arrive_whole() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let word = "0123456789 '".repeat(8_000);
    let ran = run(&mut home.exec(&["a", "--passthrough", "--", "printf", "%s", &word])).expect(0);
    assert!(ran.text() == word, "{} of {} bytes", ran.stdout.len(), word.len());
    let script = "#!/bin/sh\n".to_owned() + &"# filler, to be uploaded\n".repeat(40_000) + "echo \"end $1\"\n";
    let mut running = Running::with_input(&mut home.exec(&["a", "--passthrough", "--script", "-", "--", "x"]));
    running.type_in(&script);
    assert_eq!(running.finish().expect(0).text(), "end x\n");
}

#[test]
fn closed_standard_streams_are_no_obstacle() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let command = home.exec(&["all", "--quiet", "--", "echo hi"]);
    run(&mut super::common::after("exec <&- >&- 2>&-", &command)).expect(0);
    assert_eq!(home.recorded("b")["stdout"]["head"]["text"], "hi\n");
}

#[test]
fn many_hosts_at_once_leave_nothing_behind() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let names: Vec<String> = (1..=40).map(|number| format!("h{number:02}")).collect();
    sshd.hosts(&home, &names.join(" "));
    let ran = run(&mut home.exec(&["all", "--", "echo same; echo $((1 + 1)) >&2"])).expect(0);
    assert!(ran.text().contains("h[01-40] (40)"), "{}", ran.text());
    assert_eq!(fs::read_dir(home.dir().join("tmp")).unwrap().count(), 0);
}

#[test]
fn ssh_is_found_without_a_useful_search_path() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let ran = run(home.exec(&["a", "--", "echo reached"]).env("PATH", "/nonexistent")).expect(0);
    assert!(ran.text().contains("reached"), "{}", ran.text());
}
