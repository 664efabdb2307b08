//! What russh tells about a connection while it lives, and where the rest reads it.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{self, DisconnectReason};
use russh::keys::PublicKeyOrCertificate;
use russh::{ChannelId, ChannelOpenFailure};

use super::failure;
use crate::transport::explain::Stage;
use crate::transport::host_key::{HostKeys, Peer, Trust};
use crate::transport::ssh_config::Settings;
use crate::transport::{ConnectError, HostKeyPolicy};

/// Longest text of a server that is kept, in bytes.
const TEXT_LIMIT: usize = 512;

/// Refused channels whose words are kept until they are explained.
const REFUSALS: usize = 1024;

/// What is known about one connection; shared between the protocol's task and those who use it.
#[derive(Debug)]
pub(super) struct Known(Mutex<State>);

#[derive(Debug)]
struct State {
    stage: Stage,
    trust: Option<Result<Trust, ConnectError>>,
    farewell: Option<String>,
    failure: Option<String>,
    /// Whether the failure is more than an end of the connection.
    broken: bool,
    /// What the server said to each channel that it refused and that has not been explained yet, in order.
    refusals: VecDeque<String>,
}

impl Known {
    /// Nothing yet, but that a connection is being made.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            stage: Stage::Connecting,
            trust: None,
            farewell: None,
            failure: None,
            broken: false,
            refusals: VecDeque::new(),
        })))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the connection has come.
    pub(super) fn stage(&self) -> Stage {
        self.state().stage
    }

    /// Notes how far the connection has come.
    pub(super) fn reached(&self, stage: Stage) {
        self.state().stage = stage;
    }

    /// Why the host key was refused, if it was.
    pub(super) fn host_key_refusal(&self) -> Option<ConnectError> {
        self.state().trust.as_ref().and_then(|trust| trust.as_ref().err().cloned())
    }

    /// How far the host is trusted; not even for passwords before its key was seen.
    pub(super) fn trust(&self) -> Trust {
        match self.state().trust {
            Some(Ok(trust)) => trust,
            _ => Trust::NoPasswords,
        }
    }

    /// The reason that the server gave for its disconnect, in one line.
    pub(super) fn farewell(&self) -> Option<String> {
        self.state().farewell.clone()
    }

    /// What was wrong with the server's messages, if that ended the connection.
    pub(super) fn breach(&self) -> Option<String> {
        let state = self.state();
        state.failure.clone().filter(|_| state.broken)
    }

    /// Why the server has just refused a channel, in one line.
    pub(super) fn refusal(&self) -> Option<String> {
        self.state().refusals.pop_front()
    }

    /// The server's reason for the end of the connection, or else what broke it.
    pub(super) fn cause(&self) -> Option<String> {
        let state = self.state();
        state.farewell.clone().or_else(|| state.failure.clone())
    }
}

/// Hears of the host key and of the end of one connection.
pub(super) struct Client {
    pub(super) known: Arc<Known>,
    pub(super) host_keys: Arc<HostKeys>,
    pub(super) settings: Arc<Settings>,
    pub(super) policy: HostKeyPolicy,
    pub(super) ip: Option<IpAddr>,
}

impl Client {
    fn peer(&self) -> Peer {
        peer(&self.settings, self.ip)
    }
}

/// The host that `settings` lead to, at `ip`.
pub(super) fn peer(settings: &Settings, ip: Option<IpAddr>) -> Peer {
    Peer { hostname: settings.hostname.clone(), port: settings.port, ip }
}

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let trust = self.host_keys.check(&self.settings, &self.policy, &self.peer(), presented);
        let accepted = trust.is_ok();
        self.known.state().trust = Some(trust);
        Ok(accepted)
    }

    async fn channel_open_failure(
        &mut self,
        _channel: ChannelId,
        reason: ChannelOpenFailure,
        description: &str,
        _language: &str,
        _session: &mut client::Session,
    ) -> Result<(), Self::Error> {
        let reason = failure::no_channel(&reason);
        let text =
            if description.is_empty() { reason.to_owned() } else { format!("{reason}: {}", one_line(description)) };
        let mut state = self.known.state();
        state.refusals.push_back(text);
        state.refusals.truncate(REFUSALS);
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                self.known.state().farewell = Some(one_line(&info.message));
                Ok(())
            }
            DisconnectReason::Error(error) => {
                if !matches!(error, russh::Error::Disconnect | russh::Error::HUP) {
                    let mut state = self.known.state();
                    state.failure = Some(one_line(&error.to_string()));
                    state.broken = !failure::is_end(&error);
                }
                Err(error)
            }
        }
    }
}

/// The first line of what a server or a library says, of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
    let end = line.char_indices().map(|(at, _)| at).find(|at| *at >= TEXT_LIMIT).unwrap_or(line.len());
    line[..end].to_owned()
}
