//! The command that a client has asked for: its input, and what of its output waits for room in the client's window.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Sender;

use super::packet::Fields;
use super::wire::Event;
use super::{Flow, Message, Moment, Script, Wire};
use crate::common::SEARCH_PATH;

/// The most that one packet of output carries.
const CHUNK: usize = 16 * 1024;

pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Outputs that have not ended.
    open: u32,
    waiting: VecDeque<(u32, Vec<u8>)>,
    room: usize,
}

impl Running {
    pub fn start(line: &[u8], events: &Sender<Event>, room: usize) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(String::from_utf8_lossy(line).as_ref()).env_clear().env("PATH", SEARCH_PATH);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        forward(child.stdout.take(), 0, events);
        forward(child.stderr.take(), 1, events);
        let stdin = child.stdin.take();
        Self { child, stdin, open: 2, waiting: VecDeque::new(), room }
    }

    /// Gives the command input.
    pub fn feed(&mut self, bytes: &[u8]) {
        // A command that reads no more is free to.
        let _ = self.stdin.as_mut().map(|stdin| stdin.write_all(bytes));
    }

    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Makes room for more output.
    pub fn widen(&mut self, room: usize) {
        self.room = self.room.saturating_add(room);
    }

    /// Takes output, or the end of one.
    pub fn take(&mut self, output: Option<(u32, Vec<u8>)>) {
        match output {
            Some(output) => self.waiting.push_back(output),
            None => self.open -= 1,
        }
    }

    /// Sends what there is room for; when all has been sent, says how the command has ended.
    pub fn flush(&mut self, wire: &mut Wire, script: &Script) -> Flow {
        while let Some((stream, bytes)) = self.waiting.pop_front() {
            if self.room < bytes.len() {
                self.waiting.push_front((stream, bytes));
                return Flow::On;
            }
            match script(Moment::Output(&bytes), wire) {
                Flow::On => wire.send(&data(wire.peer, stream, &bytes)),
                Flow::Done => {}
                end => return end,
            }
            self.room -= bytes.len();
        }
        if self.open > 0 {
            return Flow::On;
        }
        self.open = u32::MAX;
        let code = self.child.wait().unwrap().code().unwrap_or(255);
        match script(Moment::Exit, wire) {
            Flow::On => {
                let code = u32::try_from(code).unwrap();
                wire.send(&Message::new(98).word(wire.peer).text("exit-status").byte(0).word(code));
                end_channel(wire);
                Flow::On
            }
            flow => flow,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // At the end of its input the client's loop ends by itself, and what runs in it.
        self.stdin = None;
        let _ = self.child.wait();
    }
}

/// Ends the channel as a server does.
pub fn end_channel(wire: &mut Wire) {
    wire.send(&Message::new(96).word(wire.peer));
    wire.send(&Message::new(97).word(wire.peer));
}

/// A packet of output, on stdout (0) or any other stream.
pub fn data(peer: u32, stream: u32, bytes: &[u8]) -> Message {
    match stream {
        0 => Message::new(94).word(peer).text(bytes),
        stream => Message::new(95).word(peer).word(stream).text(bytes),
    }
}

/// What a client's channel request asks for: its name, whether it wants a reply, and the rest.
pub fn request(payload: &[u8]) -> (&[u8], bool, Fields<'_>) {
    let mut fields = Fields::of(payload);
    fields.word();
    (fields.text(), fields.byte() != 0, fields)
}

fn forward(source: Option<impl Read + Send + 'static>, stream: u32, events: &Sender<Event>) {
    let (mut source, events) = (source.expect("outputs are piped"), events.clone());
    std::thread::spawn(move || {
        let mut buffer = vec![0; CHUNK];
        while let Ok(length @ 1..) = source.read(&mut buffer) {
            if events.send(Event::Output(stream, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
        // The conversation may have ended before.
        let _ = events.send(Event::OutputEnd);
    });
}
