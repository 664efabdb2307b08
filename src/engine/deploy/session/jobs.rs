//! Jobs: actions that outlive the task, the connection and the controller (`async`).
//!
//! A job has a directory below `~/.ansible_async` on its host, which only its user can read, and a keeper there that
//! ends it at its limit. Whoever knows the job's name can ask for it later.

use std::ffi::OsString;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::act::{Prepared, Work};
use super::answers::last_line;
use super::source::Source;
use super::{Access, Session, Trouble, check_names};
use crate::event::FailureKind;
use crate::modules::probes::Probe;
use crate::modules::{Action, Answer, Content, Question, ScriptCall};
use crate::remote::{Limits, StopSignal, strip};

/// Kept of a job's standard output, in bytes.
const OUTPUT_LIMIT: usize = 16 * 1024 * 1024;

/// The variable that carries a script of ours to its job, and what runs it there.
const SCRIPT: &str = "OPSCTL_JOB";
const RUN_SCRIPT: &str = r#"eval "unset OPSCTL_JOB;$OPSCTL_JOB""#;

static ASK: Probe = Probe { name: "job", script: include_str!("job_ask.sh") };

/// What has become of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// The host knows none of this name.
    Missing,
    /// It runs.
    Running,
    /// It has ended.
    Ended {
        /// How.
        answer: Answer,
        /// Whether its limit ended it.
        timed_out: bool,
    },
    /// It is gone, and nobody wrote down its end: the host was restarted, or its keeper was killed.
    Lost,
}

/// A job's action as words, with what they read.
struct Job<'a> {
    words: Vec<OsString>,
    env: Vec<(String, OsString)>,
    chdir: Option<String>,
    /// What the content is for: `input`, `script` or nothing.
    kind: &'static str,
    content: Option<&'a Content>,
}

impl Session {
    /// Starts an action as the job `jid` that may run as long as `limit`; returns its directory on the host.
    ///
    /// # Errors
    /// When it could not be started.
    pub async fn start_job(
        &mut self,
        access: &Access,
        action: &Action,
        (jid, limit): (&str, Duration),
        stop: &mut StopSignal,
    ) -> Result<String, Trouble> {
        check_jid(jid)?;
        let job = job(action, access)?;
        check_names(access, job.env.iter().map(|(name, _)| name.as_str()))?;
        let seconds = limit.as_millis().div_ceil(1000).max(1).to_string();
        let head = [jid, &seconds, job.kind, &strip(include_str!("job_keep.sh"))].map(OsString::from);
        let source = Source::of_script(include_str!("job_start.sh"), head.into_iter().chain(job.words).collect());
        let prepared = Prepared { work: Work::Source(source), env: job.env, chdir: job.chdir };
        let answer = self.carry_out(self.place(access), prepared, job.content, Limits::default(), stop).await?;
        if answer.rc != 0 {
            let said = last_line(&answer.stderr).unwrap_or_else(|| format!("exit code {}", answer.rc));
            return Err(Trouble::failed(FailureKind::Command, format!("the job could not be started: {said}")));
        }
        Ok(answer.text().trim_end().to_owned())
    }

    /// Asks what has become of a job.
    ///
    /// # Errors
    /// When the host cannot be asked.
    pub async fn job_status(
        &mut self,
        access: &Access,
        jid: &str,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<JobStatus, Trouble> {
        check_jid(jid)?;
        let question = Question { limit: OUTPUT_LIMIT, ..Question::new(&ASK, [jid]) };
        let mut answers = self.ask(access, &[question], limits, stop).await?;
        let answer = answers.swap_remove(0);
        read_status(answer).map_err(|said| {
            Trouble::failed(
                FailureKind::Protocol,
                format!("the host answered {said:?} about the job {jid}, which is no answer"),
            )
        })
    }

    /// Removes what a host knows of a job.
    ///
    /// # Errors
    /// When that could not be done.
    pub async fn forget_job(
        &mut self,
        access: &Access,
        jid: &str,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<(), Trouble> {
        check_jid(jid)?;
        let call = ScriptCall::new(include_str!("job_forget.sh"), [jid]);
        let answer = self.act(access, &Action::Script(call), limits, stop).await?;
        match last_line(&answer.stderr).filter(|_| answer.rc != 0) {
            Some(said) => Err(Trouble::failed(FailureKind::Command, said)),
            None => Ok(()),
        }
    }
}

fn job<'a>(action: &'a Action, access: &Access) -> Result<Job<'a>, Trouble> {
    let environment = access.environment.iter().cloned();
    match action {
        Action::Script(call) => {
            let head = ["/bin/sh", "-c", RUN_SCRIPT, "opsctl"].map(OsString::from);
            let secrets = call.secrets.iter().map(|(name, secret)| (name.clone(), OsString::from(secret.expose())));
            let script = (SCRIPT.to_owned(), OsString::from(strip(call.script)));
            Ok(Job {
                words: head.into_iter().chain(call.words.iter().cloned()).collect(),
                env: environment.chain(secrets).chain([script]).collect(),
                chdir: None,
                kind: if call.input.is_some() { "input" } else { "" },
                content: call.input.as_ref(),
            })
        }
        Action::Command(call) => {
            let (kind, content) = match (&call.script, &call.input) {
                (Some(_), Some(_)) => return Err(not_here("a script that reads input")),
                (Some(script), None) => ("script", Some(script)),
                (None, Some(input)) => ("input", Some(input)),
                (None, None) => ("", None),
            };
            let env = environment.chain(call.env.iter().cloned()).collect();
            Ok(Job { words: call.words.clone(), env, chdir: call.chdir.clone(), kind, content })
        }
        Action::SaveLocal { .. } | Action::LocalCommand(_) => Err(not_here("what is done on the controller")),
    }
}

fn not_here(what: &str) -> Trouble {
    Trouble::failed(FailureKind::Local, format!("{what} cannot be a job (`async`)"))
}

/// The name becomes a directory's.
fn check_jid(jid: &str) -> Result<(), Trouble> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if jid.bytes().all(is_plain) && jid.starts_with(|first: char| first.is_ascii_alphanumeric()) && jid.len() <= 128 {
        return Ok(());
    }
    Err(Trouble::failed(FailureKind::Local, format!("{jid:?} is no name of a job")))
}

fn read_status(mut answer: Answer) -> Result<JobStatus, String> {
    let end = answer.stdout.iter().position(|byte| *byte == b'\n').unwrap_or(answer.stdout.len());
    let line = String::from_utf8_lossy(&answer.stdout[..end]).into_owned();
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["missing"] => Ok(JobStatus::Missing),
        ["running"] => Ok(JobStatus::Running),
        ["lost"] => Ok(JobStatus::Lost),
        ["ended", rc, timed_out, began, ended] => {
            answer.rc = rc.parse().map_err(|_| line.clone())?;
            answer.stdout.drain(..answer.stdout.len().min(end + 1));
            (answer.duration, answer.ended) = times(began, ended);
            Ok(JobStatus::Ended { answer, timed_out: timed_out != "0" })
        }
        _ => Err(line.chars().take(100).collect()),
    }
}

/// How long a job took and when it ended, by the host's clock.
fn times(began: &str, ended: &str) -> (Duration, Option<SystemTime>) {
    let (began, ended) = (began.parse::<u64>().ok(), ended.parse::<u64>().ok());
    let took = ended.zip(began).map(|(ended, began)| Duration::from_secs(ended.saturating_sub(began)));
    let at = ended.and_then(|ended| UNIX_EPOCH.checked_add(Duration::from_secs(ended)));
    (took.unwrap_or_default(), at)
}

#[cfg(test)]
mod tests {
    use super::super::source::{SHELLS, run_in};
    use super::*;
    use crate::remote::Part;

    fn status(stdout: &[u8]) -> Result<JobStatus, String> {
        read_status(Answer { stdout: stdout.to_vec(), ..Answer::default() })
    }

    #[test]
    fn a_hosts_word_on_a_job_is_read_with_care() {
        assert_eq!(status(b"running\n"), Ok(JobStatus::Running));
        let Ok(JobStatus::Ended { answer, timed_out }) = status(b"ended 137 1 100 105\nout\n\xff") else { panic!() };
        assert_eq!((answer.rc, timed_out, answer.stdout.as_slice()), (137, true, &b"out\n\xff"[..]));
        assert_eq!(answer.duration, Duration::from_secs(5));
        let Ok(JobStatus::Ended { answer, .. }) = status(b"ended 0 0 x 99999999999999999999") else { panic!() };
        assert_eq!((answer.stdout.len(), answer.ended), (0, None));
        for noise in [&b""[..], b"ended\n", b"ended x 0 1 2\n", b"running away\n"] {
            assert!(status(noise).is_err());
        }
    }

    #[test]
    fn every_shell_keeps_jobs() {
        for shell in SHELLS {
            let home = tempfile::tempdir().unwrap();
            let run = |text: &str, words: &[&str]| {
                let env = vec![("HOME".to_owned(), home.path().into())];
                let text = strip(text).replace("/bin/sh", &shell.join(" "));
                let words = words.iter().map(OsString::from).collect();
                run_in(shell, &Source { text: vec![Part::Own(text)], words, env })
            };
            let keeper = strip(include_str!("job_keep.sh")).replace("/bin/sh", &shell.join(" "));
            for (jid, line, rc, timed_out) in [
                ("ends", "echo out; echo err >&2; exit 7", 7, false),
                ("polite", "echo out; echo err >&2; sleep 600 & sleep 600", 143, true),
                ("deaf", "trap '' TERM; echo out; echo err >&2; sleep 600 & sleep 600; sleep 600", 137, true),
            ] {
                let words = [jid, "1", "", &keeper, "/usr/bin/env", "sh", "-c", line];
                let started = run(include_str!("job_start.sh"), &words);
                assert!(started.status.success(), "{shell:?}: {}", String::from_utf8_lossy(&started.stderr));
                let begun = std::time::Instant::now();
                let (answer, by_limit) = loop {
                    let asked = run(include_str!("job_ask.sh"), &[jid]);
                    let answer = Answer { stdout: asked.stdout, stderr: asked.stderr, ..Answer::default() };
                    match read_status(answer) {
                        Ok(JobStatus::Ended { answer, timed_out }) => break (answer, timed_out),
                        Ok(JobStatus::Running) => {
                            assert!(begun.elapsed() < Duration::from_secs(30), "{shell:?}, {jid}");
                        }
                        other => panic!("{shell:?}, {jid}: {other:?}"),
                    }
                };
                assert_eq!((answer.rc, by_limit), (rc, timed_out), "{shell:?}, {jid}");
                assert_eq!((answer.text().as_ref(), answer.errors().as_ref()), ("out\n", "err\n"), "{shell:?}, {jid}");
            }
        }
    }

    #[test]
    fn a_jobs_name_leads_nowhere_else() {
        assert!(check_jid("j123456.789").is_ok());
        for jid in ["", "..", ".a", "a/b", "a b", "-rf", "a\n", "ä"] {
            assert!(check_jid(jid).is_err(), "{jid}");
        }
    }
}
