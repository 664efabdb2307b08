//! A channel that speaks in markers: writes orders, reads output and marks from both streams.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

use super::scan::{Piece, Scanner};
use crate::event::Stream;
use crate::transport::Channel;

/// How long an order may wait for a link that takes nothing: the window is shut, or keys are being changed.
const ORDER_PATIENCE: Duration = Duration::from_secs(1);

/// Bytes read at once.
const READ_SIZE: usize = 16 * 1024;

thread_local! {
    /// Where every link of this thread reads into: a host that says nothing holds no buffer.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into());
}

/// What came over the link.
#[derive(Debug)]
pub(super) enum Incoming {
    /// Output or a mark.
    Piece(Stream, Piece),
    /// Both streams have ended.
    Closed,
}

pub(super) struct Link {
    stdin: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    /// Orders that the link has not taken yet; they go ahead of all that follows.
    unsent: Vec<u8>,
    stdout: Source,
    stderr: Source,
    put_back: VecDeque<(Stream, Piece)>,
}

struct Source {
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    scanner: Scanner,
}

impl Link {
    pub(super) fn new(channel: Channel, nonce: &str) -> Self {
        let source = |reader| Source { reader: Some(reader), scanner: Scanner::new(nonce) };
        Self {
            stdin: Some(channel.stdin),
            unsent: Vec::new(),
            stdout: source(channel.stdout),
            stderr: source(channel.stderr),
            put_back: VecDeque::new(),
        }
    }

    /// Writes text; a link that broke shows as its end when it is read, so nothing is reported here.
    pub(super) async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    /// Writes an order without waiting long: a deadline must not depend on a link that takes nothing.
    pub(super) async fn order(&mut self, text: &str) {
        self.unsent.extend(text.as_bytes());
        let _ = timeout(ORDER_PATIENCE, self.send_orders()).await;
    }

    /// Writes the orders that wait. Safe to cancel.
    async fn send_orders(&mut self) {
        while let (Some(stdin), false) = (&mut self.stdin, self.unsent.is_empty()) {
            match stdin.write(&self.unsent).await {
                Ok(written @ 1..) if written <= self.unsent.len() => drop(self.unsent.drain(..written)),
                // What is told of is a write that was given up before: where the host reads on is not known any more.
                _ => self.stdin = None,
            }
        }
        if let Some(stdin) = &mut self.stdin
            && stdin.flush().await.is_err()
        {
            self.stdin = None;
        }
    }

    /// Writes bytes and tells whether the other side still takes any.
    pub(super) async fn write_bytes(&mut self, bytes: &[u8]) -> bool {
        if !self.unsent.is_empty() {
            self.send_orders().await;
        }
        let Some(stdin) = &mut self.stdin else { return false };
        let written = async {
            stdin.write_all(bytes).await?;
            stdin.flush().await
        };
        if written.await.is_err() {
            self.stdin = None;
        }
        self.stdin.is_some()
    }

    /// Takes the writing side, for one who streams while another reads.
    pub(super) fn take_stdin(&mut self) -> Option<Box<dyn AsyncWrite + Send + Unpin>> {
        self.stdin.take()
    }

    /// Sends end of input.
    pub(super) async fn finish_input(&mut self) {
        if let Some(mut stdin) = self.stdin.take() {
            // A side that is gone already needs no end, and one that takes nothing gets it with the end of the session.
            let _ = timeout(ORDER_PATIENCE, stdin.shutdown()).await;
        }
    }

    /// Gives pieces back, to be returned first by the next calls of [`Link::next`].
    pub(super) fn put_back(&mut self, pieces: Vec<(Stream, Piece)>) {
        self.put_back.extend(pieces);
    }

    /// Returns the next piece of either stream. Safe to cancel.
    pub(super) async fn next(&mut self) -> Incoming {
        if let Some((stream, piece)) = self.put_back.pop_front() {
            return Incoming::Piece(stream, piece);
        }
        loop {
            for (stream, source) in [(Stream::Stdout, &mut self.stdout), (Stream::Stderr, &mut self.stderr)] {
                if let Some(piece) = source.next_piece() {
                    return Incoming::Piece(stream, piece);
                }
            }
            if self.stdout.reader.is_none() && self.stderr.reader.is_none() {
                return Incoming::Closed;
            }
            tokio::select! {
                () = poll_fn(|context| self.stdout.poll_fill(context)), if self.stdout.reader.is_some() => {}
                () = poll_fn(|context| self.stderr.poll_fill(context)), if self.stderr.reader.is_some() => {}
            }
        }
    }
}

impl Source {
    fn next_piece(&mut self) -> Option<Piece> {
        let piece = self.scanner.next_piece();
        if piece.is_none() && self.reader.is_none() { self.scanner.finish() } else { piece }
    }

    /// Reads once. What was read is in the scanner before this returns, so that a caller may give up at any time.
    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Self { reader: Some(reader), scanner } = self else { return Poll::Ready(()) };
        let ended = BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            let read = ready!(Pin::new(reader).poll_read(context, &mut buffer));
            scanner.push(buffer.filled());
            Poll::Ready(read.is_err() || buffer.filled().is_empty())
        });
        if ready!(ended) {
            self.reader = None;
        }
        Poll::Ready(())
    }
}
