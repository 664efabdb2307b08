//! Runs a command on a server with each transport, and compares how it ended with what is wanted.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::common::{Home, Ran, run, wait_until};
use super::server::{Behaviour, Server};

/// What every case is tried with.
pub const TRANSPORTS: &[&str] = &["native", "openssh"];

/// The limit for connecting, in seconds, where it is not meant to strike.
const PATIENT: u64 = 20;

/// The limit for connecting, in seconds, where it is.
const IMPATIENT: u64 = 4;

/// What a run may take beyond its limit on a busy machine.
const MARGIN: Duration = Duration::from_secs(8);

/// How a host should end.
#[derive(Clone)]
pub struct Want {
    pub code: i32,
    pub status: &'static str,
    /// The kind of the failure; several when it depends on who is faster. None when there is none.
    pub kinds: &'static [&'static str],
    /// What the message or the hint has, or the output when there is no failure.
    pub says: String,
    /// What became of the command; not looked at when empty.
    pub fate: &'static str,
}

impl Want {
    /// The command ran and wrote `says`.
    pub fn ok(says: &str) -> Self {
        Self { code: 0, status: "ok", kinds: &[], says: says.to_owned(), fate: "ended" }
    }

    /// No connection, and no command.
    pub fn unreachable(kinds: &'static [&'static str], says: &str) -> Self {
        Self { code: 4, status: "unreachable", kinds, says: says.to_owned(), fate: "none" }
    }

    /// The connection did not come so far in time; how far it came decides whether a command may run.
    pub fn late(says: &str) -> Self {
        Self { fate: "", ..Self::unreachable(&["auth-timeout"], says) }
    }

    /// The connection was lost when the command might have been running.
    pub fn lost(says: &str) -> Self {
        Self { fate: "unknown", ..Self::unreachable(&["lost"], says) }
    }

    /// The connection is good, but no shell came to life.
    pub fn no_shell(says: &str) -> Self {
        Self { code: 3, status: "failed", fate: "", ..Self::unreachable(&["shell-missing"], says) }
    }

    /// The limit for connecting with which this is tried, in seconds.
    fn patience(&self) -> u64 {
        if self.kinds.iter().any(|kind| kind.ends_with("-timeout")) { IMPATIENT } else { PATIENT }
    }

    /// Tells what is wrong about this end of host `a`.
    pub fn check(&self, ran: &Ran) -> Result<(), String> {
        let line = ran.lines().into_iter().find(|line| line["type"] == "host" && line["host"] == "a");
        let line = line.ok_or_else(|| format!("no end of the host in\n{}\n{}", ran.text(), ran.stderr))?;
        let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
        let error = &line["error"];
        let kind = text(&error["kind"]);
        let said = match self.kinds {
            [] => text(&line["stdout"]["text"]),
            _ => format!("{}\n{}", text(&error["message"]), text(&error["hint"])),
        };
        let wrong = [
            (ran.code() != self.code).then(|| format!("exit code {} instead of {}", ran.code(), self.code)),
            (text(&line["status"]) != self.status).then(|| format!("not {}", self.status)),
            (!(self.kinds.is_empty() && kind == "none" || self.kinds.contains(&kind.as_str())))
                .then(|| format!("kind {kind} instead of {:?}", self.kinds)),
            (!said.contains(&self.says)).then(|| format!("`{}` is not said", self.says)),
            (!self.fate.is_empty() && text(&line["fate"]) != self.fate).then(|| format!("fate not {}", self.fate)),
            (self.code == 4 && !error["hint"].is_string()).then(|| "no hint".to_owned()),
        ];
        let wrong: Vec<String> = wrong.into_iter().flatten().collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n    {line}", wrong.join(", "))) }
    }
}

/// One server and what should come of it.
pub struct Case {
    pub name: String,
    pub behaviour: Behaviour,
    /// The line that is run.
    pub line: String,
    pub want: Want,
    /// Another end that is as good, where clients differ.
    pub or: Option<Want>,
}

impl Case {
    pub fn new(name: impl Into<String>, behaviour: Behaviour, want: Want) -> Self {
        Self { name: name.into(), behaviour, line: "echo hello".to_owned(), want, or: None }
    }

    pub fn or(self, want: Want) -> Self {
        Self { or: Some(want), ..self }
    }

    pub fn running(self, line: impl Into<String>) -> Self {
        Self { line: line.into(), ..self }
    }
}

/// Tries every case with every transport; fails with all that went wrong.
#[track_caller]
pub fn judge(cases: &[Case]) {
    try_all(cases.len(), |index, transport| {
        let case = &cases[index];
        let home = Home::new();
        let _server = Server::start(&home, case.behaviour.clone());
        let ran = bounded(&home, transport, &[], &case.line, case.want.patience());
        let checked = ran.and_then(|ran| match case.want.check(&ran) {
            Err(wrong) => case.or.as_ref().map_or(Err(wrong), |or| or.check(&ran)),
            right => right,
        });
        checked.map_err(|wrong| format!("{}: {wrong}", case.name))
    });
}

/// Tries `attempt` with each of `count` cases and each transport; fails with all that went wrong.
#[track_caller]
pub fn try_all(count: usize, attempt: impl Fn(usize, &str) -> Result<(), String>) {
    let tries = TRANSPORTS.iter().flat_map(|transport| (0..count).map(move |index| (index, *transport)));
    let wrong: Vec<String> = tries
        .filter_map(|(index, transport)| Some(format!("{transport}: {}", attempt(index, transport).err()?)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} tries:\n{}", wrong.len(), count * TRANSPORTS.len(), wrong.join("\n"));
}

/// Runs `line` on host `a`; tells what is wrong with the end.
pub fn attempt(home: &Home, transport: &str, options: &[&str], line: &str, want: &Want) -> Result<(), String> {
    want.check(&bounded(home, transport, options, line, want.patience())?)
}

/// Runs `line` on host `a`, with `limit` seconds for connecting; tells whether that took longer, went wild, or left
/// something behind.
pub fn bounded(home: &Home, transport: &str, options: &[&str], line: &str, limit: u64) -> Result<Ran, String> {
    let seconds = format!("{limit}s");
    let fixed = ["a", "--format", "jsonl", "--retries", "0", "--connect-timeout", &seconds];
    let arguments = [&fixed[..], &["--transport", transport], options, &["--", line]].concat();
    let begun = Instant::now();
    let ran = run(&mut home.exec(&arguments));
    let taken = begun.elapsed();
    if ran.stderr.contains("panicked") {
        return Err(format!("a panic:\n{}", ran.stderr));
    }
    if taken > Duration::from_secs(limit) + MARGIN {
        return Err(format!("it took {taken:?}: {}", ran.text()));
    }
    nothing_is_left(home);
    Ok(ran)
}

/// Fails unless every process of the client's side ends that names the home.
#[track_caller]
pub fn nothing_is_left(home: &Home) {
    wait_until("the end of the client's processes", Duration::from_secs(5), || left(home).is_empty());
}

fn left(home: &Home) -> Vec<String> {
    let dir = home.dir().display().to_string();
    let lines = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let line = fs::read(entry.unwrap().path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(&dir) && !line.contains("sshd")).collect()
}
