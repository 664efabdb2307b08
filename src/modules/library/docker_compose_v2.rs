//! `docker_compose_v2`: projects of docker compose.

use crate::modules::containers::compose::{self, Project};
use crate::modules::flow;
use crate::modules::{
    Argument, Args, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext,
};

/// The module.
pub struct DockerComposeV2;

/// The module.
pub static MODULE: DockerComposeV2 = DockerComposeV2;

static SPEC: Spec = Spec {
    name: "docker_compose_v2",
    collections: &["community.docker"],
    summary: "Starts, stops and removes projects of docker compose. Unproven on a real system.",
    arguments: &[
        Argument::path("project_src", "The directory with its files."),
        Argument::text("project_name", "Its name; that of the directory unless told."),
        Argument::list("files", "Its files, below the directory."),
        Argument::of("definition", Kind::Dict, "What a file would hold; needs `project_name`."),
        Argument::list("env_files", "Files of variables."),
        Argument::list("profiles", "Profiles that are on."),
        Argument::bool("check_files_existing", true, "No matter: compose says itself when there is no file."),
        Argument::text("state", "What is wanted of it.").default("present").choices(&[
            "absent", "present", "stopped", "restarted",
        ]),
        Argument::bool("dependencies", true, "Whether services that others need come along."),
        Argument::text("pull", "Which images are fetched.").default("policy").choices(&["always", "missing", "never", "policy"]),
        Argument::text("build", "Which images are built.").default("policy").choices(&["always", "never", "policy"]),
        Argument::text("recreate", "Which containers are made anew.").default("auto").choices(&["always", "never", "auto"]),
        Argument::bool("renew_anon_volumes", false, "Makes volumes without a name anew."),
        Argument::text("remove_images", "With `absent`: removes images.").choices(&["all", "local"]),
        Argument::bool("remove_volumes", false, "With `absent`: removes volumes."),
        Argument::bool("remove_orphans", false, "Removes containers of services that are no more."),
        Argument::int("timeout", "Seconds until containers that do not stop are killed."),
        Argument::list("services", "Only these."),
        Argument::of("scale", Kind::Dict, "How many containers a service has."),
        Argument::bool("wait", false, "Waits until services run or are healthy."),
        Argument::int("wait_timeout", "How long, in seconds."),
        Argument::bool("ignore_build_events", true, "Whether building an image is no change."),
        Argument::bool("assume_yes", false, "Answers questions with yes; needs compose 2.34."),
    ],
    rules: &[
        Rule::Exclusive(&["definition", "project_src"]),
        Rule::Exclusive(&["definition", "files"]),
        Rule::OneOf(&["definition", "project_src"]),
        Rule::By("definition", &["project_name"]),
    ],
    returns: &[
        Return { name: "containers", about: "The project's containers afterwards." },
        Return { name: "images", about: "The images of these." },
        Return { name: "actions", about: "What compose said that it does: `what`, `id`, `status`." },
        Return { name: "stderr", about: "What it said." },
    ],
    ..BLANK
};

impl Module for DockerComposeV2 {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = context.args.clone();
        let mut project = Project::of(&args)?;
        project.ignore_builds = args.bool("ignore_build_events");
        match args.needed("state") {
            "absent" => project.calls.push(down(&args)),
            "restarted" => project.calls.push(restart(&args)),
            "stopped" => return stopped(project, context),
            _ => project.calls.push(up(&args, false)),
        }
        project.run(&context)
    }
}

/// Compose claims to stop what is stopped already, so it is asked first.
fn stopped(mut project: Project, context: TaskContext) -> Result<Step, ModuleError> {
    flow::ask(project.question(&["ps", "--all", "--format", "json"]), move |answer| {
        let text = answer.text().into_owned();
        if answer.rc != 0 {
            return Err(compose::failure(&text, answer.rc));
        }
        let args = &context.args;
        project.calls.push(up(args, true));
        let ended = |state: &str| matches!(state, "created" | "exited" | "stopped" | "killed");
        let containers = compose::json_stream(&text);
        if containers.iter().any(|container| !ended(container["State"].as_str().unwrap_or_default())) {
            project.calls.push(with_services(args, timeout(args, flow::words(["stop"]))));
        }
        project.run(&context)
    })
}

fn timeout(args: &Args, mut words: Vec<String>) -> Vec<String> {
    words.extend(args.int("timeout").into_iter().flat_map(|seconds| ["--timeout".to_owned(), seconds.to_string()]));
    words
}

fn with_services(args: &Args, mut words: Vec<String>) -> Vec<String> {
    words.push("--".to_owned());
    words.extend(args.texts("services"));
    words
}

fn flags<const N: usize>(args: &Args, words: &mut Vec<String>, flags: [(&str, &str); N]) {
    words.extend(flags.into_iter().filter(|(name, _)| args.bool(name)).map(|(_, option)| option.to_owned()));
}

fn up(args: &Args, no_start: bool) -> Vec<String> {
    let mut words = flow::words(["up", "--detach", "--no-color", "--quiet-pull"]);
    if args.needed("pull") != "policy" {
        words.extend(["--pull".to_owned(), args.needed("pull").to_owned()]);
    }
    flags(args, &mut words, [("remove_orphans", "--remove-orphans"), ("renew_anon_volumes", "--renew-anon-volumes")]);
    let recreate = match args.needed("recreate") {
        "always" => Some("--force-recreate"),
        "never" => Some("--no-recreate"),
        _ => None,
    };
    let build = match args.needed("build") {
        "always" => Some("--build"),
        "never" => Some("--no-build"),
        _ => None,
    };
    let dependencies = (!args.bool("dependencies")).then_some("--no-deps");
    words.extend([recreate, build, dependencies].into_iter().flatten().map(str::to_owned));
    words = timeout(args, words);
    for (service, count) in args.dict("scale").into_iter().flatten() {
        words.extend(["--scale".to_owned(), format!("{service}={count}")]);
    }
    flags(args, &mut words, [("wait", "--wait"), ("assume_yes", "--yes")]);
    if let Some(seconds) = args.int("wait_timeout").filter(|_| args.bool("wait")) {
        words.extend(["--wait-timeout".to_owned(), seconds.to_string()]);
    }
    words.extend(no_start.then(|| "--no-start".to_owned()));
    with_services(args, words)
}

fn restart(args: &Args) -> Vec<String> {
    let mut words = flow::words(["restart"]);
    words.extend((!args.bool("dependencies")).then(|| "--no-deps".to_owned()));
    with_services(args, timeout(args, words))
}

fn down(args: &Args) -> Vec<String> {
    let mut words = flow::words(["down"]);
    flags(args, &mut words, [("remove_orphans", "--remove-orphans"), ("remove_volumes", "--volumes")]);
    words.extend(args.text("remove_images").into_iter().flat_map(|which| ["--rmi".to_owned(), which.to_owned()]));
    with_services(args, timeout(args, words))
}
