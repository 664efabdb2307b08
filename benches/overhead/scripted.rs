//! Hosts that exist in memory only: they answer the persistent shell's protocol, so that the real engine and shell run.
//!
//! A host reads the loop program and the first frame, answers `ready` and `begin`, prints one line, says `end`, and
//! leaves at `exit`. To make hosts be in flight together, nobody ends before a given number have begun.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use opsctl::event::{FailureKind, Stream};
use opsctl::transport::{
    BoxFuture, Channel, ConnectError, ConnectOptions, Connection, Opening, Session, Target, Transport,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::canned::{Canned, Heard};

/// What each host prints.
const OUTPUT: &[u8] = b" 12:00:00 up 41 days,  3:07,  0 users,  load average: 0.08, 0.03, 0.01\n";

/// Makes scripted hosts.
pub struct Scripted(Arc<Mutex<Gate>>);

/// Keeps hosts from ending until enough of them run.
struct Gate {
    wanted: usize,
    begun: usize,
    waiting: Vec<Waker>,
}

impl Scripted {
    /// Hosts of which none ends before `together` have begun.
    pub fn new(together: usize) -> Self {
        Self(Arc::new(Mutex::new(Gate { wanted: together, begun: 0, waiting: Vec::new() })))
    }
}

impl Transport for Scripted {
    fn connect<'a>(
        &'a self,
        _target: &'a Target,
        _options: &'a ConnectOptions,
        _opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        let host = Arc::new(Mutex::new(Host::default()));
        let reader = |stream| Box::new(Reader { host: Arc::clone(&host), gate: Arc::clone(&self.0), stream });
        let (stdout, stderr) = (reader(Stream::Stdout), reader(Stream::Stderr));
        let stdin = Box::new(Writer { host, gate: Arc::clone(&self.0) });
        let connection: Connection = (Box::new(ScriptedSession), Channel { stdin, stdout, stderr });
        Box::pin(std::future::ready(Ok(connection)))
    }
}

struct ScriptedSession;

impl Session for ScriptedSession {
    fn began(&self) -> tokio::time::Instant {
        tokio::time::Instant::now()
    }

    fn open_channel<'a>(&'a mut self, _command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        Box::pin(async { Err(lost()) })
    }

    fn refusal<'a>(&'a mut self, _said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async { lost() })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async { lost() })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async { lost() })
    }

    fn may_have_started(&mut self) -> bool {
        true
    }

    fn abort(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async { true })
    }

    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>> {
        Box::pin(async { None })
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

fn lost() -> ConnectError {
    ConnectError::new(FailureKind::Lost, "the script has no answer to this")
}

/// One host's state: what it has been told, and what it has to say on each stream.
#[derive(Default)]
struct Host {
    canned: Canned,
    said: [Vec<u8>; 2],
    /// Said once the gate is open.
    end: Option<String>,
    over: bool,
    readers: [Option<Waker>; 2],
}

impl Host {
    /// Takes whole lines; the shell never writes half a one.
    fn hear(&mut self, text: &str, gate: &Mutex<Gate>) {
        for line in text.lines() {
            self.hear_line(line, gate);
        }
        self.readers.iter_mut().filter_map(Option::take).for_each(Waker::wake);
    }

    fn hear_line(&mut self, line: &str, gate: &Mutex<Gate>) {
        match self.canned.hear(line) {
            Heard::Nothing => {}
            Heard::Ready => self.mark("ready 1"),
            Heard::Run(id) => {
                self.mark(&format!("begin {id}"));
                self.said[Stream::Stdout as usize].extend_from_slice(OUTPUT);
                self.end = Some(format!("end {id} 0 exit ended"));
                begin(gate);
            }
            Heard::Exit => self.over = true,
        }
    }

    fn mark(&mut self, words: &str) {
        for said in &mut self.said {
            said.extend_from_slice(self.canned.mark(words).as_bytes());
        }
    }
}

/// Counts one more host that has begun, and opens the gate at the last one.
fn begin(gate: &Mutex<Gate>) {
    let mut gate = lock(gate);
    gate.begun += 1;
    if gate.begun == gate.wanted {
        gate.waiting.drain(..).for_each(Waker::wake);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Reader {
    host: Arc<Mutex<Host>>,
    gate: Arc<Mutex<Gate>>,
    stream: Stream,
}

impl AsyncRead for Reader {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut host = lock(&self.host);
        let side = self.stream as usize;
        if host.said[side].is_empty() && host.end.is_some() {
            let mut gate = lock(&self.gate);
            if gate.begun >= gate.wanted {
                let end = host.end.take().unwrap_or_default();
                host.mark(&end);
                host.readers.iter_mut().filter_map(Option::take).for_each(Waker::wake);
            } else {
                gate.waiting.push(context.waker().clone());
            }
        }
        if !host.said[side].is_empty() {
            let said = std::mem::take(&mut host.said[side]);
            buffer.put_slice(&said);
            return Poll::Ready(Ok(()));
        }
        if host.over {
            return Poll::Ready(Ok(()));
        }
        host.readers[side] = Some(context.waker().clone());
        Poll::Pending
    }
}

struct Writer {
    host: Arc<Mutex<Host>>,
    gate: Arc<Mutex<Gate>>,
}

impl AsyncWrite for Writer {
    fn poll_write(self: Pin<&mut Self>, _context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        lock(&self.host).hear(text, &self.gate);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut host = lock(&self.host);
        host.over = true;
        host.readers.iter_mut().filter_map(Option::take).for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }
}
