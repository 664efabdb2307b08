//! A channel's two output streams and its end, out of russh's one queue of messages.

use std::collections::VecDeque;
use std::future::Future as _;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf as _, Bytes};
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::Channel;

/// Bytes of one stream that may wait while the other is read; more, and the whole channel waits for its reader.
const WAITING_LIMIT: usize = 1024 * 1024;

/// The number of standard error among the kinds of extended data.
const STDERR: u32 = 1;

/// How a channel's command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// With this code; 128 and the signal's number when a signal ended it.
    Code(i32),
    /// The server refused to start it.
    Refused,
}

/// The end of a channel, for those who ask how it was.
#[derive(Clone)]
pub(super) struct Ending(Arc<Mutex<Messages>>);

impl Ending {
    /// Waits for the answer to the first of several requests; no answer is none that was granted.
    pub(super) async fn granted(&self) -> bool {
        std::future::poll_fn(|context| {
            let mut messages = lock(&self.0);
            loop {
                // Answers come before output: whoever talks first has skipped it, and may not fill our memory.
                let talks = messages.lanes.iter().any(|lane| !lane.waiting.is_empty());
                if messages.granted.is_some() || messages.closed || talks {
                    return Poll::Ready(messages.granted == Some(true));
                }
                std::task::ready!(messages.poll_next(context));
            }
        })
        .await
    }

    /// Waits until the channel is closed; none when the connection broke before it told how its command ended.
    pub(super) async fn exit(&self) -> Option<Exit> {
        std::future::poll_fn(|context| {
            let mut messages = lock(&self.0);
            loop {
                if messages.closed {
                    return Poll::Ready(messages.exit);
                }
                match messages.poll_next(context) {
                    // Nobody reads it any more.
                    Poll::Ready(()) => messages.lanes.iter_mut().for_each(|lane| lane.waiting.clear()),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}

/// What the first answer on a channel is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstAnswer {
    /// The command.
    Command,
    /// A variable that goes ahead of it.
    Ahead,
}

/// Splits russh's channel into our three streams; the ending keeps what must outlive them.
pub(super) fn split(channel: russh::Channel<Msg>, first_answer: FirstAnswer) -> (Channel, Ending) {
    let (reading, writing) = channel.split();
    let messages = Arc::new(Mutex::new(Messages {
        reading,
        lanes: [Lane::default(), Lane::default()],
        exit: None,
        asked: first_answer == FirstAnswer::Ahead,
        granted: None,
        ended: false,
        closed: false,
    }));
    let input = Arc::clone(&messages);
    let stdin = Input { writer: Box::pin(writing.make_writer()), half: Some(writing), messages: input };
    let output = |lane| Box::new(Output { messages: Arc::clone(&messages), lane });
    let channel = Channel { stdin: Box::new(stdin), stdout: output(0), stderr: output(1) };
    (channel, Ending(messages))
}

fn lock(messages: &Mutex<Messages>) -> std::sync::MutexGuard<'_, Messages> {
    messages.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Messages {
    reading: ChannelReadHalf,
    /// Standard output and standard error.
    lanes: [Lane; 2],
    exit: Option<Exit>,
    /// Whether a request that goes ahead of the command's is still to be answered.
    asked: bool,
    /// The answer to that.
    granted: Option<bool>,
    /// No more output comes.
    ended: bool,
    /// No more messages come.
    closed: bool,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Bytes>,
    reader: Option<Waker>,
    abandoned: bool,
}

impl Lane {
    fn size(&self) -> usize {
        self.waiting.iter().map(Bytes::len).sum()
    }

    fn push(&mut self, data: Bytes) {
        if !self.abandoned && !data.is_empty() {
            self.waiting.push_back(data);
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

impl Messages {
    /// Takes in the next message.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let message = std::task::ready!(pin!(self.reading.wait()).poll(context));
        match message {
            Some(ChannelMsg::Data { data }) => self.lanes[0].push(data),
            Some(ChannelMsg::ExtendedData { data, ext: STDERR }) => self.lanes[1].push(data),
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                self.exit = Some(Exit::Code(i32::try_from(exit_status).unwrap_or(i32::MAX)));
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                self.exit = Some(Exit::Code(128 + number(&signal_name)));
            }
            Some(answer @ (ChannelMsg::Success | ChannelMsg::Failure)) if self.asked => {
                self.asked = false;
                self.granted = Some(matches!(answer, ChannelMsg::Success));
            }
            Some(ChannelMsg::Failure) => {
                self.exit = Some(Exit::Refused);
                self.end();
            }
            Some(ChannelMsg::Eof) => self.end(),
            Some(ChannelMsg::Close) | None => {
                self.closed = true;
                self.end();
            }
            Some(_) => {}
        }
        Poll::Ready(())
    }

    /// Takes in what has come, as far as it may wait here: with its queue full, the library's task reads no more from
    /// the connection, not even the news of the window that a writer waits for.
    fn make_room(&mut self, context: &mut Context<'_>) {
        let is_full = |messages: &Self| messages.lanes.iter().any(|lane| lane.size() >= WAITING_LIMIT);
        while !self.closed && !is_full(self) && self.poll_next(context).is_ready() {}
    }

    fn end(&mut self) {
        self.ended = true;
        for reader in self.lanes.iter_mut().filter_map(|lane| lane.reader.take()) {
            reader.wake();
        }
    }

    fn poll_read(&mut self, lane: usize, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<()> {
        loop {
            if let Some(first) = self.lanes[lane].waiting.front_mut() {
                let length = first.len().min(buffer.remaining());
                buffer.put_slice(&first[..length]);
                first.advance(length);
                if first.is_empty() {
                    self.lanes[lane].waiting.pop_front();
                }
                if let Some(other) = self.lanes[1 - lane].reader.take() {
                    other.wake();
                }
                return Poll::Ready(());
            }
            if self.ended {
                return Poll::Ready(());
            }
            if self.lanes[1 - lane].size() >= WAITING_LIMIT || self.poll_next(context).is_pending() {
                self.lanes[lane].reader = Some(context.waker().clone());
                return Poll::Pending;
            }
        }
    }
}

/// The number that Linux gives a signal; those that SSH does not name are 0.
fn number(signal: &russh::Sig) -> i32 {
    use russh::Sig;
    match signal {
        Sig::HUP => 1,
        Sig::INT => 2,
        Sig::QUIT => 3,
        Sig::ILL => 4,
        Sig::ABRT => 6,
        Sig::FPE => 8,
        Sig::KILL => 9,
        Sig::USR1 => 10,
        Sig::SEGV => 11,
        Sig::PIPE => 13,
        Sig::ALRM => 14,
        Sig::TERM => 15,
        Sig::Custom(_) => 0,
    }
}

struct Output {
    messages: Arc<Mutex<Messages>>,
    lane: usize,
}

impl AsyncRead for Output {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let lane = self.lane;
        lock(&self.messages).poll_read(lane, context, buffer).map(Ok)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        let mut messages = lock(&self.messages);
        let other = messages.lanes[1 - self.lane].reader.take();
        let lane = &mut messages.lanes[self.lane];
        lane.abandoned = true;
        lane.waiting.clear();
        drop(messages);
        if let Some(other) = other {
            other.wake();
        }
    }
}

/// Standard input; dropping it sends end of input.
struct Input {
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    half: Option<ChannelWriteHalf<Msg>>,
    messages: Arc<Mutex<Messages>>,
}

impl AsyncWrite for Input {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.writer.as_mut().poll_write(context, bytes);
        if written.is_pending() {
            lock(&self.messages).make_room(context);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = std::task::ready!(self.writer.as_mut().poll_shutdown(context));
        self.half = None;
        Poll::Ready(shut)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        let (Some(half), Ok(runtime)) = (self.half.take(), tokio::runtime::Handle::try_current()) else { return };
        runtime.spawn(async move {
            // A connection that is gone needs no end of input.
            let _ = half.eof().await;
        });
    }
}
