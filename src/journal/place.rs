//! Where journals live, and how files there are made: never truncated, renamed or followed through a symlink.
//!
//! `<dir>/runs/<run id>.jsonl` is one run, `<dir>/heads` the witness of all, `<dir>/locks/<name>` the locks. A directory
//! whose group may write is shared by a team: files are then readable by the group, and `heads` and locks writable.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, OFlags};

use super::account::Account;
use super::{JournalError, RunId};

/// The user's own directory for state, which holds the journal unless the configuration names another one.
///
/// `$XDG_STATE_HOME/opsctl`, else `~/.local/state/opsctl`, where the passwd database tells the home directory if `HOME`
/// does not; `/var/lib/opsctl` for a root that has none.
///
/// # Errors
/// Fails when the environment names none and the user has no home directory.
pub fn state_dir() -> Result<PathBuf, JournalError> {
    let uid = rustix::process::geteuid().as_raw();
    state_dir_of(|name| std::env::var_os(name), uid, Account::of)
}

fn state_dir_of(
    variable: impl Fn(&str) -> Option<OsString>,
    uid: u32,
    account: impl Fn(u32) -> Option<Account>,
) -> Result<PathBuf, JournalError> {
    // The XDG specification wants relative paths ignored; a relative HOME would scatter journals likewise.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home = |home: PathBuf| home.join(".local/state/opsctl");
    if let Some(state) = absolute("XDG_STATE_HOME") {
        return Ok(state.join("opsctl"));
    }
    if let Some(home) = absolute("HOME") {
        return Ok(below_home(home));
    }
    // The same place with and without HOME: cron, systemd and a shell share one record and one set of locks.
    match account(uid).and_then(|account| account.home) {
        Some(home) => Ok(below_home(home)),
        None if uid == 0 => Ok("/var/lib/opsctl".into()),
        None => Err(JournalError::NoStateDir { uid }),
    }
}

/// A journal directory.
#[derive(Clone, Debug)]
pub(super) struct Place {
    dir: PathBuf,
    shared: bool,
}

impl Place {
    /// Names a directory that is only read.
    pub fn at(dir: &Path) -> Self {
        let mode = dir.metadata().map_or(0, |metadata| metadata.permissions().mode());
        Self { dir: dir.to_owned(), shared: mode & 0o022 != 0 }
    }

    /// Makes the directory and `name` in it, unless they exist.
    pub fn create(dir: &Path, name: &str) -> Result<Self, JournalError> {
        // Mode 0700 also for missing parents, as the XDG specification says.
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(dir).map_err(JournalError::io(dir, "create the directory"))?;
        let place = Self::at(dir);
        let inner = dir.join(name);
        match DirBuilder::new().mode(0o700).create(&inner) {
            Ok(()) => {
                if place.shared {
                    // The umask must not shut the team out; setgid and sticky bits are handed down too.
                    let permissions = dir.metadata().map_err(JournalError::io(dir, "read"))?.permissions();
                    std::fs::set_permissions(&inner, permissions).map_err(JournalError::io(&inner, "share"))?;
                }
                sync_dir(dir)?;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(JournalError::io(&inner, "create the directory")(error)),
        }
        Ok(place)
    }

    pub fn runs(&self) -> PathBuf {
        self.dir.join("runs")
    }

    /// Fails early where files cannot be made: a read-only file system, a directory of somebody else.
    pub fn check_writable(&self) -> Result<(), JournalError> {
        let runs = self.runs();
        let access = Access::WRITE_OK | Access::EXEC_OK;
        rustix::fs::accessat(CWD, &runs, access, AtFlags::EACCESS)
            .map_err(|errno| JournalError::io(&runs, "write to")(errno.into()))
    }

    pub fn run_file(&self, run: RunId) -> PathBuf {
        self.runs().join(format!("{run}.jsonl"))
    }

    pub fn heads(&self) -> PathBuf {
        self.dir.join("heads")
    }

    /// Makes the file of a new run.
    pub fn create_run_file(&self, run: RunId) -> Result<File, JournalError> {
        let path = self.run_file(run);
        let mode = if self.shared { 0o640 } else { 0o600 };
        let file = append_options(mode).create_new(true).open(&path).map_err(JournalError::io(&path, "create"))?;
        sync_dir(&self.runs())?;
        Ok(file)
    }

    /// Opens a file that every user of the directory appends to, and makes it when missing.
    pub fn open_common(&self, path: &Path) -> Result<File, JournalError> {
        let mode = if self.shared { 0o660 } else { 0o600 };
        match append_options(mode).create_new(true).open(path) {
            Ok(file) => {
                if self.shared {
                    file.set_permissions(Permissions::from_mode(mode)).map_err(JournalError::io(path, "share"))?;
                }
                path.parent().map_or(Ok(()), sync_dir)?;
                Ok(file)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let file = append_options(mode).open(path).map_err(JournalError::io(path, "append"))?;
                regular(path, file)
            }
            Err(error) => Err(JournalError::io(path, "create")(error)),
        }
    }
}

/// Opens a file for reading; a pipe or device that stands in its place is refused and never waited for.
pub(super) fn open_for_reading(path: &Path) -> Result<File, JournalError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(custom_flags(OFlags::NONBLOCK))
        .open(path)
        .map_err(JournalError::io(path, "read"))?;
    regular(path, file)
}

fn regular(path: &Path, file: File) -> Result<File, JournalError> {
    let metadata = file.metadata().map_err(JournalError::io(path, "read"))?;
    if metadata.is_file() { Ok(file) } else { Err(JournalError::NotAFile { path: path.to_owned() }) }
}

fn append_options(mode: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(mode).custom_flags(custom_flags(OFlags::NOFOLLOW | OFlags::NONBLOCK));
    options
}

fn custom_flags(flags: OFlags) -> i32 {
    flags.bits().cast_signed()
}

fn sync_dir(dir: &Path) -> Result<(), JournalError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(JournalError::io(dir, "sync"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir_of(variables: &[(&str, &str)], uid: u32, home: Option<&str>) -> Option<String> {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let account = |_| home.map(|home| Account { name: "ada".into(), home: Some(home.into()) });
        state_dir_of(variable, uid, account).ok().map(|dir| dir.display().to_string())
    }

    #[test]
    fn the_state_directory_is_found_with_and_without_home() {
        let found = |variables: &[(&str, &str)], uid, home| dir_of(variables, uid, home);
        assert_eq!(found(&[("XDG_STATE_HOME", "/x"), ("HOME", "/h")], 1, None).unwrap(), "/x/opsctl");
        assert_eq!(found(&[("XDG_STATE_HOME", "x"), ("HOME", "/h")], 1, None).unwrap(), "/h/.local/state/opsctl");
        assert_eq!(found(&[("HOME", "")], 0, Some("/root")).unwrap(), "/root/.local/state/opsctl");
        assert_eq!(found(&[], 0, None).unwrap(), "/var/lib/opsctl");
        assert_eq!(found(&[], 1, Some("/home/ada")).unwrap(), "/home/ada/.local/state/opsctl");
        assert_eq!(found(&[], 1, None), None);
    }

    #[test]
    fn a_private_directory_is_closed_to_others_and_a_shared_one_open_to_its_group() {
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        let scratch = tempfile::tempdir().unwrap();
        let private = Place::create(&scratch.path().join("a/b"), "runs").unwrap();
        drop((private.open_common(&private.heads()).unwrap(), private.create_run_file(RunId::new()).unwrap()));
        assert_eq!((mode(&private.dir), mode(&private.runs()), mode(&private.heads())), (0o700, 0o700, 0o600));

        let team = scratch.path().join("team");
        std::fs::create_dir(&team).unwrap();
        std::fs::set_permissions(&team, Permissions::from_mode(0o3770)).unwrap();
        let shared = Place::create(&team, "runs").unwrap();
        let run = RunId::new();
        drop((shared.open_common(&shared.heads()).unwrap(), shared.create_run_file(run).unwrap()));
        assert_eq!((mode(&shared.runs()), mode(&shared.heads())), (0o3770, 0o660));
        assert_eq!(mode(&shared.run_file(run)), 0o640);
    }

    #[test]
    fn a_symlink_or_a_pipe_in_the_place_of_a_file_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let place = Place::create(scratch.path(), "runs").unwrap();
        std::os::unix::fs::symlink(scratch.path().join("elsewhere"), place.heads()).unwrap();
        assert!(matches!(place.open_common(&place.heads()), Err(JournalError::Io { .. })));
        let pipe = scratch.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(matches!(open_for_reading(&pipe), Err(JournalError::NotAFile { .. })));
    }
}
