//! Tells the answers to one frame's questions apart.
//!
//! Pure, but for the clock. What a host says is believed in nothing: whatever stands behind the last answer is dropped,
//! and an answer that is not closed is none.

use std::time::{Instant, SystemTime};

use crate::event::Stream;
use crate::modules::{Answer, Question};
use crate::remote::{OutputSink, Piece, Scanner};
use crate::transport::BoxFuture;

/// Kept of an answer's standard error, in bytes.
const ERRORS_LIMIT: usize = 64 * 1024;

/// Kept of all answers of one frame, in bytes.
const FRAME_ROOM: usize = 64 * 1024 * 1024;

/// Kept of what is said outside of answers, for the message about a missing one, in bytes.
const NOISE_LIMIT: usize = 4096;

/// Takes one frame's output and makes answers of it.
pub(super) struct Answers {
    open: Vec<Open>,
    sides: [Side; 2],
    room: usize,
    noise: Vec<u8>,
    asked: Instant,
}

/// An answer that comes in.
struct Open {
    answer: Answer,
    limits: [usize; 2],
    dropped: [u64; 2],
}

struct Side {
    scanner: Scanner,
    /// How many answers this stream has closed.
    closed: usize,
}

/// The question that was not answered, and what the host said instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    /// The question's number.
    pub index: usize,
    /// The host's last word.
    pub said: String,
}

impl Answers {
    pub(super) fn new(questions: &[Question], token: &str) -> Self {
        let open = |question: &Question| Open {
            answer: Answer::default(),
            limits: [question.limit, ERRORS_LIMIT],
            dropped: [0; 2],
        };
        let side = || Side { scanner: Scanner::new(token), closed: 0 };
        Self {
            open: questions.iter().map(open).collect(),
            sides: [side(), side()],
            room: FRAME_ROOM,
            noise: Vec::new(),
            asked: Instant::now(),
        }
    }

    /// The answers, once the frame has ended.
    ///
    /// # Errors
    /// Names the first question whose answer is not closed.
    pub(super) fn finish(mut self) -> Result<Vec<Answer>, Unanswered> {
        for side in 0..2 {
            if let Some(piece) = self.sides[side].scanner.finish() {
                self.take(side, piece);
            }
        }
        let closed = self.sides[0].closed.min(self.sides[1].closed);
        if closed < self.open.len() {
            let open = &self.open[closed].answer;
            let said = [&self.noise, &open.stderr, &open.stdout].into_iter().find_map(|said| last_line(said));
            return Err(Unanswered { index: closed, said: said.unwrap_or_else(|| "nothing was said".to_owned()) });
        }
        Ok(self.open.into_iter().map(Open::close).collect())
    }

    fn take(&mut self, side: usize, piece: Piece) {
        let at = self.sides[side].closed;
        match piece {
            Piece::Bytes(bytes) => self.keep(side, at, &bytes),
            Piece::Mark(words) => {
                let mut numbers = words.iter().map(|word| word.parse::<i32>().ok());
                let index = numbers.next().flatten().and_then(|index| usize::try_from(index).ok());
                if at >= self.open.len() || index != Some(at) {
                    return;
                }
                self.sides[side].closed += 1;
                if let Some(Some(rc)) = numbers.next().filter(|_| side == Stream::Stdout as usize) {
                    self.open[at].answer.rc = rc;
                    self.open[at].answer.duration = self.asked.elapsed();
                    self.open[at].answer.ended = Some(SystemTime::now());
                    // The next question is asked now.
                    self.asked = Instant::now();
                }
            }
        }
    }

    fn keep(&mut self, side: usize, at: usize, bytes: &[u8]) {
        let Some(open) = self.open.get_mut(at) else {
            let room = NOISE_LIMIT.saturating_sub(self.noise.len());
            self.noise.extend_from_slice(&bytes[..room.min(bytes.len())]);
            return;
        };
        let kept = if side == 0 { &mut open.answer.stdout } else { &mut open.answer.stderr };
        let room = open.limits[side].saturating_sub(kept.len()).min(self.room);
        let taken = &bytes[..room.min(bytes.len())];
        kept.extend_from_slice(taken);
        self.room -= taken.len();
        open.dropped[side] += (bytes.len() - taken.len()) as u64;
    }
}

impl OutputSink for Answers {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        self.write_now(stream, bytes);
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        let side = stream as usize;
        self.sides[side].scanner.push(bytes);
        while let Some(piece) = self.sides[side].scanner.next_piece() {
            self.take(side, piece);
        }
    }
}

impl Open {
    fn close(self) -> Answer {
        let mut answer = self.answer;
        note_dropped(&mut answer.stderr, self.dropped);
        answer
    }
}

/// Says on standard error how much of the output is missing.
pub(super) fn note_dropped(stderr: &mut Vec<u8>, dropped: [u64; 2]) {
    for (name, dropped) in ["output", "error"].into_iter().zip(dropped) {
        if dropped > 0 {
            let newline = if stderr.is_empty() || stderr.ends_with(b"\n") { "" } else { "\n" };
            stderr.extend(format!("{newline}opsctl: {dropped} more bytes of standard {name} were dropped\n").bytes());
        }
    }
}

/// The last line that says anything.
pub(super) fn last_line(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::probes;

    fn answers(limits: &[usize]) -> Answers {
        let question = |limit: &usize| Question { limit: *limit, ..Question::new(&probes::PING, [""; 0]) };
        Answers::new(&limits.iter().map(question).collect::<Vec<_>>(), "token")
    }

    #[test]
    fn each_answer_gets_what_stands_before_its_mark() {
        let mut sink = answers(&[100, 100]);
        sink.write_now(Stream::Stderr, b"warn\ntoken 0\nto");
        sink.write_now(Stream::Stdout, b"one\ntoken 0 0\ntwo, without newlinetoken 1 3\n");
        sink.write_now(Stream::Stderr, b"ken 1\n");
        let answers = sink.finish().unwrap();
        assert_eq!((answers[0].stdout.as_slice(), answers[0].stderr.as_slice()), (&b"one\n"[..], &b"warn\n"[..]));
        assert_eq!((answers[1].stdout.as_slice(), answers[1].rc), (&b"two, without newline"[..], 3));
        assert!(answers.iter().all(|answer| answer.ended.is_some()));
    }

    #[test]
    fn a_missing_mark_is_told_with_the_hosts_last_word() {
        let mut sink = answers(&[100, 100, 100]);
        sink.write_now(Stream::Stdout, b"one\ntoken 0 0\ntoken 1 0\n");
        sink.write_now(Stream::Stderr, b"token 0\nsh: killed\n");
        let unanswered = sink.finish().unwrap_err();
        assert_eq!((unanswered.index, unanswered.said.as_str()), (1, "sh: killed"));
    }

    #[test]
    fn marks_that_are_out_of_turn_close_nothing() {
        let mut sink = answers(&[100]);
        sink.write_now(Stream::Stdout, b"token 7 0\ntoken x\ntoken -1 0\ntoken 0 2\ntoken 0 9\n");
        sink.write_now(Stream::Stderr, b"token 0\n");
        assert_eq!(sink.finish().unwrap()[0].rc, 2);
    }

    #[test]
    fn too_much_is_dropped_and_counted() {
        let mut sink = answers(&[4]);
        sink.write_now(Stream::Stdout, b"12345678token 0 0\n");
        sink.write_now(Stream::Stderr, b"no newlinetoken 0\n");
        let answer = sink.finish().unwrap().remove(0);
        assert_eq!(answer.stdout, b"1234");
        assert_eq!(answer.errors(), "no newline\nopsctl: 4 more bytes of standard output were dropped\n");
    }
}
