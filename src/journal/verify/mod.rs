//! Finds what was changed, removed, inserted or moved in a journal directory, and says exactly what it can prove.
//!
//! Three witnesses: the chain inside each file, the `heads` file, and what later runs recorded of both. A directory in
//! which all three were recomputed verifies; only a copy kept elsewhere can tell. A run without an end whose last
//! records were cut off verifies too, until a later run has recorded where it stood.

mod chain;
mod known;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::heads::{self, HeadState};
use super::list::{run_files, run_of};
use super::place::Place;
use super::{JournalError, RunId};
use chain::Chain;
use known::{Claim, Known, Source};

/// One thing that verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// The line in it, from 1, when it is about one.
    pub line: Option<usize>,
    /// What is the matter.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path.display(), self.text),
            None => write!(f, "{}: {}", self.path.display(), self.text),
        }
    }
}

/// What verification found in a directory.
#[derive(Debug, Default)]
pub struct Verification {
    /// Runs looked at.
    pub runs: usize,
    /// Records in them.
    pub records: u64,
    /// What proves that something was altered.
    pub problems: Vec<Finding>,
    /// What is odd, and has innocent reasons too.
    pub notes: Vec<Finding>,
}

/// Verifies the runs `selection` of a directory, or all when it is empty.
///
/// # Errors
/// Fails when the directory cannot be read or holds a newer format version.
pub fn verify(dir: &Path, selection: &[RunId]) -> Result<Verification, JournalError> {
    let place = Place::at(dir);
    // Files first, then heads, then what is in the files: a run that begins or ends meanwhile is then no surprise.
    let files: BTreeMap<RunId, PathBuf> = run_files(&[dir.to_owned()])?.into_iter().collect();
    let content = heads::read(&place)?;
    let lines = heads::parse(&place.heads(), &content)?;
    let mut check = Check { place, found: Verification::default() };
    let wanted = |run: &RunId| selection.is_empty() || selection.contains(run);
    let mut chains = BTreeMap::new();
    for (run, path) in &files {
        let chain = if wanted(run) { chain::read(path) } else { chain::read_first(path) };
        match chain {
            Ok(chain) => _ = chains.insert(*run, chain),
            Err(error @ JournalError::NewerVersion { .. }) => return Err(error),
            Err(error) => check.problem(path, None, format!("cannot be verified: {error}")),
        }
    }
    let mut known = check.known(lines);
    check.witnesses(&content, &chains);
    known.add_witnesses(&chains);
    check.strangers()?;
    let runs: BTreeSet<RunId> = files.keys().chain(known.runs.keys()).copied().filter(wanted).collect();
    for run in runs {
        check.run(run, chains.get(&run), &known, files.contains_key(&run));
    }
    Ok(check.found)
}

struct Check {
    place: Place,
    found: Verification,
}

impl Check {
    fn problem(&mut self, path: &Path, line: Option<usize>, text: impl Into<String>) {
        self.found.problems.push(Finding { path: path.to_owned(), line, text: text.into() });
    }

    fn note(&mut self, path: &Path, line: Option<usize>, text: impl Into<String>) {
        self.found.notes.push(Finding { path: path.to_owned(), line, text: text.into() });
    }

    /// Sorts the lines of `heads` by run.
    fn known(&mut self, lines: Vec<heads::Parsed>) -> Known {
        let path = self.place.heads();
        let mut known = Known::default();
        for (line, parsed) in lines {
            match parsed {
                Ok(parsed) => {
                    if let Some(problem) = known.add(&parsed.head, Source::Heads { line }) {
                        self.problem(&path, Some(line), problem);
                    }
                }
                Err(error) if error.is_eof() => {
                    self.note(&path, Some(line), "half a line: a crash or a full disk while it was written");
                }
                Err(error) => self.problem(&path, Some(line), format!("not a line of heads: {error}")),
            }
        }
        known
    }

    /// Compares the beginning of `heads` with what each run saw of it.
    fn witnesses(&mut self, content: &[u8], chains: &BTreeMap<RunId, Chain>) {
        let path = self.place.heads();
        let mut witnesses: Vec<_> =
            chains.iter().filter_map(|(run, chain)| Some((chain.witness.as_ref()?, run))).collect();
        witnesses.sort_by_key(|(witness, run)| (witness.bytes, **run));
        let mut prefix = known::Prefix::new(content);
        for (witness, run) in witnesses {
            let text = match prefix.digest(witness.bytes) {
                Some(digest) if digest == witness.sha256 => continue,
                Some(_) => format!("its first {} bytes are not those that run {run} found: changed", witness.bytes),
                None => format!("run {run} found {} bytes here, now there are {}: cut", witness.bytes, content.len()),
            };
            // What comes later is wrong as well, and says nothing new.
            return self.problem(&path, None, text);
        }
    }

    /// Names files in `runs` that are no run's.
    fn strangers(&mut self) -> Result<(), JournalError> {
        let runs = self.place.runs();
        for entry in runs.read_dir().into_iter().flatten() {
            let path = entry.map_err(JournalError::io(&runs, "read"))?.path();
            if run_of(&path).is_none() {
                self.note(&path, None, "not the journal of a run");
            }
        }
        Ok(())
    }

    fn run(&mut self, run: RunId, chain: Option<&Chain>, known: &Known, exists: bool) {
        let path = self.place.run_file(run);
        let claims = known.runs.get(&run);
        let Some(chain) = chain else {
            let pruned = claims.is_some_and(|claims| claims.pruned);
            if !exists && !pruned {
                let source = claims.and_then(|claims| claims.last()).map(|claim| claim.source.to_string());
                self.problem(&path, None, format!("missing: {} knows it", source.unwrap_or_default()));
            }
            return;
        };
        self.found.runs += 1;
        self.found.records += chain.records;
        if let Some(other) = chain.run.filter(|other| *other != run) {
            return self.problem(&path, Some(1), format!("holds run {other}: exchanged or renamed"));
        }
        for (line, text) in &chain.problems {
            self.problem(&path, Some(*line), text.clone());
        }
        match claims.and_then(|claims| claims.end.as_ref()) {
            Some(claim) => self.ended_run(&path, chain, claim, claims.and_then(|claims| claims.start.as_ref())),
            None => self.open_run(&path, chain, claims.and_then(|claims| claims.start.as_ref())),
        }
        if let Some(text) =
            claims.and_then(|claims| claims.contradiction.as_ref()).filter(|_| chain.problems.is_empty())
        {
            self.problem(&path, None, text.clone());
        }
    }

    /// A run of which it is known where it stood at its end.
    fn ended_run(&mut self, path: &Path, chain: &Chain, end: &Claim, start: Option<&Claim>) {
        let (source, written, found) = (&end.source, end.head.records, chain.records);
        let line = usize::try_from(found).ok();
        if chain.problems.is_empty() && found > written {
            let text = format!("has {found} records, but {source} knows of {written}: added at the end");
            self.problem(path, line, text);
        } else if found < written && chain.problems.iter().all(|(_, text)| !text.ends_with("removed")) {
            let text = format!("ends after record {found}, but {source} knows of {written}: end cut off");
            self.problem(path, line, text);
        } else if chain.problems.is_empty() && chain.last != Some(end.head.head) {
            let whole = start.is_some_and(|start| chain.first != Some(start.head.head));
            let text = if whole {
                format!("none of its records is the one that {source} knows: the whole file was recomputed")
            } else {
                format!("record {found} is not the one that {source} knows: changed")
            };
            self.problem(path, if whole { None } else { line }, text);
        } else if chain.torn && end.head.state == HeadState::Ended {
            self.problem(path, line.map(|line| line + 1), "half a record after the run's end: added");
        }
    }

    /// A run of which only its beginning is known.
    fn open_run(&mut self, path: &Path, chain: &Chain, start: Option<&Claim>) {
        match start {
            Some(start) if chain.problems.is_empty() && chain.first != Some(start.head.head) => {
                let text = format!("record 1 is not the one that {} knows: changed or cut off", start.source);
                self.problem(path, Some(1), text);
            }
            Some(_) if chain.live => self.note(path, None, "still running"),
            Some(_) if chain.ended => {
                self.note(path, None, "has its end, but heads does not say so: interrupted in the very last moment");
            }
            Some(_) => {
                let text = format!("interrupted after record {}; what came after it cannot be proven", chain.records);
                self.note(path, None, text);
            }
            None if chain.live => {}
            None if chain.records <= 1 => self.note(path, None, "interrupted before heads knew of it"),
            None => self.problem(path, None, "neither heads nor a later run knows it: added, or removed from heads"),
        }
    }
}
