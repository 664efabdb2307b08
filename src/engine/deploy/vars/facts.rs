//! Which facts were asked for before they were gathered.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The hosts whose facts a template asked for and that have none yet. Facts are gathered only when something uses
/// them: whoever computed a template looks here, gathers, and computes it again.
#[derive(Clone, Debug, Default)]
pub(in crate::engine::deploy) struct FactsWanted(Arc<Mutex<BTreeSet<Arc<str>>>>);

impl FactsWanted {
    /// Notes that a fact of `host` was asked for.
    pub fn note(&self, host: &Arc<str>) {
        self.0.lock().expect("nothing panics while it holds the lock").insert(Arc::clone(host));
    }

    /// The hosts noted since the last call.
    pub fn take(&self) -> BTreeSet<Arc<str>> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics while it holds the lock"))
    }
}

/// Whether a name that nothing else defines may be that of a fact.
pub(super) fn may_be_fact(name: &str) -> bool {
    // Connection variables are looked for by name for every task, set or not.
    const NEVER: [&str; 12] = [
        "ansible_become",
        "ansible_connection",
        "ansible_failed",
        "ansible_host",
        "ansible_limit",
        "ansible_loop",
        "ansible_password",
        "ansible_port",
        "ansible_private",
        "ansible_shell",
        "ansible_ssh_",
        "ansible_user",
    ];
    const FACTS: [&str; 5] =
        ["ansible_user_", "ansible_ssh_host_key", "ansible_hostname", "ansible_hostnqn", "ansible_python"];
    if name == "ansible_facts" || FACTS.iter().any(|fact| name.starts_with(fact)) {
        return name != "ansible_python_interpreter";
    }
    name.starts_with("ansible_") && !NEVER.iter().any(|never| name.starts_with(never))
}
