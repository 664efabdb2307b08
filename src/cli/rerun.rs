//! `--rerun`: the hosts of an earlier run that are due again.

use std::collections::HashSet;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use super::{CliError, record};
use crate::journal::{self, RerunSelector};

/// An outcome, and the run it is looked for in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rerun {
    outcome: RerunSelector,
    run: Option<String>,
}

impl FromStr for Rerun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (outcome, run) = match text.split_once('@') {
            Some((outcome, run)) => (outcome, Some(run.to_owned())),
            None => (text, None),
        };
        let outcome = match outcome {
            "failed" => RerunSelector::Failed,
            "unreachable" => RerunSelector::Unreachable,
            "not-started" => RerunSelector::NotStarted,
            other => return Err(format!("`{other}` is none of failed, unreachable and not-started")),
        };
        Ok(Self { outcome, run })
    }
}

impl Rerun {
    /// Keeps of `hosts` those that are due again, in their order.
    ///
    /// # Errors
    /// Fails when the journal has no such run, or it is damaged or still going.
    pub fn keep(&self, hosts: Vec<Arc<str>>, journal_dir: &Path) -> Result<Vec<Arc<str>>, CliError> {
        let user = record::invoker().user;
        let dirs = [journal_dir.to_owned()];
        let (_, due) = journal::rerun_hosts(&dirs, self.outcome, self.run.as_deref(), &user)?;
        let due: HashSet<Arc<str>> = due.into_iter().collect();
        Ok(hosts.into_iter().filter(|host| due.contains(host)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_may_be_named() {
        let rerun: Rerun = "failed@01a2".parse().unwrap();
        assert_eq!(rerun, Rerun { outcome: RerunSelector::Failed, run: Some("01a2".into()) });
        assert!("broken".parse::<Rerun>().is_err());
    }
}
