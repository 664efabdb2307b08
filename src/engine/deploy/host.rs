//! One host in a play's batch.

use std::sync::Arc;

use super::context::PlayContext;
use super::cursor::{Cursor, Upcoming};
use super::task::TaskRun;
use crate::event::TaskInfo;
use crate::modules::to_bool;
use crate::playbook::{Role, Task};
use crate::template::{Dict, Key, Origin, Value};

/// One host on its way through a play.
#[derive(Debug)]
pub(super) struct HostRun {
    /// Inventory name.
    pub name: Arc<str>,
    /// Its place in the batch.
    pub number: usize,
    /// Where it is.
    pub cursor: Cursor,
    /// What has become of it.
    pub state: HostState,
    /// Roles of which a task has run here.
    pub roles: Vec<Arc<Role>>,
}

/// What has become of a host in a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostState {
    /// It goes on.
    Going,
    /// A task failed that nothing rescued.
    Failed,
    /// It could not be reached.
    Unreachable,
    /// It was told to end (`meta: end_host`).
    Ended,
}

impl HostRun {
    /// The next task, if the host goes on.
    pub fn peek(&mut self) -> Option<Upcoming> {
        if self.state != HostState::Going {
            return None;
        }
        let upcoming = self.cursor.peek();
        if upcoming.is_none() && self.cursor.has_failed {
            self.state = HostState::Failed;
        }
        upcoming
    }

    /// Whether the task is of a role that has run here by another use of it, and that does not allow that; notes the
    /// role otherwise.
    pub fn repeats_role(&mut self, task: &Task) -> bool {
        let Some(role) = task.parent.role() else { return false };
        if self.roles.iter().any(|known| Arc::ptr_eq(known, role)) {
            return false;
        }
        if self.roles.iter().any(|known| known.identity == role.identity) {
            return !role.allows_duplicates;
        }
        self.roles.push(Arc::clone(role));
        false
    }

    /// A task about to run on this host.
    pub fn task_run(&self, play: &Arc<PlayContext>, task: &Arc<Task>, info: &Arc<TaskInfo>) -> TaskRun {
        TaskRun {
            play: Arc::clone(play),
            host: Arc::clone(&self.name),
            task: Arc::clone(task),
            info: Arc::clone(info),
            local: self.failure(),
            owed: self.owed(),
            // A template is taken for yes until it is computed.
            no_log: task.keyword(|keywords| keywords.no_log.as_ref()).is_some_and(|flag| to_bool(flag) != Some(false)),
        }
    }

    /// The names of the handlers that it owes.
    pub fn owed(&self) -> Vec<String> {
        let name = |task: &Task| task.name.as_ref().map(ToString::to_string);
        self.cursor.owed().iter().filter_map(|handler| name(&handler.task)).collect()
    }

    /// `ansible_failed_task` and `ansible_failed_result`, within a `rescue`.
    fn failure(&self) -> Dict {
        let Some(failed) = self.cursor.failed.last() else { return Dict::new() };
        let name = failed.task.name.clone().unwrap_or_else(|| Value::text(""));
        let task = Dict::from_iter([
            (Key::from("name"), Value::text(name.to_string())),
            (Key::from("action"), Value::text(super::prepare::module_name(&failed.task.action))),
            (Key::from("path"), place(&failed.task.place)),
        ]);
        Dict::from_iter([
            ("ansible_failed_task".into(), Value::dict(task)),
            ("ansible_failed_result".into(), failed.result.clone()),
        ])
    }
}

fn place(origin: &Origin) -> Value {
    Value::text(format!("{}:{}", origin.file, origin.line))
}
