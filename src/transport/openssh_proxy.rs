//! Reads what the way to a host said: a jump host's `ssh` or a `ProxyCommand`, which share our `ssh`'s stderr.
//!
//! Pure. Of use only until the host itself has answered; from then on the bytes on stderr may be the host's.

use super::{ConnectError, explain};
use crate::event::FailureKind as Kind;

/// The first reason with a needle in what was said is the class; the first line with one is the message.
const REASONS: &[(&[&str], Kind)] = &[
    (&["Could not resolve hostname", "Name or service not known"], Kind::NameNotFound),
    (&["Host key for ", "HOST IDENTIFICATION HAS CHANGED", "REVOKED HOST KEY"], Kind::HostKeyChanged),
    (&["host key is known for", "Host key verification failed"], Kind::HostKeyUnknown),
    (&["Permission denied (", "Permission denied", "Too many authentication failures"], Kind::AuthDenied),
    (&["administratively prohibited", "Unable to negotiate"], Kind::Protocol),
    (&["Connection refused"], Kind::Refused),
    (&["No route to host", "Network is unreachable", "Host is down"], Kind::NoRoute),
    (&["timed out"], Kind::ConnectTimeout),
    (&["not found", "No such file or directory", "onfiguration option"], Kind::Local),
];

/// Explains why the way to `address` did not lead there; none when nothing was said.
pub(super) fn explain(said: &str, address: &str) -> Option<ConnectError> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !is_chatter(line)).collect();
    let class = |(needles, kind): &(&[&str], Kind)| {
        let line = needles.iter().find_map(|needle| lines.iter().find(|line| line.contains(needle)))?;
        Some((*kind, *line))
    };
    let (kind, line) = REASONS.iter().find_map(class).or_else(|| Some((Kind::Dropped, *lines.last()?)))?;
    Some(ConnectError::new(kind, format!("on the way to {address}: {line}")).hint(explain::hint_on_the_way(kind)))
}

fn is_chatter(line: &str) -> bool {
    line.is_empty() || line.starts_with("debug") || line.starts_with("OpenSSH_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_on_the_way_has_its_class() {
        for (said, expected) in [
            ("ssh: Could not resolve hostname jump: Name or service not known\r\n", Kind::NameNotFound),
            ("ops@jump: Permission denied (publickey).\r\n", Kind::AuthDenied),
            ("No ED25519 host key is known for jump.\r\nHost key verification failed.\r\n", Kind::HostKeyUnknown),
            ("ssh: connect to host jump port 22: Connection refused\r\n", Kind::Refused),
            ("channel 0: open failed: connect failed: No route to host\r\nstdio forwarding failed\r\n", Kind::NoRoute),
            ("channel 0: open failed: administratively prohibited: open failed\r\n", Kind::Protocol),
            ("sh: 1: exec: tunnel: not found\n", Kind::Local),
            ("tunnel: you have no ticket\n", Kind::Dropped),
        ] {
            let error = explain(said, "db").unwrap();
            assert_eq!(error.kind, expected, "{error}");
            assert!(error.message.starts_with("on the way to db: ") && error.hint.is_some(), "{error}");
        }
        assert_eq!(explain("debug1: Connection established.\r\n\r\n", "db"), None);
    }

    #[test]
    fn an_unknown_key_is_named_in_the_words_of_ssh() {
        let said = "Warm welcome\r\nNo ED25519 host key is known for jump.\r\nHost key verification failed.\r\n";
        assert_eq!(explain(said, "db").unwrap().message, "on the way to db: No ED25519 host key is known for jump.");
    }
}
