//! Lines of a journal file: forwards, and the last one from the end; bounded in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;

/// The longest line that is read, in bytes: far above a record of 100,000 hosts, and bounded for a damaged file.
pub(super) const MAX_LINE: u64 = 64 << 20;

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With a newline.
    Whole,
    /// With the end of the file.
    Torn,
    /// It is longer than [`MAX_LINE`]; the buffer holds its beginning.
    TooLong,
}

/// Reads a file line by line.
pub(super) struct Lines {
    reader: BufReader<File>,
}

impl Lines {
    pub fn new(file: File) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, file) }
    }

    /// Reads the next line into `buffer`, without its newline; none at the end of the file.
    pub fn next_into(&mut self, buffer: &mut Vec<u8>) -> io::Result<Option<Ending>> {
        buffer.clear();
        let read = self.reader.by_ref().take(MAX_LINE).read_until(b'\n', buffer)?;
        if read == 0 {
            return Ok(None);
        }
        if buffer.pop_if(|byte| *byte == b'\n').is_some() {
            return Ok(Some(Ending::Whole));
        }
        if (read as u64) < MAX_LINE {
            return Ok(Some(Ending::Torn));
        }
        self.reader.skip_until(b'\n')?;
        Ok(Some(Ending::TooLong))
    }
}

/// Reads the last whole line of a file without its newline, from the end; none when there is none.
pub(super) fn last_whole_line(file: &File) -> io::Result<Option<Vec<u8>>> {
    let mut position = file.metadata()?.len();
    let mut tail: Vec<u8> = Vec::new();
    let mut step = 4096;
    while position > 0 && tail.len() as u64 <= MAX_LINE {
        let start = position.saturating_sub(step);
        let mut piece = vec![0; usize::try_from(position - start).unwrap_or(usize::MAX)];
        file.read_exact_at(&mut piece, start)?;
        piece.append(&mut tail);
        tail = piece;
        position = start;
        step *= 4;
        if let Some(line) = last_between_newlines(&tail, position == 0) {
            return Ok(Some(line.to_vec()));
        }
    }
    Ok(None)
}

fn last_between_newlines(tail: &[u8], from_start: bool) -> Option<&[u8]> {
    let end = memchr::memrchr(b'\n', tail)?;
    match memchr::memrchr(b'\n', &tail[..end]) {
        Some(before) => Some(&tail[before + 1..end]),
        None if from_start => Some(&tail[..end]),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(content: &[u8]) -> Option<Vec<u8>> {
        let scratch = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(scratch.path(), content).unwrap();
        last_whole_line(&File::open(scratch.path()).unwrap()).unwrap()
    }

    #[test]
    fn the_last_whole_line_is_found_whatever_its_length_and_what_follows() {
        assert_eq!(last(b""), None);
        assert_eq!(last(b"torn"), None);
        assert_eq!(last(b"one\ntorn").unwrap(), b"one");
        let long = vec![b'x'; 100_000];
        let content = [b"first\n", &long[..], b"\n"].concat();
        assert_eq!(last(&content).unwrap(), long);
    }
}
