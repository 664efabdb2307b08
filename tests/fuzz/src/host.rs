//! A host that does what a script says: speaks, falls silent, ends streams, and knows the nonce.
//!
//! A script is text in which some control characters are acts; [`Act`] has them all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opsctl::event::FailureKind;
use opsctl::transport::{
    BoxFuture, Channel, ConnectError, ConnectOptions, Connection, Opening, Session, Target, Transport,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// Bytes that wait in each direction of a stream.
const WINDOW: usize = 16 * 1024;

/// How often [`Act::Flood`] sends the bytes before it, at least, and how many bytes it sends, about.
const FLOOD: usize = 4 << 20;

/// What a control character in a script does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// What follows is for standard output (0) or standard error (1).
    Select(usize),
    /// Sends what has gathered, as a read of its own.
    Send,
    /// Stands for the nonce and its space.
    Nonce,
    /// Ends the stream.
    Close,
    /// A second passes.
    Wait,
    /// The run is stopped.
    Stop,
    /// Sends what has gathered again and again.
    Flood,
    /// No more input is taken.
    Deafen,
    /// Stands for the prompt for a password.
    Prompt,
    /// Stands for the word that a raised shell begins with.
    Up,
    /// The streams stay open and silent.
    Hang,
}

/// Begins the script of a further channel.
const NEXT_CHANNEL: u8 = 0x0c;

impl Act {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0x01 => Self::Select(0),
            0x02 => Self::Select(1),
            0x03 => Self::Send,
            0x04 => Self::Nonce,
            0x05 => Self::Close,
            0x06 => Self::Wait,
            0x07 => Self::Stop,
            0x08 => Self::Flood,
            0x0b => Self::Deafen,
            0x0e => Self::Prompt,
            0x0f => Self::Up,
            0x10 => Self::Hang,
            _ => return None,
        })
    }
}

/// What became of a script.
#[derive(Debug, Default)]
pub struct Record {
    /// What went into each stream of the first channel.
    pub sent: [Vec<u8>; 2],
    /// How many bytes went into the streams of all channels.
    pub total: usize,
    /// Whether a flood was sent, of which `sent` has only a part.
    pub flooded: bool,
    /// How many further channels were asked for.
    pub channels: usize,
    /// The nonce, once it is known.
    pub nonce: String,
}

/// A host, and the way to it.
pub struct Host {
    scripts: Vec<Vec<u8>>,
    record: Arc<Mutex<Record>>,
    stop: Arc<watch::Sender<bool>>,
}

impl Host {
    /// A host with a script; `stop` is what [`Act::Stop`] raises.
    pub fn new(script: &[u8], stop: Arc<watch::Sender<bool>>) -> Self {
        let scripts = script.split(|byte| *byte == NEXT_CHANNEL).map(<[u8]>::to_vec).collect();
        Self { scripts, record: Arc::default(), stop }
    }

    /// What has become of the script so far.
    pub fn record(&self) -> Arc<Mutex<Record>> {
        Arc::clone(&self.record)
    }

    fn open(scripts: &mut impl Iterator<Item = Vec<u8>>, line: &str, host: &Self, first: bool) -> Option<Channel> {
        let script = scripts.next()?;
        let ((stdin, input), (stdout, output), (stderr, error)) = (duplex(WINDOW), duplex(WINDOW), duplex(WINDOW));
        let (nonce, nonce_known) = watch::channel(None);
        let (deafen, deaf) = watch::channel(false);
        tokio::spawn(listen(input, nonce, deaf));
        let player = Player {
            record: host.record(),
            first,
            streams: [Some(output), Some(error)],
            selected: 0,
            gathered: Vec::new(),
            nonce: nonce_known,
            deafen,
            stop: Arc::clone(&host.stop),
            prompt: word_in(line, "opsctl-password-"),
            up: word_in(line, "opsctl-up-"),
        };
        tokio::spawn(player.play(script));
        Some(Channel { stdin: Box::new(stdin), stdout: Box::new(stdout), stderr: Box::new(stderr) })
    }

    fn share(&self) -> Self {
        Self { scripts: Vec::new(), record: self.record(), stop: Arc::clone(&self.stop) }
    }
}

/// The word of `line` that begins with `start` and goes on with letters and digits.
fn word_in(line: &str, start: &str) -> Vec<u8> {
    let Some(at) = line.find(start) else { return Vec::new() };
    let rest = line[at + start.len()..].bytes().take_while(u8::is_ascii_alphanumeric);
    start.bytes().chain(rest).collect()
}

/// Takes a channel's input, looks for the nonce in it, and goes on until told otherwise.
async fn listen(mut input: DuplexStream, nonce: watch::Sender<Option<String>>, mut deaf: watch::Receiver<bool>) {
    let mut heard = Vec::new();
    let mut buffer = vec![0; 4096];
    loop {
        let deafened = async {
            if deaf.wait_for(|deaf| *deaf).await.is_err() {
                std::future::pending().await
            }
        };
        let read = tokio::select! {
            biased;
            () = deafened => std::future::pending().await,
            read = input.read(&mut buffer) => read,
        };
        let Ok(length @ 1..) = read else { return };
        if nonce.borrow().is_none() {
            heard.extend(&buffer[..length]);
            let text = String::from_utf8_lossy(&heard);
            let found = text.split_once("N='").and_then(|(_, rest)| rest.split_once('\''));
            if let Some((found, _)) = found {
                nonce.send_replace(Some(found.to_owned()));
                heard = Vec::new();
            }
        }
    }
}

/// Performs one script on one channel.
struct Player {
    record: Arc<Mutex<Record>>,
    first: bool,
    streams: [Option<DuplexStream>; 2],
    selected: usize,
    gathered: Vec<u8>,
    nonce: watch::Receiver<Option<String>>,
    deafen: watch::Sender<bool>,
    stop: Arc<watch::Sender<bool>>,
    prompt: Vec<u8>,
    up: Vec<u8>,
}

impl Player {
    async fn play(mut self, script: Vec<u8>) {
        for byte in script {
            match Act::of(byte) {
                Some(act) => self.perform(act).await,
                None => self.gathered.push(byte),
            }
        }
        self.send(1).await;
    }

    async fn perform(&mut self, act: Act) {
        if !matches!(act, Act::Nonce | Act::Prompt | Act::Up | Act::Flood) {
            self.send(1).await;
        }
        match act {
            Act::Select(stream) => self.selected = stream,
            Act::Send => {}
            Act::Nonce => {
                let known = timeout(Duration::from_secs(1), self.nonce.wait_for(Option::is_some)).await;
                let nonce = known.ok().and_then(Result::ok).and_then(|nonce| nonce.clone()).unwrap_or_default();
                self.gathered.extend(nonce.bytes().chain([b' ']));
                lock(&self.record).nonce = nonce;
            }
            Act::Close => self.streams[self.selected] = None,
            Act::Wait => sleep(Duration::from_secs(1)).await,
            Act::Stop => drop(self.stop.send_replace(true)),
            // One is enough.
            Act::Flood if lock(&self.record).flooded => {}
            Act::Flood => self.send(FLOOD / self.gathered.len().max(1)).await,
            Act::Deafen => drop(self.deafen.send_replace(true)),
            Act::Prompt => self.gathered.extend(&self.prompt),
            Act::Up => self.gathered.extend(&self.up),
            Act::Hang => std::future::pending().await,
        }
    }

    async fn send(&mut self, times: usize) {
        let bytes = std::mem::take(&mut self.gathered);
        let Some(stream) = &mut self.streams[self.selected] else { return };
        if bytes.is_empty() {
            return;
        }
        {
            let mut record = lock(&self.record);
            record.total += bytes.len() * times;
            record.flooded |= times > 1;
            if self.first {
                record.sent[self.selected].extend(&bytes);
            }
        }
        for _ in 0..times {
            if stream.write_all(&bytes).await.is_err() {
                self.streams[self.selected] = None;
                return;
            }
        }
        // Whoever reads does so now, and gets these bytes as they are.
        tokio::task::yield_now().await;
    }
}

impl Transport for Host {
    fn connect<'a>(
        &'a self,
        _target: &'a Target,
        _options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            let mut scripts = self.scripts.clone().into_iter();
            let channel = Self::open(&mut scripts, opening.line, self, true).expect("there is a first script");
            let session = Scripted { host: self.share(), scripts, began: Instant::now() };
            Ok((Box::new(session) as Box<dyn Session>, channel))
        })
    }
}

struct Scripted {
    host: Host,
    scripts: std::vec::IntoIter<Vec<u8>>,
    began: Instant,
}

fn lost(said: &str) -> ConnectError {
    ConnectError::new(FailureKind::ShellMissing, format!("the channel ended: {said}"))
}

impl Session for Scripted {
    fn open_channel<'a>(&'a mut self, line: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>> {
        lock(&self.host.record).channels += 1;
        let channel = Host::open(&mut self.scripts, line, &self.host, false);
        Box::pin(async move { channel.ok_or_else(|| lost("no further channel")) })
    }

    fn began(&self) -> Instant {
        self.began
    }

    fn refusal<'a>(&'a mut self, said: &'a str) -> BoxFuture<'a, ConnectError> {
        Box::pin(async move { lost(said) })
    }

    fn verdict(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async { lost("") })
    }

    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError> {
        Box::pin(async { lost("in time") })
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

/// Locks a record.
pub fn lock(record: &Mutex<Record>) -> std::sync::MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}
