//! From the library's errors to our classes of failure.

use std::io::ErrorKind;

use russh::{AlgorithmKind, ChannelOpenFailure, Error};

use super::client::Known;
use crate::event::FailureKind;
use crate::transport::ConnectError;
use crate::transport::explain;
use crate::transport::ssh_config::Settings;

/// Explains why no session came about before authentication began.
pub(super) fn before_authentication(error: &Error, known: &Known, settings: &Settings) -> ConnectError {
    if let Some(refusal) = known.host_key_refusal() {
        return refusal;
    }
    let address = &settings.original;
    if let Some(farewell) = known.farewell() {
        return explain::sent_away(address, &farewell);
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
        error => explain::broken(address, &error.to_string()),
    }
}

/// Explains why the connection ended while logging in.
pub(super) fn in_authentication(known: &Known, settings: &Settings) -> ConnectError {
    let address = &settings.original;
    match (known.farewell(), known.breach()) {
        (Some(farewell), _) => explain::sent_away(address, &farewell),
        (None, Some(breach)) => explain::broken(address, &breach),
        (None, None) => explain::closed_in_login(address),
    }
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

/// Why a channel was not opened, in the words of ssh.
pub(super) fn no_channel(reason: &ChannelOpenFailure) -> &'static str {
    match reason {
        ChannelOpenFailure::AdministrativelyProhibited => "administratively prohibited",
        ChannelOpenFailure::ConnectFailed => "connect failed",
        ChannelOpenFailure::UnknownChannelType => "unknown channel type",
        ChannelOpenFailure::ResourceShortage => "resource shortage",
        ChannelOpenFailure::Other { .. } => "unknown reason",
    }
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
