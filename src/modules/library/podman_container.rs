//! `podman_container`: containers of podman, through the host's own `podman`.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::modules::clients::{Clients, refused};
use crate::modules::containers::podman;
use crate::modules::containers::podman_options::OPTIONS;
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Kind, Module, ModuleError, Question, Return, ScriptCall, Spec, Step, TaskContext,
    TaskResult, actions, probes,
};
use crate::template::Value;

/// The module.
pub struct PodmanContainer;

/// The module.
pub static MODULE: PodmanContainer = PodmanContainer;

/// Arguments that are no options of making a container.
const OWN: [Argument; 16] = [
    Argument::text("name", "Its name.").required(),
    Argument::text("executable", "The program podman.").default("podman"),
    Argument::text("state", "What is wanted of it.").default("started").choices(&[
        "absent", "present", "stopped", "started", "created",
    ]),
    Argument::text("image", "The image that it is of."),
    Argument::of("command", Kind::Raw, "What runs in it: words, or a list of them."),
    Argument::list("cmd_args", "Further words for podman."),
    Argument::bool("detach", true, "Whether podman does not wait for its end."),
    Argument::bool("debug", false, "Tells the version of podman, too."),
    Argument::bool("force_restart", false, "Starts it anew.").aliases(&["restart"]),
    Argument::bool("recreate", false, "Makes it anew."),
    Argument::bool("force_delete", true, "Deletes it although it runs."),
    Argument::bool("image_strict", false, "Whether registry and path of its image count when it is compared."),
    Argument::bool("delete_depend", false, "Deletes those that depend on it as well."),
    Argument::bool("delete_volumes", false, "Deletes its nameless volumes as well."),
    Argument::text("delete_time", "Seconds that it has to end before it is deleted."),
    Argument::text("stop_time", "Seconds that it has to end when it is stopped."),
];

const COUNT: usize = OWN.len() + OPTIONS.len() + 1;

#[expect(clippy::large_stack_arrays, reason = "it is computed when this is compiled")]
const fn arguments() -> [Argument; COUNT] {
    let mut all = [Argument::text("restart_time", "Seconds that it has to end when it is started anew."); COUNT];
    let mut place = 0;
    while place < OWN.len() {
        all[place] = OWN[place];
        place += 1;
    }
    let mut place = 0;
    while place < OPTIONS.len() {
        all[OWN.len() + place] = OPTIONS[place].argument;
        place += 1;
    }
    all
}

static ARGUMENTS: [Argument; COUNT] = arguments();

static SPEC: Spec = Spec {
    name: "podman_container",
    collections: &["containers.podman", "community.general"],
    summary: "Makes, starts, stops and deletes containers of podman. Unproven on a real system.",
    arguments: &ARGUMENTS,
    returns: &[
        Return { name: "container", about: "What `podman container inspect` says of it." },
        Return { name: "actions", about: "What was done: `started NAME`, …" },
        Return { name: "podman_actions", about: "The commands that did it." },
        Return { name: "stdout", about: "What they said." },
        Return { name: "stderr", about: "What they said of errors." },
        Return { name: "podman_version", about: "With `debug`: podman's version." },
    ],
    ..BLANK
};

impl Module for PodmanContainer {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let image = args.text("image").filter(|_| args.needed("state") != "absent").unwrap_or_default();
        let words = [args.needed("executable"), args.needed("name"), image].map(str::to_owned);
        flow::ask(Question::new(&probes::PODMAN, words), move |answer| {
            let clients = Clients::read(&answer);
            clients.require("version", args.needed("executable"))?;
            let version = clients.text("version").trim().to_owned();
            let old = version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major < 4);
            let container = first(&clients.text("container"));
            let image = first(&clients.text("image"));
            Task { args, version, old, container, image, commands: Vec::new(), actions: Vec::new() }.decide()
        })
    }
}

/// The first thing of what podman inspected.
fn first(text: &str) -> Option<Json> {
    let things: Json = serde_json::from_str(text).ok()?;
    things.as_array()?.first().cloned()
}

struct Task {
    args: Arc<Args>,
    version: String,
    /// Whether podman is older than 4.
    old: bool,
    container: Option<Json>,
    image: Option<Json>,
    commands: Vec<Vec<String>>,
    actions: Vec<String>,
}

impl Task {
    fn decide(mut self) -> Flow {
        let state = self.args.needed("state").to_owned();
        let has_image = self.args.text("image").is_some_and(|image| !image.is_empty());
        if self.container.is_none() && !has_image && state != "absent" {
            let verb = if state == "started" { "start" } else { "create" };
            return Err(ModuleError::new(format!("Cannot {verb} container when image is not specified!")));
        }
        if has_image && state != "absent" && self.image.is_none() && self.args.text("pull") != Some("never") {
            self.pull();
        }
        match state.as_str() {
            "absent" => self.absent(),
            "stopped" => self.stopped(),
            "started" => self.started(has_image),
            _ => self.created(),
        }
        self.run()
    }

    fn runs(&self) -> bool {
        self.container.as_ref().is_some_and(|container| container["State"]["Running"] == true)
    }

    fn differs(&self) -> bool {
        let has_image = self.args.text("image").is_some();
        let differs = |container: &Json| {
            !podman::differences(&self.args, container, self.image.as_ref(), self.old).is_empty()
        };
        has_image && (self.args.bool("recreate") || self.container.as_ref().is_some_and(differs))
    }

    fn add(&mut self, done: &str, commands: &[&str]) {
        for command in commands {
            let words = self.command(command);
            self.commands.push(words);
        }
        self.actions.push(format!("{done} {}", self.args.needed("name")));
    }

    /// The words of a command for the container.
    fn command(&self, verb: &str) -> Vec<String> {
        let args = &self.args;
        let mut words = vec![verb.to_owned()];
        let mut time = |name: &str| words.extend(args.text(name).into_iter().flat_map(|time| flow::words(["--time", time])));
        match verb {
            "run" | "create" => {
                words.extend(podman::words(args, verb, self.old));
                return words;
            }
            "start" => {
                let attaches = !args.list("attach").is_empty() || !args.bool("detach");
                words.extend(attaches.then(|| "--attach".to_owned()));
                words.extend(args.text("detach_keys").into_iter().flat_map(|keys| flow::words(["--detach-keys", keys])));
                words.extend(args.bool("sig_proxy").then(|| "--sig-proxy".to_owned()));
            }
            "stop" => time("stop_time"),
            "restart" => time("restart_time"),
            _ => {
                words.extend(args.bool("delete_depend").then(|| "--depend".to_owned()));
                words.extend(args.text("delete_time").into_iter().flat_map(|time| flow::words(["--time", time])));
                words.extend(args.bool("delete_volumes").then(|| "--volumes".to_owned()));
                words.extend(args.bool("force_delete").then(|| "--force".to_owned()));
            }
        }
        words.push(args.needed("name").to_owned());
        words
    }

    fn pull(&mut self) {
        let args = &self.args;
        let mut words = vec!["pull".to_owned(), args.needed("image").to_owned(), "-q".to_owned()];
        words.extend(args.text("authfile").into_iter().flat_map(|file| flow::words(["--authfile", file])));
        words.extend(args.text("cert_dir").into_iter().flat_map(|folder| flow::words(["--cert-dir", folder])));
        words.extend(args.maybe_bool("tls_verify").map(|verify| format!("--tls-verify={verify}")));
        self.actions.push(format!("pulled image {}", args.needed("image")));
        self.commands.push(words);
    }

    fn absent(&mut self) {
        if self.container.is_some() {
            self.add("deleted", &["rm"]);
        }
    }

    fn stopped(&mut self) {
        match (self.container.is_some(), self.runs()) {
            (false, _) => self.add("created", &["create"]),
            (true, true) => self.add("stopped", &["stop"]),
            (true, false) => {}
        }
    }

    fn restart(&mut self) {
        if self.runs() {
            self.add("restarted", &["restart"]);
        } else {
            self.add("started", &["start"]);
        }
    }

    fn started(&mut self, has_image: bool) {
        let (there, restarts) = (self.container.is_some(), self.args.bool("force_restart"));
        if there && restarts {
            self.restart();
        } else if there && !has_image {
            self.add("started", &["start"]);
        } else if !there {
            self.add("started", &["run"]);
        } else if self.differs() {
            self.add("recreated", &["rm", "run"]);
        } else if !self.runs() {
            self.add("started", &["start"]);
        }
    }

    fn created(&mut self) {
        if self.container.is_none() {
            self.add("created", &["create"]);
        } else if self.differs() {
            let runs = self.runs();
            self.add("recreated", &["rm", "create"]);
            if runs {
                self.add("started", &["start"]);
            }
        } else if self.args.bool("force_restart") {
            self.restart();
        }
    }

    fn run(self) -> Flow {
        let executable = self.args.needed("executable").to_owned();
        let lines: Vec<String> = self.commands.iter().map(|words| format!("{executable} {}", words.join(" "))).collect();
        let gone = self.args.needed("state") == "absent";
        let before = self.container.clone().filter(|_| !gone);
        if self.commands.is_empty() {
            return flow::done(self.result(TaskResult::ok(), before.as_ref(), &[], ("", "")));
        }
        let mut words = vec![executable, self.args.needed("name").to_owned()];
        for command in &self.commands {
            words.push(command.len().to_string());
            words.extend(command.iter().cloned());
        }
        let diff = flow::diff_lines("container", &[], &self.actions);
        // Pulling alone leaves the container as it is, but is told.
        flow::change(vec![diff], ScriptCall::new(actions::PODMAN, words), move |answer| {
            let Some(answer) = answer else {
                return flow::done(self.result(TaskResult::changed(), before.as_ref(), &lines, ("", "")));
            };
            self.after(&answer, gone, &lines)
        })
    }

    fn after(self, answer: &Answer, gone: bool, lines: &[String]) -> Flow {
        let clients = Clients::read(answer);
        let said: Vec<Answer> = (1..=self.commands.len()).map(|number| clients.said(&number.to_string())).collect();
        if let Some((at, failed)) = said.iter().enumerate().find(|(_, said)| said.rc != 0) {
            let error = refused(failed);
            let message = format!("Can't {} container {}: {}", self.commands[at][0], self.args.needed("name"), error.message);
            return Err(ModuleError { message, ..error });
        }
        let container = first(&clients.text("container")).filter(|_| !gone);
        let last = said.last().cloned().unwrap_or_default();
        let (stdout, stderr) = (last.text().into_owned(), last.errors().into_owned());
        flow::done(self.result(TaskResult::changed(), container.as_ref(), lines, (&stdout, &stderr)))
    }

    fn result(&self, result: TaskResult, container: Option<&Json>, lines: &[String], (out, err): (&str, &str)) -> TaskResult {
        let texts = |items: &[String]| items.iter().map(|item| Value::text(item.as_str())).collect::<Vec<_>>();
        let empty = || Value::dict(crate::template::Dict::new());
        let result = result
            .field("actions", texts(&self.actions))
            .field("podman_actions", texts(lines))
            .field("container", container.map_or_else(empty, Value::of_json))
            .field("stdout", out)
            .field("stderr", err);
        if self.args.bool("debug") { result.field("podman_version", &*self.version) } else { result }
    }
}
