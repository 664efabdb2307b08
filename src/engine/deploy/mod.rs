//! Runs playbooks: plays in batches, tasks in order, hosts side by side; emits events.

pub mod files;
pub mod session;
pub mod steps;
