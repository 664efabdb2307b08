//! `rabbitmq_user`: users of `RabbitMQ`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Argument, Args, BLANK, Kind, Module, ModuleError, Question, Return, Spec, Step, TaskContext, TaskResult,
    actions, probes,
};
use crate::secret::Secret;
use crate::template::Value;

/// The module.
pub struct RabbitmqUser;

/// The module.
pub static MODULE: RabbitmqUser = RabbitmqUser;

const PERMISSION: &[Argument] = &[
    Argument::text("vhost", "The virtual host.").default("/"),
    Argument::text("configure_priv", "What it may make: an expression.").default("^$"),
    Argument::text("write_priv", "What it may write to.").default("^$"),
    Argument::text("read_priv", "What it may read from.").default("^$"),
];

static SPEC: Spec = Spec {
    name: "rabbitmq_user",
    collections: &["community.rabbitmq", "community.general"],
    summary: "Makes, alters and removes users of RabbitMQ. Unproven on a real system.",
    arguments: &[
        Argument::text("user", "The user.").required().aliases(&["username", "name"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["present", "absent"]),
        Argument::text("password", "Its password; rabbitmqctl reads it from its input.").secret(),
        Argument::text("update_password", "When the password is set.").default("on_create").choices(&["on_create", "always"]),
        Argument::text("tags", "What it is, with commas between them: `administrator`."),
        Argument::of("permissions", Kind::DictList(PERMISSION), "What it may in each virtual host; in others nothing."),
        Argument::text("vhost", "Where it may what follows, without `permissions`.").default("/"),
        Argument::text("configure_priv", "What it may make.").default("^$"),
        Argument::text("write_priv", "What it may write to.").default("^$"),
        Argument::text("read_priv", "What it may read from.").default("^$"),
        Argument::bool("force", false, "Makes it anew."),
        Argument::text("node", "The node.").default("rabbit"),
    ],
    returns: &[
        Return { name: "user", about: "The user." },
        Return { name: "state", about: "What was asked for." },
    ],
    ..BLANK
};

/// Configure, write, read.
type Permission = [String; 3];

impl Module for RabbitmqUser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let user = args.needed("user");
        let mut questions = vec![
            Question::new(&probes::RABBITMQ, call(&args, &["list_users", "--formatter", "json"])),
            Question::new(&probes::RABBITMQ, call(&args, &["list_user_permissions", user, "--formatter", "json"])),
        ];
        if args.needed("update_password") == "always" && args.is_given("password") {
            let mut question = Question::new(&probes::RABBITMQ, call(&args, &["authenticate_user", user]));
            question.secrets.push(password(&args));
            questions.push(question);
        }
        Ok(Step::Ask(questions, Box::new(move |answers| decide(&args, &answers))))
    }
}

fn call(args: &Args, words: &[&str]) -> Vec<String> {
    ["rabbitmqctl", "-q", "-n", args.needed("node")].iter().chain(words).map(|word| (*word).to_owned()).collect()
}

fn password(args: &Args) -> (String, Secret) {
    ("PASSWORD".to_owned(), Secret::new(args.needed("password").to_owned()))
}

fn decide(args: &Args, answers: &[Answer]) -> Flow {
    let user = args.needed("user");
    let [users, permissions, rest @ ..] = answers else { return Err(ModuleError::new("the host gave no answer")) };
    if users.rc != 0 {
        return Err(flow::failure(users, "rabbitmqctl exited with non-zero code"));
    }
    let listed: Json = serde_json::from_slice(&users.stdout).unwrap_or_default();
    let found = listed.as_array().into_iter().flatten().find(|entry| entry["user"] == user);
    let mut calls = Vec::new();
    let present = args.needed("state") == "present";
    let anew = found.is_some() && (!present || args.bool("force"));
    if anew {
        calls.push(call(args, &["delete_user", user]));
    }
    if present {
        let there = found.filter(|_| !anew);
        if there.is_none() {
            if args.is_given("password") {
                calls.push(call(args, &["add_user", user]));
            } else {
                calls.push(call(args, &["add_user", user, ""]));
                calls.push(call(args, &["clear_password", user]));
            }
        } else if rest.first().is_some_and(|answer| answer.rc != 0) {
            calls.push(call(args, &["change_password", user]));
        }
        calls.extend(tags(args, there));
        let said: Json = serde_json::from_slice(&permissions.stdout).unwrap_or_default();
        calls.extend(grants(args, &if there.is_some() { granted(&said) } else { BTreeMap::new() }));
    }
    let result = TaskResult::ok().field("user", user).field("state", args.needed("state"));
    if calls.is_empty() {
        return flow::done(result);
    }
    let shown: Vec<String> = calls.iter().map(|call| call[4..].join(" ")).collect();
    let mut script = flow::commands(calls);
    script.script = actions::RABBITMQ;
    script.secrets.push(password(args));
    let diff = flow::diff_lines(&format!("user {user}"), &[], &shown);
    flow::change_and_end(vec![diff], script, "rabbitmqctl exited with non-zero code", result)
}

fn tags(args: &Args, found: Option<&Json>) -> Option<Vec<String>> {
    let sorted = |mut tags: Vec<String>| {
        tags.retain(|tag| !tag.is_empty());
        tags.sort();
        tags
    };
    let wanted = sorted(args.text("tags").unwrap_or_default().split(',').map(|tag| tag.trim().to_owned()).collect());
    let current = found.and_then(|entry| entry["tags"].as_array());
    let current = sorted(current.into_iter().flatten().filter_map(|tag| tag.as_str().map(str::to_owned)).collect());
    let words: Vec<&str> = ["set_user_tags", args.needed("user")].into_iter().chain(wanted.iter().map(String::as_str)).collect();
    (wanted != current).then(|| call(args, &words))
}

fn granted(said: &Json) -> BTreeMap<String, Permission> {
    let text = |entry: &Json, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let one = |entry: &Json| (text(entry, "vhost"), ["configure", "write", "read"].map(|name| text(entry, name)));
    said.as_array().into_iter().flatten().map(one).collect()
}

/// The calls that give and take permissions.
fn grants(args: &Args, current: &BTreeMap<String, Permission>) -> Vec<Vec<String>> {
    const NAMES: [&str; 3] = ["configure_priv", "write_priv", "read_priv"];
    let bulk = !args.list("permissions").is_empty();
    let mut wanted: BTreeMap<String, Permission> = BTreeMap::new();
    for entry in args.list("permissions").iter().filter_map(Value::as_dict) {
        let text = |name: &str| entry.get(name).map(ToString::to_string).unwrap_or_default();
        wanted.insert(text("vhost"), NAMES.map(text));
    }
    if !bulk {
        wanted.insert(args.needed("vhost").to_owned(), NAMES.map(|name| args.needed(name).to_owned()));
    }
    let user = args.needed("user");
    let gone = current.keys().filter(|vhost| bulk && !wanted.contains_key(*vhost));
    let mut calls: Vec<_> = gone.map(|vhost| call(args, &["clear_permissions", "-p", vhost, user])).collect();
    for (vhost, permission) in wanted.iter().filter(|(vhost, permission)| current.get(*vhost) != Some(permission)) {
        let [configure, write, read] = permission;
        calls.push(call(args, &["set_permissions", "-p", vhost, user, configure, write, read]));
    }
    calls
}
