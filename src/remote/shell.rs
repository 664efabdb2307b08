//! The persistent shell: opens it, runs commands in it, ends them.

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::beside::SharedSession;
use super::command::{Command, Kept, KeptText, create_file};
use super::follow::{Follower, Order, Progress, VERDICT_PATIENCE, at};
use super::link::{Incoming, Link};
use super::privilege::{Escalation, Privilege};
use super::program::{self, First};
use super::raise::{Noise, authenticate, explain_early_end};
use super::running::{Collector, End, EndCause, Limits, OutputSink, StopSignal};
use super::scan::Piece;
use crate::event::{FailureKind, Fate, Stream};
use crate::transport::{ConnectError, ConnectOptions, Opening, Session, Target, Transport};

/// Between TERM and KILL, on the host.
const GRACE: Duration = Duration::from_secs(5);

/// The number of a command that is sent with the loop itself.
const FIRST_ID: u64 = 1;

/// The most that goes ahead, in bytes: Linux starts no program with a variable of 128 KiB.
const AHEAD_LIMIT: usize = 64 * 1024;

/// How long a shell whose sshd took what goes ahead may be silent until it is sent again: a login shell may drop
/// variables. Whoever has it ignores the copy.
const AHEAD_PATIENCE: Duration = Duration::from_secs(2);

/// Most that a host may say on stderr before its shell has said on stdout that it is ready, in bytes; the two are sent
/// together.
const EARLY_LIMIT: usize = 256 * 1024;

/// How long a loop that is told to end may take.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Whether loop and first command went ahead of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    Sent,
    Nothing,
}

/// How to open a shell.
pub struct ShellOptions<'a> {
    /// Makes the session.
    pub transport: &'a dyn Transport,
    /// Which host.
    pub target: &'a Target,
    /// Connection options; the timeout covers everything up to the shell's first word.
    pub connect: &'a ConnectOptions,
    /// Another user to run as.
    pub privilege: Option<&'a Privilege>,
    /// A command whose frame is sent ahead, so that it costs no round trip of its own.
    pub first: Option<&'a Command>,
    /// Limits for `first`.
    pub limits: Limits,
}

/// Why a shell could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The host cannot be used.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The run was stopped meanwhile; tells what became of a command that may have been started already.
    #[error("stopped while connecting")]
    Stopped(Option<Fate>),
}

/// A persistent shell on one host, at one privilege level.
pub struct Shell {
    pub(super) session: Box<dyn Session>,
    pub(super) link: Link,
    pub(super) nonce: String,
    pub(super) privilege: Option<Privilege>,
    pub(super) last_id: u64,
    /// How long opening a further channel may take.
    pub(super) patience: Duration,
    pub(super) in_flight: Option<u64>,
    /// The texts that the host's shell keeps for later commands.
    pub(super) kept: Kept,
    /// The session, where other shells use it as well.
    pub(super) shared: Option<SharedSession>,
    /// Whether the loop has watched over a command on a channel of its own.
    pub(super) has_watched: bool,
}

/// What is known of a shell whose channel has just been opened.
pub(super) struct Beginning<'a> {
    pub(super) deadline: Instant,
    pub(super) escalation: Option<&'a Escalation>,
    pub(super) ahead: Ahead,
    pub(super) first: Option<&'a Command>,
    /// The texts of `first` that the shell shall keep.
    pub(super) kept: Vec<KeptText>,
    pub(super) limits: Limits,
}

impl Shell {
    /// Connects, raises privilege and waits for the shell's first word.
    ///
    /// # Errors
    /// Tells why the host cannot be used, with its class and a hint, or that `stop` was raised meanwhile.
    pub async fn open(options: ShellOptions<'_>, stop: &mut StopSignal) -> Result<Self, OpenError> {
        let nonce = program::nonce();
        let escalation = options.privilege.map(Privilege::escalation);
        let line = escalation.as_ref().map_or_else(program::boot_line, |escalation| escalation.line.clone());
        let ahead = options.first.filter(|first| escalation.is_none() && first.may_go_ahead());
        let token = program::random_hex();
        let armed = armed(options.limits);
        let mut kept = Kept::default();
        let new = options.first.map(|first| kept.add(first)).unwrap_or_default();
        let ahead = ahead.map(|first| {
            let frame = first.frame(None, &kept);
            program::ahead(&token, &nonce, &First { id: FIRST_ID, armed: &armed, frame: &frame, kept: &new })
        });
        let ahead = ahead.filter(|text| text.len() <= AHEAD_LIMIT);
        let line = if ahead.is_some() { program::boot_line_ahead(&token) } else { line };
        let sent = if ahead.is_some() { Ahead::Sent } else { Ahead::Nothing };
        let opening = Opening { line: &line, ahead: ahead.as_deref() };
        let connecting = options.transport.connect(options.target, options.connect, &opening);
        let (session, channel) = tokio::select! {
            connection = connecting => connection?,
            () = stop.raised() => return Err(OpenError::Stopped(None)),
        };
        let deadline = session.began() + options.connect.timeout;
        let shell = Self {
            session,
            shared: None,
            link: Link::new(channel, &nonce),
            nonce,
            privilege: options.privilege.cloned(),
            last_id: 0,
            patience: options.connect.timeout,
            // What went ahead may be running already, whatever comes next.
            in_flight: ahead.is_some().then_some(FIRST_ID),
            kept,
            has_watched: false,
        };
        let (escalation, first, limits) = (escalation.as_ref(), options.first, options.limits);
        shell.begin(Beginning { deadline, escalation, ahead: sent, first, kept: new, limits }, stop).await
    }

    /// Waits for the shell's first word, or gives it up.
    pub(super) async fn begin(mut self, beginning: Beginning<'_>, stop: &mut StopSignal) -> Result<Self, OpenError> {
        let opened = tokio::select! {
            opened = timeout_at(beginning.deadline, self.start(&beginning)) => Some(opened),
            () = stop.raised() => None,
        };
        let error = match opened {
            Some(Ok(Ok(()))) => return Ok(self),
            Some(Ok(Err(error))) => OpenError::Connect(error),
            Some(Err(_)) => OpenError::Connect(self.session.stage_at_timeout().await),
            None => OpenError::Stopped(self.abandon().await),
        };
        // No farewell as in `close`: a password prompt would take it for a try.
        self.link.finish_input().await;
        drop(self.shared);
        self.session.close().await;
        Err(error)
    }

    /// Runs one command to its end; output goes to `sink`.
    pub async fn run(
        &mut self,
        command: &Command,
        limits: Limits,
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> End {
        let id = match self.in_flight.take() {
            Some(id) => id,
            None => match self.send(command, limits, stop).await {
                Ok(id) => id,
                Err(end) => return *end,
            },
        };
        let end = self.follow(id, limits, sink, stop).await;
        match end {
            Some(end) => {
                self.link.order("done\n").await;
                end
            }
            // No setsid on this host: the command gets a channel, and with it a session, of its own.
            None => self.run_direct(command, None, limits, sink, stop).await,
        }
    }

    /// Ends the shell and its session.
    pub async fn close(mut self) {
        self.link.order("exit\n").await;
        self.link.finish_input().await;
        if self.has_watched {
            // The end of the connection may overtake what the host has not read yet. A watcher that was not called
            // off would look through all processes for a group that has ended.
            let to_its_end = async { while !matches!(self.link.next().await, Incoming::Closed) {} };
            let _ = timeout(CLOSE_PATIENCE, to_its_end).await;
        }
        drop(self.shared);
        self.session.close().await;
    }

    /// Gives up an opening shell; tells what became of a command that was sent ahead, if it can have been started.
    async fn abandon(&mut self) -> Option<Fate> {
        let id = self.in_flight?;
        if !self.session.may_have_started() {
            // It may log in at this very moment: what it did is certain only after its end.
            return self.session.abort().await.then_some(Fate::Unknown);
        }
        // The loop ends its command at the end of input, and ends itself only after that.
        self.link.finish_input().await;
        match timeout(VERDICT_PATIENCE, self.last_word(id)).await {
            Ok(Progress::Ended(end)) => end.fate,
            Ok(Progress::NoSetsid) => None,
            Ok(Progress::Going) if self.session.exit_code().await == Some(0) => Some(Fate::Killed),
            Ok(Progress::Going) | Err(_) => Some(Fate::Unknown),
        }
    }

    /// Reads the link to its end; returns how far command `id` is known to have come.
    async fn last_word(&mut self, id: u64) -> Progress {
        let mut follower = Follower::new(id, Limits::default());
        let mut progress = Progress::Going;
        loop {
            match self.link.next().await {
                Incoming::Piece(stream, Piece::Mark(words)) if matches!(progress, Progress::Going) => {
                    progress = follower.mark(stream, &words);
                }
                Incoming::Piece(..) => {}
                Incoming::Closed => return progress,
            }
        }
    }

    async fn start(&mut self, beginning: &Beginning<'_>) -> Result<(), ConnectError> {
        let password = self.privilege.as_ref().and_then(|privilege| privilege.password.clone());
        if let (Some(escalation), Some(password)) = (beginning.escalation, password) {
            authenticate(&mut self.link, self.session.as_mut(), escalation, &password, self.privilege.as_ref()).await?;
        }
        let mut opening = program::loop_program(&self.nonce, &beginning.kept);
        if let Some(command) = beginning.first.filter(|command| command.upload().is_none()) {
            self.last_id = FIRST_ID;
            self.in_flight = Some(self.last_id);
            opening.push_str(&self.run_frame(self.last_id, command, beginning.limits, None));
        }
        if beginning.ahead == Ahead::Sent && self.session.took_ahead().await {
            return self.await_ready(Some(opening)).await;
        }
        self.link.write(&opening).await;
        drop(opening);
        self.await_ready(None).await
    }

    /// Waits for the shell's first word; writes `unsent` when that does not come, in case it lost what came ahead.
    async fn await_ready(&mut self, mut unsent: Option<String>) -> Result<(), ConnectError> {
        let mut patience = pin!(sleep(AHEAD_PATIENCE));
        let mut noise = Noise::default();
        // The first command's stderr may be read before the ready mark on stdout is.
        let mut early = Vec::new();
        let mut room = EARLY_LIMIT;
        loop {
            let incoming = tokio::select! {
                incoming = self.link.next() => incoming,
                () = &mut patience, if unsent.is_some() => {
                    self.link.write(&unsent.take().unwrap_or_default()).await;
                    continue;
                }
            };
            match incoming {
                Incoming::Piece(Stream::Stdout, Piece::Mark(words))
                    if words.first().is_some_and(|word| word == "ready") =>
                {
                    self.link.put_back(early);
                    return Ok(());
                }
                Incoming::Piece(Stream::Stderr, piece) if !early.is_empty() || matches!(piece, Piece::Mark(_)) => {
                    room = room.saturating_sub(piece.size());
                    if room == 0 {
                        let message = "the host talks on, but its shell does not say that it is ready";
                        return Err(ConnectError::new(FailureKind::Protocol, message));
                    }
                    early.push((Stream::Stderr, piece));
                }
                Incoming::Piece(stream, Piece::Bytes(bytes)) => noise.push(stream, &bytes),
                Incoming::Piece(..) => {}
                Incoming::Closed => {
                    return Err(explain_early_end(self.session.as_mut(), &noise, self.privilege.as_ref()).await);
                }
            }
        }
    }

    /// Sends a command's frame, after uploading what does not fit into it.
    async fn send(&mut self, command: &Command, limits: Limits, stop: &mut StopSignal) -> Result<u64, Box<End>> {
        let uploaded = match command.upload() {
            Some(content) => Some(self.upload(Arc::clone(content), limits, stop).await?),
            None => None,
        };
        self.last_id += 1;
        let mut frame = String::new();
        for (name, text) in self.kept.add(command) {
            write!(frame, "keep {name}\n{text}\n.\n").expect("a String takes every write");
        }
        frame.push_str(&self.run_frame(self.last_id, command, limits, uploaded.as_deref()));
        let deadline = limits.timeout.map(|limit| Instant::now() + limit);
        let cause = tokio::select! {
            biased;
            () = self.link.write(&frame) => return Ok(self.last_id),
            () = stop.raised() => EndCause::Cancel,
            () = at(deadline) => EndCause::Timeout,
        };
        // A part of the frame is on its way: whatever came behind it would be taken for more of it.
        drop(self.link.take_stdin());
        Err(Box::new(End { rc: None, cause, fate: Some(Fate::Unknown), lost: None }))
    }

    /// Puts a file of ours on the host and returns its path.
    async fn upload(&mut self, content: Arc<[u8]>, limits: Limits, stop: &mut StopSignal) -> Result<String, Box<End>> {
        let token = program::random_hex();
        let clean = "trap 'rm -f \"$t\"; exit 143' HUP INT PIPE TERM";
        let line =
            format!("{clean}; {}; cat >\"$t\" && printf %s \"$t\" || {{ rm -f \"$t\"; exit 1; }}", create_file(&token));
        let command = Command::new(super::Program::Line { shell: "/bin/sh".into(), line: line.into() });
        let mut sink = Collector::default();
        let input = Box::new(std::io::Cursor::new(content));
        let end = self.run_fed(&command, Some(input), limits, &mut sink, stop).await;
        match (end.cause, end.rc) {
            (EndCause::Exit, Some(0)) => Ok(String::from_utf8_lossy(&sink.stdout).into_owned()),
            (EndCause::Exit, _) => {
                let reason = String::from_utf8_lossy(&sink.stderr).trim().to_owned();
                let message = format!("the script could not be uploaded: {reason}");
                Err(Box::new(End::not_begun(ConnectError::new(FailureKind::Transfer, message))))
            }
            _ => Err(Box::new(end)),
        }
    }

    fn run_frame(&self, id: u64, command: &Command, limits: Limits, uploaded: Option<&str>) -> String {
        format!("run {id} {}\n{}.\n", armed(limits), command.frame(uploaded, &self.kept))
    }

    /// Follows command `id` on the loop's own channel. None: this host has no `setsid`.
    async fn follow(
        &mut self,
        id: u64,
        limits: Limits,
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> Option<End> {
        let mut follower = Follower::new(id, limits);
        loop {
            tokio::select! {
                incoming = self.link.next() => match incoming {
                    Incoming::Piece(stream, Piece::Mark(words)) => match follower.mark(stream, &words) {
                        Progress::Going => {}
                        Progress::NoSetsid => return None,
                        Progress::Ended(end) => return Some(end),
                    },
                    Incoming::Piece(stream, Piece::Bytes(bytes)) => {
                        follower.output(stream, &bytes, sink, stop).await;
                    }
                    Incoming::Closed => return Some(End::lost(self.session.verdict().await)),
                },
                order = follower.next_order(stop) => match order {
                    Order::Kill => self.link.order("kill\n").await,
                    Order::Ping => self.link.order("ping\n").await,
                    Order::GiveUp => return Some(follower.silent_end()),
                },
            }
        }
    }
}

/// The limits as the loop reads them: grace and time limit, in seconds.
pub(super) fn armed(limits: Limits) -> String {
    let seconds = limits.timeout.map(|limit| limit.as_millis().div_ceil(1000).max(1).to_string());
    format!("{} {}", GRACE.as_secs(), seconds.unwrap_or_default())
}
