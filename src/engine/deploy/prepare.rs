//! From a task as written to a task that can run on one host: conditions, arguments, who it runs as.
//!
//! Pure computing, some of it slow (lookups run programs): callers run it on a blocking thread.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use super::connect::{self, Reached};
use super::context::PlayContext;
use super::vars::{FactsWanted, Layers, TaskScope};
use crate::modules::{self, Args, Module, Spec, TaskContext, to_bool};
use crate::playbook::{Action, Arguments, Keywords, Task};
use crate::template::{Dict, Key, SearchPath, Templar, TemplateError, Text, Value};

/// Why a task failed before it ran.
#[derive(Clone, Debug)]
pub(super) struct NotPrepared {
    /// The message.
    pub message: String,
    /// Whether what is missing is a variable.
    pub is_undefined: bool,
    /// Whether the host could not be reached when its facts were needed.
    pub is_unreachable: bool,
    /// Whether it is the module's own result: `failed_when` is asked about it.
    pub is_result: bool,
}

impl NotPrepared {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_undefined: false, is_unreachable: false, is_result: false }
    }

    /// The module does not take its arguments.
    pub fn refused(message: String) -> Self {
        Self { is_result: true, ..Self::new(message) }
    }

    /// The host could not be reached when its facts were needed.
    pub fn unreachable(error: String) -> Self {
        Self { is_unreachable: true, ..Self::new(error) }
    }
}

impl From<TemplateError> for NotPrepared {
    fn from(error: TemplateError) -> Self {
        let is_undefined = error.kind == crate::template::TemplateErrorKind::Undefined;
        Self { is_undefined, ..Self::new(error.told()) }
    }
}

/// What holds for one task (or one item of its loop) on one host.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// The module.
    pub module: ModuleRef,
    /// What it is given.
    pub context: TaskContext,
    /// Where it runs, and as whom.
    pub reached: Reached,
    /// The host that it runs on instead.
    pub delegate: Option<Arc<str>>,
    /// Whether facts belong to that host.
    pub delegates_facts: bool,
    /// The environment of everything that runs there.
    pub environment: Vec<(String, OsString)>,
    /// Longest time that it may take.
    pub timeout: Option<Duration>,
    /// `async` and `poll`.
    pub detached: Option<Detached>,
    /// `until`.
    pub tries: Option<Tries>,
    /// Facts that the module asks for while it runs.
    pub wanted: FactsWanted,
}

impl Prepared {
    /// Whether it runs where and as whom the other does.
    pub fn runs_like(&self, other: &Self) -> bool {
        let (one, two) = (&self.reached.0, &other.reached.0);
        one.name == two.name
            && one.privilege == two.privilege
            && one.target.user == two.target.user
            && one.target.port == two.target.port
            && self.delegate == other.delegate
            && self.environment == other.environment
            && self.context.check == other.context.check
            && self.timeout == other.timeout
            && self.detached == other.detached
    }
}

/// `async` and `poll`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detached {
    /// The longest time that it may take.
    pub limit: Duration,
    /// Between looks; zero means that nobody waits.
    pub poll: Duration,
}

/// `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tries {
    /// Further tries after the first.
    pub retries: u32,
    /// Between tries.
    pub delay: Duration,
}

/// A module, comparable to none but shown by its name.
#[derive(Clone, Copy)]
pub(super) struct ModuleRef(pub &'static dyn Module);

impl std::fmt::Debug for ModuleRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.spec().name)
    }
}

/// Whether a task (or item) runs.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It runs.
    Run(Box<Prepared>),
    /// Its condition does not hold; with the condition.
    Skip(Value),
}

/// A task on a host, with the variables that it sees.
#[derive(Clone, Debug)]
pub(super) struct TaskView {
    pub play: Arc<PlayContext>,
    pub host: Arc<str>,
    pub task: Arc<Task>,
    pub search: Arc<SearchPath>,
    pub templar: Templar,
    /// Variables of this moment.
    pub local: Dict,
    /// Facts that were asked for before they were gathered.
    pub wanted: FactsWanted,
}

impl TaskView {
    /// The view of a task whose variables are completed by `local` ones.
    pub fn new(play: &Arc<PlayContext>, host: &Arc<str>, task: &Arc<Task>, local: Dict) -> Self {
        let search = Arc::new(play.search(task));
        let layers = play.fresh_layers();
        let scope = TaskScope::new(&layers, host, Some(task), Arc::clone(&search)).with(local.clone());
        let environment = Arc::clone(&layers.environment);
        let templar = Templar::new(environment, Arc::new(scope), Arc::clone(&search));
        let (play, host, task) = (Arc::clone(play), Arc::clone(host), Arc::clone(task));
        Self { play, host, task, search, templar, local, wanted: layers.wanted }
    }

    /// The same with further variables of this moment.
    pub fn within(&self, local: Dict) -> Self {
        let mut all = self.local.clone();
        all.extend(local);
        let layers = Layers { wanted: self.wanted.clone(), ..self.play.layers.clone() };
        let scope = TaskScope::new(&layers, &self.host, Some(&self.task), Arc::clone(&self.search)).with(all.clone());
        Self { templar: self.templar.with_scope(Arc::new(scope)), local: all, ..self.clone() }
    }

    /// The value of a keyword, nearest first.
    pub fn keyword(&self, pick: impl Fn(&Keywords) -> Option<&Value>) -> Result<Option<Value>, NotPrepared> {
        let Some(value) = self.task.keyword(pick) else { return Ok(None) };
        let value = self.templar.render(value)?;
        Ok(Some(value).filter(|value| !matches!(value, Value::Null | Value::Omit)))
    }

    /// The value of a keyword that says yes or no.
    pub fn flag(&self, name: &str, pick: impl Fn(&Keywords) -> Option<&Value>) -> Result<Option<bool>, NotPrepared> {
        let Some(value) = self.keyword(pick)? else { return Ok(None) };
        let flag = to_bool(&value);
        flag.map(Some).ok_or_else(|| NotPrepared::new(format!("{name}: {value} is no boolean")))
    }

    /// A number of seconds or the like.
    pub fn number(&self, name: &str, value: Option<&Value>) -> Result<Option<f64>, NotPrepared> {
        let Some(value) = value else { return Ok(None) };
        let value = self.templar.render(value)?;
        let number = match &value {
            Value::Null | Value::Omit => return Ok(None),
            Value::String(text) => text.as_str().trim().parse().ok(),
            other => other.as_number().map(crate::template::Number::as_f64),
        };
        let number = number.filter(|number: &f64| number.is_finite() && *number >= 0.0);
        number.map(Some).ok_or_else(|| NotPrepared::new(format!("{name}: {value} is no number")))
    }

    /// The first condition of `when` that does not hold, outermost level first.
    pub fn fails_condition(&self) -> Result<Option<Value>, NotPrepared> {
        let levels: Vec<_> = self.task.parent.levels().collect();
        let conditions = levels.iter().rev().flat_map(|level| &level.keywords.when).chain(&self.task.keywords.when);
        for condition in conditions {
            if !self.templar.holds(condition)? {
                return Ok(Some(condition.clone()));
            }
        }
        Ok(None)
    }

    /// Whether all `conditions` hold.
    pub fn all_hold(&self, conditions: &[Value]) -> Result<bool, NotPrepared> {
        for condition in conditions {
            if !self.templar.holds(condition)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The task's name as it is shown.
    pub fn name(&self) -> String {
        let name = self
            .task
            .name
            .as_ref()
            .map(|name| self.templar.render(name).map_or_else(|_| name.to_string(), |name| name.to_string()));
        name.unwrap_or_else(|| module_name(&self.task.action))
    }

    /// The task, ready to run.
    pub fn prepare(&self) -> Result<Verdict, NotPrepared> {
        if let Some(condition) = self.fails_condition()? {
            return Ok(Verdict::Skip(condition));
        }
        let (module, arguments) = self.module()?;
        let spec = module.spec();
        let given = self.arguments(spec, arguments)?;
        let args = Args::check(spec, &given).map_err(|error| NotPrepared::refused(error.message))?;
        for argument in spec.arguments.iter().filter(|argument| argument.secret) {
            if let Some(secret) = args.text(argument.name) {
                self.templar.environment().add_secret(secret);
            }
        }
        let delegate = self.keyword(|keywords| keywords.delegate_to.as_ref())?.map(|host| Arc::from(host.to_string()));
        let options = &self.play.run.options;
        let context = TaskContext {
            args: Arc::new(args),
            templar: self.templar.clone(),
            host: delegate.clone().unwrap_or_else(|| Arc::clone(&self.host)),
            delegated: delegate.is_some(),
            check: self.flag("check_mode", |keywords| keywords.check_mode.as_ref())?.unwrap_or(options.check),
            diff: self.flag("diff", |keywords| keywords.diff.as_ref())?.unwrap_or(options.diff),
            verbosity: options.verbosity,
        };
        Ok(Verdict::Run(Box::new(Prepared {
            module: ModuleRef(module),
            context,
            reached: connect::reached(self, delegate.as_ref())?,
            delegate,
            delegates_facts: self.flag("delegate_facts", |keywords| keywords.delegate_facts.as_ref())?.unwrap_or(false),
            environment: self.environment()?,
            timeout: self.number("timeout", self.task.keyword(|keywords| keywords.timeout.as_ref()))?.map(seconds),
            detached: self.detached()?,
            tries: self.tries()?,
            wanted: self.wanted.clone(),
        })))
    }

    fn module(&self) -> Result<(&'static dyn Module, &Arguments), NotPrepared> {
        match &self.task.action {
            Action::Module(module, arguments) => Ok((*module, arguments)),
            Action::Named(name, arguments) => {
                let name = self.templar.render(name)?.to_string();
                let found = modules::find(&name);
                let module = found.ok_or_else(|| NotPrepared::new(format!("there is no module `{name}`")))?;
                Ok((module, arguments))
            }
            Action::Include(_) | Action::Meta(_) => Err(NotPrepared::new("this is no module")),
        }
    }

    /// The arguments, computed: defaults of `module_defaults` below, `args` above, the task's own on top.
    fn arguments(&self, spec: &Spec, arguments: &Arguments) -> Result<Dict, NotPrepared> {
        let mut given = Dict::new();
        given.extend(self.module_defaults(spec)?);
        if let Some(whole) = &arguments.whole {
            match self.templar.render(whole)? {
                Value::Dict(whole) => given.extend(Dict::clone(&whole)),
                Value::Null | Value::Omit => {}
                other => return Err(NotPrepared::new(format!("args must be a dictionary, not {}", other.type_name()))),
            }
        }
        for (key, value) in &arguments.named {
            let value = if is_expression(spec.name, key) { value.clone() } else { self.templar.render(value)? };
            let key = if spec.open { self.open_key(key, value.clone())? } else { key.clone() };
            given.insert(key, without_omitted(value));
        }
        Ok(given)
    }

    /// Names of variables may be templates (`set_fact`).
    fn open_key(&self, key: &Key, value: Value) -> Result<Key, NotPrepared> {
        let Some(name) = key.as_str().filter(|name| name.contains("{{")) else { return Ok(key.clone()) };
        drop(value);
        let name = Value::String(Text::template(name, self.task.place.clone()));
        Ok(self.templar.render(&name)?.to_string().into())
    }

    /// The nearest defaults for the module: they replace those farther out.
    fn module_defaults(&self, spec: &Spec) -> Result<Dict, NotPrepared> {
        let levels: Vec<_> = self.task.parent.levels().collect();
        let all = levels.iter().rev().flat_map(|level| &level.keywords.module_defaults);
        let mut found = Dict::new();
        for defaults in all.chain(&self.task.keywords.module_defaults) {
            let Value::Dict(defaults) = defaults else { continue };
            for (name, values) in defaults.iter() {
                let is_meant = name.as_str().is_some_and(|name| is_named(spec, name));
                if is_meant && let Value::Dict(values) = self.templar.render(values)? {
                    found = values.iter().map(|(key, value)| (key.clone(), without_omitted(value.clone()))).collect();
                }
            }
        }
        Ok(found)
    }

    fn environment(&self) -> Result<Vec<(String, OsString)>, NotPrepared> {
        let levels: Vec<_> = self.task.parent.levels().collect();
        let all = levels.iter().rev().flat_map(|level| &level.keywords.environment);
        let mut environment: indexmap::IndexMap<String, OsString> = indexmap::IndexMap::new();
        for value in all.chain(&self.task.keywords.environment) {
            match self.templar.render(value)? {
                Value::Dict(entries) => {
                    for (name, value) in entries.iter().filter(|(_, value)| !matches!(value, Value::Omit)) {
                        environment.insert(name.to_string(), value.to_string().into());
                    }
                }
                Value::Null | Value::Omit => {}
                Value::String(text) if text.as_str().is_empty() => {}
                other => {
                    let message = format!("environment must be a dictionary, not {}", other.type_name());
                    return Err(NotPrepared::new(message));
                }
            }
        }
        if let Some(name) = environment.keys().find(|name| !is_variable_name(name)) {
            return Err(NotPrepared::new(format!("environment: `{name}` is no name of a variable")));
        }
        Ok(environment.into_iter().collect())
    }

    fn detached(&self) -> Result<Option<Detached>, NotPrepared> {
        let Some(limit) = self.number("async", self.task.r#async.as_ref())?.filter(|limit| *limit > 0.0) else {
            return Ok(None);
        };
        let poll = self.number("poll", self.task.poll.as_ref())?.unwrap_or(15.0);
        Ok(Some(Detached { limit: seconds(limit), poll: seconds(poll) }))
    }

    fn tries(&self) -> Result<Option<Tries>, NotPrepared> {
        let retries = self.number("retries", self.task.retries.as_ref())?;
        if self.task.until.is_none() && retries.is_none() {
            return Ok(None);
        }
        let delay = self.number("delay", self.task.delay.as_ref())?.unwrap_or(5.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be finite and positive"
        )]
        let retries = retries.unwrap_or(3.0) as u32;
        Ok(Some(Tries { retries, delay: seconds(delay) }))
    }
}

/// The name of what a task does.
pub(super) fn module_name(action: &Action) -> String {
    match action {
        Action::Module(module, _) => module.spec().name.to_owned(),
        Action::Named(name, _) => name.to_string(),
        Action::Include(include) => match include.kind {
            crate::playbook::IncludeKind::Tasks => "include_tasks".to_owned(),
            crate::playbook::IncludeKind::Role => "include_role".to_owned(),
        },
        Action::Meta(_) => "meta".to_owned(),
    }
}

/// Whether a key of `module_defaults` means a module: by its name, or by its family's (`group/community.docker.docker`).
fn is_named(spec: &Spec, name: &str) -> bool {
    let short = name.rsplit(['.', '/']).next().unwrap_or(name);
    if name.starts_with("group/") {
        return spec.name.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    }
    short == spec.name || spec.aliases.contains(&short)
}

/// Arguments that are expressions: the module computes them itself.
fn is_expression(module: &str, key: &Key) -> bool {
    matches!((module, key.as_str()), ("assert", Some("that")) | ("debug", Some("var")))
}

/// The value without what is omitted within it.
fn without_omitted(value: Value) -> Value {
    match value {
        Value::List(items) if items.iter().any(has_omitted) => {
            let kept = items.iter().filter(|item| !matches!(item, Value::Omit)).cloned();
            Value::list(kept.map(without_omitted).collect())
        }
        Value::Dict(dict) if dict.values().any(has_omitted) => {
            let kept = dict.iter().filter(|(_, value)| !matches!(value, Value::Omit));
            Value::dict(kept.map(|(key, value)| (key.clone(), without_omitted(value.clone()))).collect())
        }
        other => other,
    }
}

fn has_omitted(value: &Value) -> bool {
    match value {
        Value::Omit => true,
        Value::List(items) => items.iter().any(has_omitted),
        Value::Dict(dict) => dict.values().any(has_omitted),
        _ => false,
    }
}

fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// A duration; what is longer than a century is a century.
pub(super) fn seconds(seconds: f64) -> Duration {
    const CENTURY: f64 = 3.2e9;
    Duration::from_secs_f64(seconds.clamp(0.0, CENTURY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::BLANK;

    #[test]
    fn defaults_are_meant_for_a_module_or_for_its_family() {
        let spec = &Spec { name: "docker_image", aliases: &["image"], ..BLANK };
        for name in ["docker_image", "community.docker.docker_image", "image", "group/docker"] {
            assert!(is_named(spec, name), "{name}");
        }
        assert!(is_named(spec, "group/community.docker.docker"));
        for name in ["docker", "group/dock", "group/docker_image", "docker_container", "group/community.mysql.mysql"] {
            assert!(!is_named(spec, name), "{name}");
        }
    }
}
