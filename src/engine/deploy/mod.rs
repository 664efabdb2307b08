//! Runs playbooks: plays in batches, tasks in order, hosts side by side; emits events.

pub mod session;
