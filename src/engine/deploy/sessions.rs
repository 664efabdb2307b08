//! The sessions of all hosts: kept for the whole run, lent to one task at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::session::{Reach, Session};
use crate::engine::PlannedHost;

/// The sessions that no task is using.
pub(super) struct Sessions {
    reach: Arc<Reach>,
    idle: Mutex<HashMap<String, Vec<Session>>>,
}

impl Sessions {
    pub fn new(reach: Arc<Reach>) -> Self {
        Self { reach, idle: Mutex::default() }
    }

    /// A session with a host: one that is idle, else a new one, which connects when it is first used.
    pub fn borrow(&self, host: &PlannedHost) -> Session {
        let idle = self.lock().get_mut(&key(host)).and_then(Vec::pop);
        idle.unwrap_or_else(|| Session::new(Arc::clone(&self.reach), host.target.clone(), host.connection))
    }

    /// Takes a session back.
    pub fn give_back(&self, host: &PlannedHost, session: Session) {
        self.lock().entry(key(host)).or_default().push(session);
    }

    /// The idle sessions with a host, which the caller ends (`meta: reset_connection`).
    pub fn take(&self, host: &str) -> Vec<Session> {
        let prefix = format!("{host}\n");
        let mut idle = self.lock();
        let keys: Vec<String> = idle.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
        keys.iter().filter_map(|key| idle.remove(key)).flatten().collect()
    }

    /// All idle sessions, which the caller ends.
    pub fn take_all(&self) -> Vec<Session> {
        std::mem::take(&mut *self.lock()).into_values().flatten().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<Session>>> {
        self.idle.lock().expect("nothing panics while it holds the lock")
    }
}

/// What makes two sessions the same: host, address, port and user.
fn key(host: &PlannedHost) -> String {
    let target = &host.target;
    format!("{}\n{:?} {} {:?} {:?}", host.name, host.connection, target.address, target.port, target.user)
}
