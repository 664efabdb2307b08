//! What arrives on the hosts: words, lines, scripts, input, environment, directory.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::common::{Home, Running, Sshd, run};

#[test]
fn words_arrive_exactly() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let words: [&[u8]; 9] =
        [b"two words", b"", b"it's \"quoted\"", b"$HOME `id` $(id)", b"line\nbreak\n", b"\xff\xfe", b"*", b"-n", b"\\"];
    let mut command = home.exec(&["a", "--passthrough", "--", "printf", "[%s]"]);
    command.args(words.map(OsStr::from_bytes));
    let expected: Vec<u8> = words.iter().flat_map(|word| [b"[", *word, b"]"].concat()).collect();
    let ran = run(&mut command).expect(0);
    assert_eq!(ran.stdout.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

#[test]
fn one_word_is_a_shell_line() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let ran = run(&mut home.exec(&["a", "--passthrough", "--", "for i in 1 2; do echo $i; done | tac"])).expect(0);
    assert_eq!(ran.text(), "2\n1\n");
}

#[test]
fn another_shell_runs_the_line() {
    let home = Home::new();
    home.local("a");
    let line = "[[ x == x ]] && echo ${BASH_VERSION:+bash}";
    let ran = run(&mut home.exec(&["a", "--passthrough", "--shell", "bash", "--", line])).expect(0);
    assert_eq!(ran.text(), "bash\n");
    let ran = run(&mut home.exec(&["a", "--shell", "bash", "--", "echo", "two"])).expect(2);
    assert!(ran.stderr.contains("hint: quote it"), "{}", ran.stderr);
}

#[test]
fn scripts_run_by_their_first_line_with_arguments_and_leave_nothing() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b");
    let text = "#!/bin/bash -e\necho \"${BASH_VERSION:+bash} $# $1|$2\"\n";
    let script = home.write("script", text);
    fs::create_dir(home.dir().join("remote")).unwrap();
    let remote = format!("TMPDIR={}", home.dir().join("remote").display());
    let arguments = ["all", "--format", "jsonl", "--env", &remote, "--script", &script, "--", "a b", ""];
    let ran = run(&mut home.exec(&arguments)).expect(0);
    assert_eq!(ran.host("a")["stdout"]["text"], "bash 2 a b|\n");
    assert_eq!(ran.host("b")["stdout"]["text"], "bash 2 a b|\n");
    assert_eq!(fs::read_dir(home.dir().join("remote")).unwrap().count(), 0);

    let mut piped = Running::with_input(&mut home.exec(&["a", "--passthrough", "--script", "-", "--", "x"]));
    piped.type_in(text);
    assert_eq!(piped.finish().expect(0).text(), "bash 1 x|\n");
}

#[test]
fn input_reaches_every_host_whole() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a b c");
    let bytes: Vec<u8> = (0..5_000_000u32).map(|number| (number % 251) as u8).collect();
    let file = home.write("input", &bytes);
    let input = || fs::File::open(&file).unwrap();
    let ran = run_with(home.exec(&["all", "--format", "jsonl", "--stdin", "--", "sha256sum"]), input());
    let sums: Vec<_> = ["a", "b", "c"].map(|host| ran.host(host)["stdout"]["text"].clone()).into();
    let expected = run_with(sum_of(&home), input()).text();
    assert_eq!(sums, [expected.as_str(); 3]);
    // A command that does not read its input is no failure.
    run_with(home.exec(&["all", "--stdin", "--", "true"]), input()).expect(0);
}

fn sum_of(home: &Home) -> std::process::Command {
    let mut command = std::process::Command::new("sha256sum");
    command.current_dir(home.dir());
    command
}

fn run_with(mut command: std::process::Command, input: fs::File) -> super::common::Ran {
    Running::start(command.stdin(input)).finish()
}

#[test]
fn input_stays_unread_unless_asked_for() {
    let home = Home::new();
    home.local("a");
    let file = home.write("input", "kept\n");
    let mut reader = home.exec(&["a", "--passthrough", "--", "cat"]);
    let input = fs::File::open(&file).unwrap();
    let ran = Running::start(reader.stdin(input.try_clone().unwrap())).finish().expect(0);
    assert_eq!(ran.text(), "");
    // The descriptor is shared: what was not read is still there.
    assert_eq!(std::io::read_to_string(input).unwrap(), "kept\n");
}

#[test]
fn environment_and_directory_are_set() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    sshd.hosts(&home, "a");
    let mut command =
        home.exec(&["a", "--passthrough", "--env", "A=it's $B\n=", "--env", "FROM_HERE", "--chdir", "/usr/share"]);
    command.args(["--", "printf '%s|%s|' \"$A\" \"$FROM_HERE\"; pwd"]).env("FROM_HERE", "value of here");
    assert_eq!(run(&mut command).expect(0).text(), "it's $B\n=|value of here|/usr/share\n");
    let ran = run(&mut home.exec(&["a", "--env", "NOT_SET_HERE", "--", "true"])).expect(2);
    assert!(ran.stderr.contains("--env NOT_SET_HERE: not set here"), "{}", ran.stderr);
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--chdir", "/no/such", "--", "echo ran"])).expect(3);
    assert_eq!(ran.host("a")["stdout"]["text"], "");
}

#[test]
fn codes_that_count_as_success_are_told() {
    let home = Home::new();
    home.local("a");
    run(&mut home.exec(&["a", "--ok-rc", "0,1", "--", "exit 1"])).expect(0);
    let ran = run(&mut home.exec(&["a", "--format", "jsonl", "--ok-rc", "1", "--", "exit 0"])).expect(3);
    assert_eq!((&ran.host("a")["status"], &ran.host("a")["rc"]), (&"failed".into(), &0.into()));
}

#[test]
fn the_largest_remote_code_becomes_the_exit_code() {
    let home = Home::new();
    home.local("a b c");
    let line = "mkdir lock 2>/dev/null && exit 9; exit 4";
    let dir = home.dir().display().to_string();
    run(&mut home.exec(&["all", "--maxrc", "--forks", "1", "--chdir", &dir, "--", line])).expect(9);
    run(&mut home.exec(&["all", "--maxrc", "--", "true"])).expect(0);
}

#[test]
fn any_variable_may_be_set() {
    let home = Home::new();
    home.local("a");
    for options in [&[][..], &["--stdin"]] {
        let variables = ["--env", "e=prod", "--env", "N=1", "--env", "i=9", "--env", "IFS=:", "--env", "D=1"];
        let fixed = ["a", "--passthrough", "--deadline", "30s"];
        let ran = run(&mut home.exec(&[&fixed, options, &variables, &["--", "echo $e $N $i $D"]].concat())).expect(0);
        assert_eq!(ran.text(), "prod 1 9 1\n", "{options:?}");
    }
}

#[test]
fn input_is_read_when_the_hosts_are_known() {
    let home = Home::new();
    home.local("a");
    for input in [&["--stdin", "--", "cat"][..], &["--script", "-"]] {
        for (options, code) in [(&["nobody"][..], 5), (&["~("], 2), (&["a", "--list-hosts"], 0)] {
            // The input stays open: whoever reads it does not end.
            let running = Running::with_input(&mut home.exec(&[options, input].concat()));
            running.finish_with_input().expect(code);
        }
    }
}
