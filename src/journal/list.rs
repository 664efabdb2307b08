//! Which runs there are, and how each went, from little more than the first and the last line of its file.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::lines::{Ending, Lines, last_whole_line};
use super::place::{Place, open_for_reading};
use super::read::{parse, read_run};
use super::record::{Body, Record, RunEnd};
use super::{JournalError, RunId};
use crate::event::{Outcome, RunHeader};

/// How a run as a whole went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RunStatus {
    /// Every host did well.
    Ok,
    /// A host failed, timed out, was cancelled or had no turn.
    Failed,
    /// A host was unreachable, none failed.
    Unreachable,
    /// It stopped early: a signal, a deadline, a budget.
    Stopped,
    /// Its record has no end and nothing writes it any more: a crash, a kill, a full disk.
    Interrupted,
    /// A process is writing it.
    Running,
    /// It has no end and belongs to another machine, where it may be running or interrupted.
    Unsettled,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 7] =
        [Self::Ok, Self::Failed, Self::Unreachable, Self::Stopped, Self::Interrupted, Self::Running, Self::Unsettled];

    /// The word used in every output format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Running => "running",
            Self::Unsettled => "unsettled",
        }
    }

    fn of_end(end: &RunEnd) -> Self {
        let any = |outcomes: &[Outcome]| outcomes.iter().any(|outcome| end.counts.get(outcome).is_some_and(|n| *n > 0));
        if end.stopped.is_some() {
            Self::Stopped
        } else if any(&[Outcome::Failed, Outcome::TimedOut, Outcome::Cancelled, Outcome::NotStarted]) {
            Self::Failed
        } else if any(&[Outcome::Unreachable]) {
            Self::Unreachable
        } else {
            Self::Ok
        }
    }

    fn without_end(header: Option<&RunHeader>) -> Self {
        let here = rustix::system::uname();
        match header {
            Some(header) if header.invoker.controller != here.nodename().to_string_lossy() => Self::Unsettled,
            _ => Self::Interrupted,
        }
    }
}

/// Whether a process of this machine writes the file.
pub(super) fn is_live(file: &File) -> bool {
    let lock = file.try_lock_shared();
    if lock.is_ok() {
        // What was taken only to ask must not look like a writer to the next one; closing would do the same.
        let _ = file.unlock();
    }
    matches!(lock, Err(TryLockError::WouldBlock))
}

/// A run in short.
#[derive(Clone, Debug)]
pub struct RunEntry {
    /// The id, from the file's name.
    pub run: RunId,
    /// The file.
    pub path: PathBuf,
    /// The intent; none when its record is damaged.
    pub header: Option<RunHeader>,
    /// When the run began.
    pub started: Option<Timestamp>,
    /// How it went.
    pub status: RunStatus,
    /// Number of hosts for each outcome; of a run without an end, those known so far.
    pub counts: BTreeMap<Outcome, usize>,
    /// Wall time in seconds; of a run without an end, up to its last record.
    pub duration: Option<f64>,
    /// The end, when there is one.
    pub end: Option<RunEnd>,
}

/// Runs that were asked for, and files that could not be read.
#[derive(Debug, Default)]
pub struct Listing {
    /// The runs, newest first.
    pub runs: Vec<RunEntry>,
    /// Why others are not among them.
    pub unreadable: Vec<JournalError>,
}

/// Lists the runs that `keep` wants, newest first, at most `limit` of them.
///
/// # Errors
/// Fails when a directory cannot be read or holds a newer format version; other files that cannot be read are part of
/// the answer.
pub fn list(
    dirs: &[PathBuf],
    limit: Option<usize>,
    mut keep: impl FnMut(&RunEntry) -> bool,
) -> Result<Listing, JournalError> {
    let mut listing = Listing::default();
    for (run, path) in run_files(dirs)? {
        if limit.is_some_and(|limit| listing.runs.len() >= limit) {
            break;
        }
        match read_entry(run, &path) {
            Ok(entry) if keep(&entry) => listing.runs.push(entry),
            Ok(_) => {}
            Err(error @ JournalError::NewerVersion { .. }) => return Err(error),
            Err(error) => listing.unreadable.push(error),
        }
    }
    Ok(listing)
}

/// The files of all runs, newest first.
///
/// # Errors
/// Fails when a directory cannot be read; one that does not exist holds no runs.
pub fn run_files(dirs: &[PathBuf]) -> Result<Vec<(RunId, PathBuf)>, JournalError> {
    let mut files = Vec::new();
    for dir in dirs {
        let runs = Place::at(dir).runs();
        let entries = match runs.read_dir() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.map_err(JournalError::io(&runs, "read"))?,
        };
        for entry in entries {
            let path = entry.map_err(JournalError::io(&runs, "read"))?.path();
            files.extend(run_of(&path).map(|run| (run, path)));
        }
    }
    files.sort_unstable_by(|(one, path), (other, other_path)| other.cmp(one).then_with(|| path.cmp(other_path)));
    // The same directory named twice, or a copy of it.
    files.dedup_by_key(|(run, _)| *run);
    Ok(files)
}

/// The run that a file's name tells.
pub(super) fn run_of(path: &Path) -> Option<RunId> {
    let name = path.file_name()?.to_str()?;
    let run: RunId = name.strip_suffix(".jsonl")?.parse().ok()?;
    // Only the one way in which we write it, so that no two files have the same run.
    (format!("{run}.jsonl") == name).then_some(run)
}

/// Finds one run by id, by the beginning of its id, or the newest as `last`.
///
/// # Errors
/// Fails when there is none or more than one.
pub fn find(dirs: &[PathBuf], selector: &str) -> Result<(RunId, PathBuf), JournalError> {
    let wanted = selector.replace('-', "").to_lowercase();
    let mut files = run_files(dirs)?;
    let unknown = || JournalError::UnknownRun { selector: selector.into(), dirs: dirs.to_owned() };
    if selector == "last" {
        return if files.is_empty() { Err(unknown()) } else { Ok(files.swap_remove(0)) };
    }
    if wanted.is_empty() {
        return Err(unknown());
    }
    files.retain(|(run, _)| run.to_string().replace('-', "").starts_with(&wanted));
    match files.len() {
        0 => Err(unknown()),
        1 => Ok(files.swap_remove(0)),
        _ => {
            let matches = files.iter().map(|(run, _)| run.to_string()).collect();
            Err(JournalError::AmbiguousRun { selector: selector.into(), matches })
        }
    }
}

/// Reads one run in short.
///
/// # Errors
/// Fails when the file cannot be read or is of a newer format version.
pub fn read_entry(run: RunId, path: &Path) -> Result<RunEntry, JournalError> {
    let file = open_for_reading(path)?;
    let Some(Record { time, body: Body::RunEnd(end), .. }) = last_record(path, &file)? else {
        return entry_without_end(run, path, &file);
    };
    let (header, started) = first_record(path)?.unzip();
    let duration = Some(end.duration);
    let counts = end.counts.clone();
    let started = started.or(Some(time));
    let status = RunStatus::of_end(&end);
    Ok(RunEntry { run, path: path.to_owned(), header, started, status, counts, duration, end: Some(end) })
}

fn entry_without_end(run: RunId, path: &Path, file: &File) -> Result<RunEntry, JournalError> {
    // Asked before reading: a run that ends meanwhile is told as running, never as interrupted.
    let live = is_live(file);
    let record = read_run(path)?;
    let counts = record.counts();
    let status = match &record.end {
        Some(end) => RunStatus::of_end(end),
        None if live => RunStatus::Running,
        None => RunStatus::without_end(record.header.as_ref()),
    };
    let until_last = record.started.zip(record.last).map(|(start, last)| last.duration_since(start).as_secs_f64());
    Ok(RunEntry {
        run,
        path: path.to_owned(),
        header: record.header,
        started: record.started,
        status,
        counts,
        duration: record.end.as_ref().map(|end| end.duration).or(until_last),
        end: record.end,
    })
}

fn last_record(path: &Path, file: &File) -> Result<Option<Record>, JournalError> {
    let Some(line) = last_whole_line(file).map_err(JournalError::io(path, "read"))? else { return Ok(None) };
    Ok(parse(path, 0, &line)?.ok())
}

fn first_record(path: &Path) -> Result<Option<(RunHeader, Timestamp)>, JournalError> {
    let mut line = Vec::new();
    let ending = Lines::new(open_for_reading(path)?).next_into(&mut line).map_err(JournalError::io(path, "read"))?;
    if ending != Some(Ending::Whole) {
        return Ok(None);
    }
    Ok(match parse(path, 1, &line)? {
        Ok(Record { time, body: Body::RunStart(start), .. }) => Some((start.header, time)),
        _ => None,
    })
}
