//! Keeps what one action says.

use std::time::{Duration, Instant, SystemTime};

use super::answers::note_dropped;
use crate::event::Stream;
use crate::modules::Answer;
use crate::remote::OutputSink;
use crate::transport::BoxFuture;

/// Kept of each stream, in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

/// One action's output, up to a limit; what is beyond it is counted.
pub(super) struct Output {
    kept: [Vec<u8>; 2],
    dropped: [u64; 2],
    begun: Instant,
}

impl Default for Output {
    fn default() -> Self {
        Self { kept: [Vec::new(), Vec::new()], dropped: [0; 2], begun: Instant::now() }
    }
}

impl Output {
    pub(super) fn stdout(&self) -> &[u8] {
        &self.kept[0]
    }

    /// The answer of an action that has ended just now.
    pub(super) fn answer(self, rc: i32) -> Answer {
        let duration: Duration = self.begun.elapsed();
        let [stdout, mut stderr] = self.kept;
        note_dropped(&mut stderr, self.dropped);
        Answer { rc, stdout, stderr, duration, ended: Some(SystemTime::now()) }
    }
}

impl OutputSink for Output {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        let side = stream as usize;
        let room = LIMIT.saturating_sub(self.kept[side].len());
        let taken = &bytes[..room.min(bytes.len())];
        self.kept[side].extend_from_slice(taken);
        self.dropped[side] += (bytes.len() - taken.len()) as u64;
    }
}
