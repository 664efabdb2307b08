//! The exit codes: frozen, since scripts depend on them.

use crate::event::{Outcome, StopCause, Summary};

/// What the process's exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// 0: every selected host ok.
    Ok,
    /// 1: internal error.
    Internal,
    /// 2: usage, config, inventory or playbook error; nothing was touched.
    Usage,
    /// 3: at least one host failed.
    Failed,
    /// 4: at least one host unreachable, none failed.
    Unreachable,
    /// 5: no host matched.
    NoHosts,
    /// 6: a lock is held.
    Locked,
    /// 7: stopped by a budget, gate or `--fail-fast`.
    Stopped,
    /// 10: something changed, or would (`--detailed-exitcode`).
    Pending,
    /// 11: declined, or confirmation needed and no terminal.
    Declined,
    /// 12: journal chain broken.
    ChainBroken,
    /// 124: whole-run deadline.
    Deadline,
    /// 129: SIGHUP, after clean-up.
    Hangup,
    /// 130: SIGINT, after clean-up.
    Interrupt,
    /// 143: SIGTERM, after clean-up.
    Terminate,
    /// The remote command's own code (`--passthrough`, `--maxrc`).
    Remote(u8),
}

impl ExitCode {
    /// The number the process ends with.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Unreachable => 4,
            Self::NoHosts => 5,
            Self::Locked => 6,
            Self::Stopped => 7,
            Self::Pending => 10,
            Self::Declined => 11,
            Self::ChainBroken => 12,
            Self::Deadline => 124,
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Remote(code) => code,
        }
    }

    /// The code of a run that ended as `summary` says: a stop comes before any host's outcome.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        summary.stopped.map_or_else(|| Self::of_hosts(summary), Self::of_stop)
    }

    /// The code of a run that was stopped.
    #[must_use]
    pub fn of_stop(cause: StopCause) -> Self {
        match cause {
            StopCause::FailFast | StopCause::Budget | StopCause::Play => Self::Stopped,
            StopCause::Interrupt => Self::Interrupt,
            StopCause::Terminate => Self::Terminate,
            StopCause::Hangup => Self::Hangup,
            StopCause::Deadline => Self::Deadline,
            StopCause::Journal => Self::Internal,
        }
    }

    fn of_hosts(summary: &Summary) -> Self {
        let any = |outcomes: &[Outcome]| outcomes.iter().any(|outcome| summary.of(*outcome) > 0);
        if any(&[Outcome::Failed, Outcome::TimedOut, Outcome::Cancelled, Outcome::NotStarted]) {
            Self::Failed
        } else if any(&[Outcome::Unreachable]) {
            Self::Unreachable
        } else {
            Self::Ok
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}
