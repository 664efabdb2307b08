//! `docker_image`: images of docker.

use crate::modules::containers::docker::DEBUG;
use crate::modules::containers::image::{self, Image, Source, build_words, named};
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Rule, Spec, Step, TaskContext};

/// The module.
pub struct DockerImage;

/// The module.
pub static MODULE: DockerImage = DockerImage;

const BUILD: &[Argument] = &[
    Argument::path("path", "The directory with the Dockerfile; an absolute path of the host.").required(),
    Argument::text("dockerfile", "The Dockerfile, in the directory or an absolute path."),
    Argument::of("args", Kind::Dict, "Arguments of the Dockerfile; not for secrets."),
    Argument::list("cache_from", "Images to take layers of."),
    Argument::of("etc_hosts", Kind::Dict, "Hosts that are known while building."),
    Argument::of("labels", Kind::Dict, "Labels of the image."),
    Argument::text("network", "The network while building."),
    Argument::bool("nocache", false, "Builds without what was built before."),
    Argument::bool("pull", false, "Fetches the images that it is built from."),
    Argument::bool("rm", true, "No matter: containers of the build are removed."),
    Argument::text("shm_size", "Size of `/dev/shm` while building."),
    Argument::text("target", "The stage to end at."),
];

static SPEC: Spec = Spec {
    name: "docker_image",
    collections: &["community.docker", "community.general"],
    summary: "Fetches, builds, loads, tags, pushes and removes images of docker. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name; a tag in it comes before `tag`.").required(),
        Argument::text("tag", "Its tag.").default("latest"),
        Argument::text("state", "Whether it is there.").default("present").choices(&["absent", "present"]),
        Argument::text("source", "Where it comes from.").choices(&["build", "load", "pull", "local"]),
        Argument::of("build", Kind::Entries(BUILD), "How it is built."),
        Argument::path("load_path", "The file that it is loaded from; an absolute path of the host."),
        Argument::text("repository", "A further name that it gets."),
        Argument::bool("push", false, "Pushes it; each time."),
        Argument::bool("force_source", false, "Fetches, builds or loads it although it is there."),
        Argument::bool("force_tag", false, "No matter: a further name that means another image is moved."),
        Argument::bool("force_absent", false, "Removes it although containers use it.").aliases(&["force"]),
        DEBUG,
    ],
    rules: &[Rule::If("source", "build", &["build"]), Rule::If("source", "load", &["load_path"]), Rule::If("state", "present", &["source"])],
    returns: &[
        Return { name: "image", about: "What `docker image inspect` says of it." },
        Return { name: "actions", about: "What was done." },
        Return { name: "stdout", about: "What the build said." },
    ],
    ..BLANK
};

impl Module for DockerImage {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let name = named(args.needed("name"), args.needed("tag"));
        if args.needed("state") == "absent" {
            return image::absent(args, name);
        }
        let source = match args.needed("source") {
            "build" => Source::Build(build_words(&name, args.dict("build").unwrap_or(&crate::template::Dict::new()))?),
            "load" => Source::Load(args.needed("load_path").to_owned()),
            "pull" => Source::Pull,
            _ => Source::Local,
        };
        let force = args.bool("force_source");
        let repository = args.text("repository").map(|other| named(other, args.needed("tag")));
        Image { name, source, force, repository, push: args.bool("push"), always_changed: false }.present()
    }
}
