//! A play's session on one host, against real shells on this machine and a real sshd.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
#[path = "../common/mod.rs"]
mod common;
mod fixture;
mod jobs;
mod losses;
mod privileges;
mod questions;
mod steps;
