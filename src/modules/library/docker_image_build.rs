//! `docker_image_build`: builds images.

use crate::modules::containers::image::{Image, Source, build_words, named};
use crate::modules::{Argument, BLANK, Kind, Module, ModuleError, Return, Spec, Step, TaskContext};
use crate::template::Dict;

/// The module.
pub struct DockerImageBuild;

/// The module.
pub static MODULE: DockerImageBuild = DockerImageBuild;

static SPEC: Spec = Spec {
    name: "docker_image_build",
    collections: &["community.docker"],
    summary: "Builds images of docker. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name; a tag in it comes before `tag`.").required(),
        Argument::text("tag", "Its tag.").default("latest"),
        Argument::path("path", "The directory with the Dockerfile; an absolute path of the host.").required(),
        Argument::text("dockerfile", "The Dockerfile, in the directory or an absolute path."),
        Argument::text("rebuild", "Whether it is built although it is there.").default("never").choices(&["never", "always"]),
        Argument::of("args", Kind::Dict, "Arguments of the Dockerfile; not for secrets."),
        Argument::list("cache_from", "Images to take layers of."),
        Argument::of("etc_hosts", Kind::Dict, "Hosts that are known while building."),
        Argument::of("labels", Kind::Dict, "Labels of the image."),
        Argument::text("network", "The network while building."),
        Argument::bool("nocache", false, "Builds without what was built before."),
        Argument::list("platform", "Platforms to build for."),
        Argument::bool("pull", false, "Fetches the images that it is built from."),
        Argument::text("shm_size", "Size of `/dev/shm` while building."),
        Argument::text("target", "The stage to end at."),
    ],
    returns: &[
        Return { name: "image", about: "What `docker image inspect` says of it." },
        Return { name: "stdout", about: "What the build said." },
    ],
    ..BLANK
};

impl Module for DockerImageBuild {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let name = named(args.needed("name"), args.needed("tag"));
        let build: Dict = args.iter().map(|(name, value)| (name.into(), value.clone())).collect();
        let source = Source::Build(build_words(&name, &build)?);
        let force = args.needed("rebuild") == "always";
        Image { name, source, force, repository: None, push: false, always_changed: true }.present()
    }
}
