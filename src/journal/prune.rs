//! Removes old runs, and leaves word of it, so that verification knows them as removed on purpose.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::heads::{Head, HeadState, HeadsFile};
use super::lines::last_whole_line;
use super::list::{RunEntry, RunStatus, list};
use super::place::{Place, open_for_reading};
use super::read::parse;
use super::{Digest, JournalError, RunId};

/// A run that is old enough to go.
#[derive(Clone, Debug)]
pub struct Prunable {
    /// The run.
    pub run: RunId,
    /// Its file.
    pub path: PathBuf,
    /// When it began; of a damaged file, when it was last written.
    pub started: Timestamp,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Lists the runs of `dir` that began before `cutoff`, oldest first; runs that may still be going are not among them.
///
/// # Errors
/// Fails when the directory cannot be read or holds a newer format version.
pub fn prunable(dir: &Path, cutoff: Timestamp) -> Result<Vec<Prunable>, JournalError> {
    let settled = |entry: &RunEntry| !matches!(entry.status, RunStatus::Running | RunStatus::Unsettled);
    let listing = list(&[dir.to_owned()], None, settled)?;
    let mut old = Vec::new();
    for entry in listing.runs.into_iter().rev() {
        let metadata = entry.path.metadata().map_err(JournalError::io(&entry.path, "read"))?;
        let written = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        if let Some(started) = entry.started.or(written).filter(|started| *started < cutoff) {
            old.push(Prunable { run: entry.run, path: entry.path, started, bytes: metadata.len() });
        }
    }
    Ok(old)
}

/// Removes runs of `dir`; calls `removed` after each. `user` and `controller` say in the record who did it.
///
/// # Errors
/// Fails at the first run that cannot be removed; those before it are gone.
pub fn prune(
    dir: &Path,
    runs: &[Prunable],
    (user, controller): (&str, &str),
    mut removed: impl FnMut(&Prunable),
) -> Result<(), JournalError> {
    let mut heads = HeadsFile::open(&Place::at(dir))?;
    for run in runs {
        let head = head(run)?;
        // Word of it first: a crash in between leaves a file too many, never one that is missing without a reason.
        heads.append(user, controller, &head)?;
        heads.sync()?;
        if let Err(error) = std::fs::remove_file(&run.path) {
            heads.append(user, controller, &Head { state: HeadState::Kept, ..head })?;
            return Err(JournalError::io(&run.path, "remove")(error));
        }
        removed(run);
    }
    Ok(())
}

fn head(run: &Prunable) -> Result<Head, JournalError> {
    let file = open_for_reading(&run.path)?;
    let line = last_whole_line(&file).map_err(JournalError::io(&run.path, "read"))?.unwrap_or_default();
    let records = parse(&run.path, 0, &line)?.map_or(0, |record| record.seq);
    Ok(Head { run: run.run, state: HeadState::Pruned, records, head: Digest::of(&line) })
}
