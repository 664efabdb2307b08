//! `wait_for_connection`: until the host can be reached and runs commands.

use std::time::Duration;

use crate::modules::{
    Argument, BLANK, Link, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult, Wait, probes,
};

/// The module.
pub struct WaitForConnection;

/// The module.
pub static MODULE: WaitForConnection = WaitForConnection;

static SPEC: Spec = Spec {
    name: "wait_for_connection",
    summary: "Waits until the host can be reached and runs commands.",
    arguments: &[
        Argument::int("connect_timeout", "No matter: the connection has its own.").default("5"),
        Argument::int("delay", "Seconds before the first try.").default("0"),
        Argument::int("sleep", "Seconds between tries.").default("1"),
        Argument::int("timeout", "Seconds in all.").default("600"),
    ],
    returns: &[Return { name: "elapsed", about: "Seconds that it took." }],
    ..BLANK
};

impl Module for WaitForConnection {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let seconds = |name: &str| context.args.int(name).unwrap_or(0).unsigned_abs();
        if context.check {
            return Ok(Step::Done(TaskResult { skipped: true, ..TaskResult::ok() }.field("elapsed", 0)));
        }
        let timeout = seconds("timeout");
        Ok(Step::Wait(Wait {
            until: Question::new(&probes::PING, [""; 0]),
            accepts: Box::new(|answer| answer.rc == 0),
            delay: Duration::from_secs(seconds("delay")),
            every: Duration::from_secs(seconds("sleep")),
            limit: Duration::from_secs(timeout),
            link: Link::Reconnect,
            next: Box::new(move |waited| {
                let elapsed = i64::try_from(waited.elapsed.as_secs()).unwrap_or(i64::MAX);
                match waited.answer {
                    Some(_) => Ok(Step::Done(TaskResult::ok().field("elapsed", elapsed))),
                    None => Err(ModuleError::new(format!(
                        "timed out waiting for the host after {timeout} s: {}",
                        waited.last
                    ))
                    .field("elapsed", elapsed)),
                }
            }),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::modules::testing::on_each_shell;

    #[test]
    fn a_host_that_answers_is_enough() {
        on_each_shell(|host| {
            let args = json!({"timeout": 5, "delay": 0, "sleep": 1, "connect_timeout": 1});
            assert_eq!(host.run("wait_for_connection", &args).field("elapsed"), 1);
        });
    }
}
