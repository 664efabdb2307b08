//! Pieces of output to whole lines, for each host and stream.
//!
//! Pure. Holds a partial line until its end comes, but at most [`LIMIT`] bytes of it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::event::Stream;

/// Bytes of a partial line that are held; a longer line is given out in pieces of this size.
const LIMIT: usize = 64 * 1024;

/// The partial lines of all hosts.
#[derive(Debug, Default)]
pub struct Lines {
    partial: HashMap<(Arc<str>, Stream), Vec<u8>>,
}

impl Lines {
    /// Takes the next `bytes` and hands each line that is whole to `each`, without its newline.
    pub fn push(&mut self, host: &Arc<str>, stream: Stream, bytes: &[u8], mut each: impl FnMut(&[u8])) {
        let partial = self.partial.entry((Arc::clone(host), stream)).or_default();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(line) = piece.strip_suffix(b"\n") else {
                hold(partial, piece, &mut each);
                continue;
            };
            if partial.is_empty() {
                each(line);
            } else {
                partial.extend_from_slice(line);
                each(partial);
                partial.clear();
            }
        }
    }

    /// Forgets the host and hands the line that had no end, if any, to `each`.
    pub fn end(&mut self, host: &Arc<str>, mut each: impl FnMut(Stream, &[u8])) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            let partial = self.partial.remove(&(Arc::clone(host), stream)).filter(|partial| !partial.is_empty());
            if let Some(partial) = partial {
                each(stream, &partial);
            }
        }
    }
}

fn hold(partial: &mut Vec<u8>, piece: &[u8], each: &mut impl FnMut(&[u8])) {
    partial.extend_from_slice(piece);
    if partial.len() >= LIMIT {
        partial.chunks(LIMIT).for_each(each);
        partial.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (mut lines, host) = (Lines::default(), Arc::from("a"));
        let (mut whole, mut last) = (Vec::new(), Vec::new());
        for piece in pieces {
            lines.push(&host, Stream::Stdout, piece, |line| whole.push(line.to_vec()));
        }
        lines.end(&host, |_, line| last.push(line.to_vec()));
        assert!(lines.partial.is_empty());
        (whole, last)
    }

    #[test]
    fn a_line_is_whole_however_it_came() {
        let (whole, last) = collect(&[b"on", b"e\ntwo\n\nth", b"ree"]);
        assert_eq!(whole, [b"one".to_vec(), b"two".to_vec(), Vec::new()]);
        assert_eq!(last, [b"three".to_vec()]);
    }

    #[test]
    fn a_line_without_end_takes_bounded_memory() {
        let piece = vec![b'x'; LIMIT - 1];
        let (whole, last) = collect(&[&piece, &piece, &piece]);
        assert!(whole.iter().all(|line| line.len() <= LIMIT));
        assert_eq!(whole.iter().chain(&last).map(Vec::len).sum::<usize>(), 3 * piece.len());
    }
}
