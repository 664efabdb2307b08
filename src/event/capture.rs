//! What is kept of a command's output: the beginning and the end, in bounded memory.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::LazyLock;

use base64::Engine as _;

/// Kept output of one stream of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Captured {
    /// The first bytes; all of them unless `dropped` is above zero.
    pub head: Vec<u8>,
    /// Bytes left out between `head` and `tail`.
    pub dropped: u64,
    /// The last bytes, when some were left out.
    pub tail: Vec<u8>,
}

impl Captured {
    /// The shared capture of a stream that said nothing.
    #[must_use]
    pub fn empty() -> Arc<Self> {
        static EMPTY: LazyLock<Arc<Captured>> = LazyLock::new(Arc::default);
        Arc::clone(&EMPTY)
    }

    /// Number of bytes the command printed, kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.head.len() as u64 + self.dropped + self.tail.len() as u64
    }

    /// Whether some bytes were left out.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.dropped > 0
    }
}

impl From<&[u8]> for Captured {
    fn from(bytes: &[u8]) -> Self {
        Self { head: bytes.to_vec(), ..Self::default() }
    }
}

/// Collects one stream: keeps the first `head_limit` bytes and the last `tail_limit`.
#[derive(Debug)]
pub struct Capture {
    head_limit: usize,
    tail_limit: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Capture {
    /// Makes an empty capture; limits are in bytes.
    #[must_use]
    pub fn new(head_limit: usize, tail_limit: usize) -> Self {
        Self { head_limit, tail_limit, head: Vec::new(), tail: VecDeque::new(), dropped: 0 }
    }

    /// Takes the next bytes and returns by how much the memory in use grew.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let before = self.kept();
        let room = self.head_limit.saturating_sub(self.head.len());
        let (first, rest) = bytes.split_at(bytes.len().min(room));
        self.head.extend_from_slice(first);
        self.push_tail(rest);
        self.kept().saturating_sub(before)
    }

    /// Lowers the limit of what is kept from now on, in bytes; what is already kept stays.
    pub fn shrink(&mut self, head_limit: usize) {
        self.head_limit = self.head_limit.min(head_limit);
    }

    /// How many bytes of the beginning are kept at most.
    #[must_use]
    pub fn head_limit(&self) -> usize {
        self.head_limit
    }

    /// Bytes held in memory.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// Ends the capture.
    #[must_use]
    pub fn finish(self) -> Arc<Captured> {
        if self.head.is_empty() && self.dropped == 0 {
            return Captured::empty();
        }
        let mut captured = Captured { head: self.head, dropped: self.dropped, tail: self.tail.into() };
        if captured.dropped == 0 {
            captured.head.append(&mut captured.tail);
            captured.tail = Vec::new();
        }
        captured.head.shrink_to_fit();
        Arc::new(captured)
    }

    fn push_tail(&mut self, rest: &[u8]) {
        let overflow = (self.tail.len() + rest.len()).saturating_sub(self.tail_limit);
        let from_tail = overflow.min(self.tail.len());
        self.tail.drain(..from_tail);
        let from_rest = overflow - from_tail;
        self.tail.extend(&rest[from_rest..]);
        self.dropped += overflow as u64;
    }
}

/// Encodes bytes for JSON: `{"text": …}` when they are UTF-8, else `{"base64": …}`.
#[must_use]
pub fn encode_bytes(bytes: &[u8]) -> serde_json::Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::json!({ "text": text }),
        Err(_) => serde_json::json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_output_is_kept_whole() {
        let mut capture = Capture::new(4, 4);
        capture.push(b"abc");
        capture.push(b"defg");
        let captured = capture.finish();
        assert_eq!((captured.head.as_slice(), captured.dropped, captured.tail.len()), (&b"abcdefg"[..], 0, 0));
    }

    #[test]
    fn long_output_keeps_both_ends_and_counts_the_gap() {
        let mut capture = Capture::new(3, 2);
        for byte in b"0123456789" {
            capture.push(&[*byte]);
        }
        let captured = capture.finish();
        assert_eq!((&captured.head[..], captured.dropped, &captured.tail[..]), (&b"012"[..], 5, &b"89"[..]));
        assert_eq!(captured.total(), 10);
    }

    #[test]
    fn bytes_that_are_not_utf8_become_base64() {
        assert_eq!(encode_bytes(b"a\n"), serde_json::json!({"text": "a\n"}));
        assert_eq!(encode_bytes(b"\xff"), serde_json::json!({"base64": "/w=="}));
    }
}
