//! Many questions in one round trip.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::time::{Duration, Instant};

use opsctl::engine::deploy::session::Trouble;
use opsctl::event::Fate;
use opsctl::modules::Question;
use opsctl::modules::probes::Probe;
use opsctl::remote::Limits;
use opsctl::secret::Secret;

use crate::fixture::{Host, SHELLS, alive, block_on, text, token};

static WORDS: Probe =
    Probe { name: "words", script: "# each\nfor w; do printf '[%s]' \"$w\"; done\necho err >&2\nexit $#" };
static SHOUT: Probe = Probe { name: "shout", script: "set -e\necho \"$1\"\nfalse\necho never" };
static MUCH: Probe = Probe { name: "much", script: "head -c \"$1\" /dev/zero\nhead -c \"$1\" /dev/zero >&2" };
static SLEEP: Probe = Probe { name: "sleep", script: "echo begun\nsleep \"$1\"" };
static PASSWORD: Probe = Probe { name: "password", script: "printf %s \"$PASSWORD\"\nexport DIRT=1" };
static LIST: Probe = Probe {
    name: "list",
    script: "ps -eo args= | grep -c '[h]unter2'\nprintf '%s' \"${PASSWORD-none}${DIRT-}${d-}\"\nenv | grep -i '^opsctl_' | grep -v -e ^OPSCTL_DEB= -e ^OPSCTL_TEST_\n:",
};
static SUICIDE: Probe = Probe { name: "suicide", script: "echo so long >&2\nkill -9 $$" };
static HERE: Probe = Probe { name: "here", script: "cat <<END\nit's $1 \\\\ `echo x`\nEND\nd=5\ncat" };

#[test]
fn hostile_words_arrive_exactly_in_every_shell() {
    let hostile: Vec<OsString> =
        [&b"a b"[..], b"", b"it's", b"$HOME `id`", b"line\n.\nbreak\n", b"\xff\xfe", b"*", b"-n", b"\\n\\", b"\t"]
            .iter()
            .map(|word| OsString::from_vec(word.to_vec()))
            .collect();
    let expected: Vec<u8> = hostile.iter().flat_map(|word| [b"[", word.as_encoded_bytes(), b"]"].concat()).collect();
    for shell in SHELLS {
        block_on(async {
            let mut host = Host::with(shell, "echo welcome; echo beware >&2; ");
            let questions =
                [Question::new(&WORDS, hostile.clone()), Question::new(&HERE, ["x"]), Question::new(&SHOUT, ["end"])];
            for round in 0..2 {
                let answers = host.ask(&questions).await.unwrap();
                assert_eq!(answers[0].stdout, expected, "{shell}");
                assert_eq!((answers[0].rc, answers[0].errors().as_ref()), (10, "err\n"), "{shell}");
                assert_eq!((answers[1].rc, answers[1].text().as_ref()), (0, "it's x \\ x\n"), "{shell}");
                assert_eq!((answers[2].rc, answers[2].text().as_ref()), (1, "end\n"), "{shell}");
                assert_eq!(host.session.round_trips(), round, "{shell}");
            }
            host.session.close().await;
        });
    }
}

#[test]
fn two_hundred_questions_are_one_round_trip() {
    block_on(async {
        let mut host = Host::new();
        host.ask(&[Question::new(&SHOUT, ["first"])]).await.unwrap();
        assert_eq!(host.session.round_trips(), 0);
        let questions: Vec<Question> = (0..200).map(|number| Question::new(&WORDS, [format!("{number}")])).collect();
        let answers = host.ask(&questions).await.unwrap();
        assert_eq!(host.session.round_trips(), 1);
        assert_eq!((answers.len(), answers[199].text().as_ref()), (200, "[199]"));
        assert!(answers.iter().all(|answer| answer.duration < Duration::from_secs(10) && answer.ended.is_some()));
        host.session.close().await;
    });
}

#[test]
#[expect(clippy::large_stack_arrays, reason = "it is a test")]
fn questions_too_many_for_a_frame_and_words_too_long_for_a_command_line_are_asked() {
    block_on(async {
        let mut host = Host::new();
        let questions: Vec<Question> = (0..50)
            .map(|number| Question::new(&WORDS, [format!("{number}:{}", "x".repeat(2000))]))
            .chain([Question::new(&WORDS, [OsString::from_vec([&b"\xff'\n"[..], &[b'y'; 200_000]].concat())])])
            .collect();
        let answers = host.ask(&questions).await.unwrap();
        assert_eq!((answers.len(), text(&answers[49].stdout[..6])), (51, "[49:xx".into()));
        assert_eq!((answers[50].stdout.len(), &answers[50].stdout[..4]), (200_005, &b"[\xff'\n"[..]));
        host.session.close().await;
    });
}

#[test]
fn what_is_too_much_is_dropped_and_the_next_answer_is_whole() {
    block_on(async {
        let mut host = Host::new();
        let large = Question { limit: 1000, ..Question::new(&MUCH, ["5000000"]) };
        let answers = host.ask(&[large, Question::new(&SHOUT, ["after"])]).await.unwrap();
        assert_eq!((answers[0].stdout.len(), answers[1].text().as_ref()), (1000, "after\n"));
        let said = answers[0].errors().into_owned();
        assert!(said.contains("4999000 more bytes of standard output were dropped"), "{}", &said[said.len() - 200..]);
        host.session.close().await;
    });
}

#[test]
fn a_secret_is_for_its_own_question_alone_and_in_no_list_of_processes() {
    for shell in SHELLS {
        block_on(async {
            let mut host = Host::with(shell, "");
            let secret = Secret::new("hunter2 it's\n$x".into());
            let mut question = Question::new(&PASSWORD, [""; 0]);
            question.secrets.push(("PASSWORD".into(), secret));
            let answers = host.ask(&[question.clone(), Question::new(&LIST, [""; 0]), question]).await.unwrap();
            for index in [0, 2] {
                assert_eq!(answers[index].text(), "hunter2 it's\n$x", "{shell}");
            }
            assert_eq!(answers[1].text(), "0\nnone", "{shell}");
            host.session.close().await;
        });
    }
}

#[test]
fn the_tasks_environment_is_there_and_names_are_checked() {
    static SHOW: Probe = Probe { name: "show", script: "printf '%s|%s' \"$GREETING\" \"$opsctl_i\"" };
    block_on(async {
        let mut host = Host::new();
        host.access.environment = vec![("GREETING".into(), "it's\n$me".into())];
        assert_eq!(host.ask(&[Question::new(&SHOW, [""; 0])]).await.unwrap()[0].text(), "it's\n$me|0");
        host.access.environment = vec![("A; touch /tmp/x #".into(), "".into())];
        let trouble = host.ask(&[Question::new(&SHOW, [""; 0])]).await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Failed(failure) if failure.message.contains("A; touch")), "{trouble:?}");
        host.session.close().await;
    });
}

#[test]
fn a_probe_that_ends_its_shell_is_named() {
    block_on(async {
        let mut host = Host::new();
        let questions = [Question::new(&SHOUT, ["a"]), Question::new(&SUICIDE, [""; 0]), Question::new(&SHOUT, ["b"])];
        let trouble = host.ask(&questions).await.unwrap_err();
        assert!(matches!(&trouble, Trouble::Failed(failure) if failure.message.contains("`suicide`")), "{trouble:?}");
        // The shell itself is there for more.
        assert_eq!(host.ask(&[Question::new(&SHOUT, ["c"])]).await.unwrap()[0].text(), "c\n");
        host.session.close().await;
    });
}

#[test]
fn a_time_limit_and_a_stop_leave_nothing_running() {
    for stops in [false, true] {
        let token = token(if stops { "stop" } else { "limit" });
        block_on(async {
            let mut host = Host::new();
            host.ask(&[Question::new(&SHOUT, ["open"])]).await.unwrap();
            if stops {
                let switch = host.switch.clone();
                let token = token.clone();
                tokio::task::spawn_blocking(move || {
                    let begun = Instant::now();
                    while alive(&token) == 0 && begun.elapsed() < Duration::from_secs(20) {}
                    switch.send_replace(true);
                });
            } else {
                host.limits = Limits { timeout: Some(Duration::from_secs(1)) };
            }
            let trouble = host.ask(&[Question::new(&SLEEP, [&token])]).await.unwrap_err();
            let fate = Some(Fate::Killed);
            let expected = if stops { Trouble::Stopped { fate } } else { Trouble::TimedOut { fate } };
            assert_eq!(trouble, expected);
            assert_eq!(alive(&token), 0);
            host.session.close().await;
        });
    }
}

#[test]
fn a_question_that_is_given_up_is_ended_with_its_connection() {
    let token = token("dropped");
    block_on(async {
        let mut host = Host::new();
        let question = [Question::new(&SLEEP, [&token])];
        assert!(tokio::time::timeout(Duration::from_secs(2), host.ask(&question)).await.is_err());
        let begun = Instant::now();
        while alive(&token) > 0 {
            assert!(begun.elapsed() < Duration::from_secs(30), "it still runs");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(host.ask(&[Question::new(&SHOUT, ["again"])]).await.unwrap()[0].text(), "again\n");
        host.session.close().await;
    });
}
