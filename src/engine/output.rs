//! Where a host's output goes while its command runs: into a bounded capture, and onto the bus for those who follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::event::{Capture, Captured, EventKind, EventSender, Stream};
use crate::remote::OutputSink;
use crate::transport::BoxFuture;

/// Kept of the beginning of each stream, in bytes, while memory lasts.
const HEAD_LIMIT: usize = 4 * 1024 * 1024;

/// Kept of the beginning of each stream, in bytes, once [`MEMORY_LIMIT`] is spent.
const SMALL_HEAD_LIMIT: usize = 16 * 1024;

/// Kept of the end of each stream, in bytes.
const TAIL_LIMIT: usize = 16 * 1024;

/// Captured bytes of all hosts together above which each keeps little.
const MEMORY_LIMIT: usize = 256 * 1024 * 1024;

/// Captured bytes of all hosts of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<AtomicUsize>);

pub(super) struct HostOutput {
    host: Arc<str>,
    events: EventSender,
    memory: Memory,
    stdout: Capture,
    stderr: Capture,
}

impl HostOutput {
    pub(super) fn new(host: Arc<str>, events: EventSender, memory: Memory) -> Self {
        let capture = || Capture::new(HEAD_LIMIT, TAIL_LIMIT);
        Self { host, events, memory, stdout: capture(), stderr: capture() }
    }

    /// Ends both captures.
    pub(super) fn finish(self) -> (Arc<Captured>, Arc<Captured>) {
        (self.stdout.finish(), self.stderr.finish())
    }

    fn capture(&mut self, stream: Stream, bytes: &[u8]) {
        let capture = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        if self.memory.0.load(Ordering::Relaxed) > MEMORY_LIMIT {
            capture.shrink(SMALL_HEAD_LIMIT);
        }
        let grown = capture.push(bytes);
        self.memory.0.fetch_add(grown, Ordering::Relaxed);
    }

    fn event(&self, stream: Stream, bytes: &[u8]) -> EventKind {
        EventKind::Output { host: Arc::clone(&self.host), stream, bytes: bytes.into() }
    }
}

impl OutputSink for HostOutput {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.capture(stream, bytes);
        Box::pin(async move {
            if self.events.wants_output() {
                // A bus that has ended has no followers left.
                let _ = self.events.send(self.event(stream, bytes)).await;
            }
        })
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        self.capture(stream, bytes);
        if self.events.wants_output() {
            // A follower that is behind misses what the command said while it was being ended; the capture has it.
            let _ = self.events.send_if_room(self.event(stream, bytes));
        }
    }
}
