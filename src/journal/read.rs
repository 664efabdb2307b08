//! Reads a run's journal; a damaged or half-written one says what it still can.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::lines::{Ending, Lines};
use super::place::open_for_reading;
use super::record::{Body, HostEnd, Record, RunEnd};
use super::{JournalError, VERSION};
use crate::event::{Outcome, RunHeader, StopCause};

/// A run as its journal tells it, without the hosts' output.
#[derive(Clone, Debug, Default)]
pub struct RunRecord {
    /// The file.
    pub path: PathBuf,
    /// The intent; none when not even the first record is whole.
    pub header: Option<RunHeader>,
    /// When the run began.
    pub started: Option<Timestamp>,
    /// Hosts with which the run began, in order.
    pub begun: Vec<Arc<str>>,
    /// Hosts that ended, in order, output left out.
    pub ended: Vec<HostEnd>,
    /// Warnings, in order.
    pub warnings: Vec<String>,
    /// Why it began to stop early.
    pub stopping: Option<StopCause>,
    /// Its end; none when it was interrupted or still runs.
    pub end: Option<RunEnd>,
    /// Time of the last record.
    pub last: Option<Timestamp>,
    /// Number of whole records that were understood.
    pub records: usize,
    /// Lines that are no records, and why; a half-written last line is not among them.
    pub damaged: Vec<(usize, String)>,
}

impl RunRecord {
    /// Number of hosts for each outcome; of a run without an end, those known so far.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Outcome, usize> {
        self.end.as_ref().map_or_else(
            || {
                self.ended.iter().fold(BTreeMap::new(), |mut counts, host| {
                    *counts.entry(host.outcome).or_default() += 1;
                    counts
                })
            },
            |end| end.counts.clone(),
        )
    }

    fn take(&mut self, record: Record) {
        self.records += 1;
        self.last = Some(record.time);
        match record.body {
            Body::RunStart(start) => {
                self.header = Some(start.header);
                self.started = Some(record.time);
            }
            Body::HostStart { host } => self.begun.push(host),
            Body::HostEnd(mut host) => {
                for stream in [&mut host.stdout, &mut host.stderr] {
                    stream.head.0 = Vec::new();
                    stream.tail.0 = Vec::new();
                }
                self.ended.push(*host);
            }
            Body::Warning { message } => self.warnings.push(message),
            Body::Stopping { cause } => self.stopping = Some(cause),
            Body::RunEnd(end) => self.end = Some(end),
            Body::PlayStart(_)
            | Body::TaskStart(_)
            | Body::TaskIntent { .. }
            | Body::ItemEnd(_)
            | Body::TaskEnd(_)
            | Body::HandlersOwed { .. }
            | Body::Other => {}
        }
    }
}

/// Reads the whole journal of one run.
///
/// # Errors
/// Fails when the file cannot be read or is of a newer format version; damage is no error but part of the answer.
pub fn read_run(path: &Path) -> Result<RunRecord, JournalError> {
    let mut run = RunRecord { path: path.to_owned(), ..RunRecord::default() };
    for_each_line(path, |number, line| {
        match line {
            Ok(record) => run.take(record),
            Err(reason) => run.damaged.push((number, reason)),
        }
        Ok(())
    })?;
    Ok(run)
}

/// Calls `take` with each record that is whole, in order, output included; damaged ones are passed over.
///
/// # Errors
/// Fails when the file cannot be read, is of a newer format version, or `take` fails.
pub fn for_each_record<E: From<JournalError>>(
    path: &Path,
    mut take: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    for_each_line(path, |_, line| line.map_or(Ok(()), &mut take))
}

fn for_each_line<E: From<JournalError>>(
    path: &Path,
    mut take: impl FnMut(usize, Result<Record, String>) -> Result<(), E>,
) -> Result<(), E> {
    let mut lines = Lines::new(open_for_reading(path)?);
    let mut buffer = Vec::new();
    for number in 1.. {
        let ending = lines.next_into(&mut buffer).map_err(JournalError::io(path, "read"))?;
        match ending {
            None | Some(Ending::Torn) => break,
            Some(Ending::TooLong) => take(number, Err("longer than any record".into()))?,
            Some(Ending::Whole) => take(number, parse(path, number, &buffer)?)?,
        }
    }
    Ok(())
}

/// Parses one line.
///
/// # Errors
/// Fails on a newer format version; a line that is no record gives the reason.
pub(super) fn parse(path: &Path, line: usize, bytes: &[u8]) -> Result<Result<Record, String>, JournalError> {
    match serde_json::from_slice::<Record>(bytes) {
        Ok(record) if record.v == VERSION => Ok(Ok(record)),
        Ok(record) if record.v == 0 => Ok(Err("format version 0 does not exist".into())),
        Ok(_) | Err(_) => {
            refuse_newer(path, line, bytes)?;
            let reason = serde_json::from_slice::<Record>(bytes).err();
            Ok(Err(reason.map_or_else(|| "not a record".into(), |error| format!("not a record: {error}"))))
        }
    }
}

/// Fails when a line says that it is of a newer format version.
pub(super) fn refuse_newer(path: &Path, line: usize, bytes: &[u8]) -> Result<(), JournalError> {
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    match serde_json::from_slice::<Version>(bytes) {
        Ok(Version { v }) if v > u64::from(VERSION) => {
            Err(JournalError::NewerVersion { path: path.to_owned(), line, version: v })
        }
        _ => Ok(()),
    }
}
