//! Further shells on the connection of another: for another user, without logging in again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};

use super::command::{Command, Kept};
use super::link::Link;
use super::privilege::Privilege;
use super::program;
use super::running::{Limits, StopSignal};
use super::shell::{Ahead, Beginning, OpenError, Shell};
use crate::event::FailureKind;
use crate::transport::{BoxFuture, Channel, ConnectError, Session};

/// How long a connection is given to show that it stands.
const SIGN_PATIENCE: Duration = Duration::from_secs(5);

/// A connection that shells share. The last one to close it ends it.
pub(super) type SharedSession = Arc<Mutex<Option<Box<dyn Session>>>>;

impl Shell {
    /// Opens a further shell on the connection of this one; `first` goes along. None: this host opens no more channels
    /// on it, and nothing was run.
    ///
    /// # Errors
    /// Tells why this user can have no shell there, or that `stop` was raised meanwhile.
    pub async fn open_beside(
        &mut self,
        privilege: Option<&Privilege>,
        first: Option<&Command>,
        limits: Limits,
        stop: &mut StopSignal,
    ) -> Result<Option<Self>, OpenError> {
        let nonce = program::nonce();
        let escalation = privilege.map(Privilege::escalation);
        let line = escalation.as_ref().map_or_else(program::boot_line, |escalation| escalation.line.clone());
        let began = Instant::now();
        let deadline = began + self.patience;
        let opened = tokio::select! {
            opened = timeout_at(deadline, self.session.open_channel(&line)) => opened,
            () = stop.raised() => return Err(OpenError::Stopped(None)),
        };
        let Ok(Ok(channel)) = opened else { return Ok(None) };
        let shared = self.share();
        let mut kept = Kept::default();
        let new = first.map(|first| kept.add(first)).unwrap_or_default();
        let shell = Self {
            session: Box::new(Beside { shared: Arc::clone(&shared), began }),
            shared: Some(shared),
            link: Link::new(channel, &nonce),
            nonce,
            privilege: privilege.cloned(),
            last_id: 0,
            patience: self.patience,
            in_flight: None,
            kept,
            has_watched: false,
        };
        let (escalation, ahead) = (escalation.as_ref(), Ahead::Nothing);
        let beginning = Beginning { deadline, escalation, ahead, first, kept: new, limits };
        shell.begin(beginning, stop).await.map(Some)
    }

    /// Makes the session one that others may use as well.
    fn share(&mut self) -> SharedSession {
        if let Some(shared) = &self.shared {
            return Arc::clone(shared);
        }
        let shared = SharedSession::default();
        let beside = Beside { shared: Arc::clone(&shared), began: self.session.began() };
        let own = std::mem::replace(&mut self.session, Box::new(beside));
        // Nobody else has it yet.
        if let Ok(mut place) = shared.try_lock() {
            *place = Some(own);
        }
        self.shared = Some(Arc::clone(&shared));
        shared
    }
}

/// A share of a connection.
struct Beside {
    shared: SharedSession,
    began: Instant,
}

impl Session for Beside {
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        Box::pin(async move {
            match self.shared.lock().await.as_mut() {
                Some(session) => session.open_channel(command).await,
                None => Err(ended()),
            }
        })
    }

    fn began(&self) -> Instant {
        self.began
    }

    fn refusal<'a>(&'a mut self, _said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async move {
            let mut shared = self.shared.lock().await;
            let Some(session) = shared.as_mut() else { return ended() };
            // Only a connection that stands opens another channel; then it is this user's shell that did not start.
            match timeout(SIGN_PATIENCE, session.open_channel("exit")).await {
                Ok(Ok(_)) => ConnectError::new(FailureKind::ShellMissing, "the host started no shell"),
                _ => session.verdict().await,
            }
        })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async move {
            match self.shared.lock().await.as_mut() {
                Some(session) => session.verdict().await,
                None => ended(),
            }
        })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async {
            ConnectError::new(FailureKind::AuthTimeout, "a further shell on the connection did not answer in time")
                .hint("the host may hang, or asks for something; --connect-timeout sets the limit")
        })
    }

    fn may_have_started(&mut self) -> bool {
        true
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        // The connection is others' as well.
        Box::pin(std::future::ready(true))
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        // That of the first channel, which is not known to be this one.
        Box::pin(std::future::ready(None))
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if let Some(shared) = Arc::into_inner(self.shared)
                && let Some(session) = shared.into_inner()
            {
                session.close().await;
            }
        })
    }
}

fn ended() -> ConnectError {
    ConnectError::new(FailureKind::Lost, "the connection has been closed")
}
