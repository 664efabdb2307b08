//! `docker_container_info`: what docker knows of a container.

use crate::modules::containers::docker::look;
use crate::modules::flow;
use crate::modules::{Argument, BLANK, Module, ModuleError, Return, Spec, Step, TaskContext, TaskResult};
use crate::template::Value;

/// The module.
pub struct DockerContainerInfo;

/// The module.
pub static MODULE: DockerContainerInfo = DockerContainerInfo;

static SPEC: Spec = Spec {
    name: "docker_container_info",
    collections: &["community.docker", "community.general"],
    summary: "Reads what docker knows of a container. Unproven on a real system.",
    arguments: &[Argument::text("name", "Its name or identifier.").required()],
    returns: &[
        Return { name: "exists", about: "Whether it is there." },
        Return { name: "container", about: "What `docker inspect` says of it; null when it is not there." },
    ],
    ..BLANK
};

impl Module for DockerContainerInfo {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn start(&self, context: TaskContext) -> Result<Step, ModuleError> {
        look(&[("container", context.args.needed("name"))], |seen| {
            let container = seen.thing(0);
            let result = TaskResult::ok().field("exists", container.is_some());
            flow::done(result.field("container", container.map_or(Value::Null, Value::of_json)))
        })
    }
}
