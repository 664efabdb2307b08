//! `docker_image_pull`: fetches images.

use crate::modules::containers::image::{Image, Source, named};
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext};

/// The module.
pub struct DockerImagePull;

/// The module.
pub static MODULE: DockerImagePull = DockerImagePull;

static SPEC: Spec = Spec {
    name: "docker_image_pull",
    collections: &["community.docker"],
    summary: "Fetches images of docker. Unproven on a real system.",
    arguments: &[
        Argument::text("name", "Its name; a tag in it comes before `tag`.").required(),
        Argument::text("tag", "Its tag.").default("latest"),
        Argument::text("pull", "Whether it is fetched although it is there.").default("always").choices(&["always", "not_present"]),
    ],
    returns: &[
        Return { name: "image", about: "What `docker image inspect` says of it." },
        Return { name: "actions", about: "What was done." },
    ],
    ..BLANK
};

impl Module for DockerImagePull {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        let args = &context.args;
        let name = named(args.needed("name"), args.needed("tag"));
        let force = args.needed("pull") == "always";
        Image { name, source: Source::Pull, force, repository: None, push: false, always_changed: false }.present()
    }
}
