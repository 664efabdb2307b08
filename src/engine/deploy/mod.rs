//! Runs playbooks: plays in batches, tasks in order, hosts side by side; emits events.

mod connect;
mod context;
mod cursor;
mod execute;
pub mod files;
mod gather;
mod handlers;
mod host;
mod include;
mod items;
mod jobs;
mod linear;
mod meta;
mod play;
mod prepare;
mod progress;
mod questions;
mod result;
pub mod session;
mod sessions;
mod setup;
pub mod steps;
mod task;
mod vars;
mod vars_files;

pub use connect::Connections;
pub use context::{DeployOptions, Reload};
pub use play::{DeployContext, deploy};
