//! Locks on the name of a run: one run of a name at a time on this machine; a dead process holds none.

use std::fmt::Write as _;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::place::Place;
use super::{Digest, JournalError};

/// The right to run under a name, until it is dropped or the process ends.
#[derive(Debug)]
pub struct RunLock {
    // Closing the file releases the lock.
    _file: File,
}

impl RunLock {
    /// Takes the lock of `name` in journal directory `dir`, or returns none when another process holds it.
    ///
    /// # Errors
    /// Fails when the lock file cannot be made or opened.
    pub fn try_acquire(dir: &Path, name: &str) -> Result<Option<Self>, JournalError> {
        let (path, file) = open(dir, name)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(JournalError::io(&path, "lock")(error)),
        }
    }

    /// Waits for the lock on a thread of its own and hands it to `done`.
    ///
    /// The thread is detached: a caller that gives up (drops the receiving end that `done` sends to) need not wait for
    /// it, and neither does the end of the process. A lock that comes too late is released at once.
    ///
    /// # Errors
    /// Fails when the lock file cannot be made or opened, or there is no thread to be had.
    pub fn acquire_in_background(
        dir: &Path,
        name: &str,
        done: impl FnOnce(Result<Self, JournalError>) + Send + 'static,
    ) -> Result<(), JournalError> {
        let (path, file) = open(dir, name)?;
        let place = path.clone();
        let wait = move || {
            let locked = file.lock().map_err(JournalError::io(&path, "lock"));
            done(locked.map(|()| Self { _file: file }));
        };
        let thread = std::thread::Builder::new().name("run-lock".into()).spawn(wait);
        thread.map(drop).map_err(JournalError::io(&place, "wait for"))
    }
}

fn open(dir: &Path, name: &str) -> Result<(PathBuf, File), JournalError> {
    let place = Place::create(dir, "locks")?;
    let path = dir.join("locks").join(file_name(name));
    let file = place.open_common(&path)?;
    Ok((path, file))
}

/// A file name of its own for each name, readable where it can be.
fn file_name(name: &str) -> String {
    let mut file_name = String::new();
    for (index, byte) in name.bytes().enumerate() {
        if byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || (byte == b'.' && index > 0) {
            file_name.push(byte.into());
        } else {
            write!(file_name, "%{byte:02x}").expect("a String takes every write");
        }
    }
    // File systems allow 255 bytes.
    if file_name.len() <= 200 { file_name } else { format!("{}%", Digest::of(name.as_bytes())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_is_refused_and_a_dropped_one_is_free() {
        let dir = tempfile::tempdir().unwrap();
        let held = RunLock::try_acquire(dir.path(), "nightly").unwrap();
        assert!(held.is_some());
        assert!(RunLock::try_acquire(dir.path(), "nightly").unwrap().is_none());
        assert!(RunLock::try_acquire(dir.path(), "hourly").unwrap().is_some());
        drop(held);
        // A program that another test starts at this moment holds it as well, until it has begun.
        let (sender, receiver) = std::sync::mpsc::channel();
        RunLock::acquire_in_background(dir.path(), "nightly", move |lock| sender.send(lock).unwrap()).unwrap();
        assert!(receiver.recv().unwrap().is_ok());
    }

    #[test]
    fn a_waiter_gets_the_lock_when_its_holder_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let held = RunLock::try_acquire(dir.path(), "nightly").unwrap();
        let (sender, receiver) = std::sync::mpsc::channel();
        RunLock::acquire_in_background(dir.path(), "nightly", move |lock| sender.send(lock).unwrap()).unwrap();
        assert!(receiver.try_recv().is_err());
        drop(held);
        let lock = receiver.recv().unwrap().unwrap();
        assert!(RunLock::try_acquire(dir.path(), "nightly").unwrap().is_none());
        drop(lock);
    }

    #[test]
    fn names_never_leave_the_directory_and_never_meet() {
        assert_eq!(file_name("backup-db_1.daily"), "backup-db_1.daily");
        assert_eq!(file_name("../x"), "%2e.%2fx");
        assert_ne!(file_name("a/b"), file_name("a%2fb"));
        assert!(file_name(&"x".repeat(1000)).len() < 100);
    }
}
