//! From the library's errors to our classes of failure.

use std::io::ErrorKind;

use russh::{AlgorithmKind, Error};

use super::client::Known;
use crate::event::FailureKind;
use crate::transport::ConnectError;
use crate::transport::explain::{self, Stage};
use crate::transport::ssh_config::Settings;

/// Explains why no session came about before authentication began.
pub(super) fn before_authentication(error: &Error, known: &Known, settings: &Settings) -> ConnectError {
    if let Some(refusal) = known.host_key_refusal() {
        return refusal;
    }
    let address = &settings.original;
    if let Some(farewell) = known.farewell() {
        let kind = if known.stage() <= Stage::Banner { FailureKind::Dropped } else { FailureKind::Protocol };
        return ConnectError::new(kind, format!("{address} ended the connection: {farewell}"));
    }
    match error {
        Error::NoCommonAlgo { kind, theirs, .. } => {
            let (what, theirs, port) = (name(kind), theirs.join(","), settings.port);
            let message = format!(
                "Unable to negotiate with {address} port {port}: no matching {what} found. Their offer: {theirs}"
            );
            explain::no_algorithm(Some(message), address)
        }
        Error::Version => ConnectError::new(FailureKind::Protocol, format!("{address} does not speak SSH 2"))
            .hint("something other than sshd may listen there; ansible_port names another port"),
        error if is_end(error) => explain::dropped(address),
        error => broken(error, address),
    }
}

/// Explains why the connection ended while logging in.
pub(super) fn in_authentication(known: &Known, settings: &Settings) -> ConnectError {
    let address = &settings.original;
    let Some(cause) = known.cause() else {
        return ConnectError::new(FailureKind::Protocol, format!("{address} closed the connection while logging in"))
            .hint("sshd may limit the time or the tries for it (LoginGraceTime, MaxAuthTries)");
    };
    ConnectError::new(FailureKind::Protocol, format!("{address} ended the connection while logging in: {cause}"))
}

/// Whether the error is no more than the end of the connection.
pub(super) fn is_end(error: &Error) -> bool {
    match error {
        Error::Disconnect | Error::HUP | Error::SendError | Error::RecvError => true,
        Error::IO(error) => matches!(
            error.kind(),
            ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::NotConnected
        ),
        _ => false,
    }
}

fn broken(error: &Error, address: &str) -> ConnectError {
    ConnectError::new(FailureKind::Protocol, format!("the connection to {address} broke: {error}"))
        .hint("--transport openssh tries the system's ssh")
}

fn name(kind: &AlgorithmKind) -> &'static str {
    match kind {
        AlgorithmKind::Kex => "key exchange method",
        AlgorithmKind::Key => "host key type",
        AlgorithmKind::Cipher => "cipher",
        AlgorithmKind::Compression => "compression",
        AlgorithmKind::Mac => "MAC",
    }
}
