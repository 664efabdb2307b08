//! The shell protocol against a host that does what a script says: the first byte says what is asked of the host, the
//! rest is its script (see `host`).
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use opsctl::event::{Fate, Stream};
use opsctl::inventory::PrivilegeMethod;
use opsctl::remote::{Command, End, Limits, OutputSink, Privilege, Program, Script, Shell, ShellOptions, StopSignal};
use opsctl::secret::Secret;
use opsctl::transport::{BoxFuture, ConnectOptions, HostKeyPolicy, Target};
use opsctl_fuzz::host::{Host, Record, lock};
use opsctl_fuzz::markers::{Part, parts};
use opsctl_fuzz::within_memory;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

/// The most memory for one host, whatever it sends; the host itself included.
const MEMORY: usize = 1 << 20;

/// When the run is stopped.
const STOP: Duration = Duration::from_secs(60);

/// When everything must have ended: after the stop, each command may wait for the host's word.
const END: Duration = Duration::from_secs(180);

/// Bits of the first byte.
mod ask {
    pub const LIMIT: u8 = 1;
    pub const PASSWORD: u8 = 2;
    pub const SU: u8 = 4;
    pub const UPLOAD: u8 = 8;
    pub const FIRST: u8 = 16;
    pub const TWICE: u8 = 32;
}

fuzz_target!(|input: &[u8]| {
    let Some((asked, script)) = input.split_first() else { return };
    within_memory(MEMORY, || {
        let runtime = runtime();
        // Its timer needs the runtime around it.
        let ended = runtime.block_on(async { timeout(END, run(*asked, script)).await });
        assert!(ended.is_ok(), "it goes on for ever");
    });
});

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    // With this, `select!` takes the same turns each time.
    #[cfg(tokio_unstable)]
    builder.rng_seed(tokio::runtime::RngSeed::from_bytes(b"opsctl"));
    builder.enable_time().start_paused(true).build().expect("a runtime needs nothing")
}

async fn run(asked: u8, script: &[u8]) {
    let is_asked = |what| asked & what != 0;
    let (switch, mut stop) = StopSignal::channel();
    let switch = Arc::new(switch);
    let host = Host::new(script, Arc::clone(&switch));
    let record = host.record();
    let at_last = Arc::clone(&switch);
    tokio::spawn(async move {
        sleep(STOP).await;
        at_last.send_replace(true);
    });

    let command = command(is_asked(ask::UPLOAD).then_some(100_000));
    let limits = Limits { timeout: is_asked(ask::LIMIT).then_some(Duration::from_secs(3)) };
    let privilege = privilege(if is_asked(ask::SU) { PrivilegeMethod::Su } else { PrivilegeMethod::Sudo });
    let options = ShellOptions {
        transport: &host,
        target: &Target::default(),
        connect: &ConnectOptions { timeout: Duration::from_secs(10), host_keys: HostKeyPolicy::Strict },
        privilege: is_asked(ask::PASSWORD).then_some(&privilege),
        first: is_asked(ask::FIRST).then_some(&command),
        limits,
    };
    let Ok(mut shell) = Shell::open(options, &mut stop).await else { return };
    let mut sink = Sink::default();
    let end = shell.run(&command, limits, &mut sink, &mut stop).await;
    assert!(sink.total <= lock(&record).total, "more came than was sent");
    if !is_asked(ask::PASSWORD | ask::UPLOAD) {
        check(&end, &sink, &lock(&record));
    }
    if is_asked(ask::TWICE) {
        // More than waits in the window of a host that takes nothing.
        shell.run(&self::command(Some(20_000)), limits, &mut Sink::default(), &mut stop).await;
    }
    shell.close().await;
}

fn command(script: Option<usize>) -> Command {
    Command::new(match script {
        Some(length) => Program::Script(Script::new(vec![b'\n'; length], Vec::new())),
        None => Program::Line { shell: "/bin/sh".into(), line: "uptime".into() },
    })
}

fn privilege(method: PrivilegeMethod) -> Privilege {
    let password = Some(Secret::new("secret".into()));
    Privilege { method, user: "root".into(), password, executable: None, flags: None }
}

/// Whether what came is what stood between the marks: to its end, if the end has come.
fn check(end: &End, sink: &Sink, record: &Record) {
    // The command of a host without setsid speaks on a further channel, of which nothing is written down.
    if record.flooded || record.channels > 0 {
        return;
    }
    let is_told = end.lost.is_none() && matches!(end.fate, Some(Fate::Ended | Fate::Killed | Fate::Survived));
    for (side, stream) in [Stream::Stdout, Stream::Stderr].into_iter().enumerate() {
        let expected = output(stream, &record.sent[side], &record.nonce);
        let came = &sink.streams[side];
        assert!(expected.starts_with(came), "{came:?} came for {expected:?}");
        assert!(!is_told || came.len() == expected.len(), "{came:?} came for {expected:?}");
    }
}

/// What the first command says on `stream`.
fn output(stream: Stream, sent: &[u8], nonce: &str) -> Vec<u8> {
    let mut output = Vec::new();
    let mut is_ready = stream == Stream::Stderr;
    let mut is_begun = false;
    for part in if nonce.is_empty() { Vec::new() } else { parts(nonce.as_bytes(), sent) } {
        match part {
            Part::Bytes(range) if is_begun => output.extend(&sent[range]),
            Part::Bytes(_) => {}
            Part::Mark(words, _) => match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["ready", ..] => is_ready = true,
                ["begin", "1"] if is_ready => is_begun = true,
                ["end", "1", _, _, _] if is_ready => return output,
                _ => {}
            },
        }
    }
    output
}

/// Keeps what comes, but not without end.
#[derive(Default)]
struct Sink {
    streams: [Vec<u8>; 2],
    total: usize,
}

impl OutputSink for Sink {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.write_now(stream, bytes) })
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        self.total += bytes.len();
        let kept = &mut self.streams[stream as usize];
        let room = (64 * 1024usize).saturating_sub(kept.len());
        kept.extend(&bytes[..room.min(bytes.len())]);
    }
}
