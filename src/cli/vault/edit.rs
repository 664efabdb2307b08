//! The editor, and the one file that holds a plaintext while it runs.
//!
//! The file lies in a directory of its own, in memory where there is a place in memory. It goes when the editor ends,
//! when a signal ends the edit, and, by a watching shell, when this process is killed.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use rustix::fs::{Access, access};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::vault_args::variable;
use crate::cli::{CliError, ExitCode};

/// A file system in memory.
const MEMORY: &str = "/dev/shm";

/// The editor where $EDITOR names none.
const EDITOR: &str = "vi";

/// How long an editor may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(2);

/// Removes the directory `$1` once its standard input ends, which is when the process that holds it is gone.
const WATCH: &str = "trap '' INT TERM HUP QUIT\ncat >/dev/null\nrm -rf -- \"$1\"";

/// What became of an edit.
#[derive(Debug)]
pub enum Edited {
    /// The new text.
    Changed(Vec<u8>),
    /// The text was left as it is.
    Unchanged,
    /// A signal ended it; nothing is changed.
    Stopped(ExitCode),
}

/// Opens the editor on `text`, in a file with the ending of `named`.
///
/// # Errors
/// When there is no editor or no place for the file, or the editor fails: nothing is changed then.
pub fn edit(text: &[u8], named: &Path) -> Result<Edited, CliError> {
    let plaintext = Plaintext::write(text, named).context("cannot write the text for the editor")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot wait")?;
    let status = match runtime.block_on(run_editor(&plaintext.path))? {
        Ended::Itself(status) => status,
        Ended::BySignal(code) => return Ok(Edited::Stopped(code)),
    };
    if !status.success() {
        let error = anyhow!("the editor failed ({status}); {} is as it was", named.display());
        return Err(CliError::usage(error).hint("$EDITOR names the editor"));
    }
    let edited = fs::read(&plaintext.path).context("cannot read what the editor wrote")?;
    Ok(if edited == text { Edited::Unchanged } else { Edited::Changed(edited) })
}

enum Ended {
    Itself(ExitStatus),
    BySignal(ExitCode),
}

/// Runs the editor until it ends. Ctrl-C at the terminal is the editor's; other signals end the edit.
async fn run_editor(path: &Path) -> Result<Ended, CliError> {
    let watched = |kind| signal(kind).context("cannot watch for signals");
    let (mut terminate, mut hangup) = (watched(SignalKind::terminate())?, watched(SignalKind::hangup())?);
    let (_interrupt, _quit) = (watched(SignalKind::interrupt())?, watched(SignalKind::quit())?);
    let editor = variable("EDITOR").unwrap_or_else(|| EDITOR.to_owned());
    let mut command = tokio::process::Command::new("/bin/sh");
    command.arg("-c").arg(format!("exec {editor} \"$1\"")).arg("sh").arg(path);
    let mut child = command.kill_on_drop(true).spawn().context("cannot run /bin/sh")?;
    let code = tokio::select! {
        status = child.wait() => return Ok(Ended::Itself(status.context("the editor was lost")?)),
        _ = terminate.recv() => ExitCode::Terminate,
        _ = hangup.recv() => ExitCode::Hangup,
    };
    // An editor that is asked gives the terminal its modes back. It may have ended meanwhile, which is as good.
    if let Some(pid) = child.id().and_then(|pid| Pid::from_raw(pid.cast_signed())) {
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
    Ok(Ended::BySignal(code))
}

/// The file that holds the plaintext. It goes with this value, or with this process.
struct Plaintext {
    path: PathBuf,
    watch: Option<(Child, ChildStdin)>,
    /// Goes last, if the watching shell is gone.
    _directory: TempDir,
}

impl Plaintext {
    fn write(text: &[u8], named: &Path) -> std::io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("opsctl-vault-");
        let directory = match access(MEMORY, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => builder.tempdir_in(MEMORY)?,
            Err(_) => builder.tempdir()?,
        };
        // Watched before there is anything to see.
        let watch = watch(directory.path())?;
        // The ending tells the editor what it is.
        let mut name = OsString::from("text");
        if let Some(ending) = named.extension() {
            name.push(".");
            name.push(ending);
        }
        let path = directory.path().join(name);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text)?;
        Ok(Self { path, watch: Some(watch), _directory: directory })
    }
}

impl Drop for Plaintext {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.watch.take() {
            drop(stdin);
            // It removes the directory now; if it is gone, the directory's own drop does.
            let _ = child.wait();
        }
    }
}

fn watch(directory: &Path) -> std::io::Result<(Child, ChildStdin)> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCH, "sh"]).arg(directory).current_dir("/").process_group(0);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let stdin = child.stdin.take().expect("its standard input is a pipe");
    Ok((child, stdin))
}
