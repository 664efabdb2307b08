//! `connection: local`: a process on the controller, no SSH.

use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::{Instant, timeout};

use super::spawn::spawn;
use super::{BoxFuture, Channel, ConnectError, ConnectOptions, Connection, Opening, Session, Target, Transport};
use crate::event::FailureKind;

/// How long a shell that should end is waited for.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Runs on the controller itself.
pub struct Local;

impl Transport for Local {
    fn connect<'a>(
        &'a self,
        _target: &'a Target,
        _options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let began = Instant::now();
            let (child, channel) = start(opening.line).await?;
            Ok((Box::new(LocalSession { began, children: vec![child] }) as Box<dyn Session>, channel))
        })
    }
}

async fn start(command: &str) -> Result<(Child, Channel), ConnectError> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(command);
    // A group of its own, as sshd gives: Ctrl-C at the terminal is ours to handle. Never killed from here: the end of
    // its input makes the shell end what it started.
    shell.process_group(0);
    spawn(shell).await.map_err(|error| {
        ConnectError::new(FailureKind::Local, format!("/bin/sh could not be started: {error}"))
            .hint("fewer --forks need fewer processes and file descriptors")
    })
}

struct LocalSession {
    began: Instant,
    children: Vec<Child>,
}

impl Session for LocalSession {
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        Box::pin(async move {
            let (child, channel) = start(command).await?;
            self.children.push(child);
            Ok(channel)
        })
    }

    fn began(&self) -> Instant {
        self.began
    }

    fn refusal<'a>(&'a mut self, _said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async { ConnectError::new(FailureKind::ShellMissing, "the local shell ended early") })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async { ConnectError::new(FailureKind::Lost, "the local shell ended early") })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        // Nothing tells whether it has begun, so it is no reason to try again.
        Box::pin(async move { ConnectError::new(FailureKind::Lost, "the local shell did not answer in time") })
    }

    fn may_have_started(&mut self) -> bool {
        true
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async move {
            for child in &mut self.children {
                // One that has ended already is as good.
                let _ = child.kill().await;
            }
            true
        })
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        Box::pin(async move {
            let first = self.children.first_mut()?;
            timeout(CLOSE_PATIENCE, first.wait()).await.ok()?.ok()?.code()
        })
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            for child in &mut self.children {
                // One that still cleans up after its input ended does so without us.
                let _ = timeout(CLOSE_PATIENCE, child.wait()).await;
            }
        })
    }
}
