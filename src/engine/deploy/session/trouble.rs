//! Why a host did not answer.

use crate::event::{Failure, FailureKind, Fate};
use crate::remote::{End, EndCause, OpenError};
use crate::transport::ConnectError;

/// Why a host did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no connection; nothing was run.
    #[error(transparent)]
    Unreachable(ConnectError),
    /// The connection broke while something ran.
    #[error("{error}")]
    Lost {
        /// What is known of it.
        error: ConnectError,
        /// What became of it; none when it had not been started.
        fate: Option<Fate>,
    },
    /// It cannot be done on this host: privilege, shell, transfer.
    #[error("{}", .0.message)]
    Failed(Failure),
    /// Its time limit passed.
    #[error("it took longer than its limit")]
    TimedOut {
        /// What became of it; none when it had not been started.
        fate: Option<Fate>,
    },
    /// It could not be put on record, so it was not done.
    #[error("it was not done, because it could not be recorded: {0}")]
    Unrecorded(String),
    /// The run was stopped.
    #[error("the run was stopped")]
    Stopped {
        /// What became of it; none when it had not been started.
        fate: Option<Fate>,
    },
}

impl Trouble {
    /// A failure without a hint.
    #[must_use]
    pub fn failed(kind: FailureKind, message: impl Into<String>) -> Self {
        Self::Failed(Failure { kind, message: message.into(), hint: None })
    }

    /// What became of what was run; none when it had not been started.
    #[must_use]
    pub fn fate(&self) -> Option<Fate> {
        match self {
            Self::Unreachable(_) | Self::Failed(_) | Self::Unrecorded(_) => None,
            Self::Lost { fate, .. } | Self::TimedOut { fate } | Self::Stopped { fate } => *fate,
        }
    }

    /// What an end means that is none of the command's own; its exit code otherwise.
    pub(super) fn judge(end: End) -> Result<i32, Self> {
        let fate = end.fate;
        match (end.cause, end.rc, end.lost) {
            (EndCause::Exit, Some(rc), _) => Ok(rc),
            (EndCause::Exit, None, _) => Err(Self::failed(
                FailureKind::Command,
                "the host did not tell the exit code; the command's shell was killed",
            )),
            (EndCause::Timeout, ..) => Err(Self::TimedOut { fate }),
            (EndCause::Cancel, ..) => Err(Self::Stopped { fate }),
            (EndCause::Lost, _, Some(error)) if is_of_the_host(error.kind) => Err(Self::Failed(error.into())),
            (EndCause::Lost, _, error) => {
                let error = error.unwrap_or_else(|| ConnectError::new(FailureKind::Lost, "the connection was lost"));
                Err(Self::Lost { error, fate })
            }
        }
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Connect(error) if is_of_the_host(error.kind) => Self::Failed(error.into()),
            OpenError::Connect(error) => Self::Unreachable(error),
            OpenError::Stopped(fate) => Self::Stopped { fate },
        }
    }
}

/// Whether the connection stands, and the failure is one of what is done with it.
fn is_of_the_host(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Become | FailureKind::ShellMissing | FailureKind::Transfer | FailureKind::Local)
}
