//! Opens shells, with retries.

use std::time::Duration;

use tokio::time::sleep;

use super::Trouble;
use crate::remote::{Command, Limits, OpenError, Privilege, Shell, ShellOptions, StopSignal};
use crate::transport::{ConnectOptions, Target, Transport};

/// Before the second connection attempt; doubles with each further one, up to [`MAX_BACKOFF`].
const FIRST_BACKOFF: Duration = Duration::from_millis(250);

/// Longest wait between connection attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// How a shell is opened.
pub(super) struct Opening<'a> {
    pub transport: &'a dyn Transport,
    pub target: &'a Target,
    pub connect: ConnectOptions,
    /// Further attempts after a transient failure.
    pub retries: u32,
    pub privilege: Option<&'a Privilege>,
    /// Goes along, so that it costs no round trip of its own.
    pub first: Option<&'a Command>,
    /// Limits for `first`.
    pub limits: Limits,
}

impl Opening<'_> {
    /// Connects and opens the shell; counts the attempts.
    pub(super) async fn open(&self, attempts: &mut u32, stop: &mut StopSignal) -> Result<Shell, Trouble> {
        let mut backoff = FIRST_BACKOFF;
        let mut left = self.retries;
        loop {
            *attempts += 1;
            let opened = self.open_once(stop).await;
            let transient = matches!(&opened, Err(OpenError::Connect(error)) if error.is_transient());
            if !transient || left == 0 {
                return opened.map_err(Trouble::from);
            }
            left -= 1;
            tokio::select! {
                () = sleep(backoff) => {}
                () = stop.raised() => return Err(Trouble::Stopped { fate: None }),
            }
            backoff = (backoff * 2).min(MAX_BACKOFF);
        }
    }

    async fn open_once(&self, stop: &mut StopSignal) -> Result<Shell, OpenError> {
        let options = ShellOptions {
            transport: self.transport,
            target: self.target,
            connect: &self.connect,
            privilege: self.privilege,
            first: self.first,
            limits: self.limits,
        };
        Shell::open(options, stop).await
    }
}
