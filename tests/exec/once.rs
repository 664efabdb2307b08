//! A command is started once or not at all, and nobody claims to know more about it than is known.

use serde_json::Value;

use super::common::{Home, Ran, Sshd, run};

/// Puts the file that `ssh` would write its log to in `$log`.
const READ_ARGUMENTS: &str = "#!/bin/sh\nfor word; do [ \"$before\" = -E ] && log=$word; before=$word; done\n";

/// Runs on host `a` with `ssh`, a shell script, in place of ssh; `$log` is set for it.
fn with_ssh(home: &Home, ssh: &str, options: &[&str]) -> Ran {
    let program = home.program("ssh", &format!("{READ_ARGUMENTS}{ssh}"));
    home.write("hosts", format!("a ansible_host=127.0.0.1 ansible_ssh_executable={program}\n"));
    let fixed = ["a", "--format", "jsonl"];
    run(&mut home.exec(&[&fixed, options, &["--", "true"]].concat()))
}

fn kind_and_attempts(ran: &Ran) -> (Value, Value) {
    let line = ran.host("a");
    (line["error"]["kind"].clone(), line["attempts"].clone())
}

#[test]
fn an_ssh_that_logs_in_just_after_the_time_limit_starts_nothing() {
    let home = Home::new();
    let late = "echo 'debug1: Connecting to a' >>\"$log\"; sleep 1.3\n\
                echo 'Authenticated to a' >>\"$log\"; : >\"$0.delivered\"\n";
    let ran = with_ssh(&home, late, &["--connect-timeout", "1s", "--retries", "1"]).expect(4);
    assert_eq!(kind_and_attempts(&ran), ("connect-timeout".into(), 2.into()));
    assert_eq!(ran.host("a")["fate"], Value::Null);
    assert!(!home.has("ssh.delivered"));
}

#[test]
fn an_ssh_that_writes_no_log_may_have_started_the_command_and_is_not_tried_again() {
    let home = Home::new();
    for ssh in ["sleep 10\n", "exit 255\n", "cat >/dev/null & exec sleep 10"] {
        let ran = with_ssh(&home, ssh, &["--connect-timeout", "1s", "--retries", "1"]).expect(4);
        assert_eq!((ran.host("a")["attempts"].clone(), ran.host("a")["fate"].clone()), (1.into(), "unknown".into()));
    }
}

#[test]
fn a_quiet_ssh_is_read_all_the_same() {
    let home = Home::new();
    let sshd = Sshd::with(&home, "ForceCommand sleep 10");
    sshd.hosts(&home, "a");
    home.write("host_vars/a", format!("ansible_ssh_common_args: -q -t -F {}/.ssh/config\n", home.dir().display()));
    let options = ["a", "--format", "jsonl", "--connect-timeout", "2s", "--retries", "1", "--", "true"];
    let ran = run(&mut home.exec(&options)).expect(4);
    assert_eq!(kind_and_attempts(&ran), ("auth-timeout".into(), 1.into()));
    assert_eq!(sshd.log().matches("Accepted publickey").count(), 1, "{}", sshd.log());
}

#[test]
fn an_ssh_stopped_before_it_logs_in_starts_nothing() {
    let home = Home::new();
    let ssh = "echo 'debug1: Connecting to a' >>\"$log\"; cat >/dev/null\n\
               echo 'Authenticated to a' >>\"$log\"; : >\"$0.delivered\"\n";
    let ran = with_ssh(&home, ssh, &["--connect-timeout", "1h", "--deadline", "1s"]).expect(124);
    assert_eq!((&ran.host("a")["status"], &ran.host("a")["fate"]), (&"timed-out".into(), &Value::Null));
    assert!(!home.has("ssh.delivered"));
}

#[test]
fn a_connection_that_breaks_while_it_is_given_up_says_nothing_about_the_command() {
    let home = Home::new();
    for (code, fate) in [(255, "unknown"), (0, "killed")] {
        let ssh = format!("echo 'Authenticated to a' >>\"$log\"; cat >/dev/null; exit {code}\n");
        let ran = with_ssh(&home, &ssh, &["--connect-timeout", "1h", "--deadline", "1s"]).expect(124);
        assert_eq!((&ran.host("a")["status"], &ran.host("a")["fate"]), (&"timed-out".into(), &fate.into()));
    }
}

#[test]
fn what_a_login_shell_drops_is_sent_again() {
    let home = Home::new();
    for (host, drops) in
        [("takes", ""), ("drops", "ForceCommand exec env -u LC_OPSCTL /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"")]
    {
        let sshd = Sshd::with(&home, drops);
        sshd.hosts(&home, host);
        let file = home.dir().join(host);
        let line = format!("echo once >>'{}'; echo done", file.display());
        let ran = run(&mut home.exec(&["all", "--format", "jsonl", "--", &line])).expect(0);
        assert_eq!(ran.host(host)["stdout"]["text"], "done\n");
        assert_eq!(home.read(host), "once\n");
    }
}
