//! Scripts of ours, commands of the user's, and files.

use std::ffi::OsString;
use std::io::Write as _;

use opsctl::engine::deploy::session::Trouble;
use opsctl::modules::{Action, CommandCall, Content, ScriptCall};
use opsctl::secret::Secret;

use crate::fixture::{Host, SHELLS, block_on, text};

fn command(words: &[&str]) -> CommandCall {
    CommandCall {
        words: words.iter().map(OsString::from).collect(),
        env: Vec::new(),
        chdir: None,
        input: None,
        script: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "its siblings in the table may fail")]
fn bytes(content: impl Into<Vec<u8>>) -> Option<Content> {
    Some(Content::Bytes(content.into().into()))
}

/// Says what it was given, and which variables of ours it sees; those that run the tests are none of them.
const COUNT: &str =
    "printf '%s %s ' \"$1\" \"$TOKEN\"\ncksum\nenv | grep OPSCTL | grep -v -e ^OPSCTL_DEB= -e ^OPSCTL_TEST_\nexit 3";

fn cksum(content: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let input = std::fs::File::open(file.path()).unwrap();
    text(&std::process::Command::new("cksum").stdin(input).output().unwrap().stdout).trim().to_owned()
}

#[test]
fn scripts_get_words_secrets_and_any_input_in_every_shell() {
    let inputs: [Vec<u8>; 6] = [
        b"".to_vec(),
        b"short text\nit's $x \\n\n\n".to_vec(),
        "no newline, \u{e4}\u{1f600}".into(),
        b"nul \0 and \xff".to_vec(),
        vec![b'x'; 20_000],
        (0..300_000u32).map(|number| (number % 251) as u8).collect(),
    ];
    for shell in SHELLS {
        block_on(async {
            let mut host = Host::with(shell, "");
            for input in &inputs {
                let mut call = ScriptCall::new(COUNT, ["it's"]);
                call.secrets.push(("TOKEN".into(), Secret::new("s3cret".into())));
                call.input = bytes(input.clone());
                let answer = host.act(&Action::Script(call)).await.unwrap();
                assert_eq!(answer.text().trim(), format!("it's s3cret {}", cksum(input)), "{shell}, {}", input.len());
                assert_eq!((answer.rc, answer.errors().as_ref()), (3, ""), "{shell}");
            }
            host.session.close().await;
        });
    }
}

#[test]
fn a_short_input_costs_no_round_trip_of_its_own() {
    block_on(async {
        let mut host = Host::new();
        let act = |input: Vec<u8>| {
            let mut call = ScriptCall::new("cat", [""; 0]);
            call.input = bytes(input);
            Action::Script(call)
        };
        host.act(&act(b"first".to_vec())).await.unwrap();
        assert_eq!(host.session.round_trips(), 0);
        assert_eq!(host.act(&act(vec![b'\n'; 16_000])).await.unwrap().stdout.len(), 16_000);
        assert_eq!(host.session.round_trips(), 1);
        host.session.close().await;
    });
}

#[test]
fn a_script_that_does_not_read_its_input_is_not_disturbed() {
    block_on(async {
        let mut host = Host::new();
        let mut call = ScriptCall::new("exec <&-\necho done", [""; 0]);
        for size in [10_000, 1_000_000] {
            call.input = bytes(vec![b'x'; size]);
            let answer = host.act(&Action::Script(call.clone())).await.unwrap();
            assert_eq!((answer.rc, answer.text().as_ref(), answer.errors().as_ref()), (0, "done\n", ""), "{size}");
        }
        host.session.close().await;
    });
}

#[test]
fn long_scripts_and_long_words_arrive() {
    let long: &'static str = Box::leak(format!("{}printf %s \"$1\" | wc -c", "true long\n".repeat(9000)).into());
    block_on(async {
        let mut host = Host::new();
        for size in [10, 200_000] {
            let answer = host.act(&Action::Script(ScriptCall::new(long, ["w".repeat(size)]))).await.unwrap();
            assert_eq!(answer.text().trim(), size.to_string(), "{}", answer.errors());
        }
        host.session.close().await;
    });
}

#[test]
fn a_file_is_streamed_and_a_missing_one_fails_before_anything_runs() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let piece: Vec<u8> = (0..1_048_576u32).map(|number| (number % 253) as u8).collect();
    for _ in 0..40 {
        file.write_all(&piece).unwrap();
    }
    block_on(async {
        let mut host = Host::new();
        let mut call = command(&["cksum"]);
        call.input = Some(Content::File(file.path().to_owned()));
        let answer = host.act(&Action::Command(call.clone())).await.unwrap();
        assert_eq!(answer.text().trim(), cksum(&piece.repeat(40)));
        call.input = Some(Content::File("/no/such/file".into()));
        let trouble = host.act(&Action::Command(call)).await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Failed(failure) if failure.message.contains("/no/such/file")));
        host.session.close().await;
    });
}

#[test]
fn commands_are_words_with_surroundings() {
    for shell in SHELLS {
        block_on(async {
            let mut host = Host::with(shell, "");
            host.access.environment = vec![("A".into(), "task".into()), ("B".into(), "task".into())];
            let mut call =
                command(&["/bin/sh", "-c", "printf '%s|' \"$A\" \"$B\" \"$1\"; pwd; cat; exit 9", "sh", "it's *"]);
            call.env = vec![("B".into(), "own".into())];
            call.chdir = Some("/usr/share".into());
            for input in [None, Some("in it's\n")] {
                call.input = input.and_then(bytes);
                let answer = host.act(&Action::Command(call.clone())).await.unwrap();
                let expected = format!("task|own|it's *|/usr/share\n{}", input.unwrap_or_default());
                assert_eq!((answer.rc, answer.text().as_ref()), (9, expected.as_str()), "{shell}");
            }
            let answer = host.act(&Action::Command(command(&["no-such-command"]))).await.unwrap();
            assert_eq!(answer.rc, 127, "{shell}");
            assert!(answer.errors().contains("no-such-command"), "{shell}");
            host.session.close().await;
        });
    }
}

#[test]
fn a_script_of_the_users_runs_and_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let mut host = Host::new();
        host.access.environment = vec![("TMPDIR".into(), directory.path().into())];
        let mut call = command(&["script", "a b"]);
        for filler in [0, 10_000] {
            let content = format!("#!/bin/bash\n[[ $1 == 'a b' ]] && cat\nexit 4\n{}", "# filler\n".repeat(filler));
            call.script = bytes(content);
            call.input = None;
            assert_eq!(host.act(&Action::Command(call.clone())).await.unwrap().rc, 4);
            call.input = bytes("read\n");
            let answer = host.act(&Action::Command(call.clone())).await.unwrap();
            assert_eq!((answer.rc, answer.text().as_ref()), (4, "read\n"), "{}", answer.errors());
        }
        host.session.close().await;
    });
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn the_controller_gets_files_and_runs_commands() {
    let directory = tempfile::tempdir().unwrap();
    block_on(async {
        let mut host = Host::with("no-such-shell", "");
        let path = directory.path().join("a/b");
        let content = bytes("fetched").unwrap();
        host.act(&Action::SaveLocal { path: path.clone(), content }).await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"fetched");
        let answer = host.act(&Action::LocalCommand(command(&["cat", path.to_str().unwrap()]))).await.unwrap();
        assert_eq!(answer.text(), "fetched");
        host.session.close().await;
    });
}

#[test]
fn output_beyond_the_limit_is_dropped_with_a_note() {
    block_on(async {
        let mut host = Host::new();
        let answer = host.act(&Action::Command(command(&["head", "-c", "17000000", "/dev/zero"]))).await.unwrap();
        assert_eq!((answer.rc, answer.stdout.len()), (0, 16 * 1024 * 1024));
        assert_eq!(answer.errors(), "opsctl: 222784 more bytes of standard output were dropped\n");
        host.session.close().await;
    });
}
