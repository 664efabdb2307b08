//! `pause`: waits, or asks whoever is at the terminal. It runs once for all hosts.

use std::time::Duration;

use crate::modules::{
    Argument, BLANK, LocalRead, LocalReply, Module, ModuleError, Return, Rule, Spec, Step, TaskContext, TaskResult,
    Typed, running,
};

/// The module.
pub struct Pause;

/// The module.
pub static MODULE: Pause = Pause;

static SPEC: Spec = Spec {
    name: "pause",
    summary: "Waits, or asks whoever is at the terminal; once for all hosts.",
    arguments: &[
        Argument::int("seconds", "How long; at least 1."),
        Argument::int("minutes", "How long."),
        Argument::text("prompt", "What is asked or said."),
        Argument::bool("echo", true, "Shows what is typed."),
    ],
    rules: &[Rule::Exclusive(&["minutes", "seconds"])],
    returns: &[
        Return { name: "delta", about: "Seconds that it took." },
        Return { name: "echo", about: "Whether what was typed was shown." },
        Return { name: "start", about: "When it began." },
        Return { name: "stdout", about: "How long it took, in words." },
        Return { name: "stop", about: "When it ended." },
        Return { name: "user_input", about: "What was typed." },
    ],
    ..BLANK
};

impl Module for Pause {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let minutes = args.int("minutes");
        let seconds = minutes.map(|minutes| minutes.saturating_mul(60)).or_else(|| args.int("seconds"));
        let limit = seconds.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(1).max(1)));
        let echo = args.bool("echo");
        let prompt = args.text("prompt").map(str::to_owned);
        let unit = if minutes.is_some() || limit.is_none() { "minutes" } else { "seconds" };
        let pause = LocalRead::Pause { limit, prompt: Some(question(prompt.as_deref(), limit, echo)), echo };
        Ok(Step::Local(
            pause,
            Box::new(move |reply| {
                let LocalReply::Line(typed) = reply else { unreachable!("a line answers for a pause") };
                Ok(Step::Done(result(&typed, limit, echo, unit)))
            }),
        ))
    }
}

fn question(prompt: Option<&str>, limit: Option<Duration>, echo: bool) -> String {
    let hidden = if echo { "" } else { " (output is hidden)" };
    match (prompt, limit) {
        (Some(prompt), None) => format!("{prompt}{hidden}: "),
        (None, None) => format!("Press enter to continue, Ctrl-C to stop{hidden}: "),
        (Some(prompt), Some(limit)) => format!("Pausing for {} seconds: {prompt}", limit.as_secs()),
        (None, Some(limit)) => format!("Pausing for {} seconds", limit.as_secs()),
    }
}

fn result(typed: &Typed, limit: Option<Duration>, echo: bool, unit: &str) -> TaskResult {
    let took = typed.took.as_secs_f64();
    let shown = if unit == "minutes" { took / 60.0 } else { took };
    let mut result = TaskResult::ok()
        .field("delta", i64::try_from(typed.took.as_secs()).unwrap_or(i64::MAX))
        .field("echo", echo)
        .field("rc", 0)
        .field("stderr", "")
        .field("stdout", format!("Paused for {} {unit}", python_float(shown)))
        .field("start", running::clock(typed.began))
        .field("stop", running::clock(typed.began + typed.took))
        .field("user_input", typed.line.clone().filter(|_| limit.is_none()).unwrap_or_default());
    if !typed.asked && limit.is_none() {
        result.warnings.push("Not waiting for response to prompt as stdin is not interactive".to_owned());
    }
    result
}

/// Two decimals, as Python shows a rounded float.
fn python_float(number: f64) -> String {
    let rounded = (number * 100.0).round() / 100.0;
    format!("{rounded:?}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::modules::testing::on_each_shell;

    #[test]
    fn what_was_typed_is_the_result() {
        on_each_shell(|host| {
            let ran = host.run("pause", &json!({"prompt": "Go on?", "echo": false}));
            assert_eq!((ran.field("user_input"), ran.field("echo")), (json!("typed"), json!(false)));
            assert_eq!((ran.field("stdout"), ran.field("delta")), (json!("Paused for 0.03 minutes"), json!(2)));
            let ran = host.run("pause", &json!({"seconds": 2}));
            assert_eq!((ran.field("user_input"), ran.field("stdout")), (json!(""), json!("Paused for 2.0 seconds")));
            let ran = host.run("pause", &json!({"minutes": 1}));
            assert_eq!(ran.field("stdout"), json!("Paused for 0.03 minutes"));
        });
    }

    #[test]
    fn a_pause_that_nobody_can_end_is_told() {
        let typed = Typed { line: None, asked: false, began: std::time::UNIX_EPOCH, took: Duration::ZERO };
        let told = "Not waiting for response to prompt as stdin is not interactive";
        assert_eq!(result(&typed, None, true, "minutes").warnings, [told]);
        assert!(result(&typed, Some(Duration::from_secs(1)), true, "seconds").warnings.is_empty());
    }
}
