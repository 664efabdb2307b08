//! `wait_for`: until a port or a file is as wanted, seen from the host.

use std::time::Duration;

use crate::modules::{CheckMode, 
    Argument, BLANK, Kind, Link, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult,
    Wait, probes,
};
use crate::template::Value;

/// The module.
pub struct WaitFor;

/// The module.
pub static MODULE: WaitFor = WaitFor;

static SPEC: Spec = Spec {
    name: "wait_for",
    summary: "Waits until a port or a file is as wanted, as the host sees it; with neither, for `timeout`.",
    arguments: &[
        Argument::text("host", "Whose port.").default("127.0.0.1"),
        Argument::int("port", "The port."),
        Argument::path("path", "The file."),
        Argument::text("state", "What is waited for.").default("started").choices(&[
            "absent", "drained", "present", "started", "stopped",
        ]),
        Argument::text("search_regex", "Must be found in the file, or in what the port sends."),
        Argument::int("timeout", "Seconds in all.").default("300"),
        Argument::int("delay", "Seconds before the first try.").default("0"),
        Argument::int("sleep", "Seconds between tries.").default("1"),
        Argument::int("connect_timeout", "Seconds that a connection may take.").default("5"),
        Argument::text("msg", "What is said when it took too long."),
        Argument::list("exclude_hosts", "Peers whose connections do not count for `drained`."),
        Argument::of(
            "active_connection_states",
            Kind::List(&Kind::Text),
            "The states of connections that count for `drained`.",
        )
        .default("ESTABLISHED,FIN_WAIT1,FIN_WAIT2,SYN_RECV,SYN_SENT,TIME_WAIT"),
    ],
    rules: &[Rule::Exclusive(&["path", "port"])],
    check_mode: CheckMode::Skipped,
    returns: &[
        Return { name: "elapsed", about: "Seconds that it took." },
        Return { name: "state", about: "What was waited for." },
        Return { name: "path", about: "The file." },
        Return { name: "port", about: "The port." },
        Return { name: "search_regex", about: "What was searched for." },
        Return { name: "match_groups", about: "The unnamed groups of what was found." },
        Return { name: "match_groupdict", about: "The named groups of what was found." },
    ],
    ..BLANK
};

impl Module for WaitFor {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        if context.check {
            let skipped = TaskResult::ok().message("remote module (wait_for) does not support check mode");
            return Ok(Step::Done(TaskResult { skipped: true, ..skipped }));
        }
        let args = context.args;
        let seconds = |name: &str| Duration::from_secs(args.int(name).unwrap_or(0).unsigned_abs());
        let (path, port) = (args.text("path").unwrap_or_default().to_owned(), args.int("port"));
        let state = args.needed("state").to_owned();
        check(&path, port, &state, args.is_given("search_regex"))?;
        let regex = match args.text("search_regex") {
            Some(text) => Some(
                fancy_regex::Regex::new(&format!("(?m){text}"))
                    .map_err(|_| ModuleError::new(format!("search_regex is no regular expression: {text}")))?,
            ),
            None => None,
        };
        let idle = path.is_empty() && port.is_none();
        let words = [
            if idle { "nothing".to_owned() } else { state.clone() },
            path.clone(),
            args.needed("host").to_owned(),
            port.map(|port| port.to_string()).unwrap_or_default(),
            args.int("connect_timeout").unwrap_or(5).to_string(),
            if regex.is_some() { "text" } else { "" }.to_owned(),
            args.texts("exclude_hosts").join(" "),
            args.texts("active_connection_states").join(" "),
        ];
        let pattern = regex.clone();
        let (timeout, name) = (seconds("timeout"), name(&path, args.needed("host"), port));
        Ok(Step::Wait(Wait {
            until: Question::new(&probes::WAIT_FOR, words),
            accepts: Box::new(move |answer| {
                let found = || pattern.as_ref().is_none_or(|regex| regex.is_match(&*answer.text()).unwrap_or(false));
                answer.rc == 0 && !idle && found()
            }),
            delay: seconds("delay"),
            every: seconds("sleep"),
            limit: timeout,
            link: Link::Keep,
            next: Box::new(move |waited| {
                let elapsed = i64::try_from(waited.elapsed.as_secs()).unwrap_or(i64::MAX);
                let null = |text: Option<&str>| text.map_or(Value::Null, Value::text);
                let mut result = TaskResult::ok()
                    .field("elapsed", elapsed)
                    .field("state", state.as_str())
                    .field("path", null(Some(path.as_str()).filter(|path| !path.is_empty())))
                    .field("port", port.map_or(Value::Null, Value::Int))
                    .field("search_regex", null(args.text("search_regex")))
                    .field("match_groups", Vec::<Value>::new())
                    .field("match_groupdict", Value::dict(crate::template::Dict::new()));
                match waited.answer {
                    Some(answer) => {
                        if let Some(regex) = &regex {
                            result = groups(result, regex, &answer.text());
                        }
                        Ok(Step::Done(result))
                    }
                    None if idle => Ok(Step::Done(result)),
                    None => {
                        let what = if regex.is_some() { "for search string in" } else { "for" };
                        let said = match (state.as_str(), regex.is_some()) {
                            ("absent" | "stopped", _) => format!("Timeout when waiting for {name} to be {}", if path.is_empty() { "stopped" } else { "absent" }),
                            ("drained", _) => format!("Timeout when waiting for {name} to drain"),
                            _ => format!("Timeout when waiting {what} {name}"),
                        };
                        let message = args.text("msg").map_or(said, str::to_owned);
                        Err(ModuleError::new(message).field("elapsed", elapsed))
                    }
                }
            }),
        }))
    }
}

fn check(path: &str, port: Option<i64>, state: &str, regex: bool) -> Result<(), ModuleError> {
    match (state, port) {
        ("drained", None) => Err(ModuleError::new("state=drained should only be used for checking a port in the wait_for module")),
        ("stopped", None) if !path.is_empty() => {
            Err(ModuleError::new("state=stopped should only be used for checking a port in the wait_for module"))
        }
        _ if regex && matches!(state, "stopped" | "absent" | "drained") => {
            Err(ModuleError::new("state=stopped should not be used with search_regex in the wait_for module"))
        }
        _ => Ok(()),
    }
}

fn name(path: &str, host: &str, port: Option<i64>) -> String {
    match port {
        Some(port) => format!("{host}:{port}"),
        None => format!("file {path}"),
    }
}

fn groups(result: TaskResult, regex: &fancy_regex::Regex, text: &str) -> TaskResult {
    let Ok(Some(found)) = regex.captures(text) else { return result };
    let value = |group: Option<fancy_regex::Match<'_>>| group.map_or(Value::Null, |group| Value::text(group.as_str()));
    let all: Vec<Value> = (1..found.len()).map(|place| value(found.get(place))).collect();
    let named = regex.capture_names().flatten().map(|name| (name.into(), value(found.name(name)))).collect();
    result.field("match_groups", all).field("match_groupdict", Value::dict(named))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::modules::testing::on_each_shell;

    #[test]
    fn files_and_what_they_hold_are_waited_for() {
        on_each_shell(|host| {
            host.write("log", "first\nserver ready on 80\n");
            let args = json!({"path": host.path("log"), "search_regex": "^server (\\w+) on (?P<port>\\d+)"});
            let ran = host.run("wait_for", &args);
            assert_eq!(ran.field("match_groupdict"), json!({"port": "80"}));
            assert_eq!(ran.field("match_groups"), json!(["ready", "80"]));
            let _ = host.run("wait_for", &json!({"path": host.path("none"), "state": "absent"}));
            let message = host.fail("wait_for", &json!({"path": host.path("none")}));
            assert_eq!(message, format!("Timeout when waiting for file {}", host.path("none")));
        });
    }

    #[test]
    fn ports_are_tried_from_the_host() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        on_each_shell(|host| {
            let _ = host.run("wait_for", &json!({"port": port, "connect_timeout": 2}));
            let message = host.fail("wait_for", &json!({"port": port, "state": "stopped", "msg": "still there"}));
            assert_eq!(message, "still there");
        });
        drop(listener);
        on_each_shell(|host| {
            let _ = host.run("wait_for", &json!({"port": port, "state": "stopped"}));
            let _ = host.run("wait_for", &json!({"port": port, "state": "drained", "exclude_hosts": "127.0.0.1"}));
        });
    }

    #[test]
    fn without_port_and_path_it_only_waits() {
        on_each_shell(|host| {
            let _ = host.run("wait_for", &json!({"timeout": 1, "delay": 0, "sleep": 1}));
        });
    }
}
