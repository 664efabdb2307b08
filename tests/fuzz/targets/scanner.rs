//! Markers in a stream: two bytes say how the stream is cut, the rest is the stream.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opsctl::remote::{Piece, Scanner};
use opsctl_fuzz::markers::{LIMIT, Part, parts};
use opsctl_fuzz::within_memory;

const NONCE: &str = "\u{1e}abab";

/// The most bytes that may wait for what follows: an opening and the longest marker line without its newline.
const HELD: usize = NONCE.len() + 1 + LIMIT;

fuzz_target!(|input: &[u8]| {
    let Some((seed, stream)) = input.split_first_chunk::<2>() else { return };
    let expected = parts(NONCE.as_bytes(), stream);
    let mut sizes = Sizes(u64::from(u16::from_le_bytes(*seed)) + 1);
    within_memory(16 * stream.len() + (1 << 20), || {
        check(stream, &expected, || usize::MAX);
        check(stream, &expected, || 1);
        check(stream, &expected, || sizes.next());
    });
});

/// Scans `stream` in chunks of the given sizes, and compares every step with `expected`.
fn check(stream: &[u8], expected: &[Part], mut size: impl FnMut() -> usize) {
    let mut scanner = Scanner::new(NONCE);
    let mut reader = Reader { stream, expected: expected.iter(), done: 0 };
    let mut rest = stream;
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(size().min(rest.len()));
        rest = behind;
        scanner.push(chunk);
        while let Some(piece) = scanner.next_piece() {
            reader.take(&piece);
        }
        let held = stream.len() - rest.len() - reader.done;
        assert!(held <= HELD, "{held} bytes are held back");
    }
    while let Some(piece) = scanner.finish() {
        reader.take(&piece);
    }
    assert!(reader.expected.next().is_none(), "the stream is not whole");
}

/// Goes through what is expected as it comes.
struct Reader<'a> {
    stream: &'a [u8],
    expected: std::slice::Iter<'a, Part>,
    /// How many bytes of the stream have come out, or were a marker.
    done: usize,
}

impl Reader<'_> {
    fn take(&mut self, piece: &Piece) {
        match piece {
            Piece::Bytes(bytes) => {
                assert!(!bytes.is_empty(), "a piece is empty");
                let end = self.done + bytes.len();
                assert_eq!(Some(&bytes[..]), self.stream.get(self.done..end));
                while self.done < end {
                    let Some(Part::Bytes(range)) = self.expected.next() else { panic!("a marker came out as output") };
                    self.done = range.end;
                }
                assert_eq!(self.done, end);
            }
            Piece::Mark(words) => {
                let Some(Part::Mark(expected, end)) = self.expected.next() else { panic!("output became a marker") };
                assert_eq!(words, expected);
                self.done = *end;
            }
        }
    }
}

/// Sizes from one byte to many.
struct Sizes(u64);

impl Sizes {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = (self.0 >> 60) as u32 & 7;
        1 + (self.0 >> 33) as usize % (1 << bits)
    }
}
