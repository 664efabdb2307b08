//! Connections that break, waits, and waits that reconnect; over a real sshd.

use std::sync::Arc;
use std::time::Duration;

use opsctl::engine::deploy::session::Trouble;
use opsctl::event::Fate;
use opsctl::modules::probes::Probe;
use opsctl::modules::{Answer, Link, ModuleError, Question, Step, TaskResult, Wait, Waited};
use opsctl::transport::{Auto, Setup, Target};

use crate::common::{Home, Sshd};
use crate::fixture::{Host, alive, block_on, token};

static ECHO: Probe = Probe { name: "echo", script: "echo \"$1\"" };
static SLEEP: Probe = Probe { name: "sleep", script: "sleep \"$1\"" };
static EXISTS: Probe = Probe { name: "exists", script: "[ -e \"$1\" ] || { echo \"$1 is missing\" >&2; exit 1; }" };

fn connect(home: &Home, sshd: &Sshd) -> Host {
    let config = home.dir().join(".ssh/config").display().to_string();
    let target = Target {
        host: "web".into(),
        address: "127.0.0.1".into(),
        port: Some(sshd.port()),
        ssh_args: vec!["-F".into(), config],
        ..Target::default()
    };
    Host::over(Arc::new(Auto::new(Setup::default())), target)
}

fn wait(until: Question, link: Link, limit: Duration) -> Wait {
    Wait {
        until,
        accepts: Box::new(|answer: &Answer| answer.rc == 0),
        delay: Duration::ZERO,
        every: Duration::from_millis(100),
        limit,
        link,
        next: Box::new(|_: Waited| -> Result<Step, ModuleError> { Ok(Step::Done(TaskResult::ok())) }),
    }
}

#[test]
fn a_lost_connection_is_told_and_the_next_question_makes_a_new_one() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let token = token("lost");
    block_on(async {
        let mut host = connect(&home, &sshd);
        assert_eq!(host.ask(&[Question::new(&ECHO, ["one"])]).await.unwrap()[0].text(), "one\n");
        let question = [Question::new(&SLEEP, [&token])];
        let cut = async {
            while alive(&token) == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            sshd.cut();
        };
        let (asked, ()) = tokio::join!(host.ask(&question), cut);
        assert!(matches!(&asked, Err(Trouble::Lost { fate: Some(Fate::Unknown), .. })), "{asked:?}");
        assert_eq!(host.ask(&[Question::new(&ECHO, ["two"])]).await.unwrap()[0].text(), "two\n");
        assert_eq!(host.session.attempts(), 2);
        host.session.close().await;
    });
}

#[test]
fn a_reset_makes_a_new_connection() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    block_on(async {
        let mut host = connect(&home, &sshd);
        for attempts in 1..3 {
            host.ask(&[Question::new(&ECHO, ["x"])]).await.unwrap();
            assert_eq!((host.session.attempts(), host.session.round_trips()), (attempts, 0));
            host.session.reset().await;
        }
    });
}

#[test]
fn a_wait_keeps_its_connection_and_tells_the_last_word() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    let path = home.dir().join("flag").display().to_string();
    block_on(async {
        let mut host = connect(&home, &sshd);
        let mut never = wait(Question::new(&EXISTS, [&path]), Link::Keep, Duration::from_secs(1));
        let waited = host.session.wait(&host.access, &mut never, &mut host.stop).await.unwrap();
        assert_eq!((waited.answer, waited.last), (None, format!("{path} is missing")));
        let mut soon = wait(Question::new(&EXISTS, [&path]), Link::Keep, Duration::from_secs(30));
        let before = host.session.round_trips();
        let appear = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            home.write("flag", "");
        };
        let (waited, ()) = tokio::join!(host.session.wait(&host.access, &mut soon, &mut host.stop), appear);
        assert!(waited.unwrap().answer.is_some());
        assert!(host.session.round_trips() > before);
        assert_eq!(host.session.attempts(), 1);
        host.session.close().await;
    });
}

#[test]
fn a_wait_that_reconnects_outlives_a_host_that_is_away() {
    let home = Home::new();
    let sshd = Sshd::start(&home);
    block_on(async {
        let mut host = connect(&home, &sshd);
        host.ask(&[Question::new(&ECHO, ["up"])]).await.unwrap();
        drop(sshd);
        let mut back = wait(Question::new(&ECHO, ["back"]), Link::Reconnect, Duration::from_secs(2));
        let waited = host.session.wait(&host.access, &mut back, &mut host.stop).await.unwrap();
        assert!(waited.answer.is_none() && waited.last.contains("refused"), "{waited:?}");
        let sshd = Sshd::start(&home);
        let mut host = connect(&home, &sshd);
        host.ask(&[Question::new(&ECHO, ["up"])]).await.unwrap();
        sshd.cut();
        back.limit = Duration::from_secs(30);
        let waited = host.session.wait(&host.access, &mut back, &mut host.stop).await.unwrap();
        assert_eq!(waited.answer.unwrap().text(), "back\n");
        host.session.close().await;
    });
}

#[test]
fn a_stop_ends_a_wait() {
    block_on(async {
        let mut host = Host::new();
        let mut never = wait(Question::new(&EXISTS, ["/no/such"]), Link::Keep, Duration::from_mins(10));
        let switch = host.switch.clone();
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            switch.send_replace(true);
        };
        let (waited, ()) = tokio::join!(host.session.wait(&host.access, &mut never, &mut host.stop), stopping);
        assert!(matches!(waited, Err(Trouble::Stopped { .. })), "{waited:?}");
        host.session.close().await;
    });
}

/// The engine runs each host in a task of its own.
#[test]
fn sessions_may_move_between_threads() {
    fn assert_send<T: Send>(_: &T) {}
    let mut host = Host::new();
    let mut never = wait(Question::new(&ECHO, ["x"]), Link::Keep, Duration::from_secs(1));
    assert_send(&host.session.wait(&host.access, &mut never, &mut host.stop));
}
