//! Which runs are asked for.

use jiff::Timestamp;

use crate::event::Verb;
use crate::journal::{RunEntry, RunStatus};

/// What a run must be like; what is empty does not matter.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// One of these.
    pub statuses: Vec<RunStatus>,
    /// One of these.
    pub verbs: Vec<Verb>,
    /// Who ran it, directly or through sudo.
    pub user: Option<String>,
    /// `--name` of the run.
    pub name: Option<String>,
    /// A host that the run had selected.
    pub host: Option<String>,
    /// Began then or later.
    pub since: Option<Timestamp>,
    /// Began before.
    pub until: Option<Timestamp>,
}

impl RunFilter {
    /// Whether `entry` is asked for. A run whose header is damaged matches only what does not need one.
    #[must_use]
    pub fn wants(&self, entry: &RunEntry) -> bool {
        let header = entry.header.as_ref();
        let has = |wanted: &Option<String>, found: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(found);
        let invoker = header.map(|header| &header.invoker);
        let is_user = |user: &str| {
            invoker.is_some_and(|invoker| invoker.user == user || invoker.sudo_user.as_deref() == Some(user))
        };
        (self.statuses.is_empty() || self.statuses.contains(&entry.status))
            && (self.verbs.is_empty() || header.is_some_and(|header| self.verbs.contains(&header.verb)))
            && has(&self.user, &is_user)
            && has(&self.name, &|name| header.is_some_and(|header| header.name.as_deref() == Some(name)))
            && has(&self.host, &|host| header.is_some_and(|header| header.hosts.iter().any(|own| &**own == host)))
            && self.since.is_none_or(|since| entry.started.is_some_and(|started| started >= since))
            && self.until.is_none_or(|until| entry.started.is_some_and(|started| started < until))
    }
}
