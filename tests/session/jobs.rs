//! Jobs that outlive their connection.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use opsctl::engine::deploy::session::{JobStatus, Trouble};
use opsctl::modules::{Action, Answer, CommandCall, Content, ScriptCall};
use opsctl::secret::Secret;

use crate::fixture::{Host, SHELLS, alive, block_on, token};

fn command(line: &str) -> CommandCall {
    CommandCall {
        words: ["/bin/sh", "-c", line].map(OsString::from).to_vec(),
        env: Vec::new(),
        chdir: None,
        input: None,
        script: None,
    }
}

fn at(shell: &'static str, home: &Path) -> Host {
    let mut host = Host::with(shell, "");
    host.access.environment = vec![("HOME".into(), home.into())];
    host
}

async fn start(host: &mut Host, action: &Action, jid: &str, limit: u64) -> Result<String, Trouble> {
    host.session.start_job(&host.access, action, (jid, Duration::from_secs(limit)), &mut host.stop).await
}

async fn status(host: &mut Host, jid: &str) -> JobStatus {
    host.session.job_status(&host.access, jid, host.limits, &mut host.stop).await.unwrap()
}

/// Asks until the job has ended.
async fn end(host: &mut Host, jid: &str) -> (Answer, bool) {
    let begun = Instant::now();
    loop {
        match status(host, jid).await {
            JobStatus::Ended { answer, timed_out } => return (answer, timed_out),
            JobStatus::Running => assert!(begun.elapsed() < Duration::from_secs(30), "it does not end"),
            other => panic!("{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no command line holds `token`; the keeper goes last, and its own command line holds the job's.
fn gone(token: &str) {
    let begun = Instant::now();
    while alive(token) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(4), "{token} still runs");
        std::thread::yield_now();
    }
}

#[test]
fn a_job_outlives_its_session_and_tells_its_end_to_the_next() {
    for shell in SHELLS {
        let home = tempfile::tempdir().unwrap();
        let go = home.path().join("go");
        block_on(async {
            let mut host = at(shell, home.path());
            host.access.environment.push(("A".into(), "it's".into()));
            let line =
                format!("while [ ! -e {} ]; do sleep 0.05; done; printf \"$A\"; echo err >&2; exit 7", go.display());
            let path = start(&mut host, &Action::Command(command(&line)), "j1.1", 60).await.unwrap();
            assert_eq!(Path::new(&path), home.path().join(".ansible_async/j1.1"), "{shell}");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
            host.session.close().await;
            let mut host = at(shell, home.path());
            assert_eq!(status(&mut host, "j1.1").await, JobStatus::Running, "{shell}");
            std::fs::write(&go, "").unwrap();
            let (answer, timed_out) = end(&mut host, "j1.1").await;
            assert_eq!((answer.rc, answer.text().as_ref(), answer.errors().as_ref()), (7, "it's", "err\n"), "{shell}");
            assert!(!timed_out && answer.ended.is_some());
            host.session.forget_job(&host.access, "j1.1", host.limits, &mut host.stop).await.unwrap();
            assert_eq!(status(&mut host, "j1.1").await, JobStatus::Missing, "{shell}");
            host.session.close().await;
        });
    }
}

#[test]
fn a_job_is_ended_at_its_limit_with_all_that_it_started() {
    let home = tempfile::tempdir().unwrap();
    for (jid, trap) in [("polite", ""), ("deaf", "trap '' TERM; ")] {
        let token = token(jid);
        block_on(async {
            let mut host = at("/bin/sh", home.path());
            let line = format!("{trap}echo begun; sleep {token} & sleep {token}; sleep {token}");
            start(&mut host, &Action::Command(command(&line)), jid, 1).await.unwrap();
            let (answer, timed_out) = end(&mut host, jid).await;
            assert_eq!((answer.text().as_ref(), timed_out), ("begun\n", true));
            assert!(answer.rc > 128, "{}", answer.rc);
            host.session.close().await;
        });
        gone(&token);
    }
}

#[test]
fn what_guards_a_job_ends_with_it() {
    let home = tempfile::tempdir().unwrap();
    let limit = 700_000 + u64::from(std::process::id());
    block_on(async {
        let mut host = at("/bin/sh", home.path());
        start(&mut host, &Action::Command(command(":")), "short", limit).await.unwrap();
        assert_eq!(end(&mut host, "short").await.0.rc, 0);
        gone(&format!("sleep {limit}"));
        host.session.close().await;
    });
}

#[test]
fn scripts_and_input_get_to_a_job_and_secrets_into_no_list_of_processes() {
    let home = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..100_000u32).map(|number| (number % 251) as u8).collect();
    block_on(async {
        let mut host = at("/bin/sh", home.path());
        for (jid, input, size) in [("small", b"abc".to_vec(), "3"), ("large", large, "100000")] {
            let mut call =
                ScriptCall::new("printf '%s %s ' \"$1\" \"$T\"\nps -eo args= | grep -c '[s]3cret'\nwc -c", ["w"]);
            call.secrets.push(("T".into(), Secret::new("s3cret".into())));
            call.input = Some(Content::Bytes(input.into()));
            start(&mut host, &Action::Script(call), jid, 60).await.unwrap();
            assert_eq!(end(&mut host, jid).await.0.text().trim(), format!("w s3cret 0\n{size}"));
        }
        let mut call = command("");
        call.words = vec!["script".into(), "a b".into()];
        call.script = Some(Content::Bytes(b"#!/bin/bash\n[[ $1 == 'a b' ]] && umask".to_vec().into()));
        start(&mut host, &Action::Command(call), "script", 60).await.unwrap();
        let (answer, _) = end(&mut host, "script").await;
        assert_eq!((answer.rc, answer.text().trim() == "0077"), (0, false), "{}", answer.errors());
        host.session.close().await;
    });
}

#[test]
fn a_job_whose_keeper_was_killed_is_lost_and_a_name_is_taken_once() {
    let home = tempfile::tempdir().unwrap();
    let token = token("orphan");
    block_on(async {
        let mut host = at("/bin/sh", home.path());
        let line = format!("echo $$ >{}; exec sleep {token}", home.path().join("pid").display());
        let action = Action::Command(command(&line));
        let path = start(&mut host, &action, "twice", 60).await.unwrap();
        assert!(start(&mut host, &action, "twice", 60).await.is_err());
        let begun = std::fs::read_to_string(Path::new(&path).join("begun")).unwrap();
        let keeper = begun.split(' ').next().unwrap();
        std::process::Command::new("kill").args(["-9", keeper]).status().unwrap();
        let since = Instant::now();
        while status(&mut host, "twice").await != JobStatus::Lost {
            assert!(since.elapsed() < Duration::from_secs(10));
        }
        host.session.close().await;
    });
    let orphan = std::fs::read_to_string(home.path().join("pid")).unwrap();
    std::process::Command::new("kill").args(["-9", orphan.trim()]).status().unwrap();
    gone(&token);
}
