//! What modules about services share: how a service is, and what must be done to it.
//!
//! Pure: texts in, values out.

pub mod crontab;
pub mod crontab_task;
pub mod listing;
pub mod systemd;
pub mod sysv;

use super::args::Args;

/// What is wanted of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Whether it runs.
    pub state: Option<State>,
    /// Whether it starts with the host.
    pub enabled: Option<bool>,
    /// Whether it cannot be started at all.
    pub masked: Option<bool>,
}

/// The state that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Started,
    /// It does not run.
    Stopped,
    /// It was started anew.
    Restarted,
    /// It has read its configuration anew.
    Reloaded,
}

impl Wanted {
    /// Reads the arguments `state`, `enabled` and `masked`.
    #[must_use]
    pub fn of(args: &Args) -> Self {
        let state = match args.text("state") {
            Some("started" | "running") => Some(State::Started),
            Some("stopped") => Some(State::Stopped),
            Some("restarted") => Some(State::Restarted),
            Some("reloaded") => Some(State::Reloaded),
            _ => None,
        };
        Self { state, enabled: args.maybe_bool("enabled"), masked: args.maybe_bool("masked") }
    }
}

impl State {
    /// The verb that leads to it from a service that runs or not; none when it is there.
    #[must_use]
    pub fn verb(self, running: bool, stopping: bool) -> Option<&'static str> {
        match self {
            Self::Started | Self::Restarted | Self::Reloaded if !running => Some("start"),
            Self::Started => None,
            Self::Stopped => (running || stopping).then_some("stop"),
            Self::Restarted => Some("restart"),
            Self::Reloaded => Some("reload"),
        }
    }

    /// What the result calls it: whatever was restarted or reloaded is started.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self == Self::Stopped { "stopped" } else { "started" }
    }
}

/// The value of a line `@NAME VALUE`.
#[must_use]
pub fn marked<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.strip_prefix('@')?.split_once(' ').unwrap_or((line.strip_prefix('@')?, ""));
        (found == name).then_some(value.trim())
    })
}
