//! How one task changes a host: one file a module.
//!
//! A module computes, the engine executes. A module never touches a host; it says the next [`Step`] and is handed the
//! reply. Only [`Step::Change`] alters a host, so check mode stops there and every change has a diff. What may be asked
//! is a closed list ([`probes`]): scripts that only read and stand together in one folder.
//!
//! Pure: no connections, no clock, no terminal.

pub mod accounts;
pub mod actions;
mod args;
pub mod certificates;
pub mod checkouts;
pub mod clients;
pub mod containers;
pub mod databases;
pub mod facts;
pub mod files;
pub mod firewalls;
pub mod flow;
pub mod library;
pub mod packages;
pub mod probes;
mod result;
pub mod running;
pub mod selinux;
pub mod services;
mod spec;
mod step;
pub mod storage;
#[cfg(test)]
pub mod testing;
pub mod web;

use args::convert;
pub use args::{ArgError, Args, convert_argument, to_bool};
pub use library::{MODULES, find};
pub use result::{Diff, ModuleError, TaskResult};
pub use spec::{Argument, BLANK, CheckMode, FreeForm, Kind, Return, Rule, Spec};
pub use step::{
    Action, Answer, Change, CommandCall, Content, Effect, Link, LocalFile, LocalKind, LocalPath, LocalRead, LocalReply,
    LocalVars, Next, Question, ScriptCall, Step, Typed, Wait, Waited,
};

use std::sync::Arc;

use crate::template::Templar;

/// A kind of task.
pub trait Module: Sync {
    /// What it is called, takes and returns.
    fn spec(&self) -> &'static Spec;

    /// The first step of a task.
    ///
    /// # Errors
    /// When the arguments make no sense together; the task fails with the message.
    fn start(&self, context: TaskContext) -> Result<Step, ModuleError>;
}

/// One task on one host, ready to run.
#[derive(Clone, Debug)]
pub struct TaskContext {
    /// The arguments: checked, of their types, defaults filled in.
    pub args: Arc<Args>,
    /// Computes templates with the task's variables: for `template`, `assert`, `debug`.
    pub templar: Templar,
    /// Inventory name of the host.
    pub host: Arc<str>,
    /// Whether it is another host than the task's own (`delegate_to`), or the same one by that way.
    pub delegated: bool,
    /// Whether nothing may be changed (`--check`).
    pub check: bool,
    /// Whether differences are shown (`--diff`).
    pub diff: bool,
    /// How much is said, 0 to 3: `-v` to `-vvv`.
    pub verbosity: u8,
}
