//! `docker_volume`: volumes of docker.

use serde_json::Value as Json;

use crate::modules::containers::docker::{Calls, DEBUG, look, pairs, with_fact};
use crate::modules::flow;
use crate::modules::{Argument, Args, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};

/// The module.
pub struct DockerVolume;

/// The module.
pub static MODULE: DockerVolume = DockerVolume;

static SPEC: Spec = Spec {
    name: "docker_volume",
    collections: &["community.docker", "community.general"],
    summary: "Makes and removes volumes of docker. Unproven on a real system.",
    arguments: &[
        Argument::text("volume_name", "Its name.").required().aliases(&["name"]),
        Argument::text("state", "Whether it is there.").default("present").choices(&["present", "absent"]),
        Argument::text("driver", "Its driver.").default("local"),
        Argument::of("driver_options", Kind::Dict, "Options of the driver."),
        Argument::of("labels", Kind::Dict, "Its labels."),
        Argument::text("recreate", "When it is made anew; what it holds is lost.").default("never").choices(&[
            "always", "never", "options-changed",
        ]),
        DEBUG,
    ],
    returns: &[Return { name: "volume", about: "What `docker volume inspect` says of it." }],
    ..BLANK
};

impl Module for DockerVolume {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args;
        let name = args.needed("volume_name").to_owned();
        look(&[("volume", &name.clone())], move |seen| {
            let found = seen.thing(0).cloned();
            let present = args.needed("state") == "present";
            let anew = match args.needed("recreate") {
                "always" => true,
                "options-changed" => found.as_ref().is_some_and(|volume| differs(&args, volume)),
                _ => false,
            };
            let mut calls = Calls::default();
            if found.is_some() && (anew || !present) {
                calls.add(["volume", "rm", &name]);
            }
            if present && (anew || found.is_none()) {
                let mut words = flow::words(["volume", "create", "--driver", args.needed("driver")]);
                words.extend(pairs(&args, "driver_options", "--opt"));
                words.extend(pairs(&args, "labels", "--label"));
                words.push(name.clone());
                calls.add(words);
                calls.inspect("volume", &name);
            }
            let fact = move |result: TaskResult, volume: Option<&Json>| {
                if present { with_fact(result, "volume", volume) } else { result }
            };
            if calls.is_empty() {
                return flow::done(fact(TaskResult::ok(), found.as_ref()));
            }
            let shown = |there: bool| if there { "present\n" } else { "" };
            let diff = flow::diff(&format!("volume {name}"), shown(found.is_some()), shown(present));
            calls.run(vec![diff], move |said| {
                let volume = said.map_or(found, |said| said.json(0));
                flow::done(fact(TaskResult::changed(), volume.as_ref()))
            })
        })
    }
}

fn differs(args: &Args, volume: &Json) -> bool {
    let entries = |argument: &str, field: &str| {
        let wanted = args.dict(argument).into_iter().flatten();
        wanted.into_iter().any(|(name, value)| volume[field][name.to_string()] != value.to_string())
    };
    volume["Driver"] != args.needed("driver") || entries("driver_options", "Options") || entries("labels", "Labels")
}
