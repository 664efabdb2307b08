//! `snap`: packages of snapd.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::modules::clients::{self, Clients};
use crate::modules::flow::{self, Flow};
use crate::modules::{
    Answer, Args, Argument, BLANK, Module, ModuleError, Question, Return, Rule, Spec, Step, TaskContext, TaskResult,
    probes,
};
use crate::template::{Dict, Value};

/// The module.
pub struct Snap;

/// The module.
pub static MODULE: Snap = Snap;

static SPEC: Spec = Spec {
    name: "snap",
    collections: &["community.general"],
    summary: "Installs, removes, enables and sets up snaps. Unproven on a real system.",
    arguments: &[
        Argument::list("name", "The snaps; files with `dangerous`; `system` for options of snapd itself.").required(),
        Argument::text("state", "What is wanted of them.").default("present").choices(&[
            "absent", "present", "enabled", "disabled",
        ]),
        Argument::bool("classic", false, "Installs without the usual walls."),
        Argument::text("channel", "The channel that is followed, for one snap."),
        Argument::list("options", "Options: `key=value` for all, `snap:key=value` for one; not for new snaps."),
        Argument::bool("dangerous", false, "Installs files without looking at signatures."),
        Argument::bool("devmode", false, "Installs without walls, for developers."),
        Argument::int("revision", "The revision, for one snap; it is held there."),
    ],
    rules: &[Rule::Exclusive(&["channel", "revision"])],
    returns: &[
        Return { name: "classic", about: "The argument, with `state: present`." },
        Return { name: "channel", about: "The channel." },
        Return { name: "revision", about: "The argument." },
        Return { name: "cmd", about: "What was run, when something was." },
        Return { name: "snaps_installed", about: "What was installed or moved." },
        Return { name: "snaps_removed", about: "What was removed." },
        Return { name: "snaps_enabled", about: "What was enabled." },
        Return { name: "snaps_disabled", about: "What was disabled." },
        Return { name: "options_changed", about: "Options that were set: `snap:key=value`." },
        Return { name: "version", about: "What `snap version` says." },
    ],
    ..BLANK
};

impl Module for Snap {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let names = args.texts("name");
        let real: Vec<String> = names.iter().filter(|name| !is_virtual(name)).cloned().collect();
        let present = args.needed("state") == "present";
        let looked_up = if present { real } else { Vec::new() };
        let mut words = vec![looked_up.len().to_string()];
        words.extend(looked_up);
        if present && !args.list("options").is_empty() {
            words.extend(names.iter().cloned());
        }
        flow::ask(Question::new(&probes::SNAP, words), move |answer| Task::of(args, names, &answer)?.decide())
    }
}

fn is_virtual(name: &str) -> bool {
    name == "system"
}

/// How a snap is, compared with what is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Missing,
    /// It follows another channel, or is another revision.
    Elsewhere,
    /// It is the revision, and not held there.
    Loose,
    There,
}

/// A line of `snap list`.
struct Installed {
    name: String,
    revision: String,
    channel: String,
    notes: String,
}

struct Task {
    args: Arc<Args>,
    names: Vec<String>,
    clients: Clients,
    installed: Vec<Installed>,
    /// Each name with how its snap is.
    status: Vec<(String, Status)>,
}

impl Task {
    fn of(args: Arc<Args>, names: Vec<String>, answer: &Answer) -> Result<Self, ModuleError> {
        let clients = Clients::read(answer);
        clients.require("list", "snap")?;
        let list = clients.said("list");
        clients::accept(Some(&list))?;
        let installed: Vec<Installed> = list.text().lines().skip(1).filter_map(Installed::read).collect();
        let mut task = Self { args, names, clients, installed, status: Vec::new() };
        let real = task.real_names()?;
        task.status = task.names.iter().cloned().zip(real.iter().map(|name| task.status_of(name))).collect();
        Ok(task)
    }

    /// The names of the snaps themselves: files have other ones.
    fn real_names(&self) -> Result<Vec<String>, ModuleError> {
        let Some(info) = self.clients.find("info") else { return Ok(self.names.clone()) };
        let said = format!("{}\n{}", info.errors(), info.text());
        let unknown = |line: &str| {
            let rest = line.strip_prefix("warning: ").or(line.strip_prefix("error: "))?;
            Some(rest.strip_prefix("no snap found for \"")?.split('"').next()?.to_owned())
        };
        let unknown: Vec<String> = said.lines().filter_map(unknown).map(|name| format!("'{name}'")).collect();
        if !unknown.is_empty() {
            return Err(ModuleError::new(format!("Snaps not found: [{}].", unknown.join(", "))));
        }
        clients::accept(Some(info))?;
        let text = info.text().into_owned();
        let mut known = text.lines().filter_map(|line| line.strip_prefix("name:")).map(|name| name.trim().to_owned());
        let name = |name: &String| if is_virtual(name) { name.clone() } else { known.next().unwrap_or_else(|| name.clone()) };
        Ok(self.names.iter().map(name).collect())
    }

    fn find(&self, name: &str) -> Option<&Installed> {
        self.installed.iter().find(|snap| snap.name == name)
    }

    fn status_of(&self, name: &str) -> Status {
        if is_virtual(name) {
            return Status::There;
        }
        let Some(snap) = self.find(name) else { return Status::Missing };
        let revision = self.args.int("revision");
        let channel = self.args.text("channel").filter(|channel| !channel.is_empty());
        let follows = |channel: &str| snap.channel == channel || snap.channel == format!("latest/{channel}");
        match () {
            () if revision.is_some_and(|revision| revision.to_string() != snap.revision) => Status::Elsewhere,
            () if channel.is_some_and(|channel| !follows(channel)) => Status::Elsewhere,
            () if revision.is_some() && !snap.has_note("held") => Status::Loose,
            () => Status::There,
        }
    }

    fn are(&self, status: Status) -> Vec<String> {
        self.status.iter().filter(|(_, found)| *found == status).map(|(name, _)| name.clone()).collect()
    }

    fn decide(self) -> Flow {
        let disabled = |name: &&String| self.find(name).map(|snap| snap.has_note("disabled"));
        match self.args.needed("state") {
            "absent" => {
                let there = |(_, status): &&(String, Status)| *status != Status::Missing;
                let names: Vec<String> = self.status.iter().filter(there).map(|(name, _)| name.clone()).collect();
                self.act("remove", "snaps_removed", names)
            }
            "enabled" => {
                let names = self.names.iter().filter(|name| disabled(name) != Some(false)).cloned().collect();
                self.act("enable", "snaps_enabled", names)
            }
            "disabled" => {
                let names = self.names.iter().filter(|name| disabled(name) == Some(false)).cloned().collect();
                self.act("disable", "snaps_disabled", names)
            }
            _ => self.present(),
        }
    }

    fn result(&self) -> TaskResult {
        let version = self.clients.text("version");
        let pair = |line: &str| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        };
        let versions: Dict =
            version.lines().filter_map(pair).map(|(name, version)| (name.as_str().into(), Value::text(version))).collect();
        TaskResult::ok().field("version", Value::dict(versions))
    }

    fn act(self, verb: &str, field: &str, names: Vec<String>) -> Flow {
        if names.is_empty() {
            return flow::done(self.result());
        }
        let result = self.result().field(field, texts(&names));
        let call: Vec<String> = ["snap", verb].iter().map(|word| (*word).to_owned()).chain(names).collect();
        run(vec![call], result, "operation")
    }

    fn present(self) -> Flow {
        let args = &self.args;
        let (moved, new) = (self.are(Status::Elsewhere), self.are(Status::Missing));
        let mut calls = self.installs("refresh", &moved);
        calls.extend(self.installs("install", &new));
        if args.int("revision").is_some() {
            let hold = |name: &String| flow::words(["snap", "refresh", "--hold", name.as_str()]);
            calls.extend(new.iter().chain(&moved).chain(&self.are(Status::Loose)).map(hold));
        }
        let (settings, set) = self.settings()?;
        calls.extend(settings);
        let channel = args.text("channel").unwrap_or("stable");
        let mut result = self.result().field("classic", args.bool("classic")).field("channel", channel);
        result = result.field("revision", args.value("revision").cloned().unwrap_or(Value::Null));
        let installed: Vec<String> = moved.into_iter().chain(new).collect();
        if !installed.is_empty() {
            result = result.field("snaps_installed", texts(&installed));
        }
        if !set.is_empty() {
            result = result.field("options_changed", texts(&set));
        }
        if calls.is_empty() { flow::done(result) } else { run(calls, result, "installation") }
    }

    /// The calls that install snaps: one, unless something is said of each of them.
    fn installs(&self, verb: &str, names: &[String]) -> Vec<Vec<String>> {
        let args = &self.args;
        let mut call = flow::words(["snap", verb]);
        let mut flag = |wanted: bool, option: String| call.extend(wanted.then_some(option));
        flag(args.bool("classic"), "--classic".to_owned());
        if let Some(channel) = args.text("channel").filter(|channel| *channel != "stable") {
            flag(true, "--channel".to_owned());
            flag(true, channel.to_owned());
        }
        if let Some(revision) = args.int("revision") {
            flag(true, format!("--revision={revision}"));
        }
        flag(args.bool("dangerous"), "--dangerous".to_owned());
        flag(args.bool("devmode"), "--devmode".to_owned());
        let with = |names: &[String]| call.iter().chain(names).cloned().collect::<Vec<String>>();
        match names {
            [] => Vec::new(),
            _ if args.text("channel") == Some("stable") && !args.bool("classic") => vec![with(names)],
            names => names.iter().map(|name| with(std::slice::from_ref(name))).collect(),
        }
    }

    /// The calls that set options, and which these are.
    fn settings(&self) -> Result<(Vec<Vec<String>>, Vec<String>), ModuleError> {
        let (mut calls, mut all) = (Vec::new(), Vec::new());
        let options = self.args.texts("options");
        for (name, _) in self.status.iter().filter(|(_, status)| *status != Status::Missing) {
            let known = self.options_of(name)?;
            let mut set = Vec::new();
            for option in &options {
                let (of, key, value) =
                    parse(option).ok_or_else(|| ModuleError::new(format!("Cannot parse set option '{option}'")))?;
                if of.is_some_and(|of| !self.names.iter().any(|name| name == of)) {
                    let message = format!("Snap option '{option}' refers to snap which is not in the list of snap names");
                    return Err(ModuleError::new(message));
                }
                if of.is_none_or(|of| of == name) && known.get(key).is_none_or(|known| known != value) {
                    set.push(format!("{key}={value}"));
                    all.push(if of.is_some() { option.clone() } else { format!("{name}:{option}") });
                }
            }
            if !set.is_empty() {
                calls.push(flow::words(["snap", "set", name.as_str()]).into_iter().chain(set).collect());
            }
        }
        Ok((calls, all))
    }

    /// The options of a snap, with dots between the parts of their names.
    fn options_of(&self, name: &str) -> Result<BTreeMap<String, String>, ModuleError> {
        let mut all = BTreeMap::new();
        let Some(said) = self.clients.find(&format!("get:{name}")).filter(|said| said.rc == 0) else { return Ok(all) };
        let text = said.text().into_owned();
        if text.lines().next().is_none_or(|first| first.contains("has no configuration")) {
            return Ok(all);
        }
        let json = serde_json::from_str(&text).map_err(|error| {
            let message = format!("Parsing option map returned by 'snap get {name}' triggers exception '{error}'");
            ModuleError::new(message)
        })?;
        flatten(&json, "", &mut all);
        Ok(all)
    }
}

impl Installed {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (name, _version, revision) = (words.next()?, words.next()?, words.next()?);
        let (channel, _publisher, notes) = (words.next()?, words.next()?, words.next()?);
        Some(Self { name, revision, channel, notes })
    }

    fn has_note(&self, note: &str) -> bool {
        self.notes.split(',').any(|known| known == note)
    }
}

fn texts(names: &[String]) -> Value {
    Value::list(names.iter().map(|name| Value::text(name.as_str())).collect())
}

/// `[SNAP:]KEY=VALUE`.
fn parse(option: &str) -> Option<(Option<&str>, &str, &str)> {
    let (left, value) = option.split_once('=')?;
    let (of, key) = left.trim().split_once(':').map_or((None, left.trim()), |(of, key)| (Some(of), key));
    let value = value.trim();
    (!key.is_empty() && !value.is_empty()).then_some((of, key, value))
}

fn flatten(json: &serde_json::Value, prefix: &str, all: &mut BTreeMap<String, String>) {
    let Some(entries) = json.as_object() else { return };
    for (key, value) in entries {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value {
            serde_json::Value::Object(_) => flatten(value, &name, all),
            serde_json::Value::String(text) => drop(all.insert(name, text.clone())),
            value => drop(all.insert(name, value.to_string())),
        }
    }
}

fn run(calls: Vec<Vec<String>>, result: TaskResult, what: &str) -> Flow {
    let lines: Vec<String> = calls.iter().map(|call| call.join(" ")).collect();
    let cmd = lines.join("; ");
    let what = what.to_owned();
    flow::change(vec![flow::diff_lines("snap", &[], &lines)], flow::commands(calls), move |answer| {
        let Some(answer) = answer else { return flow::done(TaskResult { changed: true, ..result }) };
        if answer.rc == 0 {
            return flow::done(TaskResult { changed: true, ..result }.field("cmd", cmd));
        }
        let errors = answer.errors().into_owned();
        let classic = errors.lines().find_map(|line| {
            let name = line.strip_prefix("error: This revision of snap \"")?.split('"').next()?;
            line.contains("published using classic confinement").then(|| name.to_owned())
        });
        let message = match classic {
            Some(name) => format!("Couldn't install {name} because it requires classic confinement"),
            None if errors.contains("has no \"configure\" hook") => {
                "the snap does not have any configurable options".to_owned()
            }
            None => format!(
                "Ooops! Snap {what} failed while executing '{cmd}', please examine logs and error output for more details."
            ),
        };
        Err(ModuleError { message, ..flow::failure(&answer, "") })
    })
}
