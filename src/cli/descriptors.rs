//! File descriptors: raised to the hard limit; when that is too low, fewer hosts at once.

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::engine::{ConnectionKind, Plan};
use crate::transport::{Auto, Choice};

/// Descriptors of one host in flight that native connects to: its socket, and two on the way (a name looked up, an
/// agent asked); further channels need none.
const PER_NATIVE: u64 = 3;

/// Descriptors of one host in flight with processes of its own: three pipes, a process handle, and two on the way.
const PER_HOST: u64 = 6;

/// Descriptors of its further channel: three pipes and the control socket.
const PER_CHANNEL: u64 = 4;

/// Descriptors of everything else: standard streams, journal, output directory, runtime, libraries.
const RESERVED: u64 = 192;

/// Least descriptors reserved when the limit is very low; the output directory alone takes up to 64.
const RESERVED_AT_LEAST: u64 = 104;

/// Raises the limit, and lowers the plan's forks to what it allows; returns a word about that.
pub fn fit(plan: &mut Plan, ssh: &Auto) -> Option<String> {
    let limit = raise()?;
    let available = limit.saturating_sub(RESERVED.min(limit / 2).max(RESERVED_AT_LEAST));
    let per_host = if plan.opens_further_channels() { PER_HOST + PER_CHANNEL } else { PER_HOST };
    let wanted = plan.forks.min(plan.hosts.len());
    // Most runs end here, without a look at each host.
    if as_count(available / per_host) >= wanted {
        return None;
    }
    let is_native = |kind, target| kind == ConnectionKind::Ssh && matches!(ssh.choose(target), Choice::Native(_));
    let native = plan.hosts.iter().filter(|host| is_native(host.connection, &host.target)).count();
    let possible = window(available, (plan.hosts.len() - native) as u64, per_host);
    if wanted <= possible {
        return None;
    }
    plan.forks = possible;
    Some(format!(
        "only {limit} open files are allowed, so {possible} hosts run at once instead of {wanted}; `ulimit -Hn` shows the limit"
    ))
}

/// How many hosts `available` descriptors suffice for when all `dear` ones, at `per_host` each, happen to be among them.
fn window(available: u64, dear: u64, per_host: u64) -> usize {
    let possible = match available.checked_sub(dear.saturating_mul(per_host)) {
        Some(left) => dear + left / PER_NATIVE,
        None => available / per_host,
    };
    as_count(possible).max(1)
}

fn as_count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Raises the soft limit to the hard one; returns what it is then, none when there is none.
fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let mut raised = limit;
    raised.current = limit.maximum;
    if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_hosts_that_need_most() {
        assert_eq!(window(832, 0, 6), 277, "all native");
        assert_eq!(window(832, 10_000, 6), 138, "none native");
        assert_eq!(window(832, 10_000, 10), 83, "none native, with a further channel");
        assert_eq!(window(832, 2, 6), 2 + 820 / 3, "two not native");
        assert_eq!(window(833, 138, 6), 138 + 1, "the rest is for native ones");
        assert_eq!(window(0, 5, 6), 1, "never none");
    }
}
