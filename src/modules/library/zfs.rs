//! `zfs`: file systems, volumes and snapshots of ZFS, through the host's own `zfs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::modules::clients::{self, Clients, accept};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct Zfs;

/// The module.
pub static MODULE: Zfs = Zfs;

static SPEC: Spec = Spec {
    name: "zfs",
    collections: &["community.general"],
    summary: "Makes, alters and destroys file systems, volumes and snapshots of ZFS. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name: `pool/name`, `pool/name@snapshot`.").required(),
        Argument::text("state", "Whether it is there.").required().choices(&["absent", "present"]),
        Argument::text("origin", "The snapshot that a new one is a clone of."),
        Argument::of("extra_zfs_properties", Kind::Dict, "Properties, `volsize` and `volblocksize` among them.")
            .default("{}"),
    ],
    returns: &[
        Return { name: "name", about: "Its name." },
        Return { name: "state", about: "What was asked for." },
        Return { name: "…", about: "The properties that the task gives." },
    ],
    ..BLANK
};

impl Module for Zfs {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let name = args.needed("name").to_owned();
        if args.text("origin").is_some_and(|origin| !origin.is_empty()) && name.contains('@') {
            return Err(ModuleError::new("cannot specify origin when operating on a snapshot"));
        }
        let pool = name.split(['/', '@']).next().unwrap_or_default().to_owned();
        let properties = properties(&args);
        flow::ask(Question::new(&probes::ZFS, [name.clone(), pool]), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("zpool", "zpool")?;
            clients.require("list", "zfs")?;
            accept(Some(&clients.said("zpool")))?;
            let mut result = TaskResult::ok().field("name", &*name).field("state", args.needed("state"));
            for (name, value) in &properties {
                result = result.field(name, &**value);
            }
            let task = Task { args: args.clone(), name, properties, result };
            match (args.needed("state") == "present", clients.holds("list")) {
                (true, true) => task.set(&clients.text("properties")),
                (true, false) => task.create(),
                (false, true) => task.destroy(),
                (false, false) => flow::done(task.result),
            }
        })
    }
}

/// The properties that the task gives, as texts.
fn properties(args: &Args) -> Vec<(String, String)> {
    let given = args.dict("extra_zfs_properties").into_iter().flatten();
    let text = |value: &Value| match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        other => other.to_string(),
    };
    given.map(|(name, value)| (name.to_string(), text(value))).collect()
}

struct Task {
    args: Arc<Args>,
    name: String,
    properties: Vec<(String, String)>,
    result: TaskResult,
}

impl Task {
    fn create(self) -> Flow {
        let origin = self.args.text("origin").filter(|origin| !origin.is_empty());
        let mut words = match (self.name.contains('@'), origin) {
            (true, _) => flow::words(["zfs", "snapshot"]),
            (false, Some(_)) => flow::words(["zfs", "clone", "-p"]),
            (false, None) => flow::words(["zfs", "create", "-p"]),
        };
        for (name, value) in &self.properties {
            match name.as_str() {
                "volsize" => words.extend(flow::words(["-V", value])),
                "volblocksize" => words.extend(flow::words(["-b", value])),
                _ => words.extend(["-o".to_owned(), format!("{name}={value}")]),
            }
        }
        words.extend(origin.map(str::to_owned));
        words.push(self.name.clone());
        let diff = flow::diff(&self.name, "state: absent\n", "state: present\n");
        clients::change(vec![diff], flow::command(words), self.result)
    }

    fn destroy(self) -> Flow {
        let diff = flow::diff(&self.name, "state: present\n", "state: absent\n");
        clients::change(vec![diff], flow::command(["zfs", "destroy", "-R", &self.name]), self.result)
    }

    fn set(self, text: &str) -> Flow {
        let before = own(text);
        let differs = |(name, value): &&(String, String)| before.get(name) != Some(value);
        let wanted: Vec<(String, String)> = self.properties.iter().filter(differs).cloned().collect();
        if wanted.is_empty() {
            return flow::done(self.result);
        }
        let line = |name: &str, value: Option<&String>| value.map(|value| format!("{name}: {value}\n")).unwrap_or_default();
        let old: String = wanted.iter().map(|(name, _)| line(name, before.get(name))).collect();
        let new: String = wanted.iter().map(|(name, value)| line(name, Some(value))).collect();
        let settings = wanted.iter().map(|(name, value)| format!("{name}={value}"));
        let call = ScriptCall::new(actions::ZFS, std::iter::once(self.name.clone()).chain(settings));
        flow::change(vec![flow::diff(&self.name, old, new)], call, move |answer| {
            let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..self.result }) };
            accept(Some(&answer))?;
            let after = own(&answer.text());
            if let Some((lost, _)) = self.properties.iter().find(|(name, _)| !after.contains_key(name)) {
                let message = format!("zfsprop was not present after being successfully set: {lost}");
                return Err(ModuleError::new(message));
            }
            // What is written `10G` may be the number that stood there already.
            let changed = wanted.iter().any(|(name, _)| before.get(name) != after.get(name));
            flow::done(TaskResult { changed, ..self.result })
        })
    }
}

/// The values of properties that are set there, or that only making it sets.
fn own(text: &str) -> BTreeMap<String, String> {
    let property = |line: &str| {
        let (name, rest) = line.split_once('\t')?;
        let (value, source) = rest.rsplit_once('\t')?;
        matches!(source, "local" | "received" | "-").then(|| (name.to_owned(), value.to_owned()))
    };
    text.lines().filter_map(property).collect()
}
