//! Reads what `ssh -v` wrote about a connection.
//!
//! Turns the log of a failed connection into one class of failure with its message and hint.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::explain::{self, Stage};
use super::{ConnectError, openssh_proxy};
use crate::event::FailureKind as Kind;

/// The most that is read of a log, in bytes: half from its beginning, half from its end.
const READ_LIMIT: u64 = 256 * 1024;

/// Stands for what lies between; what it told is not known.
const GAP: &str = "\n(a part of this log was not read)\n";

impl Stage {
    /// Finds the last stage that a log of `ssh -v` shows. Only the beginnings of lines count: a server chooses parts of the rest.
    pub(super) fn of(log: &str) -> Self {
        let shows = |start: &str| log.lines().any(|line| line.starts_with(start));
        if shows("Authenticated to ") {
            Self::Session
        } else if !shows("debug1: ") || log.contains(GAP) {
            Self::Unknown
        } else if shows("debug1: Remote protocol version") {
            Self::Authentication
        } else if shows("debug1: Connection established") || shows("debug1: Local version string") && !has_proxy(log) {
            Self::Banner
        } else {
            Self::Connecting
        }
    }
}

/// Whether ssh reached out through a proxy, which a jump host is as well.
fn has_proxy(log: &str) -> bool {
    log.lines().any(|line| line.starts_with("debug1: Executing proxy command"))
}

/// Reads a log; one that is not there reads as empty.
pub(super) fn read(path: &Path) -> String {
    let part = |from: u64| {
        let mut bytes = Vec::new();
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        file.take(READ_LIMIT / 2).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let half = READ_LIMIT / 2;
    let mut log = part(0).unwrap_or_default();
    if length > half {
        log.push_str(if length > READ_LIMIT { GAP } else { "" });
        log.push_str(&part(half.max(length - half)).unwrap_or_default());
    }
    log
}

/// The host key that the server presented, as (type, `SHA256:` fingerprint).
pub(super) fn host_key(log: &str) -> Option<(String, String)> {
    let line = log.lines().rev().find_map(|line| line.strip_prefix("debug1: Server host key: "))?;
    let mut words = line.split_whitespace();
    let kind = words.next()?;
    let kind = kind.strip_prefix("ssh-").unwrap_or(kind);
    Some((kind.to_owned(), words.next()?.to_owned()))
}

/// Explains why the first channel ended before the remote shell had answered; `said` is what came on its stderr.
pub(super) fn explain(log: &str, said: &str, address: &str, code: Option<i32>) -> ConnectError {
    let stage = Stage::of(log);
    if stage == Stage::Unknown {
        return untold(log, said, address, code);
    }
    let on_the_way = stage < Stage::Authentication && has_proxy(log);
    if let Some(error) = on_the_way.then(|| openssh_proxy::explain(said, address)).flatten() {
        return error;
    }
    if stage == Stage::Session {
        if let Some((_, reason)) = line_with(log, &[NO_CHANNEL]).as_deref().and_then(|line| line.split_once(NO_CHANNEL))
        {
            return explain::no_channel(address, reason);
        }
        return match code {
            Some(255) | None => lost(log, address),
            code => explain::no_shell(address, code),
        };
    }
    if let Some(reason) = farewell(log).filter(|reason| !reason.contains(TOO_MANY)) {
        return explain::sent_away(address, reason);
    }
    RULES
        .iter()
        .find(|rule| rule.0.iter().any(|needle| log.contains(needle)))
        .map_or_else(|| unexplained(log, address, stage), |rule| (rule.1)(log, address))
}

type Explain = fn(&str, &str) -> ConnectError;

/// The reason of a server whose limit of tries (`MaxAuthTries`) is reached.
const TOO_MANY: &str = "Too many authentication failures";

/// What ssh says of a channel, and then the server's reason, when it is not opened.
const NO_CHANNEL: &str = ": open failed: ";

/// Words of ssh about messages that are not what the protocol allows.
const BROKEN: &[&str] = &[
    "Protocol major versions differ",
    "Bad packet length",
    "Corrupted MAC",
    "Connection corrupted",
    "padding error",
    "message authentication code incorrect",
    "incorrect signature",
    "invalid format",
    "incomplete message",
    "string is too large",
    "unexpected packet type",
    "bad message during authentication",
    "Invalid ssh2 packet type",
];

/// The first rule with a needle in the log explains the failure.
const RULES: &[(&[&str], Explain)] = &[
    (&["Could not resolve hostname"], |_, address| explain::name_not_found(address)),
    (
        &["REMOTE HOST IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY", "is revoked", " revoked by file "],
        host_key_changed,
    ),
    (&["Host key verification failed"], |log, address| explain::host_key_unknown(address, host_key(log))),
    (&["Permission denied ("], auth_denied),
    (&[TOO_MANY], |log, address| explain::too_many_keys(&auth_denied(log, address))),
    (&["Connection refused"], |_, address| explain::refused(address)),
    (&["No route to host", "Network is unreachable", "Host is down"], |_, address| explain::no_route(address)),
    (&["Connection timed out during banner exchange"], |_, address| explain::timed_out(Stage::Banner, address)),
    (&["Connection timed out", "Operation timed out"], |_, address| explain::timed_out(Stage::Connecting, address)),
    (&["Unable to negotiate", "no matching "], |log, address| {
        explain::no_algorithm(line_with(log, &["Unable to negotiate", "no matching "]), address)
    }),
    (BROKEN, |log, address| {
        explain::broken(address, &line_with(log, BROKEN).unwrap_or_else(|| "its messages make no sense".into()))
    }),
    (&["kex_exchange_identification", "banner exchange", "ssh_dispatch_run_fatal"], |_, address| {
        explain::dropped(address)
    }),
    (
        &["bad configuration option", "Bad configuration option", "Bad owner or permissions", "unknown option"],
        |log, _| {
            let message = line_with(log, &["onfiguration option", "Bad owner", "unknown option"]);
            ConnectError::new(Kind::Local, message.unwrap_or_else(|| "ssh refuses its configuration".into()))
                .hint("`ssh -G HOST` shows what ssh reads")
        },
    ),
];

fn host_key_changed(log: &str, address: &str) -> ConnectError {
    let key = host_key(log);
    if log.contains("evoked") || log.contains("REVOKED") {
        return explain::host_key_revoked(address, key.as_ref());
    }
    explain::host_key_changed(address, key.as_ref(), line_with(log, &["Offending "]).as_deref())
}

fn auth_denied(log: &str, address: &str) -> ConnectError {
    let tried: Vec<String> = log
        .lines()
        .filter_map(|line| line.split_once("Offering public key: "))
        .map(|(_, key)| key.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
        .collect();
    let user = line_with(log, &["Permission denied ("])
        .and_then(|line| line.split_once('@').map(|(user, _)| user.to_owned()))
        .unwrap_or_else(|| "the user".into());
    let encrypted = log.contains("incorrect passphrase") || log.contains("read_passphrase");
    explain::denied(&user, address, &tried, encrypted)
}

/// Explains why a channel ended after the remote shell had answered.
pub(super) fn lost(log: &str, address: &str) -> ConnectError {
    let cause = line_with(log, &["Timeout, server", "Connection reset", "Broken pipe", "closed by remote host"]);
    explain::lost(address, farewell(log).or(cause.as_deref()))
}

/// The reason that the server itself gave for its end: `Received disconnect from ADDRESS port N:CODE: REASON`.
fn farewell(log: &str) -> Option<&str> {
    let rest = log.lines().find_map(|line| line.strip_prefix("Received disconnect from "))?;
    let (_, rest) = rest.split_once(" port ")?;
    rest.splitn(3, ':').nth(2).map(str::trim)
}

fn untold(log: &str, said: &str, address: &str, code: Option<i32>) -> ConnectError {
    // Arguments are read before the log is opened, and the file that they name is before anything else is logged.
    const ARGUMENTS: &[&str] = &["command-line", "usage: ssh ", "Can't open user config file "];
    let mut lines = said.lines().chain(log.lines());
    if let Some(line) = lines.find(|line| ARGUMENTS.iter().any(|start| line.starts_with(start))) {
        return ConnectError::new(Kind::Local, line.trim()).hint("ansible_ssh_common_args must be arguments of ssh");
    }
    let code = code.map(|code| format!(" with code {code}")).unwrap_or_default();
    ConnectError::new(Kind::Lost, format!("ssh to {address} ended{code}; how far it came is unknown"))
        .hint("it wrote no log; ansible_ssh_executable and ansible_ssh_common_args say what is run")
}

fn unexplained(log: &str, address: &str, stage: Stage) -> ConnectError {
    let last = log.lines().rev().find(|line| !line.starts_with("debug") && !line.trim().is_empty());
    let last = last.unwrap_or_default().trim();
    let closed = ["Connection closed by ", "Connection reset by "].iter().any(|start| last.starts_with(start));
    // The client's keys are in use: from now on the server knows who is at fault, us or the load.
    let logging_in = log.lines().any(|line| line.starts_with("debug1: SSH2_MSG_NEWKEYS received"));
    match (closed, logging_in) {
        (true, true) => explain::closed_in_login(address),
        (true, false) => explain::dropped(address),
        (false, _) if stage <= Stage::Banner => {
            let error = explain::dropped(address);
            ConnectError { message: format!("connecting to {address} failed: {last}"), ..error }
        }
        (false, _) => explain::broken(address, last),
    }
}

fn line_with(log: &str, needles: &[&str]) -> Option<String> {
    let plain = log.lines().filter(|line| !line.starts_with("debug"));
    plain.map(str::trim).find(|line| needles.iter().any(|needle| line.contains(needle))).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(log: &str) -> Kind {
        explain(&format!("debug1: Connecting to db\n{log}"), "", "db", Some(255)).kind
    }

    #[test]
    fn each_failure_of_ssh_has_its_class() {
        for (log, expected) in [
            ("ssh: Could not resolve hostname db: Name or service not known", Kind::NameNotFound),
            ("ssh: connect to host db port 22: Connection refused", Kind::Refused),
            ("ssh: connect to host db port 22: No route to host", Kind::NoRoute),
            ("ssh: connect to host db port 22: Connection timed out", Kind::ConnectTimeout),
            ("Connection timed out during banner exchange", Kind::BannerTimeout),
            ("kex_exchange_identification: Connection closed by remote host", Kind::Dropped),
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
                Kind::HostKeyChanged,
            ),
            ("Host key ED25519 SHA256:x revoked by file /revoked\nHost key verification failed.", Kind::HostKeyChanged),
            ("No ED25519 host key is known for db\nHost key verification failed.", Kind::HostKeyUnknown),
            ("ops@db: Permission denied (publickey).", Kind::AuthDenied),
            ("Unable to negotiate with db port 22: no matching cipher found.", Kind::Protocol),
            ("Connection closed by 10.0.0.1 port 22", Kind::Dropped),
            ("debug1: SSH2_MSG_NEWKEYS received\nConnection reset by 10.0.0.1 port 22", Kind::Protocol),
            ("Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", Kind::AuthDenied),
        ] {
            assert_eq!(kind(log), expected, "{log}");
        }
    }

    #[test]
    fn auth_denied_names_the_user_and_the_keys() {
        let log = "debug1: Offering public key: /home/ann/.ssh/id_ed25519 ED25519 SHA256:abc explicit\n\
                   ops@db: Permission denied (publickey).";
        let error = explain(log, "", "db", Some(255));
        assert_eq!(error.message, "ops may not log in to db; keys tried: /home/ann/.ssh/id_ed25519 ED25519 SHA256:abc");
    }

    #[test]
    fn unknown_host_keys_come_with_their_fingerprint() {
        let log = "debug1: Server host key: ssh-ed25519 SHA256:xyz\nHost key verification failed.";
        assert_eq!(explain(log, "", "db", Some(255)).host_key, Some(("ed25519".to_owned(), "SHA256:xyz".to_owned())));
    }

    #[test]
    fn a_login_shell_that_refuses_is_no_lost_connection() {
        let log = "Authenticated to db ([10.0.0.1]:22) using \"publickey\".";
        assert_eq!(explain(log, "", "db", Some(1)).kind, Kind::ShellMissing);
        assert_eq!(explain(log, "", "db", Some(255)).kind, Kind::Lost);
    }

    #[test]
    fn timeouts_tell_the_stage() {
        assert_eq!(Stage::of("debug1: Connecting to db"), Stage::Connecting);
        assert_eq!(Stage::of("debug1: Connection established."), Stage::Banner);
        assert_eq!(Stage::of("debug1: Remote protocol version 2.0"), Stage::Authentication);
        assert_eq!(Stage::of("Authenticated to db ([10.0.0.1]:22) using \"publickey\"."), Stage::Session);
    }

    #[test]
    fn a_log_that_tells_nothing_rules_nothing_out() {
        for log in ["", "Connection closed by 10.0.0.1 port 22"] {
            assert_eq!(Stage::of(log), Stage::Unknown);
            assert_eq!(explain(log, "", "db", Some(255)).kind, Kind::Lost);
            assert!(!explain::timed_out(Stage::of(log), "db").is_transient());
        }
    }

    #[test]
    fn a_configuration_that_cannot_be_opened_is_told() {
        let log = "OpenSSH_9.2p1\nCan't open user config file /missing: No such file or directory\n";
        assert_eq!(explain(log, "", "db", Some(255)).kind, Kind::Local);
    }

    #[test]
    fn what_a_proxy_said_counts_until_the_host_has_answered() {
        let said = "ops@jump: Permission denied (publickey).";
        let closed = "kex_exchange_identification: Connection closed by remote host";
        let proxied = format!("debug1: Executing proxy command: exec ssh -W db:22 jump\n{closed}");
        assert_eq!(explain(&proxied, said, "db", Some(255)).kind, Kind::AuthDenied);
        let answered = format!("debug1: Remote protocol version 2.0\n{proxied}");
        let direct = format!("debug1: Connection established.\n{closed}");
        for log in [&answered, &direct] {
            assert_eq!(explain(log, said, "db", Some(255)).kind, Kind::Dropped);
        }
        assert_eq!(Stage::of("debug1: Executing proxy command: x\ndebug1: Local version string"), Stage::Connecting);
    }

    #[test]
    fn a_server_that_gives_a_reason_is_quoted() {
        let log = "debug1: Connecting to db\nReceived disconnect from 10.0.0.1 port 22:2: at 5: closed\nDisconnected";
        assert_eq!(explain(log, "", "db", Some(255)).message, "db ended the connection: at 5: closed");
        let log = format!("Authenticated to db\n{log}");
        assert_eq!(explain(&log, "", "db", Some(255)).message, "the connection to db was lost (at 5: closed)");
        let log = "Authenticated to db\nchannel 1: open failed: resource shortage: full";
        assert_eq!(explain(log, "", "db", Some(255)).message, "db opened no channel (resource shortage: full)");
    }

    #[test]
    fn a_server_cannot_choose_its_stage() {
        let log = "debug1: Remote protocol version 2.0, remote software version Authenticated to db";
        assert_eq!(Stage::of(log), Stage::Authentication);
        let log = "debug1: kex_exchange_identification: banner line 0: debug1: Remote protocol version";
        assert_eq!(Stage::of(log), Stage::Connecting);
    }

    #[test]
    fn a_server_cannot_choose_the_host_key_that_is_shown() {
        let version = "debug1: Remote protocol version 2.0, remote software version";
        let forged = format!("{version} Server host key: ssh-ed25519 SHA256:forged");
        assert_eq!(host_key(&forged), None);
        let log = format!("debug1: Server host key: ssh-ed25519 SHA256:real\n{forged}");
        assert_eq!(host_key(&log), Some(("ed25519".into(), "SHA256:real".into())));
    }

    #[test]
    fn a_log_is_read_at_both_ends_and_a_gap_leaves_the_stage_open() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (middle, stage) in [(1000, Stage::Banner), (200_000, Stage::Banner), (300_000, Stage::Unknown)] {
            let text = format!("debug1: Connection established.\n{}\nthe end", "x".repeat(middle));
            std::fs::write(file.path(), &text).unwrap();
            let log = read(file.path());
            assert_eq!(Stage::of(&log), stage);
            assert!(log.ends_with("the end") && (log == text || stage == Stage::Unknown));
        }
        assert_eq!(read(Path::new("/no/such/log")), "");
    }
}
