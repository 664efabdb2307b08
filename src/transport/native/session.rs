//! A session of this process with one host.

use std::sync::Arc;
use std::time::Duration;

use russh::Disconnect;
use russh::client::Handle;
use tokio::time::{Instant, timeout};

use super::LoggedIn;
use super::channel::{Ending, Exit, FirstAnswer, split};
use super::client::{Client, Known};
use super::failure;
use super::stream::Lifeline;
use crate::event::FailureKind;
use crate::transport::explain::{self, Stage};
use crate::transport::ssh_config::Settings;
use crate::transport::{AHEAD, BoxFuture, Channel, ConnectError, Opening, Session};

/// How long the word of a channel or connection that has ended is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// An authenticated connection.
pub(super) struct NativeSession {
    handle: Handle<Client>,
    known: Arc<Known>,
    settings: Arc<Settings>,
    began: Instant,
    first: Option<Ending>,
    /// None once the connection has ended.
    lifeline: Option<Lifeline>,
}

impl NativeSession {
    pub(super) fn new(logged_in: LoggedIn, settings: Arc<Settings>) -> Self {
        let LoggedIn { handle, known, lifeline, began } = logged_in;
        Self { handle, known, settings, began, first: None, lifeline: Some(lifeline) }
    }

    /// Starts `opening` on the first channel.
    pub(super) async fn open_first(&mut self, opening: &Opening<'_>) -> Result<Channel, ConnectError> {
        let (channel, ending) = self.open(opening).await?;
        self.first = Some(ending);
        Ok(channel)
    }

    async fn open(&self, opening: &Opening<'_>) -> Result<(Channel, Ending), ConnectError> {
        let channel = self.handle.channel_open_session().await.map_err(|error| self.no_channel(&error))?;
        for (name, value) in &self.settings.environment {
            channel.set_env(false, name, value).await.map_err(|error| self.no_channel(&error))?;
        }
        let mut first_answer = FirstAnswer::Command;
        if let Some(ahead) = opening.ahead {
            channel.set_env(true, AHEAD, ahead).await.map_err(|error| self.no_channel(&error))?;
            first_answer = FirstAnswer::Ahead;
        }
        // Answers are read with the channel's output: what is sent meanwhile costs no round trip of its own.
        channel.exec(true, opening.line).await.map_err(|error| self.no_channel(&error))?;
        Ok(split(channel, first_answer))
    }

    fn no_channel(&self, error: &russh::Error) -> ConnectError {
        let address = &self.settings.original;
        match error {
            russh::Error::ChannelOpenFailure(reason) => {
                let reason = self.known.refusal().unwrap_or_else(|| failure::no_channel(reason).to_owned());
                explain::no_channel(address, &reason)
            }
            _ => self.lost(),
        }
    }

    fn lost(&self) -> ConnectError {
        explain::lost(&self.settings.original, self.known.cause().as_deref())
    }

    async fn exit(&self) -> Option<Exit> {
        timeout(PATIENCE, self.first.as_ref()?.exit()).await.ok().flatten()
    }

    /// Says good-bye; what the connection has still to send goes out before its end.
    async fn disconnect(&mut self) {
        self.first = None;
        let good_bye = async {
            // One that is gone already is as good.
            let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
        };
        if timeout(PATIENCE, good_bye).await.is_ok() {
            self.ended().await;
        }
        self.lifeline = None;
    }

    /// Waits briefly for the end of the connection.
    async fn ended(&mut self) {
        if self.lifeline.is_some() && timeout(PATIENCE, &mut self.handle).await.is_ok() {
            self.lifeline = None;
        }
    }
}

impl Session for NativeSession {
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        let opening = Opening { line: command, ahead: None };
        Box::pin(async move { self.open(&opening).await.map(|(channel, _)| channel) })
    }

    fn took_ahead(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            match &self.first {
                Some(first) => first.granted().await,
                None => false,
            }
        })
    }

    fn began(&self) -> Instant {
        self.began
    }

    fn refusal<'a>(&'a mut self, _said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async move {
            let address = &self.settings.original;
            match self.exit().await {
                Some(Exit::Code(code)) => explain::no_shell(address, Some(code)),
                Some(Exit::Refused) => ConnectError::new(
                    FailureKind::ShellMissing,
                    format!("logged in to {address}, but it runs no commands"),
                )
                .hint("opsctl needs a login shell that runs commands, and /bin/sh"),
                None => self.lost(),
            }
        })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async move {
            self.ended().await;
            self.lost()
        })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async move {
            self.disconnect().await;
            explain::timed_out(Stage::Session, &self.settings.original)
        })
    }

    fn may_have_started(&mut self) -> bool {
        true
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            self.disconnect().await;
            true
        })
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        Box::pin(async move {
            match self.exit().await {
                Some(Exit::Code(code)) => Some(code),
                Some(Exit::Refused) | None => None,
            }
        })
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move { self.disconnect().await })
    }
}
