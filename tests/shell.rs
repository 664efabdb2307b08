//! The persistent shell against real shells on this machine: exactness, limits, and the kill guarantee.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, Instant};

use opsctl::event::{Fate, Stream};
use opsctl::remote::{
    Command, End, EndCause, Limits, OpenError, OutputSink, Program, Script, Shell, ShellOptions, StopSignal, quote,
};
use opsctl::transport::{
    AHEAD, BoxFuture, ConnectError, ConnectOptions, Connection, HostKeyPolicy, Local, Opening, Target, Transport,
};

#[derive(Default)]
struct Collected {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl OutputSink for Collected {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => self.stdout.extend_from_slice(bytes),
            Stream::Stderr => self.stderr.extend_from_slice(bytes),
        }
    }
}

/// Starts the boot line with another shell, and with what a login shell may print before it; takes what comes ahead.
struct With {
    shell: &'static str,
    banner: &'static str,
}

impl Transport for With {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let ahead = opening.ahead.map(variable).unwrap_or_default();
            let line = format!("{ahead}{}{}", self.banner, opening.line.replace("/bin/sh", self.shell));
            Local.connect(target, options, &Opening { line: &line, ahead: None }).await
        })
    }
}

/// Sets the variable from a file: quoted once more, it might be too long for a line.
fn variable(text: &str) -> String {
    let (mut file, path) = tempfile::NamedTempFile::new().unwrap().keep().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = quote(path.to_str().unwrap());
    format!("{AHEAD}=$(cat {path}; rm {path}); export {AHEAD}; ")
}

const SHELLS: [&str; 5] = ["dash", "bash", "busybox ash", "ksh", "mksh"];

struct Ran {
    end: End,
    output: Collected,
}

async fn open(transport: &dyn Transport, first: Option<&Command>, limits: Limits, stop: &mut StopSignal) -> Shell {
    let connect = ConnectOptions { timeout: Duration::from_secs(20), host_keys: HostKeyPolicy::Strict };
    let target = Target::default();
    let options = ShellOptions { transport, target: &target, connect: &connect, privilege: None, first, limits };
    Shell::open(options, stop).await.unwrap()
}

fn run_with(transport: &dyn Transport, command: &Command, limits: Limits) -> Ran {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_switch, mut stop) = StopSignal::channel();
        let mut shell = open(transport, Some(command), limits, &mut stop).await;
        let mut output = Collected::default();
        let end = shell.run(command, limits, &mut output, &mut stop).await;
        shell.close().await;
        Ran { end, output }
    })
}

fn run(command: &Command) -> Ran {
    run_with(&Local, command, Limits::default())
}

fn line(text: &str) -> Command {
    Command::new(Program::Line { shell: "/bin/sh".into(), line: text.into() })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn both_streams_and_the_code_come_back_from_every_shell() {
    for shell in SHELLS {
        let transport = With { shell, banner: "echo welcome; echo beware >&2; " };
        let ran = run_with(&transport, &line("printf out; printf err >&2; exit 7"), Limits::default());
        assert_eq!((ran.end.rc, ran.end.cause, ran.end.fate), (Some(7), EndCause::Exit, Some(Fate::Ended)), "{shell}");
        assert_eq!((text(&ran.output.stdout), text(&ran.output.stderr)), ("out".into(), "err".into()), "{shell}");
    }
}

#[test]
fn words_arrive_exactly_in_every_shell() {
    let words: Vec<OsString> = [
        &b"printf"[..],
        b"[%s]",
        b"two words",
        b"",
        b"'single' \"double\"",
        b"$HOME `id` \\n",
        b"line\nbreak\n",
        b"\xff\xfe not utf-8",
        b"*",
        b"-n",
        b"!x",
        b"\ttab",
    ]
    .iter()
    .map(|word| OsString::from_vec(word.to_vec()))
    .collect();
    let expected: Vec<u8> = words[2..].iter().flat_map(|word| [b"[", word.as_encoded_bytes(), b"]"].concat()).collect();
    for shell in SHELLS {
        let command = Command::new(Program::Argv(words.clone()));
        let ran = run_with(&With { shell, banner: "" }, &command, Limits::default());
        assert_eq!(text(&ran.output.stdout), text(&expected), "{shell}: {}", text(&ran.output.stderr));
        assert_eq!(ran.output.stdout, expected, "{shell}");
    }
}

#[test]
fn environment_and_directory_are_set() {
    let mut command = line("printf '%s|' \"$GREETING\"; pwd");
    command.env.push(("GREETING".into(), "it's\n$me".into()));
    command.chdir = Some("/usr/share".into());
    assert_eq!(text(&run(&command).output.stdout), "it's\n$me|/usr/share\n");
}

#[test]
fn no_variable_is_one_of_ours() {
    // Names that the host's own programs use, that shells treat apart, and that name each other's values.
    let names = "N D G I P a0 a1 c d e f g h i k l n n0 o p q r s t v w x PATH CDPATH opsctl_1x".split(' ');
    let names: Vec<&str> = names.collect();
    let read: Vec<String> = names.iter().map(|name| format!("${{{name}}}")).collect();
    let words = ["/usr/bin/printf".to_owned(), "%s".to_owned(), format!("{}\n", read.join("|"))];
    let values: Vec<String> = names.iter().map(|name| format!("it's {name}:\n")).collect();
    let line_of = |words: &[String]| format!("{} '{}' \"{}\"", words[0], words[1], words[2]);
    for shell in SHELLS {
        let mut command = line(&line_of(&words));
        command.env = names.iter().zip(&values).map(|(name, value)| (name.to_string(), value.into())).collect();
        // Shells take no IFS from outside, so it is not read back.
        command.env.push(("IFS".into(), ":".into()));
        let ran = run_with(&With { shell, banner: "" }, &command, Limits::default());
        assert_eq!(
            text(&ran.output.stdout),
            format!("{}\n", values.join("|")),
            "{shell}: {}",
            text(&ran.output.stderr)
        );
    }
}

#[test]
fn a_missing_directory_fails_before_anything_runs() {
    let mut command = line("echo ran");
    command.chdir = Some("/no/such".into());
    let ran = run(&command);
    assert!(ran.end.rc.is_some_and(|rc| rc != 0));
    assert_eq!(text(&ran.output.stdout), "");
    assert!(text(&ran.output.stderr).contains("/no/such"), "{}", text(&ran.output.stderr));
}

#[test]
fn a_missing_command_is_127_and_names_it() {
    let ran = run(&Command::new(Program::Argv(vec!["no-such-command".into(), "x".into()])));
    assert_eq!(ran.end.rc, Some(127));
    assert!(text(&ran.output.stderr).contains("no-such-command"));
}

#[test]
fn standard_input_is_empty_unless_given() {
    assert_eq!(text(&run(&line("cat; echo end")).output.stdout), "end\n");
}

#[test]
fn scripts_run_by_their_interpreter_and_leave_nothing_behind() {
    let content = b"#!/bin/bash -e\n[[ $1 == 'a b' ]] && echo \"bash $2\"\n".to_vec();
    let script = Script::new(content, vec!["a b".into(), "c".into()]);
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(Program::Script(script));
    command.env.push(("TMPDIR".into(), directory.path().into()));
    let ran = run(&command);
    assert_eq!(text(&ran.output.stdout), "bash c\n", "{}", text(&ran.output.stderr));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn large_and_binary_scripts_are_uploaded_whole() {
    let mut content = b"#!/bin/sh\nprintf %s \"$(tail -c 3 \"$0\" | od -An -tx1)\"\nexit 5\n".to_vec();
    content.extend(std::iter::repeat_n(b"# filler \xff\n", 10_000).flatten());
    content.extend(b"\x00\x01\xfe");
    let ran = run(&Command::new(Program::Script(Script::new(content, Vec::new()))));
    assert_eq!((text(&ran.output.stdout).trim(), ran.end.rc), ("00 01 fe", Some(5)), "{}", text(&ran.output.stderr));
}

#[test]
fn input_reaches_a_command_whole() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes: Vec<u8> = (0..1_000_000u32).map(|number| (number % 251) as u8).collect();
    let path = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(path.path(), &bytes).unwrap();
    let ran = runtime.block_on(async {
        let (_switch, mut stop) = StopSignal::channel();
        let mut shell = open(&Local, None, Limits::default(), &mut stop).await;
        let mut output = Collected::default();
        let file = std::fs::File::open(path.path()).unwrap();
        let end = shell.run_direct(&line("cat; exit 3"), Some(&file), Limits::default(), &mut output, &mut stop).await;
        // The loop is still there for more.
        let again = shell.run(&line("echo again"), Limits::default(), &mut output, &mut stop).await;
        assert_eq!(again.rc, Some(0));
        shell.close().await;
        Ran { end, output }
    });
    assert_eq!(ran.end.rc, Some(3));
    assert_eq!(ran.output.stdout, [&bytes[..], b"again\n"].concat());
}

#[test]
fn a_background_process_does_not_hold_the_command() {
    let begun = Instant::now();
    let ran = run(&line("sleep 60 >/dev/null 2>&1 & echo $!"));
    assert_eq!(ran.end.rc, Some(0));
    assert!(begun.elapsed() < Duration::from_secs(30));
    std::process::Command::new("kill").arg(text(&ran.output.stdout).trim()).status().unwrap();
}

/// Processes whose command line holds `token`, this test's own excluded.
fn alive(token: &str) -> usize {
    let output = std::process::Command::new("ps").args(["-eo", "stat=,args="]).output().unwrap();
    text(&output.stdout).lines().filter(|line| line.contains(token) && !line.starts_with('Z')).count()
}

fn token(name: &str) -> String {
    // A number of seconds nobody else sleeps.
    let name = name.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("{}.{}", 100_000 + std::process::id(), name)
}

#[test]
fn a_time_limit_kills_the_whole_group() {
    for (name, body) in [
        ("pipeline", "sleep TOKEN | cat"),
        ("ignores-term", "trap '' TERM; sleep TOKEN; sleep TOKEN; sleep TOKEN"),
        ("forks", "while :; do sleep TOKEN & sleep 0.02; done"),
    ] {
        let token = token(name);
        let limits = Limits { timeout: Some(Duration::from_secs(1)) };
        let ran = run_with(&Local, &line(&body.replace("TOKEN", &token)), limits);
        assert_eq!((ran.end.cause, ran.end.fate), (EndCause::Timeout, Some(Fate::Killed)), "{name}");
        assert_eq!(alive(&token), 0, "{name}");
    }
}

#[test]
fn an_order_to_stop_kills_the_group_in_every_shell() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for shell in SHELLS {
        let token = token(shell);
        let end = runtime.block_on(async {
            let transport = With { shell, banner: "" };
            let (switch, mut stop) = StopSignal::channel();
            let command = line(&format!("echo started; sleep {token} & wait"));
            let mut shell = open(&transport, Some(&command), Limits::default(), &mut stop).await;
            let mut sink = Starter { switch, output: Vec::new() };
            let end = shell.run(&command, Limits::default(), &mut sink, &mut stop).await;
            shell.close().await;
            end
        });
        assert_eq!((end.cause, end.fate), (EndCause::Cancel, Some(Fate::Killed)), "{shell}");
        assert_eq!(alive(&token), 0, "{shell}");
    }
}

/// Raises the stop signal at the first output.
struct Starter {
    switch: tokio::sync::watch::Sender<bool>,
    output: Vec<u8>,
}

impl OutputSink for Starter {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        self.switch.send_replace(true);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, _stream: Stream, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }
}

#[test]
fn a_host_without_setsid_runs_and_kills_as_well() {
    let bin = tempfile::tempdir().unwrap();
    for tool in ["sleep", "cat", "ps", "printf", "kill"] {
        std::os::unix::fs::symlink(format!("/usr/bin/{tool}"), bin.path().join(tool)).unwrap();
    }
    let path: &'static str = Box::leak(format!("PATH={}; export PATH; ", bin.path().display()).into_boxed_str());
    let transport = With { shell: "/bin/sh", banner: path };
    let ran = run_with(&transport, &line("echo out; echo err >&2; exit 4"), Limits::default());
    assert_eq!(
        (ran.end.rc, text(&ran.output.stdout), text(&ran.output.stderr)),
        (Some(4), "out\n".into(), "err\n".into())
    );
    let token = token("no-setsid");
    let limits = Limits { timeout: Some(Duration::from_secs(1)) };
    let ran = run_with(&transport, &line(&format!("sleep {token} | cat")), limits);
    assert_eq!((ran.end.cause, ran.end.fate), (EndCause::Timeout, Some(Fate::Killed)));
    assert_eq!(alive(&token), 0);
}

#[test]
fn many_commands_share_one_shell() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_switch, mut stop) = StopSignal::channel();
        let mut shell = open(&Local, None, Limits::default(), &mut stop).await;
        for number in 0..50 {
            let mut output = Collected::default();
            let command = line(&format!("echo {number}; exit {number}"));
            let end = shell.run(&command, Limits::default(), &mut output, &mut stop).await;
            assert_eq!((end.rc, text(&output.stdout)), (Some(number), format!("{number}\n")));
        }
        shell.close().await;
    });
}

#[test]
fn no_variable_of_the_users_touches_the_loop() {
    let names = [
        "N", "D", "G", "I", "IFS", "PATH", "a0", "c", "e", "f", "g", "i", "o", "q", "r", "s", "t", "v", "v0", "w",
        "w0", "x",
    ];
    for shell in SHELLS {
        let mut command = Command::new(Program::Argv(vec!["/usr/bin/env".into()]));
        command.env = names.map(|name| (name.to_owned(), format!("<{name}>").into())).into();
        command.chdir = Some("/".into());
        let limits = Limits { timeout: Some(Duration::from_secs(30)) };
        let ran = run_with(&With { shell, banner: "" }, &command, limits);
        assert_eq!((ran.end.rc, ran.end.cause), (Some(0), EndCause::Exit), "{shell}");
        let environment = text(&ran.output.stdout);
        // Shells take IFS from nobody, and so pass it on to nobody.
        for name in names.into_iter().filter(|name| *name != "IFS") {
            assert!(environment.lines().any(|line| line == format!("{name}=<{name}>")), "{shell}: {name}");
        }
    }
}

#[test]
fn the_host_itself_arms_the_time_limit() {
    let seconds = format!("{}", 400_000 + std::process::id());
    let limits = Limits { timeout: Some(Duration::from_secs(seconds.parse().unwrap())) };
    let ran = run_with(
        &Local,
        &line(&format!("until pgrep -f 'sleep {seconds}$' >/dev/null; do :; done; echo armed")),
        limits,
    );
    assert_eq!(text(&ran.output.stdout), "armed\n");
}

#[test]
fn a_time_limit_that_was_not_needed_leaves_nothing_behind() {
    let seconds = format!("{}", 200_000 + std::process::id());
    let limits = Limits { timeout: Some(Duration::from_secs(seconds.parse().unwrap())) };
    for _ in 0..40 {
        assert_eq!(run_with(&Local, &line("true"), limits).end.rc, Some(0));
    }
    let gone = Instant::now() + Duration::from_secs(20);
    while alive(&format!("sleep {seconds}")) > 0 {
        assert!(Instant::now() < gone, "{} sleeps are left", alive(&format!("sleep {seconds}")));
        std::thread::yield_now();
    }
}

#[test]
fn a_killed_guard_is_noticed_in_every_shell() {
    let noticed = |shell: &'static str| {
        let token = token(&format!("guard of {shell}"));
        let command = line(&format!("kill -9 $PPID; exec sleep {token}"));
        let ran = run_with(&With { shell, banner: "" }, &command, Limits::default());
        let lost = ran.end.lost.as_ref().map(|error| error.message.clone()).unwrap_or_default();
        assert!(ran.end.cause == EndCause::Lost && lost.contains("guarded"), "{shell}: {:?}", ran.end);
        std::process::Command::new("pkill").args(["-f", &format!("sleep {token}")]).status().unwrap();
    };
    let threads = SHELLS.map(|shell| std::thread::spawn(move || noticed(shell)));
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_command_that_came_ahead_runs_once_and_leaves_the_loop_in_step() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for shell in SHELLS {
        std::fs::write(file.path(), "").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let command = line(&format!("echo \"$LC_OPSCTL\" run >>{}; echo \"it's\" '.'", file.path().display()));
        let second = line("echo second");
        let outputs = runtime.block_on(async {
            let (_switch, mut stop) = StopSignal::channel();
            let transport = With { shell, banner: "" };
            let mut shell = open(&transport, Some(&command), Limits::default(), &mut stop).await;
            let mut outputs = Vec::new();
            for command in [&command, &second] {
                let mut output = Collected::default();
                shell.run(command, Limits::default(), &mut output, &mut stop).await;
                outputs.push(text(&output.stdout));
            }
            shell.close().await;
            outputs
        });
        assert_eq!(outputs, ["it's .\n", "second\n"], "{shell}");
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), " run\n", "{shell}");
    }
}

#[test]
fn a_host_that_takes_nothing_ahead_reads_it_all_from_its_input() {
    for shell in SHELLS {
        let without = format!("unset {AHEAD}; ").leak();
        let ran = run_with(&With { shell, banner: without }, &line("echo once"), Limits::default());
        assert_eq!(text(&ran.output.stdout), "once\n", "{shell}");
    }
}

#[test]
fn many_short_words_are_not_too_much_for_one_variable() {
    for word in ["", "x", "é01"] {
        let words = ["sh", "-c", "echo $#", "sh"].map(Into::into).into_iter();
        let argv = words.chain(std::iter::repeat_n(word.into(), 6000)).collect();
        let ran = run_with(&With { shell: "dash", banner: "" }, &Command::new(Program::Argv(argv)), Limits::default());
        assert_eq!(text(&ran.output.stdout), "6000\n", "{word:?}");
    }
}

#[test]
fn no_variable_that_was_there_before_is_run() {
    for shell in SHELLS {
        let banner = "LC_OPSCTL='echo injected;' s='echo injected;'; export LC_OPSCTL s; ";
        let argv = Command::new(Program::Argv(vec!["echo".into(), "own".into()]));
        for command in [&line("echo own"), &argv] {
            let ran = run_with(&With { shell, banner }, command, Limits::default());
            assert_eq!(text(&ran.output.stdout), "own\n", "{shell}");
        }
    }
}

/// Takes what comes ahead, and raises the stop once the command is on its way.
struct Stopping {
    switch: tokio::sync::watch::Sender<bool>,
}

impl Transport for Stopping {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let connection = With { shell: "dash", banner: "" }.connect(target, options, opening).await;
            self.switch.send(true).unwrap();
            connection
        })
    }
}

#[test]
fn a_stop_just_after_the_command_was_sent_says_what_became_of_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let command = line("true");
    // Which of two events is seen first is for chance to say.
    for _ in 0..12 {
        let (switch, mut stop) = StopSignal::channel();
        let transport = Stopping { switch };
        let connect = ConnectOptions { timeout: Duration::from_secs(20), host_keys: HostKeyPolicy::Strict };
        let (target, limits) = (Target::default(), Limits::default());
        let options = ShellOptions {
            transport: &transport,
            target: &target,
            connect: &connect,
            privilege: None,
            first: Some(&command),
            limits,
        };
        match runtime.block_on(Shell::open(options, &mut stop)) {
            Ok(shell) => runtime.block_on(shell.close()),
            Err(OpenError::Stopped(fate)) => assert!(fate.is_some()),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Says marks that no loop would say.
struct Hostile(&'static str);

impl Transport for Hostile {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        _opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async { Local.connect(target, options, &Opening { line: self.0, ahead: None }).await })
    }
}

#[test]
fn a_host_that_takes_nothing_any_more_is_not_waited_for_beyond_the_limit() {
    let say = "read -r n; n=${n#*\\'}; n=${n%\\'}; echo \"$n ready\"; echo \"$n ready\" >&2; sleep 3; cat >/dev/null";
    let line: &'static str = Box::leak(format!("bash -c '{}'", say.replace('\'', r"'\''")).into_boxed_str());
    // More than a pipe holds.
    let large = Command::new(Program::Script(Script::new(vec![b'\n'; 30_000], Vec::new())));
    let limits = Limits { timeout: Some(Duration::from_millis(300)) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let end = runtime.block_on(async {
        let (_switch, mut stop) = StopSignal::channel();
        let mut shell = open(&Hostile(line), None, Limits::default(), &mut stop).await;
        let end = shell.run(&large, limits, &mut Collected::default(), &mut stop).await;
        shell.close().await;
        end
    });
    assert_eq!((end.cause, end.fate), (EndCause::Timeout, Some(Fate::Unknown)));
}

#[test]
fn a_hostile_host_cannot_crash_us() {
    let say = "read -r n; n=${n#*\\'}; n=${n%\\'}; for m in '' ready 'begin 1' 'end 1' 'end 1 -2147483648 exit ended'; do \
               echo \"$n $m\"; echo \"$n $m\" >&2; done; cat >/dev/null";
    let line: &'static str = Box::leak(format!("bash -c '{}'", say.replace('\'', r"'\''")).into_boxed_str());
    let ran = run_with(&Hostile(line), &self::line("true"), Limits::default());
    assert_eq!(ran.end.rc, Some(i32::MIN));
}

#[test]
fn a_host_that_talks_before_its_shell_is_ready_fills_no_memory() {
    let say = "read -r n; n=${n#*\\'}; n=${n%\\'}; exec >&2; echo \"$n x\"; exec yes";
    let line: &'static str = Box::leak(format!("bash -c '{}'", say.replace('\'', r"'\''")).into_boxed_str());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_switch, mut stop) = StopSignal::channel();
    let (transport, target) = (Hostile(line), Target::default());
    let connect = ConnectOptions { timeout: Duration::from_mins(1), host_keys: HostKeyPolicy::Strict };
    let (privilege, first, limits) = (None, None, Limits::default());
    let options = ShellOptions { transport: &transport, target: &target, connect: &connect, privilege, first, limits };
    let Err(OpenError::Connect(error)) = runtime.block_on(Shell::open(options, &mut stop)) else { panic!() };
    assert_eq!(error.kind, opsctl::event::FailureKind::Protocol);
}

#[test]
fn a_further_channel_that_never_opens_obeys_limit_and_stop() {
    /// The second and later channels hang.
    struct Hanging;
    impl Transport for Hanging {
        fn connect<'a>(
            &'a self,
            target: &'a Target,
            options: &'a ConnectOptions,
            opening: &'a Opening<'a>,
        ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
            Box::pin(async move {
                let (session, channel) = Local.connect(target, options, opening).await?;
                Ok((Box::new(HangingSession(session)) as Box<dyn opsctl::transport::Session>, channel))
            })
        }
    }
    struct HangingSession(Box<dyn opsctl::transport::Session>);
    impl opsctl::transport::Session for HangingSession {
        fn open_channel<'a>(
            &'a mut self,
            _command: &'a str,
        ) -> BoxFuture<'a, Result<opsctl::transport::Channel, ConnectError>> {
            self.0.open_channel("cat >/dev/null")
        }
        fn began(&self) -> tokio::time::Instant {
            self.0.began()
        }
        fn refusal<'a>(&'a mut self, said: &'a str) -> BoxFuture<'a, ConnectError> {
            self.0.refusal(said)
        }
        fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
            self.0.verdict()
        }
        fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
            self.0.stage_at_timeout()
        }
        fn may_have_started(&mut self) -> bool {
            true
        }
        fn abort(&mut self) -> BoxFuture<'_, bool> {
            self.0.abort()
        }
        fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
            self.0.exit_code()
        }
        fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
            self.0.close()
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (switch, mut stop) = StopSignal::channel();
        let mut shell = open(&Hanging, None, Limits::default(), &mut stop).await;
        let mut output = Collected::default();
        let limits = Limits { timeout: Some(Duration::from_millis(200)) };
        let end = shell.run_direct(&line("true"), None, limits, &mut output, &mut stop).await;
        assert_eq!((end.cause, end.fate), (EndCause::Timeout, None));
        switch.send_replace(true);
        let end = shell.run_direct(&line("true"), None, Limits::default(), &mut output, &mut stop).await;
        assert_eq!((end.cause, end.fate), (EndCause::Cancel, None));
        shell.close().await;
    });
}

#[test]
fn a_command_that_kills_its_own_channel_has_failed_and_was_not_stopped_by_us() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_switch, mut stop) = StopSignal::channel();
        let mut shell = open(&Local, None, Limits::default(), &mut stop).await;
        let mut output = Collected::default();
        let end = shell.run_direct(&line("kill -9 0"), None, Limits::default(), &mut output, &mut stop).await;
        assert_eq!((end.cause, end.rc), (EndCause::Exit, None));
        shell.close().await;
    });
}
