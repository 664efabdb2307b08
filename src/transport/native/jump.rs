//! Jump hosts: one connection each, shared by all hosts behind it.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use russh::client::{Handle, Msg};
use russh::{ChannelMsg, ChannelWriteHalf};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::LoggedIn;
use super::client::{Client, Known};
use super::failure;
use super::stream::Lifeline;
use crate::event::FailureKind;
use crate::transport::ssh_config::Settings;
use crate::transport::{ConnectError, explain, openssh_proxy};

/// Bytes of one tunnel that may wait for their reader. The windows of the channels inside (2 MiB of content) allow an
/// honest host hardly more, even in packets of one byte, which take 36; the tunnel of any other ends.
const WAITING_LIMIT: usize = 96 * 1024 * 1024;

/// A session with a jump host.
pub(super) struct Jump {
    handle: Handle<Client>,
    known: Arc<Known>,
    name: String,
    _lifeline: Lifeline,
}

impl Jump {
    pub(super) fn new(logged_in: LoggedIn, name: String) -> Self {
        let LoggedIn { handle, known, lifeline, .. } = logged_in;
        Self { handle, known, name, _lifeline: lifeline }
    }

    fn is_open(&self) -> bool {
        !self.handle.is_closed()
    }

    /// Opens a way through the jump host to the host of `settings`.
    pub(super) async fn tunnel(self: Arc<Self>, settings: &Settings) -> Result<Tunnel, ConnectError> {
        let (sender, opened) = oneshot::channel();
        let (hostname, port, address) = (settings.hostname.clone(), settings.port.into(), settings.original.clone());
        let jump = Arc::clone(&self);
        // Goes on when nobody waits any more: a way that opens late must be closed, and the words of a refusal be read.
        tokio::spawn(async move {
            // As `ssh -W` says where it comes from.
            let opened = jump.handle.channel_open_direct_tcpip(hostname, port, "127.0.0.1", 65535).await;
            let opened = opened.map_err(|error| jump.refusal(&error, &address));
            if let Err(Ok(channel)) = sender.send(opened) {
                // A connection that is gone has closed it.
                let _ = channel.close().await;
            }
        });
        let channel = opened.await.map_err(|_| self.lost(&settings.original))??;
        let (mut reading, writing) = channel.split();
        let (sender, receiver) = unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&queued);
        // Whoever reads slowly must not hold up the others behind this jump host.
        tokio::spawn(async move {
            while let Some(message) = reading.wait().await {
                let data = match message {
                    ChannelMsg::Data { data } => data,
                    ChannelMsg::Eof | ChannelMsg::Close => return,
                    _ => continue,
                };
                let bytes = counted.fetch_add(data.len(), Ordering::Relaxed) + data.len();
                if bytes > WAITING_LIMIT || sender.send(data).is_err() {
                    return;
                }
            }
        });
        let writer = Box::pin(writing.make_writer());
        Ok(Tunnel { receiver, queued, first: Bytes::new(), writer, half: Some(writing), _jump: self })
    }

    fn refusal(&self, error: &russh::Error, address: &str) -> ConnectError {
        let russh::Error::ChannelOpenFailure(reason) = error else { return self.lost(address) };
        // In the words of `ssh -W`, so that both transports say the same.
        let reason = self.known.refusal().unwrap_or_else(|| failure::no_channel(reason).to_owned());
        let said = format!("open failed: {reason}");
        openssh_proxy::explain(&said, address).expect("something was said")
    }

    fn lost(&self, address: &str) -> ConnectError {
        let cause = self.known.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
        let message = format!("the connection to {} was lost{cause}", self.name);
        on_the_way(&ConnectError::new(FailureKind::Dropped, message), address)
    }
}

/// Says that a failure happened on the way to `address`.
pub(super) fn on_the_way(error: &ConnectError, address: &str) -> ConnectError {
    ConnectError::new(error.kind, format!("on the way to {address}: {}", error.message))
        .hint(explain::hint_on_the_way(error.kind))
}

/// A connection from a jump host to a host behind it.
pub(super) struct Tunnel {
    receiver: UnboundedReceiver<Bytes>,
    /// Bytes that wait in `receiver`.
    queued: Arc<AtomicUsize>,
    first: Bytes,
    writer: Pin<Box<dyn AsyncWrite + Send>>,
    half: Option<ChannelWriteHalf<Msg>>,
    _jump: Arc<Jump>,
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let (Some(half), Ok(runtime)) = (self.half.take(), tokio::runtime::Handle::try_current()) else { return };
        runtime.spawn(async move {
            // A connection that is gone has closed it.
            let _ = half.close().await;
        });
    }
}

impl AsyncRead for Tunnel {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.first.is_empty() {
            match ready!(self.receiver.poll_recv(context)) {
                Some(data) => {
                    self.queued.fetch_sub(data.len(), Ordering::Relaxed);
                    self.first = data;
                }
                None => return Poll::Ready(Ok(())),
            }
        }
        let length = self.first.len().min(buffer.remaining());
        buffer.put_slice(&self.first[..length]);
        self.first.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tunnel {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.writer.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.as_mut().poll_shutdown(context)
    }
}

/// All jump hosts of a run.
#[derive(Default)]
pub(super) struct Jumps(Mutex<HashMap<Arc<Settings>, Arc<tokio::sync::Mutex<Slot>>>>);

#[derive(Default)]
struct Slot {
    open: Option<Arc<Jump>>,
    failed: Option<(Instant, ConnectError)>,
}

impl Jumps {
    /// The session with the jump host of `settings`, made by `connect` when there is none.
    ///
    /// Those who ask meanwhile wait for it, and share its failure.
    pub(super) async fn share<F>(&self, settings: &Arc<Settings>, connect: F) -> Result<Arc<Jump>, ConnectError>
    where
        F: Future<Output = Result<Jump, ConnectError>>,
    {
        let asked = Instant::now();
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(Arc::clone(settings)).or_default())
        };
        let mut slot = slot.lock().await;
        if let Some(jump) = slot.open.as_ref().filter(|jump| jump.is_open()) {
            return Ok(Arc::clone(jump));
        }
        if let Some((_, error)) = slot.failed.as_ref().filter(|(at, _)| *at >= asked) {
            return Err(error.clone());
        }
        match connect.await {
            Ok(jump) => {
                let jump = Arc::new(jump);
                slot.open = Some(Arc::clone(&jump));
                Ok(jump)
            }
            Err(error) => {
                slot.open = None;
                slot.failed = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }
}
