//! Services of `OpenRC` and of init scripts.

use super::{Wanted, marked};
use crate::modules::flow::{self, Flow};
use crate::modules::{ModuleError, ScriptCall, TaskResult, actions};

/// How a service is, as the probe says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Whether its script is there.
    pub found: bool,
    /// Whether it starts with the host.
    pub enabled: bool,
    /// Whether it runs.
    pub running: bool,
}

/// How it is to be altered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `openrc` or `sysvinit`.
    pub manager: String,
    /// The service.
    pub name: String,
    /// Further arguments of its script.
    pub arguments: String,
    /// Between stop and start, in seconds.
    pub pause: i64,
    /// The runlevel of `OpenRC`.
    pub runlevel: String,
    /// Whether its process is looked for by a pattern.
    pub by_pattern: bool,
}

impl Service {
    /// Reads the answer of the probe.
    #[must_use]
    pub fn parse(text: &str, by_pattern: bool) -> Self {
        let (_, status) = text.split_once("@status\n").unwrap_or((text, ""));
        let rc: Option<i32> = marked(text, "rc").and_then(|rc| rc.parse().ok());
        let said = status.to_lowercase();
        let stopped =
            ["not running", "stopped", "is dead", "crashed", "inactive"].iter().any(|word| said.contains(word));
        let running = if by_pattern { marked(text, "pattern").is_some() } else { rc == Some(0) && !stopped };
        Self {
            found: marked(text, "found").is_some(),
            enabled: marked(text, "enabled").is_some_and(|enabled| !enabled.is_empty()),
            running,
        }
    }
}

/// Brings a service to what is wanted of it and ends the task.
///
/// # Errors
/// When there is no such service.
pub fn apply(service: &Service, wanted: &Wanted, call: Call) -> Flow {
    if !service.found && !call.by_pattern {
        return Err(ModuleError::new(format!("Could not find the requested service {}: host", call.name)));
    }
    let mut result = TaskResult::ok().field("name", call.name.as_str());
    let (mut verbs, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let name = |enabled: bool| if enabled { "enabled" } else { "disabled" };
    if let Some(enabled) = wanted.enabled {
        result = result.field("enabled", enabled);
        if enabled != service.enabled {
            verbs.push(if enabled { "enable" } else { "disable" });
            before.push(name(service.enabled));
            after.push(name(enabled));
        }
    }
    if let Some(state) = wanted.state {
        result = result.field("state", state.name());
        if let Some(verb) = state.verb(service.running, false) {
            verbs.push(verb);
            before.push(if service.running { "started" } else { "stopped" });
            after.push(match verb {
                "restart" => "restarted",
                "reload" => "reloaded",
                _ => state.name(),
            });
        }
    }
    if verbs.is_empty() {
        return flow::done(result);
    }
    let pause = call.pause.to_string();
    let words = [call.manager.as_str(), &call.name, &call.arguments, &pause, &call.runlevel];
    let script = ScriptCall::new(actions::SERVICE, words.into_iter().chain(verbs));
    let diff = flow::diff_lines(&call.name, &before, &after);
    flow::change(vec![diff], script, move |answer| {
        if let Some(answer) = answer.filter(|answer| answer.rc != 0) {
            let text = answer.text().into_owned();
            let verb = marked(&text, "failed").unwrap_or("change");
            return Err(flow::failure(&answer, &format!("Unable to {verb} service {}", call.name)));
        }
        flow::done(TaskResult { changed: true, ..result })
    })
}
