//! `include_tasks` and `include_role`: what is loaded while the play runs.

use std::sync::Arc;

use super::context::PlayContext;
use super::cursor::Position;
use super::host::HostRun;
use super::items::{self, Items};
use super::prepare::{NotPrepared, TaskView};
use super::result;
use super::task::{TaskEnd, TaskRun};
use crate::event::TaskStatus;
use crate::modules::to_bool;
use crate::playbook::{Action, IncludeKind, IncludedRole, Inclusion, Task};
use crate::template::{Dict, Value};
use crate::yaml::Diagnostic;

/// What one host includes at one task.
#[derive(Clone, Debug)]
pub(super) struct Included {
    task: Arc<Task>,
    what: What,
    vars: Dict,
}

#[derive(Clone, Debug)]
enum What {
    Tasks(String),
    Role(IncludedRole),
}

impl Included {
    /// Whether another host includes the same with the same variables.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = match (&self.what, &other.what) {
            (What::Tasks(one), What::Tasks(two)) => one == two,
            (What::Role(one), What::Role(two)) => format!("{one:?}") == format!("{two:?}"),
            _ => false,
        };
        same && self.vars == other.vars
    }
}

/// What the host of `run` includes; none when the condition does not hold. An error is the task's end.
pub(super) async fn requests(run: &TaskRun) -> Result<Vec<Included>, TaskEnd> {
    let items = match run.compute(Dict::new(), items::of).await {
        Ok(Items::None) => vec![Dict::new()],
        Ok(Items::Skipped(_)) => return Err(skipped()),
        Ok(Items::List(items)) => items.into_iter().map(|item| item.vars).collect(),
        Err(failure) => return Err(failed(run, &failure.message).await),
    };
    let mut included = Vec::new();
    for vars in items {
        let found = run.compute(vars.clone(), move |view| request(view, &vars)).await;
        match found {
            Ok(found) => included.extend(found),
            Err(failure) => return Err(failed(run, &failure.message).await),
        }
    }
    if included.is_empty() { Err(skipped()) } else { Ok(included) }
}

fn request(view: &TaskView, of_loop: &Dict) -> Result<Option<Included>, NotPrepared> {
    if view.fails_condition()?.is_some() {
        return Ok(None);
    }
    let Action::Include(include) = &view.task.action else { return Ok(None) };
    let text = |name: &str| -> Result<Option<String>, NotPrepared> {
        let Some(value) = include.arguments.named.get(name) else { return Ok(None) };
        let value = view.templar.render(value)?;
        Ok(Some(value).filter(|value| !matches!(value, Value::Omit | Value::Null)).map(|value| value.to_string()))
    };
    let what = match include.kind {
        IncludeKind::Tasks => What::Tasks(match text("file")? {
            Some(file) => file,
            None => text("_raw_params")?.ok_or_else(|| NotPrepared::new("include_tasks names no file"))?,
        }),
        IncludeKind::Role => What::Role(role(&text)?),
    };
    let mut vars = of_loop.clone();
    vars.extend(view.task.keywords.vars.clone().unwrap_or_default());
    Ok(Some(Included { task: Arc::clone(&view.task), what, vars }))
}

fn role(text: &impl Fn(&str) -> Result<Option<String>, NotPrepared>) -> Result<IncludedRole, NotPrepared> {
    let flag = |name: &str, default: bool| -> Result<bool, NotPrepared> {
        Ok(text(name)?.and_then(|value| to_bool(&Value::text(value))).unwrap_or(default))
    };
    let name = match text("name")? {
        Some(name) => Some(name),
        None => text("role")?,
    };
    Ok(IncludedRole {
        name: name.ok_or_else(|| NotPrepared::new("include_role names no role"))?,
        tasks_from: text("tasks_from")?,
        vars_from: text("vars_from")?,
        defaults_from: text("defaults_from")?,
        handlers_from: text("handlers_from")?,
        is_public: flag("public", false)?,
        validates: flag("rolespec_validate", true)?,
        repeats: flag("allow_duplicates", true)?,
    })
}

/// Levels of plays, roles, blocks and includes that lie within one another; a file that includes itself without end
/// reaches every number.
const LEVELS: usize = 400;

/// Loads what is included and puts it before what comes next for the host; an error is why not.
pub(super) async fn enter(
    play: &Arc<PlayContext>,
    host: &mut HostRun,
    included: &Included,
    position: &Position,
    group: u32,
) -> Result<(), String> {
    let levels = std::iter::successors(Some(&included.task.parent), |level| level.up.as_ref());
    if levels.take(LEVELS).count() == LEVELS {
        return Err(format!("{LEVELS} levels of includes lie within one another: it includes itself"));
    }
    match load(play, included).await {
        Ok((entries, handlers)) => {
            if !handlers.is_empty() {
                play.handlers.add(&handlers);
            }
            host.cursor.set_handlers(play.handlers.all());
            host.cursor.include(entries.into(), position, group);
            play.run.count(&host.name, |recap| recap.ok += 1);
            Ok(())
        }
        Err(errors) => Err(errors.iter().map(told).collect::<Vec<_>>().join("\n")),
    }
}

fn told(error: &Diagnostic) -> String {
    let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("{error}{hint}")
}

type Loaded = (Vec<crate::playbook::Entry>, Vec<Arc<crate::playbook::Handler>>);

async fn load(play: &Arc<PlayContext>, included: &Included) -> Result<Loaded, Vec<Diagnostic>> {
    let (play, included) = (Arc::clone(play), included.clone());
    let loading = tokio::task::spawn_blocking(move || {
        let Action::Include(include) = &included.task.action else { return Ok((Vec::new(), Vec::new())) };
        let inclusion =
            Inclusion { play: &play.play, task: &included.task, apply: &include.apply, vars: included.vars.clone() };
        match &included.what {
            What::Tasks(file) => play.run.loader.include_tasks(&inclusion, file).map(|entries| (entries, Vec::new())),
            What::Role(role) => play.run.loader.include_role(&inclusion, role).map(|loaded| {
                if role.is_public {
                    let roles = &play.layers.play.roles;
                    roles.lock().expect("nothing panics while it holds the lock").push(loaded.role);
                }
                (loaded.entries, loaded.handlers)
            }),
        }
    });
    loading.await.expect("the loader does not panic")
}

fn skipped() -> TaskEnd {
    let judged = result::skipped(&Value::text(""));
    TaskEnd { status: TaskStatus::Skipped, ignored: false, result: judged.result, notify: Vec::new(), stopped: false }
}

async fn failed(run: &TaskRun, message: &str) -> TaskEnd {
    run.tell_failed(message).await
}
