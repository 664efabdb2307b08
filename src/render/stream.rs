//! `--stream`: each line with its host before it, as it comes.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::human::Place;
use super::lines::Lines;
use super::sanitize::sanitize;
use crate::event::{RunHeader, Stream};

/// Host names up to this many columns are aligned.
const ALIGNED: usize = 24;

/// Writes lines of many hosts to the two output streams.
pub struct Streamer {
    stdout: Place,
    stderr: Place,
    lines: Lines,
    /// Columns for the host's name; none where a program reads.
    align: usize,
    is_terminal: bool,
}

impl Streamer {
    /// Writes to `stdout` and `stderr`; names are aligned at a terminal.
    #[must_use]
    pub fn new(stdout: Place, stderr: Place, is_terminal: bool) -> Self {
        Self { stdout, stderr, lines: Lines::default(), align: 0, is_terminal }
    }

    /// Learns the names of the hosts.
    pub fn begin(&mut self, header: &RunHeader) {
        if self.is_terminal {
            let widths = header.hosts.iter().map(|host| host.width()).filter(|width| *width <= ALIGNED);
            self.align = widths.max().unwrap_or(0);
        }
    }

    /// Writes the lines that `bytes` complete.
    pub fn push(&mut self, host: &Arc<str>, stream: Stream, bytes: &[u8]) {
        let place = if stream == Stream::Stdout { &self.stdout } else { &self.stderr };
        let align = self.align;
        self.lines.push(host, stream, bytes, |line| write_line(place, host, align, line));
        place.sink.flush();
    }

    /// Writes what a host said last without a newline.
    pub fn end(&mut self, host: &Arc<str>) {
        let (stdout, stderr, align) = (&self.stdout, &self.stderr, self.align);
        self.lines.end(host, |stream, line| {
            let place = if stream == Stream::Stdout { stdout } else { stderr };
            write_line(place, host, align, line);
            place.sink.flush();
        });
    }
}

/// `  web1: text`, the name at the right so that `host: text` stays what other tools read.
fn write_line(place: &Place, host: &str, align: usize, line: &[u8]) {
    let name = sanitize(host.as_bytes());
    let blanks = align.saturating_sub(name.width());
    let prefix = place.palette.host(host, format_args!("{:blanks$}{name}:", ""));
    // The end of the line was `\r\n` on hosts that write it so.
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    place.sink.line(format!("{prefix} {}", sanitize(line)));
}
