//! The `heads` file: one line when a run starts, one when it ends; appended to in single writes, never rewritten.
//!
//! It tells a run that was interrupted from one whose end was cut off, and names runs whose file is gone. It keeps no
//! chain of its own, so that users of a shared directory never wait for each other; runs bear witness for it instead
//! ([`Witness`]).

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lines::last_whole_line;
use super::place::{Place, open_for_reading};
use super::record::{Body, Record, Witness};
use super::{Digest, JournalError, RunId, VERSION};

/// Where a run's chain stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The run.
    pub run: RunId,
    /// What was known of the run.
    pub state: HeadState,
    /// Number of records.
    pub records: u64,
    /// SHA-256 of the last of them.
    pub head: Digest,
}

/// What is known of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadState {
    /// It began.
    Started,
    /// It wrote its last record.
    Ended,
    /// A later run found it without an end and with no process behind it.
    Interrupted,
    /// `report prune` is about to remove it.
    Pruned,
    /// `report prune` could not remove it after all.
    Kept,
    /// Added by a later opsctl within this format version.
    #[serde(other)]
    Other,
}

/// One line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HeadLine {
    pub v: u32,
    pub time: Timestamp,
    /// Who wrote the line, and where.
    pub user: String,
    pub controller: String,
    #[serde(flatten)]
    pub head: Head,
}

/// A parsed line with its number, or why it is none.
pub(super) type Parsed = (usize, Result<HeadLine, serde_json::Error>);

/// Reads the whole file; a missing one is empty.
pub(super) fn read(place: &Place) -> Result<Vec<u8>, JournalError> {
    let path = place.heads();
    match open_for_reading(&path) {
        Ok(mut file) => {
            let mut content = Vec::new();
            io::Read::read_to_end(&mut file, &mut content).map_err(JournalError::io(&path, "read"))?;
            Ok(content)
        }
        Err(JournalError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Parses every line, with its number from 1.
///
/// # Errors
/// Fails on a line of a newer format version.
pub(super) fn parse(path: &Path, content: &[u8]) -> Result<Vec<Parsed>, JournalError> {
    let lines = content.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    lines.map(|(index, line)| Ok((index + 1, parse_line(path, index + 1, line)?))).collect()
}

fn parse_line(path: &Path, line: usize, bytes: &[u8]) -> Result<Result<HeadLine, serde_json::Error>, JournalError> {
    super::read::refuse_newer(path, line, bytes)?;
    Ok(serde_json::from_slice(bytes))
}

/// The last runs of the file with what its last lines say of each, oldest first.
fn last_runs(path: &Path, content: &[u8]) -> Result<Vec<HeadLine>, JournalError> {
    let mut runs: IndexMap<RunId, HeadLine> = IndexMap::new();
    for bytes in content.rsplit(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        // Line numbers count from the start; only the message of a newer version needs one.
        let number = || memchr::memchr_iter(b'\n', content).count();
        let Ok(line) = parse_line(path, 0, bytes).map_err(|error| with_line(error, number()))? else { continue };
        runs.entry(line.head.run).or_insert(line);
        if runs.len() == Witness::LAST {
            break;
        }
    }
    let mut runs: Vec<HeadLine> = runs.into_values().collect();
    runs.reverse();
    Ok(runs)
}

fn with_line(error: JournalError, line: usize) -> JournalError {
    match error {
        JournalError::NewerVersion { path, version, .. } => JournalError::NewerVersion { path, line, version },
        other => other,
    }
}

/// The file, open for appending.
#[derive(Debug)]
pub(super) struct HeadsFile {
    place: Place,
    file: File,
}

impl HeadsFile {
    /// Opens the file, and makes it when missing.
    pub fn open(place: &Place) -> Result<Self, JournalError> {
        let file = place.open_common(&place.heads())?;
        last_runs(&place.heads(), &read(place)?)?;
        Ok(Self { place: place.clone(), file })
    }

    /// What the file says now, for the first record of a new run.
    ///
    /// Runs of this controller that have no end and no process are recorded as interrupted first, so that their end
    /// cannot be cut off later.
    pub fn witness(&mut self, user: &str, controller: &str) -> Result<Witness, JournalError> {
        let content = read(&self.place)?;
        let mut last = last_runs(&self.place.heads(), &content)?;
        for line in &mut last {
            if line.head.state == HeadState::Started
                && line.controller == controller
                && let Some(head) = abandoned(&self.place, line.head.run)
                && self.still_open(line.head.run)?
            {
                line.head = head;
                self.append(user, controller, &line.head)?;
            }
        }
        let last = last.into_iter().map(|line| line.head).collect();
        Ok(Witness { bytes: content.len() as u64, sha256: Digest::of(&content), last })
    }

    /// Whether a run has no end in the file even now; a writer lets go of its run only after it has appended one.
    fn still_open(&self, run: RunId) -> Result<bool, JournalError> {
        let lines = last_runs(&self.place.heads(), &read(&self.place)?)?;
        Ok(lines.iter().any(|line| line.head.run == run && line.head.state == HeadState::Started))
    }

    /// Appends a line in one write.
    pub fn append(&mut self, user: &str, controller: &str, head: &Head) -> Result<(), JournalError> {
        let line = HeadLine {
            v: VERSION,
            time: Timestamp::now(),
            user: user.to_owned(),
            controller: controller.to_owned(),
            head: head.clone(),
        };
        self.write(&line).map_err(JournalError::io(&self.place.heads(), "append"))
    }

    /// Waits until what was appended is on disk.
    pub fn sync(&self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(JournalError::io(&self.place.heads(), "sync"))
    }

    fn write(&mut self, line: &HeadLine) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(384);
        let length = self.file.metadata()?.len();
        let mut last = [b'\n'];
        if length > 0 {
            self.file.read_exact_at(&mut last, length - 1)?;
        }
        // A full disk may have left half a line of another run; the next one must not be glued to it.
        if last != *b"\n" {
            bytes.push(b'\n');
        }
        serde_json::to_writer(&mut bytes, line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)
    }
}

/// The head of a run without an end behind which there is no process any more.
fn abandoned(place: &Place, run: RunId) -> Option<Head> {
    let file = open_for_reading(&place.run_file(run)).ok()?;
    file.try_lock_shared().ok()?;
    let line = last_whole_line(&file).ok()??;
    let record: Record = serde_json::from_slice(&line).ok()?;
    let state = if matches!(record.body, Body::RunEnd(_)) { HeadState::Ended } else { HeadState::Interrupted };
    Some(Head { run, state, records: record.seq, head: Digest::of(&line) })
}
