//! A channel that speaks in markers: writes orders, reads output and marks from both streams.

use std::collections::VecDeque;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::scan::{Piece, Scanner};
use crate::event::Stream;
use crate::transport::Channel;

/// Bytes read at once.
const READ_SIZE: usize = 16 * 1024;

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
    stdout: Source,
    stderr: Source,
    put_back: VecDeque<(Stream, Piece)>,
}

struct Source {
    reader: Option<Box<dyn AsyncRead + Send + Unpin>>,
    scanner: Scanner,
    buffer: Vec<u8>,
}

impl Link {
    pub(super) fn new(channel: Channel, nonce: &str) -> Self {
        let source = |reader| Source { reader: Some(reader), scanner: Scanner::new(nonce), buffer: Vec::new() };
        Self {
            stdin: Some(channel.stdin),
            stdout: source(channel.stdout),
            stderr: source(channel.stderr),
            put_back: VecDeque::new(),
        }
    }

    /// Writes text; a link that broke shows as its end when it is read, so nothing is reported here.
    pub(super) async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    /// Writes bytes and tells whether the other side still takes any.
    pub(super) async fn write_bytes(&mut self, bytes: &[u8]) -> bool {
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
            // A side that is gone already needs no end.
            let _ = stdin.shutdown().await;
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
                () = self.stdout.fill(), if self.stdout.reader.is_some() => {}
                () = self.stderr.fill(), if self.stderr.reader.is_some() => {}
            }
        }
    }
}

impl Source {
    fn next_piece(&mut self) -> Option<Piece> {
        let piece = self.scanner.next_piece();
        if piece.is_none() && self.reader.is_none() { self.scanner.finish() } else { piece }
    }

    async fn fill(&mut self) {
        let Some(reader) = &mut self.reader else { return };
        self.buffer.reserve(READ_SIZE);
        match reader.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => self.reader = None,
            Ok(_) => {
                self.scanner.push(&self.buffer);
                self.buffer.clear();
            }
        }
    }
}
