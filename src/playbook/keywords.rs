//! Keywords that a play, role, block or task hands down to what is within it.

use crate::template::Value;

/// Keywords as written; none where not set. A nearer one replaces a farther one, but for those said to add up.
#[derive(Clone, Debug, Default)]
pub struct Keywords {
    /// `become`.
    pub r#become: Option<Value>,
    /// `become_user`.
    pub become_user: Option<Value>,
    /// `become_method`.
    pub become_method: Option<Value>,
    /// `become_flags`.
    pub become_flags: Option<Value>,
    /// `become_exe`.
    pub become_exe: Option<Value>,
    /// `connection`.
    pub connection: Option<Value>,
    /// `port`.
    pub port: Option<Value>,
    /// `remote_user`.
    pub remote_user: Option<Value>,
    /// `when`, as a list: all of them must hold, and they add up over all levels, outermost first.
    pub when: Vec<Value>,
    /// `vars`; they add up, nearer ones win.
    pub vars: Option<crate::template::Dict>,
    /// `tags`; they add up.
    pub tags: Vec<Value>,
    /// `environment`, as a list; they add up, nearer ones win.
    pub environment: Vec<Value>,
    /// `module_defaults`, as a list; for each module the last one holds.
    pub module_defaults: Vec<Value>,
    /// `ignore_errors`.
    pub ignore_errors: Option<Value>,
    /// `ignore_unreachable`.
    pub ignore_unreachable: Option<Value>,
    /// `no_log`.
    pub no_log: Option<Value>,
    /// `check_mode`.
    pub check_mode: Option<Value>,
    /// `diff`.
    pub diff: Option<Value>,
    /// `any_errors_fatal`.
    pub any_errors_fatal: Option<Value>,
    /// `throttle`.
    pub throttle: Option<Value>,
    /// `timeout`, in seconds.
    pub timeout: Option<Value>,
    /// `run_once`.
    pub run_once: Option<Value>,
    /// `delegate_to` (blocks, roles and tasks).
    pub delegate_to: Option<Value>,
    /// `delegate_facts`.
    pub delegate_facts: Option<Value>,
    /// `collections`: searched for short names of roles.
    pub collections: Vec<String>,
    /// `debugger`, read and ignored with a warning.
    pub debugger: Option<Value>,
}
