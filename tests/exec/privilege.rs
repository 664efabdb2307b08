//! Becoming another user: the password goes where it was asked for, once, and nowhere else.

use super::common::{Home, Marker, Ran, Running, is_root, require, run};

/// A `sudo` that asks for `hunter 2` as the real one does under `-S -p PROMPT`.
pub const ASKING: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
  -p) prompt=$2; shift 2 ;;
  -u) shift 2 ;;
  -*) shift ;;
  *) break ;;
  esac
done
printf %s "$prompt" >&2
IFS= read -r password
[ "$password" = 'hunter 2' ] || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
exec "$@"
"#;

/// A `sudo` whose rules say NOPASSWD.
const NOT_ASKING: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
  -p | -u) shift 2 ;;
  -*) shift ;;
  *) break ;;
  esac
done
exec "$@"
"#;

/// Runs `line` on a local host whose `sudo` is `program`, with the right password in a file.
fn raised(home: &Home, program: &str, options: &[&str], line: &str) -> Ran {
    let sudo = home.program("sudo", program);
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    let password = home.write("password", "hunter 2\n");
    let fixed = ["a", "-b", "--format", "jsonl", "--become-password-file", &password];
    run(&mut home.exec(&[&fixed, options, &["--", line]].concat()))
}

#[test]
fn the_password_is_given_when_it_is_asked_for() {
    let home = Home::new();
    let ran = raised(&home, ASKING, &[], "echo raised; cat").expect(0);
    assert_eq!((&ran.host("a")["stdout"]["text"], &ran.host("a")["stderr"]["text"]), (&"raised\n".into(), &"".into()));
}

#[test]
fn no_variable_of_the_first_user_is_run_by_the_other() {
    let home = Home::new();
    let sudo = home.program("sudo", NOT_ASKING);
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    for options in [&[][..], &["--stdin"]] {
        let mut command = home.exec(&[&["a", "-b", "--format", "jsonl"], options, &["--", "echo own"]].concat());
        let ran = run(command.env("LC_OPSCTL", "echo injected;").env("s", "echo injected;")).expect(0);
        assert_eq!(ran.host("a")["stdout"]["text"], "own\n");
    }
}

#[test]
fn the_password_is_never_input_of_a_command() {
    let home = Home::new();
    for options in [&[][..], &["--stdin"]] {
        let ran = raised(&home, NOT_ASKING, options, "cat").expect(0);
        assert_eq!(ran.host("a")["stdout"]["text"], "");
        assert!(!ran.text().contains("hunter"), "{}", ran.text());
    }
}

#[test]
fn broadcast_input_reaches_the_command_behind_the_password() {
    let home = Home::new();
    let sudo = home.program("sudo", ASKING);
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    let password = home.write("password", "hunter 2\n");
    let options = ["a", "-b", "--passthrough", "--stdin", "--become-password-file", &password, "--", "cat"];
    let mut running = Running::with_input(&mut home.exec(&options));
    running.type_in("line 1\nline 2");
    assert_eq!(running.finish().expect(0).text(), "line 1\nline 2");
}

#[test]
fn a_prompt_that_is_not_ours_gets_no_password() {
    let home = Home::new();
    let program = "#!/bin/sh\nprintf '[sudo] password for you: ' >&2\nIFS= read -r line\nprintf %s \"$line\" >\"$HOME/got\"\nexit 1\n";
    raised(&home, program, &["--connect-timeout", "1s"], "true");
    super::common::wait_until("the fake sudo's end", std::time::Duration::from_secs(20), || home.has("got"));
    assert_eq!(home.read("got"), "");
}

#[test]
fn a_wrong_password_is_given_once() {
    let home = Home::new();
    // As sudo does: it asks again, and counts what it was given.
    let again = "printf %s \"$prompt\" >&2\nIFS= read -r again && echo \"$again\" >>\"$HOME/again\"\n";
    let program = ASKING
        .replace("'hunter 2' ] ||", "never ] ||")
        .replace("{ echo 'sudo: 1", &format!("{{ {again} echo 'sudo: 1"));
    let ran = raised(&home, &program, &[], "true").expect(3);
    let error = &ran.host("a")["error"];
    assert_eq!(error["kind"], "become");
    assert!(error["message"].as_str().unwrap().contains("refused"), "{error}");
    assert!(!home.has("again"), "{}", home.read("again"));
}

#[test]
fn a_refusal_is_told_in_its_own_words() {
    let home = Home::new();
    let program = "#!/bin/sh\necho 'sudo: you are not in the sudoers file' >&2\nexit 1\n";
    let ran = raised(&home, program, &[], "true").expect(3);
    let line = ran.host("a");
    assert_eq!((&line["error"]["kind"], &line["status"]), (&"become".into(), &"failed".into()));
    assert!(line["error"]["message"].as_str().unwrap().contains("not in the sudoers file"), "{line}");
}

#[test]
fn su_gets_the_password_at_its_own_prompt() {
    let home = Home::new();
    let program = "#!/bin/sh\nprintf 'Password: ' >&2\nIFS= read -r password\n[ \"$password\" = 'hunter 2' ] || exit 1\n\
                   while [ \"$1\" != -c ]; do shift; done\nexec /bin/sh -c \"$2\"\n";
    let ran = raised(&home, program, &["--become-method", "su"], "echo raised; cat").expect(0);
    assert_eq!(ran.host("a")["stdout"]["text"], "raised\n");
}

#[test]
fn a_password_is_asked_for_at_a_terminal_only() {
    let home = Home::new();
    let sudo = home.program("sudo", ASKING);
    home.write("hosts", format!("a ansible_connection=local ansible_become_exe={sudo}\n"));
    let ran = run(&mut home.exec(&["a", "-b", "-K", "--", "true"])).expect(11);
    assert!(ran.stderr.contains("--become-password-file"), "{}", ran.stderr);
    let mut terminal = home.exec_at_terminal(&["a", "-b", "-K", "--", "echo raised"]);
    terminal.wait_stdout("become password: ");
    terminal.type_in("hunter 2\n");
    let screen = terminal.finish().expect(0).text();
    assert!(screen.contains("raised") && !screen.contains("hunter"), "{screen}");
}

#[test]
fn arguments_about_another_user_need_one() {
    let home = Home::new();
    home.local("a");
    let password = home.write("password", "hunter 2\n");
    let all =
        [&["--become-user", "nobody"][..], &["--become-method", "su"], &["-K"], &["--become-password-file", &password]];
    for options in all {
        let ran = run(&mut home.exec(&[&["a"], options, &["--", "touch touched"]].concat())).expect(2);
        assert!(ran.stderr.contains("hint: -b"), "{}", ran.stderr);
    }
    assert!(!home.has("touched"));
    // A host that becomes another user by its variables has use for them.
    let sudo = home.program("sudo", ASKING);
    home.write("hosts", format!("a ansible_connection=local ansible_become=yes ansible_become_exe={sudo}\nb\n"));
    run(&mut home.exec(&["a", "--become-password-file", &password, "--", "true"])).expect(0);
}

#[test]
fn the_real_sudo_runs_and_ends_commands_of_another_user() {
    // Only root may become others without rules of its own.
    if !is_root() {
        return;
    }
    require("sudo", "sudo");
    let (home, marker) = (Home::new(), Marker::new());
    home.local("a");
    let options = ["a", "-b", "--become-user", "nobody", "--format", "jsonl"];
    let ran = run(&mut home.exec(&[&options[..], &["--", "id -un; cat"]].concat())).expect(0);
    assert_eq!(ran.host("a")["stdout"]["text"], "nobody\n");
    let line = format!("sleep {}", marker.text());
    let running = Running::start(&mut home.exec(&[&options[..], &["--", &line]].concat()));
    marker.wait_for(1);
    running.signal(rustix::process::Signal::TERM);
    assert_eq!(running.finish().expect(143).host("a")["fate"], "killed");
    assert_eq!(marker.alive(), [0; 0]);
    let running = Running::start(&mut home.exec(&[&options[..], &["--", &line]].concat()));
    marker.wait_for(1);
    running.signal(rustix::process::Signal::KILL);
    running.finish().expect(137);
    marker.wait_gone();
}
