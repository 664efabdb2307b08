//! The bytes below SSH: reads what a server says before its version, and ends with those who use the connection.
//!
//! The protocol's library takes fewer and shorter lines before the version than OpenSSH, and waits for ever behind a
//! version of another protocol; so it sees the stream from the version on.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::client::Known;
use crate::transport::explain::Stage;

/// Longest line before the server's version and the version itself, in bytes, as OpenSSH has it.
const LINE_LIMIT: usize = 8192;

/// Most lines before the server's version, as OpenSSH has it.
const LINES_LIMIT: usize = 1024;

/// What SSH is spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Keeps a connection alive: once it is dropped, the protocol's task ends whatever it waits for.
pub(super) struct Lifeline(#[expect(dead_code, reason = "held for its drop")] oneshot::Sender<()>);

/// A stream that begins with the server's version, tells when that has come, and ends with its lifeline.
pub(super) struct Watched {
    inner: Box<dyn Stream>,
    known: Arc<Known>,
    /// None once the version has come.
    greeting: Option<Greeting>,
    /// The version and what came with it, as far as it has not been read.
    rest: Bytes,
    lifeline: Option<oneshot::Receiver<()>>,
}

impl Watched {
    /// Watches `inner` for the server's version.
    pub(super) fn new(inner: Box<dyn Stream>, known: Arc<Known>) -> (Self, Lifeline) {
        let (sender, lifeline) = oneshot::channel();
        let greeting = Some(Greeting::default());
        (Self { inner, known, greeting, rest: Bytes::new(), lifeline: Some(lifeline) }, Lifeline(sender))
    }

    /// Fails once nobody uses the connection any more; asks to be woken then.
    fn poll_life(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(lifeline) = &mut self.lifeline
            && Pin::new(lifeline).poll(context).is_ready()
        {
            self.lifeline = None;
        }
        if self.lifeline.is_some() { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }
}

/// Looks for the line that is the server's version.
#[derive(Default)]
struct Greeting {
    line: Vec<u8>,
    lines: usize,
}

impl Greeting {
    /// Takes bytes; returns the version and what came behind it, once it is there.
    fn take(&mut self, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
        for (index, &byte) in bytes.iter().enumerate() {
            self.line.push(byte);
            if self.line.len() > LINE_LIMIT {
                return Err(broken("a line of its greeting is too long"));
            }
            if byte != b'\n' {
                continue;
            }
            if self.line.starts_with(b"SSH-") {
                check(&self.line)?;
                let mut rest = std::mem::take(&mut self.line);
                rest.extend(&bytes[index + 1..]);
                return Ok(Some(rest));
            }
            self.line.clear();
            self.lines += 1;
            if self.lines >= LINES_LIMIT {
                return Err(broken("no SSH version in its first 1024 lines"));
            }
        }
        Ok(None)
    }
}

/// Refuses a version of another protocol than ours.
fn check(line: &[u8]) -> io::Result<()> {
    if line.starts_with(b"SSH-2.0-") || line.starts_with(b"SSH-1.99-") {
        return Ok(());
    }
    let version: String =
        line[4..].iter().take_while(|byte| !b"-\r\n".contains(byte)).map(|&byte| char::from(byte)).collect();
    Err(broken(&format!("it speaks version {version:.20} of SSH, not 2.0")))
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Watched {
    /// Reads until the server's version is there, or the server's end.
    fn poll_greeting(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(greeting) = &mut self.greeting {
            let mut bytes = [0; 512];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.inner).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if let Some(rest) = greeting.take(buffer.filled())? {
                self.rest = rest.into();
                self.greeting = None;
                self.known.reached(Stage::Authentication);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_life(context)?;
        ready!(self.poll_greeting(context))?;
        if self.greeting.is_some() {
            return Poll::Ready(Ok(()));
        }
        if self.rest.is_empty() {
            return Pin::new(&mut self.inner).poll_read(context, buffer);
        }
        let length = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_life(context)?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The library tells the reason of an end only after this: a peer that is gone already must not hide it.
        Pin::new(&mut self.inner).poll_shutdown(context).map(|_| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_wherever_reads_are_cut() {
        let text = b"welcome\r\nSSH\r\nxSSH-\r\nSSH-2.0-x\r\npacket";
        for cut in 1..=text.len() {
            let mut greeting = Greeting::default();
            let mut chunks = text.chunks(cut);
            let mut found = chunks.find_map(|chunk| greeting.take(chunk).unwrap()).unwrap();
            chunks.for_each(|chunk| found.extend(chunk));
            assert_eq!(found, b"SSH-2.0-x\r\npacket", "{cut}");
        }
        assert_eq!(Greeting::default().take(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap(), None);
        assert_eq!(Greeting::default().take(b"SSH-2.0-half").unwrap(), None);
    }

    #[test]
    fn a_greeting_without_end_or_of_another_protocol_is_refused() {
        assert!(Greeting::default().take(b"SSH-1.99-both\n").unwrap().is_some());
        let old = Greeting::default().take(b"SSH-1.5-old\n").unwrap_err();
        assert_eq!(old.to_string(), "it speaks version 1.5 of SSH, not 2.0");
        assert!(Greeting::default().take(&[b'x'; LINE_LIMIT + 1]).is_err());
        assert!(Greeting::default().take(&b"x\n".repeat(LINES_LIMIT)).is_err());
        assert!(Greeting::default().take(&b"x\n".repeat(LINES_LIMIT - 1)).unwrap().is_none());
    }
}
