//! Containers, images, networks and volumes, through the host's own `docker`.

pub mod compare;
pub mod compose;
pub mod create;
pub mod docker;
pub mod image;
pub mod mounts;
pub mod networks;
pub mod options;
pub mod plan;
pub mod podman;
pub mod podman_options;
pub mod ports;
pub mod special;
