//! opsctl: commands, playbooks and health checks on many hosts over SSH.
//!
//! The way of the data is a straight line: arguments → [`inventory`] → host pattern → plan → [`engine`] →
//! (per host) connect, run, close → [`event`]s → exit code. Events go sideways once, over a bounded bus, to the
//! [`journal`], the terminal and the summary.
//!
//! Modules in reading order; dependencies point upwards only, and `tests/architecture.rs` holds the allowed edges.

pub mod yaml;

pub mod secret;

pub mod http;

pub mod inventory;

pub mod event;

pub mod vault;

pub mod template;

pub mod modules;

pub mod playbook;

pub mod transport;

pub mod remote;

pub mod engine;

pub mod journal;

pub mod report;

pub mod render;

pub mod cli;

#[cfg(test)]
mod testing;
