//! `docker_compose`, `docker_service`: what `docker_compose_v2` was called before.

use crate::modules::containers::compose::Project;
use crate::modules::flow;
use crate::modules::{Argument, Args, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct DockerCompose;

/// The module.
pub static MODULE: DockerCompose = DockerCompose;

static SPEC: Spec = Spec {
    name: "docker_compose",
    collections: &["community.docker", "community.general"],
    aliases: &["docker_service"],
    summary: "Starts, stops and removes projects; runs `docker compose`, as `docker_compose_v2` does. Unproven on a real system.",
    arguments: &[
        Argument::path("project_src", "The directory with its files."),
        Argument::text("project_name", "Its name; that of the directory unless told."),
        Argument::list("files", "Its files, below the directory."),
        Argument::of("definition", Kind::Dict, "What a file would hold; needs `project_name`."),
        Argument::text("env_file", "A file of variables."),
        Argument::list("profiles", "Profiles that are on."),
        Argument::text("state", "What is wanted of it.").default("present").choices(&["absent", "present"]),
        Argument::bool("dependencies", true, "Whether services that others need come along."),
        Argument::bool("pull", false, "Fetches images first."),
        Argument::bool("build", false, "Builds images first."),
        Argument::bool("nocache", false, "Builds without what was built before."),
        Argument::text("recreate", "Which containers are made anew.").default("smart").choices(&["always", "never", "smart"]),
        Argument::bool("restarted", false, "Starts containers anew."),
        Argument::bool("stopped", false, "Stops containers."),
        Argument::text("remove_images", "With `absent`: removes images.").choices(&["all", "local"]),
        Argument::bool("remove_volumes", false, "With `absent`: removes volumes."),
        Argument::bool("remove_orphans", false, "Removes containers of services that are no more."),
        Argument::int("timeout", "Seconds until containers that do not stop are killed.").default("10"),
        Argument::list("services", "Only these."),
        Argument::of("scale", Kind::Dict, "How many containers a service has."),
        Argument::bool("hostname_check", false, "No matter: the host's own client is used."),
        Argument::bool("debug", false, "No matter: `-vvv` shows what is done."),
    ],
    rules: &[
        Rule::Exclusive(&["definition", "project_src"]),
        Rule::Exclusive(&["definition", "files"]),
        Rule::OneOf(&["definition", "project_src"]),
        Rule::By("definition", &["project_name"]),
    ],
    returns: &[
        Return { name: "containers", about: "The project's containers afterwards." },
        Return { name: "actions", about: "What compose said that it does." },
    ],
    ..BLANK
};

impl Module for DockerCompose {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let mut project = Project::of(&args)?;
        project.calls = calls(&args);
        project.run(&context)
    }
}

fn calls(args: &Args) -> Vec<Vec<String>> {
    let seconds = args.int("timeout").unwrap_or(10).to_string();
    let end = |mut words: Vec<String>| {
        words.push("--".to_owned());
        words.extend(args.texts("services"));
        words
    };
    let flag = |name: &str, option: &str| args.bool(name).then(|| option.to_owned());
    if args.needed("state") == "absent" {
        let mut words = flow::words(["down", "--timeout", &seconds]);
        words.extend(flag("remove_volumes", "--volumes").into_iter().chain(flag("remove_orphans", "--remove-orphans")));
        words.extend(args.text("remove_images").into_iter().flat_map(|which| ["--rmi".to_owned(), which.to_owned()]));
        return vec![end(words)];
    }
    if args.bool("stopped") {
        return vec![end(flow::words(["stop", "--timeout", &seconds]))];
    }
    let mut calls = Vec::new();
    if args.bool("nocache") {
        calls.push(end(flow::words(["build", "--no-cache"])));
    }
    let mut words = flow::words(["up", "--detach", "--no-color", "--quiet-pull", "--timeout", &seconds]);
    words.extend(args.bool("pull").then(|| ["--pull".to_owned(), "always".to_owned()]).into_iter().flatten());
    words.extend(flag("build", "--build").into_iter().chain(flag("remove_orphans", "--remove-orphans")));
    words.extend((!args.bool("dependencies")).then(|| "--no-deps".to_owned()));
    words.extend(match args.needed("recreate") {
        "always" => Some("--force-recreate".to_owned()),
        "never" => Some("--no-recreate".to_owned()),
        _ => None,
    });
    for (service, count) in args.dict("scale").into_iter().flatten() {
        words.extend(["--scale".to_owned(), format!("{service}={count}")]);
    }
    calls.push(end(words));
    if args.bool("restarted") {
        calls.push(end(flow::words(["restart", "--timeout", &seconds])));
    }
    calls
}
