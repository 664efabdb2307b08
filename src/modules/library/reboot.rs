//! `reboot`: starts the host anew and waits until it is back.

use std::time::Duration;

use crate::modules::flow::{self, Flow};
use crate::modules::{
    Argument, BLANK, Link, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext, TaskResult,
    Wait, actions, probes,
};

/// The module.
pub struct Reboot;

/// The module.
pub static MODULE: Reboot = Reboot;

static SPEC: Spec = Spec {
    name: "reboot",
    summary: "Starts the host anew and waits until it is back.",
    arguments: &[
        Argument::int("pre_reboot_delay", "Seconds before it goes down.").default("0").aliases(&["pre_reboot_delay_sec"]),
        Argument::int("post_reboot_delay", "Seconds after it went down before it is tried.")
            .default("0")
            .aliases(&["post_reboot_delay_sec"]),
        Argument::int("reboot_timeout", "Seconds that it may take to be back, and again for `test_command`.")
            .default("600")
            .aliases(&["reboot_timeout_sec"]),
        Argument::int("connect_timeout", "No matter: the connection has its own.").aliases(&["connect_timeout_sec"]),
        Argument::text("test_command", "Run until it succeeds; nothing by default.").default("true"),
        Argument::text("msg", "What users are told.").default("Reboot initiated by Ansible"),
        Argument::list("search_paths", "Where `shutdown` is looked for.")
            .default("/sbin,/bin,/usr/sbin,/usr/bin,/usr/local/sbin"),
        Argument::text("boot_time_command", "Says when the host was started.")
            .default("cat /proc/sys/kernel/random/boot_id"),
        Argument::text("reboot_command", "Instead of `shutdown`."),
    ],
    returns: &[
        Return { name: "rebooted", about: "Whether it was." },
        Return { name: "elapsed", about: "Seconds that it took." },
    ],
    ..BLANK
};

/// Numbers and commands of one task.
#[derive(Clone)]
struct Plan {
    boot_time_command: String,
    test_command: String,
    after: u64,
    limit: u64,
}

impl Module for Reboot {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let seconds = |name: &str| args.int(name).unwrap_or(0).unsigned_abs();
        let plan = Plan {
            boot_time_command: args.needed("boot_time_command").to_owned(),
            test_command: args.needed("test_command").to_owned(),
            after: seconds("post_reboot_delay"),
            limit: seconds("reboot_timeout"),
        };
        let words = [
            seconds("pre_reboot_delay").to_string(),
            args.needed("msg").to_owned(),
            args.needed("reboot_command").to_owned(),
            args.texts("search_paths").join(":"),
        ];
        let question = Question::new(&probes::RUN_LINE, [&plan.boot_time_command]);
        flow::ask(question, move |answer| {
            if answer.rc != 0 || answer.stdout.is_empty() {
                return Err(flow::failure(&answer, "cannot tell when the host was started"));
            }
            let booted = answer.stdout;
            let diff = flow::diff("host", "running\n", "started anew\n");
            flow::change(vec![diff], ScriptCall::new(actions::REBOOT, words), move |answer| {
                let Some(answer) = answer else {
                    return flow::done(TaskResult::changed().field("rebooted", true).field("elapsed", 0));
                };
                flow::succeeded(Some(&answer), "Reboot command failed")?;
                wait(plan, booted)
            })
        })
    }
}

/// Waits until the host says another time of its start.
#[expect(clippy::unnecessary_wraps, reason = "a step, as all functions of a flow give")]
fn wait(plan: Plan, booted: Vec<u8>) -> Flow {
    let until = Question::new(&probes::RUN_LINE, [&plan.boot_time_command]);
    let every = Duration::from_secs(1);
    let limit = Duration::from_secs(plan.limit);
    Ok(Step::Wait(Wait {
        until,
        accepts: Box::new(move |answer| answer.rc == 0 && !answer.stdout.is_empty() && answer.stdout != booted),
        delay: Duration::from_secs(plan.after),
        every,
        limit,
        link: Link::Reconnect,
        next: Box::new(move |first| {
            if first.answer.is_none() {
                let message = format!("Timed out waiting for last boot time check (timeout={}): {}", plan.limit, first.last);
                return Err(ModuleError::new(message).field("rebooted", true));
            }
            Ok(Step::Wait(Wait {
                until: Question::new(&probes::RUN_LINE, [&plan.test_command]),
                accepts: Box::new(|answer| answer.rc == 0),
                delay: Duration::ZERO,
                every,
                limit,
                link: Link::Reconnect,
                next: Box::new(move |second| {
                    if second.answer.is_none() {
                        let message =
                            format!("Timed out waiting for post-reboot test command (timeout={}): {}", plan.limit, second.last);
                        return Err(ModuleError::new(message).field("rebooted", true));
                    }
                    let elapsed = i64::try_from((first.elapsed + second.elapsed).as_secs()).unwrap_or(i64::MAX);
                    flow::done(TaskResult::changed().field("rebooted", true).field("elapsed", elapsed))
                }),
            }))
        }),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::modules::testing::{Mode, on_each_shell};

    #[test]
    fn check_mode_starts_nothing() {
        on_each_shell(|host| {
            let args = json!({"reboot_command": "touch started", "boot_time_command": "echo 1"});
            let ran = host.run_as("reboot", &args, Mode { check: true, diff: true });
            assert!(ran.changed() && ran.field("rebooted") == true);
            assert!(!host.home().join("started").exists());
        });
    }

    #[test]
    fn a_host_that_was_not_started_anew_fails() {
        on_each_shell(|host| {
            let args = json!({"reboot_command": "true", "boot_time_command": "echo 1", "reboot_timeout": 1});
            assert!(host.fail("reboot", &args).starts_with("Timed out waiting for last boot time check (timeout=1)"));
        });
    }
}
