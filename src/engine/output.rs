//! Where a host's output goes while its command runs: into a bounded capture, and onto the bus for those who follow.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

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

/// Captured bytes of all hosts of a run that are still held by somebody.
#[derive(Clone, Debug)]
pub(super) struct Memory(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    limit: usize,
    bytes: usize,
    /// Finished captures and their sizes; a renderer may hold them until the run's end, or no longer at all.
    finished: Vec<(Weak<Captured>, usize)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(MEMORY_LIMIT)
    }
}

impl Memory {
    fn new(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Held { limit, bytes: 0, finished: Vec::new() })))
    }

    fn grow(&self, bytes: usize) {
        self.lock().bytes += bytes;
    }

    /// Watches over a capture that has ended.
    fn watch(&self, captured: Arc<Captured>, bytes: usize) -> Arc<Captured> {
        if bytes > 0 {
            self.lock().finished.push((Arc::downgrade(&captured), bytes));
        }
        captured
    }

    /// Whether more than the limit is held; what nobody holds any more is given back first.
    fn is_spent(&self) -> bool {
        let mut held = self.lock();
        if held.bytes > held.limit {
            let mut freed = 0;
            held.finished.retain(|(captured, bytes)| {
                let is_held = captured.strong_count() > 0;
                freed += if is_held { 0 } else { *bytes };
                is_held
            });
            held.bytes -= freed;
        }
        held.bytes > held.limit
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("no holder of the lock panics")
    }
}

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
        let finish = |capture: Capture| {
            let bytes = capture.kept();
            self.memory.watch(capture.finish(), bytes)
        };
        (finish(self.stdout), finish(self.stderr))
    }

    fn capture(&mut self, stream: Stream, bytes: &[u8]) {
        let capture = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        // Once limited, a capture stays so: there is no need to look again.
        if capture.head_limit() > SMALL_HEAD_LIMIT && self.memory.is_spent() {
            capture.shrink(SMALL_HEAD_LIMIT);
        }
        self.memory.grow(capture.push(bytes));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Bus;

    struct Nobody;

    impl crate::event::Subscriber for Nobody {
        fn on_event(&mut self, _: &crate::event::Event) -> Result<(), crate::event::SubscriberError> {
            Ok(())
        }
    }

    #[test]
    fn memory_is_given_back_when_nobody_holds_the_output_any_more() {
        let (events, _bus) = Bus::start(Box::new(Nobody), Vec::new(), 1);
        let memory = Memory::new(100_000);
        let capture = |size: usize| {
            let mut output = HostOutput::new("h".into(), events.clone(), memory.clone());
            output.capture(Stream::Stdout, &vec![b'x'; size]);
            output.capture(Stream::Stdout, &vec![b'x'; size]);
            output.finish().0
        };
        for _ in 0..3 {
            assert!(!capture(40_000).is_truncated());
        }
        let held = capture(60_000);
        assert!(!held.is_truncated());
        assert!(capture(20_000).is_truncated());
        drop(held);
        assert!(!capture(20_000).is_truncated());
    }
}
