//! Writes a run's journal: one record a line, each chained to the one before.
//!
//! Never truncates, renames or rewrites. Every record is one write; the intent, a stop and the end are synced.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::heads::{Head, HeadState, HeadsFile};
use super::place::Place;
use super::record::{Body, Bytes, HostEnd, RecordRef, RunStart, StoredStream};
use super::redact::{redact_argv, redact_bytes, redact_cut, redact_text};
use super::{Digest, JournalError, VERSION};
use crate::event::{
    Captured, DeployEvent, Event, EventKind, Failure, HostReport, RunHeader, Subscriber, SubscriberError,
};

/// Where and how a journal is written.
#[derive(Clone, Debug)]
pub struct JournalOptions {
    /// The journal directory; made when missing.
    pub dir: PathBuf,
    /// How many bytes of each output stream of each host are kept; 0 keeps none.
    pub output_limit: usize,
    /// Known secrets (become passwords, values of `--env NAME`), replaced by `***` in everything that is written.
    pub secrets: Vec<String>,
}

impl JournalOptions {
    /// How many bytes of a stream are kept unless told otherwise: 64 KiB.
    pub const OUTPUT_LIMIT: usize = 64 << 10;

    /// Options with the usual limit and no secrets.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), output_limit: Self::OUTPUT_LIMIT, secrets: Vec::new() }
    }
}

/// The subscriber that keeps the record of one run.
#[derive(Debug)]
pub struct JournalWriter {
    options: JournalOptions,
    place: Place,
    heads: HeadsFile,
    run: Option<RunFile>,
    /// Whether an intent was recorded that is not yet synced.
    owes_sync: bool,
}

/// The file of the run that is being recorded.
#[derive(Debug)]
struct RunFile {
    path: PathBuf,
    file: File,
    identity: Identity,
    locked: bool,
    records: u64,
    head: Digest,
    buffer: Vec<u8>,
}

/// What lines in `heads` say of their writer.
#[derive(Debug)]
struct Identity {
    run: super::RunId,
    user: String,
    controller: String,
}

impl JournalWriter {
    /// Prepares the directory; touches no run yet.
    ///
    /// # Errors
    /// Fails when the directory cannot be made or written, or a newer opsctl has written to it.
    pub fn create(options: &JournalOptions) -> Result<Self, JournalError> {
        let place = Place::create(&options.dir, "runs")?;
        place.check_writable()?;
        let heads = HeadsFile::open(&place)?;
        Ok(Self { options: options.clone(), place, heads, run: None, owes_sync: false })
    }

    /// The journal directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.options.dir
    }

    fn record(&mut self, event: &Event) -> Result<(), JournalError> {
        let time = event.time;
        match &event.kind {
            EventKind::RunStarted(header) => self.start(time, header),
            EventKind::HostStarted { host } => self.append(time, &Body::HostStart { host: host.clone() }),
            EventKind::Deploy(event) => {
                self.owes_sync |= matches!(event.as_ref(), DeployEvent::TaskIntent { .. });
                self.append(time, &super::deploy::body(event, &self.options.secrets))
            }
            EventKind::HostEnded(report) => self.append(time, &Body::HostEnd(Box::new(self.host_end(report)))),
            EventKind::Warning(message) => {
                let message = redact_text(message, &self.options.secrets).into_owned();
                self.append(time, &Body::Warning { message })
            }
            EventKind::Stopping(cause) => {
                self.append(time, &Body::Stopping { cause: *cause })?;
                self.run.as_ref().map_or(Ok(()), RunFile::sync)
            }
            EventKind::RunEnded(summary) => self.end(time, &Body::RunEnd(summary.as_ref().into())),
            EventKind::Output { .. } => Ok(()),
        }
    }

    fn start(&mut self, time: Timestamp, header: &RunHeader) -> Result<(), JournalError> {
        let header = self.clean(header);
        let invoker = &header.invoker;
        let heads = self.heads.witness(&invoker.user, &invoker.controller)?;
        let identity = Identity { run: header.run, user: invoker.user.clone(), controller: invoker.controller.clone() };
        let file = self.place.create_run_file(header.run)?;
        let path = self.place.run_file(header.run);
        let mut run =
            RunFile { path, file, identity, locked: false, records: 0, head: Digest::ZERO, buffer: Vec::new() };
        run.append(time, &Body::RunStart(Box::new(RunStart { header, heads })))?;
        run.sync()?;
        self.heads.append(&run.identity.user, &run.identity.controller, &run.head(HeadState::Started))?;
        self.heads.sync()?;
        self.run = Some(run);
        Ok(())
    }

    fn append(&mut self, time: Timestamp, body: &Body) -> Result<(), JournalError> {
        // Without a start there is no run to record: a usage error ended it before.
        self.run.as_mut().map_or(Ok(()), |run| run.append(time, body))
    }

    fn end(&mut self, time: Timestamp, body: &Body) -> Result<(), JournalError> {
        let Some(mut run) = self.run.take() else { return Ok(()) };
        run.append(time, body)?;
        run.sync()?;
        self.heads.append(&run.identity.user, &run.identity.controller, &run.head(HeadState::Ended))?;
        self.heads.sync()
    }

    /// The header once more without secrets: whoever built it may have missed one.
    fn clean(&self, header: &RunHeader) -> RunHeader {
        let text = |text: &str| redact_text(text, &self.options.secrets).into_owned();
        let mut header = header.clone();
        header.argv = redact_argv(&header.argv).iter().map(|word| text(word)).collect();
        header.command = text(&header.command);
        header.name = header.name.as_deref().map(text);
        // A path that is not UTF-8 has no JSON form.
        header.invoker.directory = header.invoker.directory.to_string_lossy().into_owned().into();
        header
    }

    fn host_end(&self, report: &HostReport) -> HostEnd {
        let failure = report.failure.as_ref().map(|failure| Failure {
            kind: failure.kind,
            message: redact_text(&failure.message, &self.options.secrets).into_owned(),
            hint: failure.hint.clone(),
        });
        HostEnd {
            host: report.host.clone(),
            outcome: report.outcome,
            rc: report.rc,
            signal: report.signal.clone(),
            fate: report.fate,
            failure,
            started: report.started,
            duration: report.duration.as_secs_f64(),
            attempts: report.attempts,
            recap: report.recap,
            stdout: self.store(&report.stdout),
            stderr: self.store(&report.stderr),
        }
    }

    fn store(&self, captured: &Captured) -> StoredStream {
        let limit = self.options.output_limit;
        let bytes = captured.total();
        if limit == 0 || bytes == 0 {
            return StoredStream { bytes, dropped: bytes, ..StoredStream::default() };
        }
        let secrets = &self.options.secrets;
        let mut head = redact_bytes(&captured.head, secrets).into_owned();
        let mut tail = redact_bytes(&captured.tail, secrets).into_owned();
        if captured.dropped > 0 {
            redact_cut(&mut head, &mut tail, secrets);
        }
        let cut = shorten(&mut head, &mut tail, limit, captured.dropped);
        StoredStream { bytes, dropped: captured.dropped + cut, head: Bytes(head), tail: Bytes(tail) }
    }
}

/// Shortens both ends together to `limit` bytes, half of them for the end; returns how many bytes went.
///
/// Output of which nothing was `dropped` yet stands whole in `head`.
fn shorten(head: &mut Vec<u8>, tail: &mut Vec<u8>, limit: usize, dropped: u64) -> u64 {
    let before = head.len() + tail.len();
    if before <= limit {
        return 0;
    }
    let end = limit / 2;
    if dropped == 0 {
        *tail = head.split_off(head.len() - end);
    }
    let keep = tail.len().min(end);
    tail.drain(..tail.len() - keep);
    head.truncate(limit - keep);
    align(head, tail);
    (before - head.len() - tail.len()) as u64
}

/// Cuts at characters where the text is UTF-8, so that it is stored as text.
fn align(head: &mut Vec<u8>, tail: &mut Vec<u8>) {
    let broken = |error: std::str::Utf8Error| error.error_len().is_none().then_some(error.valid_up_to());
    if let Some(valid) = std::str::from_utf8(head).err().and_then(broken) {
        head.truncate(valid);
    }
    let continuation = tail.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    if std::str::from_utf8(&tail[continuation..]).is_ok() {
        tail.drain(..continuation);
    }
}

impl RunFile {
    fn append(&mut self, time: Timestamp, body: &Body) -> Result<(), JournalError> {
        self.write(time, body).map_err(JournalError::io(&self.path, "append"))
    }

    fn write(&mut self, time: Timestamp, body: &Body) -> io::Result<()> {
        if !self.locked {
            // The sign of life for readers. One that looks at this very moment may hold it; then the next record asks.
            self.locked = self.file.try_lock().is_ok();
        }
        self.buffer.clear();
        let record = RecordRef { v: VERSION, seq: self.records + 1, prev: self.head, time, body };
        serde_json::to_writer(&mut self.buffer, &record)?;
        let head = Digest::of(&self.buffer);
        self.buffer.push(b'\n');
        self.file.write_all(&self.buffer)?;
        self.head = head;
        self.records += 1;
        Ok(())
    }

    fn sync(&self) -> Result<(), JournalError> {
        self.file.sync_all().map_err(JournalError::io(&self.path, "sync"))
    }

    fn head(&self, state: HeadState) -> Head {
        Head { run: self.identity.run, state, records: self.records, head: self.head }
    }
}

impl Subscriber for JournalWriter {
    fn on_event(&mut self, event: &Event) -> Result<(), SubscriberError> {
        self.record(event).map_err(|error| SubscriberError::Journal(format!("journal: {error}")))
    }

    fn settle(&mut self) -> Result<(), SubscriberError> {
        if !std::mem::take(&mut self.owes_sync) {
            return Ok(());
        }
        let synced = self.run.as_ref().map_or(Ok(()), RunFile::sync);
        synced.map_err(|error| SubscriberError::Journal(format!("journal: {error}")))
    }
}
