//! Units of systemd.

use super::{Wanted, marked};
use crate::modules::flow::{self, Flow};
use crate::modules::{ModuleError, ScriptCall, TaskResult, actions};
use crate::template::{Dict, Value};

/// How a unit is, as the probes say it.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "what a probe says, fact by fact")]
pub struct Unit {
    /// Its properties, as `systemctl show` gives them.
    pub status: Dict,
    /// What `systemctl is-enabled` says.
    pub enabled: String,
    /// Whether an init script of its name is there.
    pub script: bool,
    /// Whether that init script is enabled.
    pub script_enabled: bool,
    /// Whether systemd does not run here (a chroot).
    pub offline: bool,
    /// Whether there is no systemctl.
    pub missing: bool,
    /// What reloading had to say.
    pub warning: Option<String>,
}

/// How systemctl is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The unit.
    pub unit: String,
    /// `system`, `user` or `global`.
    pub scope: String,
    /// Options, with blanks between them.
    pub options: String,
}

impl Unit {
    /// Reads the answer of a probe.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (facts, show) = text.split_once("@show\n").unwrap_or((text, ""));
        let show = show.rsplit_once("@rc ").map_or(show, |(show, _)| show);
        let fact = |name: &str| marked(facts, name);
        Self {
            status: parse_show(show),
            enabled: fact("enabled").unwrap_or_default().to_owned(),
            script: fact("initd").is_some(),
            script_enabled: fact("initd-enabled").is_some(),
            offline: fact("offline").is_some(),
            missing: fact("missing").is_some(),
            warning: fact("warning").map(str::to_owned),
        }
    }

    fn property(&self, name: &str) -> Option<&str> {
        self.status.get(name).and_then(Value::as_str)
    }

    /// Whether systemd knows it.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let listed = ["enabled", "enabled-runtime", "linked", "linked-runtime", "masked", "masked-runtime", "static"];
        let rest = ["indirect", "disabled", "generated", "transient", "alias"];
        match self.property("LoadState") {
            Some(state) => state != "not-found",
            None => listed.iter().chain(&rest).any(|state| *state == self.enabled),
        }
    }

    /// Whether it runs or is about to.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.property("ActiveState"), Some("active" | "activating"))
    }

    fn is_enabled(&self, call: &Call) -> bool {
        match self.enabled.as_str() {
            "enabled" | "static" | "generated" => true,
            // The first three are to be enabled for good: systemd knows what to do about them. The others are not.
            "enabled-runtime" | "indirect" | "alias" | "disabled" | "masked" | "masked-runtime" | "linked"
            | "linked-runtime" | "transient" => false,
            _ => call.scope == "system" && self.script && self.script_enabled,
        }
    }
}

fn parse_show(text: &str) -> Dict {
    let mut all = Dict::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((key, mut value)) = open.take() {
            value.push('\n');
            value.push_str(line);
            if line.trim_end().ends_with('}') {
                all.insert(key.into(), Value::text(value.trim()));
            } else {
                open = Some((key, value));
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let several =
            key.starts_with("Exec") && value.trim_start().starts_with('{') && !value.trim_end().ends_with('}');
        if several {
            open = Some((key.to_owned(), value.to_owned()));
        } else {
            all.insert(key.into(), Value::text(value.trim()));
        }
    }
    all
}

/// What must be done to a unit: the verbs, and lines for before and after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Verbs of systemctl.
    pub verbs: Vec<&'static str>,
    /// Lines before.
    pub before: Vec<String>,
    /// Lines after.
    pub after: Vec<String>,
    /// The result's fields.
    pub fields: Dict,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

impl Plan {
    fn alter(&mut self, verb: &'static str, before: &str, after: &str) {
        self.verbs.push(verb);
        self.before.push(before.to_owned());
        self.after.push(after.to_owned());
    }
}

/// Compares a unit with what is wanted of it.
///
/// # Errors
/// When there is no such unit or it cannot be loaded.
pub fn plan(unit: &Unit, wanted: &Wanted, call: &Call) -> Result<Plan, ModuleError> {
    let mut plan = Plan::default();
    plan.warnings.extend(unit.warning.clone());
    if unit.missing {
        return Err(ModuleError::new("Failed to find required executable \"systemctl\" in paths"));
    }
    let known = unit.is_known();
    if let (true, Some(error)) =
        (known && unit.property("LoadState") != Some("masked"), unit.property("LoadError").filter(|e| !e.is_empty()))
    {
        return Err(ModuleError::new(format!("Error loading unit file '{}': {error}", call.unit)));
    }
    if unit.script && !known {
        let text = "is actually an init script but the system is managed by systemd";
        plan.warnings.push(format!("The service ({}) {text}", call.unit));
    }
    let missing = !known && !unit.script;
    let absent = || ModuleError::new(format!("Could not find the requested service {}: host", call.unit));
    if let Some(masked) = wanted.masked.filter(|masked| *masked != (unit.enabled == "masked")) {
        let (verb, after) = if masked { ("mask", "masked") } else { ("unmask", "unmasked") };
        plan.alter(verb, if masked { "unmasked" } else { "masked" }, after);
    }
    if let Some(enabled) = wanted.enabled {
        if missing {
            return Err(absent());
        }
        plan.fields.insert("enabled".into(), enabled.into());
        if enabled != unit.is_enabled(call) {
            let after = if enabled { "enabled" } else { "disabled" };
            plan.alter(if enabled { "enable" } else { "disable" }, &unit.enabled, after);
        }
    }
    if let Some(state) = wanted.state {
        if missing {
            return Err(absent());
        }
        plan.fields.insert("state".into(), state.name().into());
        let active = unit.property("ActiveState");
        match active {
            Some(active) => {
                if let Some(verb) = state.verb(unit.is_running(), active == "deactivating") {
                    plan.alter(verb, active, if verb == "stop" { "inactive" } else { "active" });
                    if matches!(verb, "restart" | "reload") {
                        plan.after.pop();
                        plan.after.push(format!("active ({verb}ed)"));
                    }
                }
            }
            None if unit.offline => plan.warnings.push(
                "Target is a chroot or systemd is offline. This can lead to false positives or prevent the init system \
                 tools from working."
                    .to_owned(),
            ),
            None => return Err(ModuleError::new("Service is in unknown state").field("status", unit.status.clone())),
        }
    }
    plan.fields.insert("name".into(), call.unit.as_str().into());
    plan.fields.insert("status".into(), unit.status.clone().into());
    Ok(plan)
}

/// Brings a unit to what is wanted of it and ends the task.
///
/// # Errors
/// When there is no such unit or it cannot be loaded.
pub fn apply(unit: &Unit, wanted: &Wanted, call: Call) -> Flow {
    let plan = plan(unit, wanted, &call)?;
    let result = TaskResult { fields: plan.fields, warnings: plan.warnings, ..TaskResult::ok() };
    if plan.verbs.is_empty() {
        return flow::done(result);
    }
    let diff = flow::diff_lines(&call.unit, &plan.before, &plan.after);
    let words = [call.scope.as_str(), &call.options, &call.unit].into_iter().chain(plan.verbs);
    let script = ScriptCall::new(actions::SYSTEMCTL, words);
    flow::change(vec![diff], script, move |answer| {
        if let Some(answer) = answer.filter(|answer| answer.rc != 0) {
            let text = answer.text().into_owned();
            let verb = marked(&text, "failed").unwrap_or("change");
            return Err(flow::failure(&answer, &format!("Unable to {verb} service {}", call.unit)));
        }
        flow::done(TaskResult { changed: true, ..result })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::services::State;

    const SHOW: &str = "@enabled disabled\n@show\nType=forking\nExecStart={ path=/x ; argv[]=/x\n --more }\nExecReload={ a }\n\
        LoadState=loaded\nActiveState=active\nSubState=running\n@rc 0\n";

    fn call() -> Call {
        Call { unit: "nginx".to_owned(), scope: "system".to_owned(), options: String::new() }
    }

    #[test]
    fn properties_of_several_lines_are_one() {
        let unit = Unit::parse(SHOW);
        assert_eq!(unit.status.get("ExecStart").unwrap().to_string(), "{ path=/x ; argv[]=/x\n --more }");
        assert_eq!(unit.status.get("SubState").unwrap().to_string(), "running");
        assert!(unit.is_running() && unit.is_known());
    }

    #[test]
    fn only_what_differs_is_done() {
        let unit = Unit::parse(SHOW);
        let verbs =
            |state, enabled| plan(&unit, &Wanted { state, enabled, masked: Some(false) }, &call()).unwrap().verbs;
        assert_eq!(verbs(Some(State::Started), Some(false)), [""; 0]);
        assert_eq!(verbs(Some(State::Stopped), Some(true)), ["enable", "stop"]);
        assert_eq!(verbs(Some(State::Restarted), None), ["restart"]);
        assert_eq!(verbs(Some(State::Reloaded), None), ["reload"]);
    }

    #[test]
    fn a_unit_that_is_not_there_is_said_so() {
        let unit = Unit::parse("@enabled \n@show\nLoadState=not-found\nActiveState=inactive\n@rc 0\n");
        let wanted = Wanted { state: Some(State::Started), ..Wanted::default() };
        let error = plan(&unit, &wanted, &call()).unwrap_err();
        assert_eq!(error.message, "Could not find the requested service nginx: host");
    }
}
