//! Commands on a channel of their own: for broadcast input, and for hosts without `setsid`.
//!
//! The command's shell names its process group and waits; the loop on the first channel then watches that group, so
//! that the kill guarantee holds here too; only then is the command let go.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt as _;

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::{Instant, sleep, timeout};

use super::command::{Command, Kept};
use super::follow::{Follower, ORDER_INTERVAL, Order, Progress, VERDICT_PATIENCE};
use super::link::{Incoming, Link};
use super::privilege::Privilege;
use super::program;
use super::raise::authenticate;
use super::running::{End, EndCause, Limits, OutputSink, StopSignal};
use super::scan::Piece;
use super::shell::{Shell, armed};
use crate::event::{FailureKind, Stream};
use crate::transport::ConnectError;

/// Bytes of input read at once.
const INPUT_SIZE: usize = 64 * 1024;

impl Shell {
    /// Runs one command on a channel of its own, with `input` (or nothing) as its standard input.
    pub async fn run_direct(
        &mut self,
        command: &Command,
        input: Option<&File>,
        limits: Limits,
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> End {
        match input.map(File::try_clone).transpose() {
            Ok(input) => {
                let input = input.map(|file| Box::new(FromStart { file, offset: 0 }) as Input);
                self.run_fed(command, input, limits, sink, stop).await
            }
            Err(error) => End::not_begun(ConnectError::new(FailureKind::Local, format!("input: {error}"))),
        }
    }

    /// Runs one command on a channel of its own, with all that `input` gives as its standard input.
    pub async fn run_fed(
        &mut self,
        command: &Command,
        input: Option<Input>,
        limits: Limits,
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> End {
        let patience = limits.timeout.map_or(self.patience, |limit| limit.min(self.patience));
        let opened = tokio::select! {
            opened = timeout(patience, self.open_direct(command, limits)) => opened,
            () = stop.raised() => return End::before_begin(EndCause::Cancel),
        };
        match opened {
            Ok(Ok((mut link, id))) => self.follow_direct(&mut link, id, input, limits, sink, stop).await,
            Ok(Err(error)) => End::not_begun(error),
            Err(_) if limits.timeout.is_some_and(|limit| limit <= patience) => End::before_begin(EndCause::Timeout),
            Err(_) => End::not_begun(
                ConnectError::new(FailureKind::AuthTimeout, "a further channel did not open in time")
                    .hint("the host may hang; --connect-timeout sets the limit"),
            ),
        }
    }

    /// Opens the channel, learns its process group and has it watched.
    async fn open_direct(&mut self, command: &Command, limits: Limits) -> Result<(Link, u64), ConnectError> {
        let escalation = self.privilege.as_ref().map(Privilege::escalation);
        let line = escalation.as_ref().map_or_else(program::boot_line, |escalation| escalation.line.clone());
        let channel = self.session.open_channel(&line).await?;
        let mut direct = Link::new(channel, &self.nonce);
        let password = self.privilege.as_ref().and_then(|privilege| privilege.password.clone());
        if let (Some(escalation), Some(password)) = (&escalation, password) {
            authenticate(&mut direct, self.session.as_mut(), escalation, &password, self.privilege.as_ref()).await?;
        }
        self.last_id += 1;
        let id = self.last_id;
        direct.write(&program::direct_program(&self.nonce, id, &command.frame(None, &Kept::default()))).await;
        let Some(group) = await_mark(&mut direct, "group").await else {
            return Err(self.session.verdict().await);
        };
        let group: u32 = group.parse().map_err(|_| {
            ConnectError::new(FailureKind::Protocol, format!("the host named `{group}` as a process group"))
        })?;
        self.has_watched = true;
        self.link.write(&format!("watch {id} {group} {}\n", armed(limits))).await;
        if await_mark(&mut self.link, "watching").await.is_none() {
            return Err(self.session.verdict().await);
        }
        Ok((direct, id))
    }

    async fn follow_direct(
        &mut self,
        link: &mut Link,
        id: u64,
        input: Option<Input>,
        limits: Limits,
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> End {
        let mut stdin = link.take_stdin();
        let feeding = async move {
            if let Some(stdin) = &mut stdin {
                feed(stdin.as_mut(), input).await;
            }
            drop(stdin);
        };
        tokio::pin!(feeding);
        let mut fed = false;
        let mut follower = Follower::new(id, limits);
        loop {
            tokio::select! {
                () = &mut feeding, if !fed => fed = true,
                incoming = link.next() => match incoming {
                    Incoming::Piece(stream, Piece::Mark(words)) => {
                        if let Progress::Ended(end) = follower.mark(stream, &words) {
                            self.link.order("unwatch\n").await;
                            return end;
                        }
                    }
                    Incoming::Piece(stream, Piece::Bytes(bytes)) => {
                        follower.output(stream, &bytes, sink, stop).await;
                    }
                    // The group was ended, or the link broke: the watcher knows.
                    Incoming::Closed => return self.watchers_word(&mut follower, stop).await,
                },
                order = follower.next_order(stop) => match order {
                    Order::Kill => self.link.order("kill\n").await,
                    Order::Ping => self.link.order("ping\n").await,
                    Order::GiveUp => return follower.silent_end(),
                },
            }
        }
    }

    async fn watchers_word(&mut self, follower: &mut Follower, stop: &mut StopSignal) -> End {
        let asked = Instant::now();
        loop {
            tokio::select! {
                incoming = self.link.next() => match incoming {
                    Incoming::Piece(stream, Piece::Mark(words)) => {
                        follower.assume_begun();
                        if let Progress::Ended(end) = follower.mark(stream, &words) {
                            self.link.order("done\n").await;
                            // The code is that of the watcher's own sleep.
                            return End { rc: None, ..end };
                        }
                    }
                    Incoming::Piece(..) => {}
                    Incoming::Closed => return End::lost(self.session.verdict().await),
                },
                // Nobody ordered its end, yet its channel is gone: end what may be left of it.
                () = sleep(ORDER_INTERVAL), if asked.elapsed() < VERDICT_PATIENCE => {
                    self.link.order("kill\n").await;
                }
                order = follower.next_order(stop) => match order {
                    Order::Kill => self.link.order("kill\n").await,
                    Order::Ping => self.link.order("ping\n").await,
                    Order::GiveUp => return follower.silent_end(),
                },
            }
        }
    }
}

/// Waits for a mark with one word after its name and returns that word; none when the link ends first.
async fn await_mark(link: &mut Link, name: &str) -> Option<String> {
    loop {
        match link.next().await {
            Incoming::Piece(Stream::Stdout, Piece::Mark(words)) if words.first().is_some_and(|word| word == name) => {
                return words.into_iter().nth(1);
            }
            Incoming::Piece(..) => {}
            Incoming::Closed => return None,
        }
    }
}

/// What a command reads; read away from the runtime's thread.
pub type Input = Box<dyn Read + Send>;

/// Positioned reads: every host reads the same file at its own pace.
struct FromStart {
    file: File,
    offset: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read_at(buffer, self.offset)?;
        self.offset += length as u64;
        Ok(length)
    }
}

/// Lets the command start, then streams the input to it and ends it.
async fn feed(stdin: &mut (dyn AsyncWrite + Send + Unpin), input: Option<Input>) {
    if stdin.write_all(b"go\n").await.is_err() || stdin.flush().await.is_err() {
        return;
    }
    let Some(mut input) = input else { return };
    let mut chunk = Vec::new();
    loop {
        let read = tokio::task::spawn_blocking(move || {
            chunk.resize(INPUT_SIZE, 0);
            let length = input.read(&mut chunk);
            (input, chunk, length)
        });
        let Ok((same, filled, Ok(length))) = read.await else { return };
        (input, chunk) = (same, filled);
        if length == 0 || stdin.write_all(&chunk[..length]).await.is_err() {
            break;
        }
    }
    // A command that has ended needs no end of input.
    let _ = stdin.shutdown().await;
}
