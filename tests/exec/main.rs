//! `opsctl exec` as its users run it: the binary, real SSH servers, bad days.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../common/mod.rs"]
mod common;

mod configuration;
mod connecting;
mod host_keys;
mod hung;
mod interrupts;
mod jump;
mod limits;
mod logins;
mod once;
mod output;
mod passphrases;
mod passwords;
mod privilege;
mod record;
mod terminal;
mod transports;
mod words;
