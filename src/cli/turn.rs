//! When a run has its turn: after a random wait, and when no run of the same name is still going.

use std::path::Path;
use std::time::Duration;

use anyhow::anyhow;
use tokio::time::{Instant, sleep_until};

use super::run_args::{Lock, RecordArgs};
use super::{CliError, ExitCode};
use crate::engine::{Control, Phase};
use crate::journal::RunLock;

/// Waits for the run's turn until the deadline: jitter first, then the lock of its name.
pub async fn take_turn(
    record: &RecordArgs,
    quiet: bool,
    journal: &Path,
    deadline: Option<Instant>,
    control: &Control,
) -> Result<Option<RunLock>, Result<ExitCode, CliError>> {
    tokio::select! {
        turn = wait_for_turn(record, quiet, journal, control) => turn,
        () = passed(deadline) => Err(too_late(quiet)),
    }
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

fn too_late(quiet: bool) -> Result<ExitCode, CliError> {
    if quiet {
        return Ok(ExitCode::Deadline);
    }
    Err(CliError::with_code(ExitCode::Deadline, anyhow!("--deadline passed before the run had its turn")))
}

async fn wait_for_turn(
    record: &RecordArgs,
    quiet: bool,
    journal: &Path,
    control: &Control,
) -> Result<Option<RunLock>, Result<ExitCode, CliError>> {
    if let Some(longest) = record.jitter {
        wait_unless_stopped(control, jitter(longest)).await.map_err(Ok)?;
    }
    let (Some(name), Some(lock)) = (record.name.as_deref(), record.lock) else { return Ok(None) };
    match RunLock::try_acquire(journal, name).map_err(|error| Err(error.into()))? {
        Some(held) => Ok(Some(held)),
        None if lock == Lock::Skip => Err(locked(name, quiet)),
        None => wait_for_lock(journal, name, control).await.map(Some),
    }
}

fn locked(name: &str, quiet: bool) -> Result<ExitCode, CliError> {
    if quiet {
        return Ok(ExitCode::Locked);
    }
    Err(CliError::with_code(ExitCode::Locked, anyhow!("a run named `{name}` is still going"))
        .hint("--lock wait waits for it"))
}

async fn wait_for_lock(journal: &Path, name: &str, control: &Control) -> Result<RunLock, Result<ExitCode, CliError>> {
    let (sender, held) = tokio::sync::oneshot::channel();
    let done = move |lock| {
        // The receiver is gone only when the run was stopped meanwhile.
        let _ = sender.send(lock);
    };
    RunLock::acquire_in_background(journal, name, done).map_err(|error| Err(error.into()))?;
    let mut phase = control.watch();
    tokio::select! {
        lock = held => match lock {
            Ok(Ok(lock)) => Ok(lock),
            Ok(Err(error)) => Err(Err(error.into())),
            Err(_) => Err(Err(anyhow!("the lock of `{name}` cannot be waited for").into())),
        },
        _ = phase.wait_for(|phase| *phase != Phase::Run) => Err(Ok(stopped(control))),
    }
}

async fn wait_unless_stopped(control: &Control, wait: Duration) -> Result<(), ExitCode> {
    let mut phase = control.watch();
    tokio::select! {
        () = tokio::time::sleep(wait) => Ok(()),
        _ = phase.wait_for(|phase| *phase != Phase::Run) => Err(stopped(control)),
    }
}

/// The exit code of a run that was stopped before it began, or had to be given up.
pub fn stopped(control: &Control) -> ExitCode {
    match control.phase() {
        Phase::Drain(cause) | Phase::Kill(cause) => ExitCode::of_stop(cause),
        Phase::Run => ExitCode::Internal,
    }
}

fn jitter(longest: Duration) -> Duration {
    let mut bytes = [0u8; 4];
    // Without randomness every host would start at once, which is what happens without --jitter too.
    let _ = getrandom::fill(&mut bytes);
    longest.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
