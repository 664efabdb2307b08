//! Servers and networks on their worst days: every one ends in a right outcome, in time, with nothing left behind.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod channels;
mod greeting;
mod host_keys;
mod judge;
mod jump;
mod login;
mod network;
mod packets;
mod proxy;
mod rekey;
mod server;
mod stages;
