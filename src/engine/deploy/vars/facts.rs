//! Which facts were asked for before they were gathered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crate::inventory::ConnectionVars;

/// The hosts whose facts a template asked for and that have none yet. Facts are gathered only when something uses
/// them: whoever computed a template looks here, gathers, and computes it again.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::deploy) struct FactsWanted(Arc<Mutex<BTreeSet<Arc<str>>>>);

impl FactsWanted {
    /// Notes that a fact of `host` was asked for.
    pub fn note(&self, host: &Arc<str>) {
        self.0.lock().expect("nothing panics while it holds the lock").insert(Arc::clone(host));
    }

    /// Whether one of the hosts noted is so.
    pub fn any(&self, is_so: impl Fn(&Arc<str>) -> bool) -> bool {
        self.0.lock().expect("nothing panics while it holds the lock").iter().any(is_so)
    }

    /// The hosts noted since the last call.
    pub fn take(&self) -> BTreeSet<Arc<str>> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics while it holds the lock"))
    }
}

/// Whether a name that nothing else defines may be that of a fact.
pub(super) fn may_be_fact(name: &str) -> bool {
    // Looked for by name, set or not, and never a fact.
    const NEVER: [&str; 5] =
        ["ansible_failed_", "ansible_limit", "ansible_loop", "ansible_index_var", "ansible_python_interpreter"];
    let is_asked_for_every_task = ConnectionVars::NAMES.contains(&name);
    name.starts_with("ansible_") && !is_asked_for_every_task && !NEVER.iter().any(|never| name.starts_with(never))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connecting_asks_for_no_facts() {
        assert!(!ConnectionVars::NAMES.iter().any(|name| may_be_fact(name)));
        assert!(
            ["ansible_facts", "ansible_os_family", "ansible_user_id", "ansible_hostname"]
                .iter()
                .all(|name| may_be_fact(name))
        );
    }
}
