//! Finds markers in a byte stream.
//!
//! Pure. A marker is the nonce, a space, words, and a newline; all else is the command's output.

use memchr::memmem;

/// The longest marker line that is waited for, in bytes; a longer one is output that holds the nonce by treachery.
const MARKER_LIMIT: usize = 256;

/// A part of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Output, unaltered.
    Bytes(Vec<u8>),
    /// The words of a marker.
    Mark(Vec<String>),
}

impl Piece {
    /// About what it takes in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Bytes(bytes) => bytes.len(),
                Self::Mark(words) => {
                    words.capacity() * size_of::<String>() + words.iter().map(String::capacity).sum::<usize>()
                }
            }
    }
}

/// Splits a stream into output and markers, whatever the sizes of the reads.
#[derive(Debug)]
pub struct Scanner {
    nonce: Vec<u8>,
    pending: Vec<u8>,
    /// How many bytes of `pending` have been taken.
    taken: usize,
}

impl Scanner {
    /// Makes a scanner for one nonce.
    #[must_use]
    pub fn new(nonce: &str) -> Self {
        Self { nonce: format!("{nonce} ").into_bytes(), pending: Vec::new(), taken: 0 }
    }

    /// Takes the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.drain(..std::mem::take(&mut self.taken));
        self.pending.extend_from_slice(bytes);
    }

    /// Returns the next complete piece, if there is one.
    pub fn next_piece(&mut self) -> Option<Piece> {
        match memmem::find(self.rest(), &self.nonce) {
            Some(0) => self.take_marker(),
            Some(start) => Some(Piece::Bytes(self.take(start))),
            None => {
                let ready = self.rest().len() - self.held_back();
                (ready > 0).then(|| Piece::Bytes(self.take(ready)))
            }
        }
    }

    /// Returns what is left when the stream has ended.
    pub fn finish(&mut self) -> Option<Piece> {
        let length = self.rest().len();
        (length > 0).then(|| Piece::Bytes(self.take(length)))
    }

    /// What has not been taken.
    fn rest(&self) -> &[u8] {
        &self.pending[self.taken..]
    }

    fn take_marker(&mut self) -> Option<Piece> {
        let body = &self.rest()[self.nonce.len()..];
        // Looked for no further than that, so that it does not matter how much has come at once.
        let Some(end) = memchr::memchr(b'\n', &body[..body.len().min(MARKER_LIMIT + 1)]) else {
            // Not a marker of ours after all: let it go as output.
            return (body.len() > MARKER_LIMIT).then(|| Piece::Bytes(self.take(self.nonce.len())));
        };
        let words = String::from_utf8_lossy(&body[..end]).split_whitespace().map(str::to_owned).collect();
        self.take(self.nonce.len() + end + 1);
        Some(Piece::Mark(words))
    }

    /// Length of the longest end of what is left that may be the beginning of a marker.
    fn held_back(&self) -> usize {
        let longest = self.rest().len().min(self.nonce.len() - 1);
        (1..=longest).rev().find(|length| self.rest().ends_with(&self.nonce[..*length])).unwrap_or(0)
    }

    /// Takes bytes off, in memory that fits them: a piece may be kept for long.
    fn take(&mut self, length: usize) -> Vec<u8> {
        if self.taken == 0 && length == self.pending.len() {
            return std::mem::take(&mut self.pending);
        }
        let piece = self.rest()[..length].to_vec();
        self.taken += length;
        if self.rest().is_empty() {
            (self.pending, self.taken) = (Vec::new(), 0);
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scan(chunks: &[&[u8]]) -> (Vec<u8>, Vec<Vec<String>>) {
        let mut scanner = Scanner::new("\u{1e}abab");
        let (mut output, mut marks) = (Vec::new(), Vec::new());
        let mut take = |piece| match piece {
            Piece::Bytes(bytes) => output.extend(bytes),
            Piece::Mark(words) => marks.push(words),
        };
        for chunk in chunks {
            scanner.push(chunk);
            while let Some(piece) = scanner.next_piece() {
                take(piece);
            }
        }
        if let Some(piece) = scanner.finish() {
            take(piece);
        }
        (output, marks)
    }

    proptest! {
        #[test]
        fn how_the_stream_is_cut_does_not_matter(
            before in proptest::collection::vec(prop_oneof![Just(0x1e), Just(b'a'), Just(b'b'), any::<u8>()], 0..40),
            cuts in proptest::collection::vec(0usize..90, 0..8),
        ) {
            let mut stream = before.clone();
            stream.extend_from_slice(b"\x1eabab end 1 0 exit ended\n");
            let expected = scan(&[&stream]);
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
            places.extend([0, stream.len()]);
            places.sort_unstable();
            let chunks: Vec<&[u8]> = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
            prop_assert_eq!(scan(&chunks), expected);
        }
    }

    #[test]
    fn output_without_newline_before_the_marker_is_kept() {
        let (output, marks) = scan(&[b"no newline\x1eabab end 7\nrest"]);
        assert_eq!(output, b"no newlinerest");
        assert_eq!(marks, [["end", "7"]]);
    }

    #[test]
    fn an_endless_marker_is_output() {
        let mut stream = b"\x1eabab ".to_vec();
        stream.extend(std::iter::repeat_n(b'x', 1000));
        let (output, marks) = scan(&[&stream]);
        assert_eq!((output, marks.len()), (stream, 0));
    }

    #[test]
    fn a_line_too_long_for_a_marker_is_output_however_it_is_cut() {
        let mut stream = b"\x1eabab ".to_vec();
        stream.extend(std::iter::repeat_n(b'x', MARKER_LIMIT + 1));
        stream.push(b'\n');
        for size in [1, 100, stream.len()] {
            let chunks: Vec<&[u8]> = stream.chunks(size).collect();
            assert_eq!(scan(&chunks), (stream.clone(), Vec::new()), "{size}");
        }
        stream.remove(10);
        assert_eq!(scan(&[&stream]).1.len(), 1);
    }

    #[test]
    fn nothing_is_held_back_longer_than_it_may_be_a_marker() {
        let mut scanner = Scanner::new("\u{1e}abab");
        scanner.push(b"prompt> ");
        assert_eq!(scanner.next_piece(), Some(Piece::Bytes(b"prompt> ".to_vec())));
    }

    #[test]
    fn a_short_piece_takes_little_memory() {
        let mut scanner = Scanner::new("\u{1e}abab");
        scanner.push(&b"out\x1eabab mark\n".repeat(1000));
        let Some(Piece::Bytes(bytes)) = scanner.next_piece() else { panic!("output comes first") };
        assert_eq!((&bytes[..], bytes.capacity() < 100), (&b"out"[..], true));
    }
}
