//! What stands between authentication and our shell: banners, odd login shells, none at all; and what hosts print.

use super::common::{Home, Ran, Running, Sshd, peak_memory, require, run, wait_until};
use std::time::Duration;

/// Runs a line on a host whose login is `force`, a `sshd_config` command.
fn logged_in(force: &str, line: &str, code: i32) -> Ran {
    let home = Home::new();
    let sshd = Sshd::with(&home, &format!("ForceCommand {force}"));
    sshd.hosts(&home, "a");
    run(&mut home.exec(&["a", "--format", "jsonl", "--", line])).expect(code)
}

#[test]
fn a_motd_on_either_stream_is_not_output() {
    for motd in ["echo welcome to a", "echo welcome >&2", "head -c 300000 /dev/zero", "printf 'no newline'"] {
        let ran = logged_in(&format!("{motd}; eval \"$SSH_ORIGINAL_COMMAND\""), "echo out; echo err >&2", 0);
        let line = ran.host("a");
        assert_eq!((&line["stdout"]["text"], &line["stderr"]["text"]), (&"out\n".into(), &"err\n".into()), "{motd}");
    }
}

#[test]
fn a_banner_of_the_server_is_not_output() {
    let home = Home::new();
    let banner = home.write("server/banner", "Authorised use only.\nAll is logged.\n");
    let sshd = Sshd::with(&home, &format!("Banner {banner}"));
    sshd.hosts(&home, "a");
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", "echo out"])).expect(0);
    assert_eq!((&ran.host("a")["stdout"]["text"], &ran.host("a")["stderr"]["text"]), (&"out\n".into(), &"".into()));
}

#[test]
fn a_login_shell_that_is_csh() {
    let csh = require("tcsh", "tcsh");
    let line = r#"printf '%s\n' "it's ! \$x" `echo 1`; exit 7"#;
    let ran = logged_in(&format!("exec {csh} -c \"$SSH_ORIGINAL_COMMAND\""), line, 3);
    assert_eq!((&ran.host("a")["stdout"]["text"], &ran.host("a")["rc"]), (&"it's ! $x\n1\n".into(), &7.into()));
}

#[test]
fn a_login_shell_that_lets_nobody_in_says_so() {
    let ran = logged_in(&require("nologin", "login"), "echo ran", 3);
    let line = ran.host("a");
    assert_eq!((&line["error"]["kind"], &line["status"]), (&"shell-missing".into(), &"failed".into()));
    let message = line["error"]["message"].as_str().unwrap();
    assert!(message.contains("This account is currently not available."), "{message}");
}

#[test]
fn a_login_that_never_answers_is_given_up() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "ForceCommand cat >/dev/null");
    sshd.hosts(&home, "a");
    let options = ["a", "--format", "jsonl", "--connect-timeout", "2s", "--", "true"];
    let ran = run(&mut home.exec(&options)).expect(4);
    assert_eq!(ran.host("a")["error"]["kind"], "auth-timeout");
}

#[test]
fn a_host_that_dies_in_the_midst_of_output() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let marker = super::common::Marker::new();
    let line = format!("echo first words; sleep {}; echo never", marker.text());
    let mut running = Running::start(&mut home.exec(&["a", "--format", "jsonl", "--stream", "--", &line]));
    running.wait_stdout("first words\\n");
    sshd.cut();
    let ran = running.finish().expect(4);
    let host = ran.host("a");
    assert_eq!((&host["status"], &host["error"]["kind"]), (&"unreachable".into(), &"lost".into()));
    assert_eq!((&host["fate"], &host["stdout"]["text"]), (&"unknown".into(), &"first words\n".into()));
    assert_eq!(home.recorded("a")["fate"], "unknown");
    // The host itself ends what it ran when its connection is gone.
    marker.wait_gone();
}

#[test]
fn a_flood_of_a_gigabyte_is_held_in_bounded_memory() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let line = "head -c 1000000000 /dev/zero | tr '\\0' 'x'; echo end";
    let mut running = Running::start(&mut home.exec(&["a", "--format", "jsonl", "--", line]));
    let mut peak = 0;
    wait_until("the end of the flood", Duration::from_mins(2), || {
        peak = peak_memory(running.pid()).unwrap_or(0).max(peak);
        running.has_ended()
    });
    let host = running.finish().expect(0).host("a");
    assert_eq!(host["stdout_bytes"], 1_000_000_004);
    assert!(host["stdout_tail"]["text"].as_str().unwrap().ends_with("xend\n"));
    assert!(peak > 0 && peak < 100_000_000, "{peak} bytes of memory");
    let kept = home.recorded("a");
    assert_eq!(kept["stdout"]["bytes"], 1_000_000_004);
    assert!(kept["stdout"]["dropped"].as_u64().unwrap() > 999_000_000);
}

#[test]
fn bytes_that_are_no_text_arrive_exactly_and_harm_no_screen() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let line = r"printf '\033[2J\033]0;title\007\000\377\376 \r\n'";
    let exact = b"\x1b[2J\x1b]0;title\x07\0\xff\xfe \r\n";
    let ran = run(&mut home.exec(&["a", "--passthrough", "--", line])).expect(0);
    assert_eq!(ran.stdout.escape_ascii().to_string(), exact.escape_ascii().to_string());
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--", line])).expect(0);
    assert_eq!(ran.host("a")["stdout"]["base64"], "G1syShtdMDt0aXRsZQcA//4gDQo=");
    for options in [&["a"][..], &["a", "--stream"], &["a", "--diff"]] {
        let ran = run(&mut home.exec(&[options, &["--", line]].concat())).expect(0);
        let shown = [&ran.stdout[..], ran.stderr.as_bytes()].concat();
        assert!(!shown.iter().any(|byte| matches!(byte, 0 | 0x1b | 7 | b'\r')), "{}", shown.escape_ascii());
    }
}

#[test]
fn the_words_of_a_host_without_a_shell_cannot_touch_the_terminal() {
    let home = Home::new();
    let program =
        home.program("server/no_shell", "#!/bin/sh\nprintf 'no \\033[31mshell\\033]0;t\\007 here\\n'; exit 1\n");
    let sshd = Sshd::with(&home, &format!("ForceCommand {program}"));
    sshd.hosts(&home, "a");
    for options in [&[][..], &["--passthrough"]] {
        let ran = run(&mut home.exec(&[&["a"], options, &["--", "true"]].concat()));
        let shown = String::from_utf8_lossy(&ran.stdout).into_owned() + &ran.stderr;
        assert!(shown.contains(r"no \x1b[31mshell\x1b]0;t\x07 here"), "{}", shown.escape_debug());
        assert!(!shown.contains(['\u{1b}', '\u{7}']), "{}", shown.escape_debug());
    }
}
