//! Reads a whole stream at once, in the plainest way: what `opsctl::remote::Scanner` must find however it is cut.

use std::ops::Range;

/// The most bytes between the space behind the nonce and the newline of a marker.
pub const LIMIT: usize = 256;

/// A part of a stream, with the place where it ends.
#[derive(Debug)]
pub enum Part {
    /// Output.
    Bytes(Range<usize>),
    /// The words of a marker.
    Mark(Vec<String>, usize),
}

/// The parts of `stream`.
pub fn parts(nonce: &[u8], stream: &[u8]) -> Vec<Part> {
    let opening = [nonce, b" "].concat();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < stream.len() {
        if !stream[at..].starts_with(&opening) {
            parts.push(Part::Bytes(at..at + 1));
            at += 1;
            continue;
        }
        let body = &stream[at + opening.len()..];
        let Some(length) = body.iter().take(LIMIT + 1).position(|byte| *byte == b'\n') else {
            // The nonce alone is passed over: another marker may begin behind it.
            parts.push(Part::Bytes(at..at + opening.len()));
            at += opening.len();
            continue;
        };
        at += opening.len() + length + 1;
        let words = String::from_utf8_lossy(&body[..length]).split_whitespace().map(str::to_owned).collect();
        parts.push(Part::Mark(words, at));
    }
    parts
}
