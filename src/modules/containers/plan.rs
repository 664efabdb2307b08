//! The steps of `docker_container`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::compare::{Comparisons, Facet, Strictness};
use super::create::{SHARED, Wanted};
use super::docker::{Calls, Said, Seen, inspect, look, with_fact};
use super::networks::{self, Moves, Network};
use crate::modules::flow::{self, Flow};
use crate::modules::{Args, Diff, Link, ModuleError, Spec, Step, TaskContext, TaskResult, Wait};
use crate::template::Value;

/// A task, and what is known so far.
struct Task {
    args: Arc<Args>,
    check: bool,
    comparisons: Comparisons,
    seen: Seen,
    others: Vec<Option<Json>>,
    image: Option<Json>,
    changed: bool,
}

/// The first step.
///
/// # Errors
/// When the arguments make no sense together.
pub fn start(context: &TaskContext, spec: &'static Spec) -> Flow {
    let (args, check) = (context.args.clone(), context.check);
    let name = args.needed("name").to_owned();
    if args.needed("state") == "absent" {
        return look(&[("container", &name)], move |seen| absent(&args, &seen));
    }
    let comparisons = Comparisons::of(&args, |name| {
        spec.argument(name).map(|argument| argument.name).or_else(|| (name == "purge_networks").then_some("networks"))
    })?;
    let networks = Network::all(&args).unwrap_or_default();
    let mode = networks::mode(&args, Some(&networks));
    let modes = std::iter::once(mode).chain(SHARED.iter().map(|(name, ..)| args.text(name).map(str::to_owned)));
    let shared: Vec<String> =
        modes.map(|mode| mode.as_deref().and_then(networks::shared).map(str::to_owned).unwrap_or_default()).collect();
    let image = args.text("image").unwrap_or_default().to_owned();
    let mut things = vec![("container", name.as_str()), ("image", image.as_str())];
    things.extend(shared.iter().map(|other| ("container", other.as_str())));
    things.extend(networks.iter().map(|network| ("network", network.name.as_str())));
    let others = shared.len();
    let next = {
        let (args, networks) = (args.clone(), networks.clone());
        move |seen: Seen| {
            networks::exist(&networks, &seen, 2 + others)?;
            let image = seen.thing(1).cloned();
            let others = (2..2 + others).map(|place| seen.thing(place).cloned()).collect();
            pull(Task { args, check, comparisons, seen, others, image, changed: false })
        }
    };
    look(&things, next)
}

fn absent(args: &Args, seen: &Seen) -> Flow {
    let result = with_fact(TaskResult::ok(), "container", None);
    let Some(container) = seen.thing(0) else { return flow::done(result) };
    let mut calls = Calls::default();
    let mut told = Told::default();
    let name = args.needed("name");
    if container["State"]["Running"] == json!(true) {
        told.add("running", json!(true), json!(false));
        stop(&mut calls, args, name);
    }
    told.add("exists", json!(true), json!(false));
    remove(&mut calls, args, name);
    calls.run(vec![told.diff(name)], move |_| flow::done(TaskResult { changed: true, ..result }))
}

fn stop(calls: &mut Calls, args: &Args, name: &str) {
    if args.bool("force_kill") {
        let signal = args.text("kill_signal").map(|signal| format!("--signal={signal}"));
        calls.add(["kill".to_owned()].into_iter().chain(signal).chain([name.to_owned()]));
        return;
    }
    calls.add(["stop".to_owned()].into_iter().chain(patience(args)).chain([name.to_owned()]));
}

fn patience(args: &Args) -> Vec<String> {
    args.int("stop_timeout").map(|seconds| vec!["-t".to_owned(), seconds.to_string()]).unwrap_or_default()
}

fn remove(calls: &mut Calls, args: &Args, name: &str) {
    let volumes = (!args.bool("keep_volumes")).then_some("--volumes");
    calls.add(["rm"].into_iter().chain(volumes).chain([name]));
}

/// Fetches the image when it must be fetched.
fn pull(mut task: Task) -> Flow {
    let Some(image) = task.args.text("image").map(str::to_owned) else { return decide(task) };
    let pull = match task.args.value("pull") {
        Some(Value::Bool(true)) => "always".to_owned(),
        Some(Value::Bool(false)) | None => "missing".to_owned(),
        Some(other) => other.to_string(),
    };
    let pull = match pull.as_str() {
        "true" | "yes" | "True" => "always",
        "false" | "no" | "False" => "missing",
        other => other,
    };
    if !["always", "missing", "never"].contains(&pull) {
        return Err(ModuleError::new(format!("value of pull must be one of: never, missing, always, got: {pull}")));
    }
    let missing = task.image.is_none();
    if missing && image.starts_with("sha256:") {
        return Err(ModuleError::new(format!("Cannot find image with ID {image}")));
    }
    if missing && pull == "never" {
        return Err(ModuleError::new(format!("Cannot find image with name {}, and pull=never", with_tag(&image))));
    }
    if image.starts_with("sha256:") || !missing && pull != "always" {
        return decide(task);
    }
    if task.check {
        task.changed = missing || task.args.needed("pull_check_mode_behavior") == "always";
        return decide(task);
    }
    let mut calls = Calls::default();
    calls.add(["pull", &with_tag(&image)]);
    calls.inspect("image", &image);
    calls.run(Vec::new(), move |said| {
        if let Some(said) = said {
            task.changed = !said.text(0).contains("Image is up to date");
            task.image = said.json(0);
        }
        decide(task)
    })
}

/// An image's name with its tag; without one it is `latest`.
#[must_use]
pub fn with_tag(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    if last.contains([':', '@']) { image.to_owned() } else { format!("{image}:latest") }
}

/// What is told of a change: before and after.
#[derive(Debug, Default)]
struct Told {
    before: Map<String, Json>,
    after: Map<String, Json>,
}

impl Told {
    fn add(&mut self, name: &str, before: Json, after: Json) {
        self.before.insert(name.to_owned(), before);
        self.after.insert(name.to_owned(), after);
    }

    fn differences(&mut self, facets: &[Facet]) {
        for facet in facets {
            self.add(facet.name, facet.actual.json(), facet.wanted.json());
        }
    }

    fn diff(&self, name: &str) -> Diff {
        let text = |entries: &Map<String, Json>| {
            let text = serde_json::to_string_pretty(&entries).unwrap_or_default();
            if entries.is_empty() { String::new() } else { text + "\n" }
        };
        flow::diff(&format!("container {name}"), text(&self.before), text(&self.after))
    }
}

/// Compares, and makes the container what it is to be.
fn decide(task: Task) -> Flow {
    let args = task.args.clone();
    let name = args.needed("name");
    let wanted = Wanted::of(&args, &task.seen, task.image.as_ref(), &task.others)?;
    let found = task.seen.thing(0).cloned();
    let mut calls = Calls::default();
    let mut told = Told::default();
    let strict = if args.bool("purge_networks") { Some(Strictness::Strict) } else { None };
    let strictness = strict.unwrap_or_else(|| task.comparisons.strictness("networks", true));
    let mut fresh = false;
    match &found {
        None => {
            let image = args.text("image");
            let image =
                image.ok_or_else(|| ModuleError::new("Cannot create container when image is not specified!"))?;
            told.add("exists", json!(false), json!(true));
            wanted.create(&mut calls, image)?;
            fresh = true;
        }
        Some(container) => {
            let mut differing = wanted.differing(container, &task.comparisons);
            let other_image = image_differs(&task, container, &mut told);
            if other_image || args.bool("recreate") || differing.iter().any(|facet| !facet.updatable) {
                told.differences(&differing);
                if container["State"]["Running"] == json!(true) {
                    stop(&mut calls, &args, name);
                }
                remove(&mut calls, &args, name);
                let image = args.text("image").or_else(|| container["Image"].as_str()).unwrap_or_default();
                wanted.create(&mut calls, image)?;
                fresh = true;
            } else {
                differing.retain(|facet| facet.updatable);
                told.differences(&differing);
                if !differing.is_empty() {
                    wanted.update(&mut calls, &differing);
                }
                let moves = Moves::of(wanted.networks.as_deref(), container, strictness, false);
                moves.connect.iter().for_each(|(network, other)| {
                    told.add(&format!("network.{}", network.name), json!(other), json!(true));
                });
                moves
                    .leave
                    .iter()
                    .for_each(|network| told.add(&format!("network.{network}"), json!(true), json!(false)));
                moves.add(&mut calls, name);
            }
        }
    }
    let waits = run_state(&args, found.as_ref(), fresh, &mut calls, &mut told);
    drop(wanted);
    finish(task, found, calls, &told, waits)
}

fn image_differs(task: &Task, container: &Json, told: &mut Told) -> bool {
    if task.comparisons.strictness("image", false) == Strictness::Ignore {
        return false;
    }
    let mut differs = false;
    if let Some(id) = task.image.as_ref().map(|image| &image["Id"]).filter(|id| **id != container["Image"]) {
        told.add("image", container["Image"].clone(), id.clone());
        differs = true;
    }
    let name = task.args.text("image").unwrap_or_default();
    let recreate = task.args.needed("image_name_mismatch") == "recreate";
    if recreate && !name.is_empty() && container["Config"]["Image"] != name {
        told.add("image_name", container["Config"]["Image"].clone(), json!(name));
        differs = true;
    }
    differs
}

/// Adds the calls that start, stop and pause. Says whether the container is waited for.
fn run_state(args: &Args, found: Option<&Json>, fresh: bool, calls: &mut Calls, told: &mut Told) -> bool {
    let name = args.needed("name");
    let is = |field: &str| found.is_some_and(|container| container["State"][field] == json!(true));
    let running = is("Running") && !fresh;
    let paused = is("Paused") && !fresh;
    let started = matches!(args.needed("state"), "started" | "healthy");
    let waits = started && !running && args.maybe_bool("detach") == Some(false);
    if started && !running {
        told.add("running", json!(is("Running")), json!(true));
        let attach = (waits && args.bool("auto_remove")).then_some("--attach");
        calls.add(["start"].into_iter().chain(attach).chain([name]));
    } else if started && args.bool("restart") {
        told.add("restarted", json!(false), json!(true));
        calls.add(["restart".to_owned()].into_iter().chain(patience(args)).chain([name.to_owned()]));
    } else if args.needed("state") == "stopped" && running {
        told.add("running", json!(true), json!(false));
        stop(calls, args, name);
    }
    if let Some(pause) = args.maybe_bool("paused").filter(|pause| started && *pause != paused) {
        told.add("paused", json!(paused), json!(pause));
        calls.add([if pause { "pause" } else { "unpause" }, name]);
    }
    waits
}

fn finish(task: Task, found: Option<Json>, mut calls: Calls, told: &Told, waits: bool) -> Flow {
    let args = task.args.clone();
    let name = args.needed("name").to_owned();
    if calls.is_empty() {
        let result = with_fact(TaskResult::with_changed(task.changed), "container", found.as_ref());
        return healthy(&task, result);
    }
    let gone = waits && args.bool("auto_remove");
    if waits && !gone {
        calls.add(["wait", &name]);
        calls.inspect("container", &name);
        calls.add(["logs", &name]);
        if args.bool("cleanup") {
            calls.add(["rm", "--force", &name]);
        }
    } else if !gone {
        calls.inspect("container", &name);
    }
    let diff = vec![told.diff(&name)];
    calls.run(diff, move |said| {
        let Some(said) = said else {
            return flow::done(with_fact(TaskResult::changed(), "container", found.as_ref()));
        };
        if waits {
            return ended(&said, args.bool("cleanup"), gone);
        }
        healthy(&task, with_fact(TaskResult::changed(), "container", said.json(0).as_ref()))
    })
}

/// The result of a container that was waited for.
fn ended(said: &Said, cleaned: bool, gone: bool) -> Flow {
    if gone {
        let output = json!({"Output": "Cannot retrieve result as auto_remove is enabled"});
        return flow::done(with_fact(TaskResult::changed().field("status", 0), "container", Some(&output)));
    }
    let last = usize::from(cleaned);
    let logs = said.last(last).to_owned();
    let status: i64 = said.last(last + 2).trim().parse().unwrap_or(-1);
    if status != 0 {
        return Err(ModuleError::new(logs).field("status", status));
    }
    let mut container = said.json(last + 1).unwrap_or_else(|| json!({}));
    container["Output"] = json!(logs);
    flow::done(with_fact(TaskResult::changed().field("status", 0), "container", Some(&container)))
}

/// Waits until the container is healthy, when that is asked for.
fn healthy(task: &Task, result: TaskResult) -> Flow {
    if task.args.needed("state") != "healthy" || task.check {
        return flow::done(result);
    }
    let name = task.args.needed("name").to_owned();
    let seconds = task
        .args
        .value("healthy_wait_timeout")
        .and_then(Value::as_number)
        .map_or(300.0, crate::template::Number::as_f64);
    let limit = if seconds > 0.0 { Duration::from_secs_f64(seconds.min(1e9)) } else { Duration::from_secs(1 << 30) };
    let accepts = |answer: &crate::modules::Answer| {
        let seen = Seen::parse(answer).unwrap_or_default();
        let health = seen.thing(0).map(|container| container["State"]["Health"]["Status"].clone());
        matches!(health, Some(Json::Null)) || health == Some(json!("healthy"))
    };
    Ok(Step::Wait(Wait {
        until: inspect(&[("container", &name)]),
        accepts: Box::new(accepts),
        delay: Duration::ZERO,
        every: Duration::from_secs(1),
        limit,
        link: Link::Keep,
        next: Box::new(move |waited| {
            let Some(answer) = waited.answer else {
                return Err(ModuleError::new(format!(
                    "Timeout of {seconds} seconds exceeded while waiting for container \"{name}\""
                )));
            };
            let seen = Seen::parse(&answer)?;
            flow::done(with_fact(result, "container", seen.thing(0)))
        }),
    }))
}
