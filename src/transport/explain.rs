//! The words for what goes wrong on the way to a host, the same for every transport.
//!
//! Pure: turns what a transport has found out into one class of failure with its message and hint.

use russh::keys::Algorithm;

use super::ConnectError;
use crate::event::FailureKind as Kind;

/// How far a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// No TCP connection yet.
    Connecting,
    /// Connected; the server's banner has not come.
    Banner,
    /// Key exchange or authentication.
    Authentication,
    /// Authenticated.
    Session,
    /// Not known; authenticated, for all that is known.
    Unknown,
}

/// Explains a connect timeout by the stage it struck in.
pub(super) fn timed_out(stage: Stage, address: &str) -> ConnectError {
    match stage {
        Stage::Connecting => ConnectError::new(Kind::ConnectTimeout, format!("connecting to {address} timed out"))
            .hint("the host is down, or a firewall drops packets; --connect-timeout sets the limit"),
        Stage::Banner => {
            ConnectError::new(Kind::BannerTimeout, format!("{address} accepted the connection but sent no SSH banner"))
                .hint("something other than sshd may listen there, or the host hangs")
        }
        Stage::Authentication => {
            ConnectError::new(Kind::AuthTimeout, format!("authentication with {address} did not finish in time"))
                .hint("the host may be overloaded; --connect-timeout sets the limit")
        }
        Stage::Session => ConnectError::new(
            Kind::AuthTimeout,
            format!("logged in to {address}, but its shell did not answer in time"),
        )
        .hint("the host may hang, or its login shell waits for something; --connect-timeout sets the limit"),
        Stage::Unknown => ConnectError::new(
            Kind::AuthTimeout,
            format!("{address} did not answer in time; how far ssh came is unknown"),
        )
        .hint("ssh was kept from writing its log, by `-v -q` among its arguments for example"),
    }
}

/// The name has no address.
pub(super) fn name_not_found(address: &str) -> ConnectError {
    ConnectError::new(Kind::NameNotFound, format!("the name {address} has no address"))
        .hint("check the spelling, DNS, or set ansible_host")
}

/// Nothing listens there.
pub(super) fn refused(address: &str) -> ConnectError {
    ConnectError::new(Kind::Refused, format!("{address} refused the connection"))
        .hint("no sshd listens on that port; ansible_port names another")
}

/// There is no way to it.
pub(super) fn no_route(address: &str) -> ConnectError {
    ConnectError::new(Kind::NoRoute, format!("no route to {address}"))
        .hint("the host is down, or its network is not reachable from here")
}

/// Client and server cannot talk; `message` says about what.
pub(super) fn no_algorithm(message: Option<String>, address: &str) -> ConnectError {
    let message = message.unwrap_or_else(|| format!("no algorithm in common with {address}"));
    ConnectError::new(Kind::Protocol, message)
        .hint("ansible_ssh_common_args can allow an older algorithm for this host")
}

/// The server closed the connection before authentication.
pub(super) fn dropped(address: &str) -> ConnectError {
    ConnectError::new(Kind::Dropped, format!("{address} closed the connection before authentication"))
        .hint("sshd sheds load (MaxStartups) or blocks this address; fewer --forks or more --retries help")
}

/// The host refused all `keys`; `encrypted` tells that one could not be tried for want of its passphrase.
pub(super) fn denied(user: &str, address: &str, keys: &[String], encrypted: bool) -> ConnectError {
    let keys = if keys.is_empty() { "no key was offered".into() } else { format!("keys tried: {}", keys.join(", ")) };
    ConnectError::new(Kind::AuthDenied, format!("{user} may not log in to {address}; {keys}")).hint(if encrypted {
        "a key is encrypted: `ssh-add` it to an agent first"
    } else {
        "ansible_user and ansible_ssh_private_key_file choose user and key; `ssh-add -l` lists the agent's keys"
    })
}

/// The host hung up before it had seen all keys; `denied` is what it would be had it refused them.
pub(super) fn too_many_keys(denied: &ConnectError) -> ConnectError {
    ConnectError::new(Kind::AuthDenied, format!("too many keys offered: {}", denied.message))
        .hint("IdentitiesOnly=yes with one IdentityFile offers only that key")
}

/// The server ended the connection before the login was over, and gave its reason.
pub(super) fn sent_away(address: &str, reason: &str) -> ConnectError {
    ConnectError::new(Kind::Protocol, format!("{address} ended the connection: {reason}"))
        .hint("the reason is the server's; its log may say more")
}

/// The server closed the connection in the midst of a login, without a word.
pub(super) fn closed_in_login(address: &str) -> ConnectError {
    ConnectError::new(Kind::Protocol, format!("{address} closed the connection while logging in"))
        .hint("sshd may limit the time or the tries for it (LoginGraceTime, MaxAuthTries)")
}

/// What came was not what the protocol allows; `cause` says what.
pub(super) fn broken(address: &str, cause: &str) -> ConnectError {
    ConnectError::new(Kind::Protocol, format!("the connection to {address} broke: {cause}"))
        .hint("something other than sshd may listen there, or something between alters what passes")
}

/// The server opens no channel for a command; `reason` is its own.
pub(super) fn no_channel(address: &str, reason: &str) -> ConnectError {
    ConnectError::new(Kind::Lost, format!("{address} opened no channel ({reason})"))
        .hint("the server may limit sessions a connection (MaxSessions)")
}

/// The way leads to something that is not the shell we need.
pub(super) fn no_shell(address: &str, code: Option<i32>) -> ConnectError {
    let code = code.map(|code| format!(" (code {code})")).unwrap_or_default();
    ConnectError::new(Kind::ShellMissing, format!("logged in to {address}, but no POSIX shell started{code}"))
        .hint("opsctl needs a login shell that runs commands, and /bin/sh")
}

/// The connection ended while the remote side was at work; `cause` is the transport's word on it.
pub(super) fn lost(address: &str, cause: Option<&str>) -> ConnectError {
    let detail = cause.map(|line| format!(" ({line})")).unwrap_or_default();
    ConnectError::new(Kind::Lost, format!("the connection to {address} was lost{detail}"))
        .hint("what ran there may still run; opsctl could not ask")
}

/// A host key as (type, `SHA256:` fingerprint).
pub(super) type HostKey = (String, String);

/// No file records the host's key, which is offered to a person.
pub(super) fn host_key_unknown(address: &str, key: Option<HostKey>) -> ConnectError {
    let message = match &key {
        Some((kind, print)) => format!("the host key of {address} is not known ({kind} {print})"),
        None => format!("the host key of {address} is not known"),
    };
    let mut error = ConnectError::new(Kind::HostKeyUnknown, message)
        .hint("check it and add it to known_hosts; --accept-new-host-keys records new keys unseen");
    error.host_key = key;
    error
}

/// Another key is recorded for the host; `recorded` says where.
pub(super) fn host_key_changed(address: &str, key: Option<&HostKey>, recorded: Option<&str>) -> ConnectError {
    let message = match key {
        Some((kind, print)) => format!("the host key of {address} has changed: it is now {kind} {print}"),
        None => format!("the host key of {address} has changed"),
    };
    let recorded = recorded.unwrap_or("`ssh-keygen -R HOST` removes it");
    ConnectError::new(Kind::HostKeyChanged, message)
        .hint(format!("{recorded}; remove the old key only if you know why it changed"))
}

/// The host's key is marked as revoked.
pub(super) fn host_key_revoked(address: &str, key: Option<&HostKey>) -> ConnectError {
    let message = match key {
        Some((kind, _)) => format!("the {kind} host key of {address} is revoked"),
        None => format!("the host key of {address} is revoked"),
    };
    ConnectError::new(Kind::HostKeyChanged, message)
        .hint("somebody may pass for the host with a stolen key; known_hosts has it as @revoked")
}

/// The host's address is recorded with another key, at `place`.
pub(super) fn host_key_of_other_address(address: &str, key: &HostKey, place: &str) -> ConnectError {
    let (kind, print) = key;
    ConnectError::new(
        Kind::HostKeyChanged,
        format!("the host key of {address} is not that of its IP address: it is {kind} {print}"),
    )
    .hint(format!("the address has another key in {place} (CheckHostIP); remove it only if you know why it changed"))
}

/// A person has confirmed another key than this.
pub(super) fn host_key_not_confirmed(key: &HostKey, confirmed: &str) -> ConnectError {
    let (kind, print) = key;
    let message = format!("the {kind} host key is now {print}, not the {confirmed} that was confirmed");
    ConnectError::new(Kind::HostKeyChanged, message)
}

/// A person has confirmed a key that cannot be written down.
pub(super) fn host_key_not_recorded(error: &std::io::Error) -> ConnectError {
    ConnectError::new(Kind::Local, format!("the host key could not be recorded: {error}"))
        .hint("UserKnownHostsFile of ssh_config names the file for it")
}

/// A host key or certificate that says nothing about who the host is.
pub(super) fn host_key_unusable(address: &str, reason: &str) -> ConnectError {
    ConnectError::new(Kind::Protocol, format!("the host key of {address} is of no use: {reason}"))
}

/// What to do about a failure on the way, at a jump host or a proxy.
pub(super) fn hint_on_the_way(kind: Kind) -> &'static str {
    match kind {
        Kind::HostKeyUnknown => {
            "log in to the jump host once with ssh, or add its key to known_hosts; opsctl accepts keys of hosts alone"
        }
        Kind::HostKeyChanged => "remove the jump host's old key from known_hosts only if you know why it changed",
        Kind::AuthDenied => "ssh_config chooses user and key for a jump host; `ssh-add -l` lists the agent's keys",
        Kind::Protocol => "the jump host must allow TCP forwarding (AllowTcpForwarding, PermitOpen)",
        _ => "ProxyJump or ProxyCommand, in ssh_config or ansible_ssh_common_args, chooses the way",
    }
}

/// The short name of a key's type, as ssh's messages have it.
pub(super) fn key_type(algorithm: &Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Dsa => "DSA",
        Algorithm::Ecdsa { .. } => "ECDSA",
        Algorithm::Ed25519 => "ED25519",
        Algorithm::Rsa { .. } => "RSA",
        Algorithm::SkEcdsaSha2NistP256 => "ECDSA-SK",
        Algorithm::SkEd25519 => "ED25519-SK",
        _ => "UNKNOWN",
    }
}
