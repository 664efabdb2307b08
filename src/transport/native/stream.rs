//! The bytes below SSH: notices the server's banner as it passes, and ends with those who use the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

use super::client::Known;
use crate::transport::explain::Stage;

/// A server that has not sent its banner within this many bytes is none of ours.
const BANNER_LIMIT: usize = 64 * 1024;

/// What SSH is spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Keeps a connection alive: once it is dropped, the protocol's task ends whatever it waits for.
pub(super) struct Lifeline(#[expect(dead_code, reason = "held for its drop")] oneshot::Sender<()>);

/// A stream that tells when the server's banner has come, and ends with its lifeline.
pub(super) struct Watched {
    inner: Box<dyn Stream>,
    known: Arc<Known>,
    banner: Option<Banner>,
    lifeline: Option<oneshot::Receiver<()>>,
}

impl Watched {
    /// Watches `inner` for the banner.
    pub(super) fn new(inner: Box<dyn Stream>, known: Arc<Known>) -> (Self, Lifeline) {
        let (sender, lifeline) = oneshot::channel();
        (Self { inner, known, banner: Some(Banner::default()), lifeline: Some(lifeline) }, Lifeline(sender))
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

/// Looks for a line that begins with `SSH-`.
#[derive(Default)]
struct Banner {
    seen: usize,
    /// How much of `SSH-` the current line has begun with; none once it differs.
    matched: Option<usize>,
}

impl Banner {
    const START: &'static [u8] = b"SSH-";

    /// Takes bytes, and tells whether the banner has begun.
    fn found(&mut self, bytes: &[u8]) -> bool {
        if self.seen == 0 {
            self.matched = Some(0);
        }
        self.seen += bytes.len();
        for &byte in bytes {
            self.matched = match self.matched {
                _ if byte == b'\n' => Some(0),
                Some(matched) if Self::START[matched] == byte => Some(matched + 1),
                _ => None,
            };
            if self.matched == Some(Self::START.len()) {
                return true;
            }
        }
        false
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_life(context)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        if let Some(banner) = &mut self.banner {
            if banner.found(&buffer.filled()[before..]) {
                self.banner = None;
                self.known.reached(Stage::Authentication);
            } else if banner.seen > BANNER_LIMIT {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "no SSH banner among its first 64 KiB",
                )));
            }
        }
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
    fn the_banner_is_found_wherever_reads_are_cut() {
        let text = b"welcome\r\nSSH\r\nxSSH-\r\nSSH-2.0-x\r\n";
        let begins = text.windows(8).position(|window| window == b"SSH-2.0-").unwrap() + 4;
        for cut in 1..text.len() {
            let mut banner = Banner::default();
            let mut taken = 0;
            let found = text.chunks(cut).find(|chunk| {
                taken += chunk.len();
                banner.found(chunk)
            });
            assert!(found.is_some() && taken >= begins && taken < begins + cut, "{cut}: {taken}");
        }
        assert!(!Banner::default().found(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    }
}
