//! File descriptors: raised to the hard limit; when that is too low, fewer hosts at once.

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::engine::Plan;

/// Descriptors of one host in flight: three pipes, a process handle, and two on the way.
const PER_HOST: u64 = 6;

/// Descriptors of a further channel: three pipes and the control socket.
const PER_CHANNEL: u64 = 4;

/// Descriptors of everything else: standard streams, journal, output directory, runtime, libraries.
const RESERVED: u64 = 192;

/// Least descriptors reserved when the limit is very low; the output directory alone takes up to 64.
const RESERVED_AT_LEAST: u64 = 104;

/// Raises the limit, and lowers the plan's forks to what it allows; returns a word about that.
pub fn fit(plan: &mut Plan) -> Option<String> {
    let limit = raise()?;
    let reserved = RESERVED.min(limit / 2).max(RESERVED_AT_LEAST);
    let per_host = if plan.opens_further_channels() { PER_HOST + PER_CHANNEL } else { PER_HOST };
    let possible = usize::try_from(limit.saturating_sub(reserved) / per_host).unwrap_or(usize::MAX).max(1);
    let wanted = plan.forks.min(plan.hosts.len());
    if wanted <= possible {
        return None;
    }
    plan.forks = possible;
    Some(format!(
        "only {limit} open files are allowed, so {possible} hosts run at once instead of {wanted}; `ulimit -Hn` shows the limit"
    ))
}

/// Raises the soft limit to the hard one; returns what it is then, none when there is none.
fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let mut raised = limit;
    raised.current = limit.maximum;
    if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current }
}
