//! A file or tree of a host to a local directory.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use tokio::sync::{mpsc, oneshot};

use super::digest::{Algorithm, Digest, Hasher};
use super::exchange::{Exchange, failed, keep, reason};
use super::mode::symbolic_mode;
use super::source::MODE_BITS;
use super::staging::{Staging, host_name, mode_of};
use super::unpack::{OutsideLinks, UnpackError, Unpacked, unpack};
use super::{Transferred, script};
use crate::event::{Failure, FailureKind, Stream};
use crate::remote::command::Command;
use crate::remote::running::{End, EndCause, Limits, OutputSink, StopSignal};
use crate::remote::shell::Shell;
use crate::transport::BoxFuture;

/// Longest answer about a source, in bytes.
const ANSWER_LIMIT: usize = 1024;

/// Kept of what a host says while it sends, in bytes.
const TALK_LIMIT: usize = 16 * 1024;

/// Chunks that may wait between the network and the disk.
const CHUNKS: usize = 16;

/// Why something cannot be fetched from any host.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The path has no last part to name the local copy after.
    #[error("`{0}` does not name a file or directory of its own")]
    NoName(String),
    /// The local directory cannot be made.
    #[error("{}: cannot be made a directory", .path.display())]
    Directory {
        /// Which directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A path on hosts and the local directory that gets a copy from each.
#[derive(Debug)]
pub struct Download {
    source: OsString,
    name: OsString,
    directory: PathBuf,
    links: OutsideLinks,
}

impl Download {
    /// Plans to fetch `source`, and makes `directory` if it is missing.
    ///
    /// # Errors
    /// When `source` has no name of its own (`/`, `..`, `~`), or the directory cannot be made.
    pub fn new(source: &OsStr, directory: PathBuf, links: OutsideLinks) -> Result<Self, DownloadError> {
        let bytes = source.as_bytes();
        let mut parts = bytes.split(|byte| *byte == b'/').filter(|part| !part.is_empty());
        let last = parts.next_back().unwrap_or_default();
        let home = bytes.starts_with(b"~") && parts.next().is_none();
        if last.is_empty() || last == b"." || last == b".." || home {
            return Err(DownloadError::NoName(source.to_string_lossy().into_owned()));
        }
        fs::create_dir_all(&directory)
            .map_err(|source| DownloadError::Directory { path: directory.clone(), source })?;
        Ok(Self { source: source.to_owned(), name: OsStr::from_bytes(last).to_owned(), directory, links })
    }

    /// The local path of what `host` sends.
    #[must_use]
    pub fn target(&self, host: &str) -> PathBuf {
        self.directory.join(OsStr::from_bytes(&host_name(&self.name, host)))
    }

    /// The question that begins the transfer.
    #[must_use]
    pub fn first_command(&self) -> Command {
        script::command(include_str!("ask_source.sh"), vec![self.source.clone()])
    }

    /// Makes the local copy of what `host`, the one of `shell`, has; what was left out of it goes to `output`.
    pub async fn run(
        &self,
        host: &str,
        shell: &mut Shell,
        limits: Limits,
        output: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) -> Transferred {
        let exchange = Exchange::new(shell, limits, stop);
        let done = self.fetch(&self.target(host), exchange, output).await;
        done.map_or_else(|ended| ended, |changed| Transferred::Done { changed })
    }

    async fn fetch(
        &self,
        target: &Path,
        mut exchange: Exchange<'_>,
        output: &mut dyn OutputSink,
    ) -> Result<bool, Transferred> {
        let answer = exchange.ask(&self.first_command(), ANSWER_LIMIT).await?;
        let offer = Offer::read(&answer)?;
        if let Offer { algorithm, file: Some((sum, mode)) } = &offer {
            let (path, algorithm, sum, mode) = (target.to_owned(), *algorithm, sum.clone(), *mode);
            if blocking(move || is_same_file(&path, algorithm, &sum, mode)).await? {
                return Ok(false);
            }
        }
        let directory = self.directory.clone();
        let staging = blocking(move || Staging::create(&directory)).await?;
        let staging = staging.map_err(|error| failed(format!("{}: {error}", self.directory.display())))?;
        let kind = if offer.file.is_some() { "file" } else { "tree" };
        let command = script::command(include_str!("send.sh"), vec![self.source.clone(), kind.into()]);
        let received =
            receive(&mut exchange, &command, staging, Form { mode: offer.mode(), links: self.links }).await?;
        if received.digest.of(offer.algorithm) != received.sum {
            return Err(failed("checksum differs after the transfer; nothing was kept"));
        }
        if let Content::Tree(_, Unpacked { skipped, .. }) = &received.content {
            output.write(Stream::Stdout, skipped.as_bytes()).await;
        }
        let path = target.to_owned();
        let changed = blocking(move || received.commit(&path)).await?;
        changed.map_err(|error| failed(format!("{}: {error}", target.display())))
    }
}

/// What a host has at the source's path.
struct Offer {
    algorithm: Algorithm,
    /// Checksum and mode of a file; a tree has none.
    file: Option<(String, u32)>,
}

impl Offer {
    fn read(answer: &str) -> Result<Self, Transferred> {
        let words: Vec<&str> = answer.split_whitespace().collect();
        let offer = match words[..] {
            ["tree", algorithm] => Algorithm::from_name(algorithm).map(|algorithm| Self { algorithm, file: None }),
            ["file", algorithm, sum, mode] => Algorithm::from_name(algorithm)
                .zip(symbolic_mode(mode))
                .map(|(algorithm, mode)| Self { algorithm, file: Some((sum.to_owned(), mode & MODE_BITS)) }),
            _ => None,
        };
        offer.ok_or_else(|| failed("the host's answer about the source makes no sense"))
    }

    fn mode(&self) -> Option<u32> {
        self.file.as_ref().map(|(_, mode)| *mode)
    }
}

/// What has arrived, still in its staging directory.
struct Received {
    staging: Staging,
    content: Content,
    digest: Digest,
    /// What the host says the digest is.
    sum: String,
}

enum Content {
    File(fs::File, u32),
    Tree(OwnedFd, Unpacked),
}

impl Received {
    fn commit(self, target: &Path) -> io::Result<bool> {
        match self.content {
            Content::File(file, mode) => self.staging.commit_file(&file, mode, target).map(|()| true),
            Content::Tree(tree, unpacked) => self.staging.commit_tree(tree.as_fd(), unpacked.mode, target),
        }
    }
}

/// What a host is to send, and how it is taken in.
#[derive(Clone, Copy)]
struct Form {
    /// The mode of a file; none for an archive.
    mode: Option<u32>,
    links: OutsideLinks,
}

/// Runs `command` and takes in what it sends.
async fn receive(
    exchange: &mut Exchange<'_>,
    command: &Command,
    staging: Staging,
    form: Form,
) -> Result<Received, Transferred> {
    let (chunks, incoming) = mpsc::channel(CHUNKS);
    let (alarm, alarmed) = oneshot::channel::<()>();
    let writing = tokio::task::spawn_blocking(move || {
        let written =
            write(&staging, Chunks { incoming, chunk: Vec::new(), taken: 0, hasher: Hasher::default() }, form);
        if written.is_err() {
            // Nobody listens any more when the command has ended.
            let _ = alarm.send(());
        }
        (staging, written)
    });
    let mut sink = Taker { chunks, talk: Vec::new(), torn: false };
    let (end, by_alarm) = run_until_alarm(exchange, command, &mut sink, alarmed).await;
    let Taker { chunks, talk, torn } = sink;
    drop(chunks);
    let (staging, written) = writing.await.map_err(|error| failed(error.to_string()))?;
    let word = LastWord::read(&talk);
    match written {
        Err(failure) if by_alarm => Err(Transferred::Failed(failure)),
        _ if end.cause != EndCause::Exit => Err(Transferred::Ended(end)),
        _ if end.rc != Some(0) || word.rc.is_some() => Err(failed(reason(word.talk.as_bytes(), word.rc.or(end.rc)))),
        Err(failure) => Err(Transferred::Failed(failure)),
        Ok((content, digest)) => match word.sum {
            Some(sum) if !torn => Ok(Received { staging, content, digest, sum }),
            _ => Err(failed("the transfer did not complete")),
        },
    }
}

/// Runs `command`; ends it on the host when the alarm is raised, and tells whether it was.
async fn run_until_alarm(
    exchange: &mut Exchange<'_>,
    command: &Command,
    sink: &mut Taker,
    mut alarmed: oneshot::Receiver<()>,
) -> (End, bool) {
    let limits = exchange.limits();
    let (switch, mut own) = StopSignal::channel();
    let mut by_alarm = false;
    let running = exchange.shell.run(command, limits, sink, &mut own);
    tokio::pin!(running);
    loop {
        tokio::select! {
            end = &mut running => return (end, by_alarm),
            () = exchange.stop.raised(), if !*switch.borrow() => {
                switch.send_replace(true);
            }
            raised = &mut alarmed, if !alarmed.is_terminated() => {
                by_alarm = raised.is_ok() && !switch.send_replace(true);
            }
        }
    }
}

/// Writes what comes into the staging directory, to the stream's end.
fn write(staging: &Staging, mut chunks: Chunks, form: Form) -> Result<(Content, Digest), Failure> {
    let failure = |message: String| Failure { kind: FailureKind::Transfer, message, hint: None };
    let cannot_write = |error: io::Error| failure(format!("what was sent cannot be written: {error}"));
    let content = if let Some(mode) = form.mode {
        let mut file = staging.file().map_err(cannot_write)?;
        io::copy(&mut chunks, &mut file).map_err(cannot_write)?;
        Content::File(file, mode)
    } else {
        let tree = staging.tree().map_err(cannot_write)?;
        let unpacked = unpack(tree.as_fd(), &mut chunks, form.links).map_err(|error| {
            let hint = matches!(error, UnpackError::OutsideLink { .. }).then(|| SKIP_HINT.to_owned());
            Failure { hint, ..failure(error.to_string()) }
        })?;
        Content::Tree(tree, unpacked)
    };
    Ok((content, chunks.hasher.finish()))
}

/// What to do about a symlink that leads out of its tree.
const SKIP_HINT: &str = "--skip-links leaves such symlinks out";

/// The host's output as a reader for another thread; computes its checksum on the way.
struct Chunks {
    incoming: mpsc::Receiver<Vec<u8>>,
    chunk: Vec<u8>,
    taken: usize,
    hasher: Hasher,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.chunk.len() {
            let Some(chunk) = self.incoming.blocking_recv() else { return Ok(0) };
            self.hasher.update(&chunk);
            (self.chunk, self.taken) = (chunk, 0);
        }
        let length = buffer.len().min(self.chunk.len() - self.taken);
        buffer[..length].copy_from_slice(&self.chunk[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

/// Passes standard output on to [`Chunks`] and keeps some of standard error.
struct Taker {
    chunks: mpsc::Sender<Vec<u8>>,
    talk: Vec<u8>,
    /// Whether a piece was lost: then nothing of it is of use.
    torn: bool,
}

impl OutputSink for Taker {
    fn write<'a>(&'a mut self, stream: Stream, bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if stream == Stream::Stderr {
                return self.hear(bytes);
            }
            let torn = std::mem::replace(&mut self.torn, true);
            // This future may be dropped while it waits: then the piece is lost.
            let sent = self.chunks.send(bytes.to_vec()).await;
            self.torn = torn || sent.is_err();
        })
    }

    fn write_now(&mut self, stream: Stream, bytes: &[u8]) {
        match stream {
            Stream::Stdout => self.torn = true,
            Stream::Stderr => self.hear(bytes),
        }
    }
}

impl Taker {
    /// Keeps the beginning, which tells what went wrong, and the end, which has the checksum.
    fn hear(&mut self, bytes: &[u8]) {
        let excess = (self.talk.len() + bytes.len()).saturating_sub(TALK_LIMIT);
        let half = TALK_LIMIT / 2;
        let cut = excess.min(self.talk.len().saturating_sub(half));
        self.talk.drain(half.min(self.talk.len())..(half + cut).min(self.talk.len()));
        keep(&mut self.talk, bytes, 2 * TALK_LIMIT);
    }
}

/// What the host said while it sent, and at the end.
struct LastWord {
    /// Exit code of the sender, when it failed.
    rc: Option<i32>,
    sum: Option<String>,
    talk: String,
}

impl LastWord {
    fn read(talk: &[u8]) -> Self {
        let text = String::from_utf8_lossy(talk);
        let (mut word, mut others) = (Self { rc: None, sum: None, talk: String::new() }, Vec::new());
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("opsctl-failed", rc)) => word.rc = rc.trim().parse().ok().or(Some(1)),
                Some(("opsctl-sum", sum)) => word.sum = Some(sum.trim().to_owned()),
                _ => others.push(line),
            }
        }
        // GNU tar ends with 1 when a file grew while it was read; what it sent is whole all the same.
        if word.rc == Some(1) && !others.is_empty() && others.iter().all(|line| line.ends_with(TAR_SAW_CHANGE)) {
            word.rc = None;
        }
        word.talk = others.join("\n");
        word
    }
}

/// How GNU tar's remark about a file that is being written to ends.
const TAR_SAW_CHANGE: &str = ": file changed as we read it";

/// Whether the file at `path` has this checksum and mode already.
fn is_same_file(path: &Path, algorithm: Algorithm, sum: &str, mode: u32) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else { return false };
    metadata.is_file()
        && mode_of(&metadata) == mode
        && fs::File::open(path)
            .and_then(|mut file| Digest::read(&mut file))
            .is_ok_and(|(digest, _)| digest.of(algorithm) == sum)
}

/// Runs file system work away from the runtime's thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Transferred> {
    tokio::task::spawn_blocking(work).await.map_err(|error| failed(error.to_string()))
}
