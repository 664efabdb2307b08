//! What is to be done, on which hosts, within which limits.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::event::FailureKind;
use crate::remote::{Command, Download, Privilege, Program, Upload};
use crate::transport::{ConnectOptions, Target};

/// A run's hosts, work and limits.
#[derive(Debug)]
pub struct Plan {
    /// The hosts, in order.
    pub hosts: Vec<PlannedHost>,
    /// What is done on each.
    pub work: Work,
    /// Hosts in flight at once; at least 1.
    pub forks: usize,
    /// Sizes of the batches; empty means one batch of all. The last size repeats.
    pub batches: Vec<usize>,
    /// Between batches.
    pub pause: Duration,
    /// How to connect.
    pub connect: ConnectOptions,
    /// Further connection attempts after a transient failure.
    pub retries: u32,
    /// Limit for each host's command.
    pub timeout: Option<Duration>,
    /// When the whole run must have ended.
    pub deadline: Option<Instant>,
    /// How many hosts may go wrong before no more are started; none means any number.
    pub failure_budget: Option<usize>,
    /// Why the run stops when the budget is spent.
    pub budget_cause: crate::event::StopCause,
    /// Exit codes that count as success.
    pub ok_codes: Vec<i32>,
}

/// One host of a plan.
#[derive(Clone, Debug)]
pub struct PlannedHost {
    /// Inventory name.
    pub name: Arc<str>,
    /// How it is reached.
    pub connection: ConnectionKind,
    /// Where it is.
    pub target: Target,
    /// Another user to run as.
    pub privilege: Option<Privilege>,
    /// The shell for command lines (`ansible_shell_executable`); none means `/bin/sh`.
    pub shell: Option<String>,
}

/// How a host is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionKind {
    /// Over SSH.
    Ssh,
    /// A process on the controller.
    Local,
}

/// What is done on each host.
#[derive(Debug)]
pub enum Work {
    /// A command runs.
    Exec {
        /// The command; its line's shell is replaced by the host's own unless `shell_is_fixed`.
        command: Command,
        /// Whether `--shell` chose the shell.
        shell_is_fixed: bool,
        /// Broadcast to every host's standard input.
        input: Option<File>,
    },
    /// A file or tree goes to the host.
    Copy(Upload),
    /// A file or tree comes from the host.
    Fetch(Download),
}

impl Plan {
    /// Whether a host may need a further channel besides its shell's.
    #[must_use]
    pub fn opens_further_channels(&self) -> bool {
        match &self.work {
            Work::Exec { command, input, .. } => input.is_some() || matches!(command.program, Program::Script(_)),
            Work::Copy(_) | Work::Fetch(_) => true,
        }
    }

    /// The batch sizes for `hosts` hosts, in order; they add up to that number.
    #[must_use]
    pub fn batch_sizes(&self, hosts: usize) -> Vec<usize> {
        let mut left = hosts;
        let mut sizes = Vec::new();
        let mut wanted = self.batches.iter().copied();
        let mut size = wanted.next().unwrap_or(left);
        while left > 0 {
            let taken = size.clamp(1, left);
            sizes.push(taken);
            left -= taken;
            size = wanted.next().unwrap_or(size);
        }
        sizes
    }
}

/// The failure kinds after which a command may have been started on the host.
#[must_use]
pub(super) fn may_have_started(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::AuthTimeout | FailureKind::Lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(hosts: usize, batches: &[usize]) -> Vec<usize> {
        let command = Command::new(crate::remote::Program::Argv(Vec::new()));
        let plan = Plan {
            hosts: Vec::new(),
            work: Work::Exec { command, shell_is_fixed: false, input: None },
            forks: 1,
            batches: batches.to_vec(),
            pause: Duration::ZERO,
            connect: ConnectOptions { timeout: Duration::ZERO, host_keys: crate::transport::HostKeyPolicy::Strict },
            retries: 0,
            timeout: None,
            deadline: None,
            failure_budget: None,
            budget_cause: crate::event::StopCause::Budget,
            ok_codes: vec![0],
        };
        plan.batch_sizes(hosts)
    }

    #[test]
    fn the_last_batch_size_repeats() {
        assert_eq!(sizes(10, &[1, 4]), [1, 4, 4, 1]);
        assert_eq!(sizes(3, &[]), [3]);
        assert_eq!(sizes(0, &[2]), [0usize; 0]);
        assert_eq!(sizes(2, &[0]), [1, 1]);
    }
}
