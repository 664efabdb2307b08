//! The journal from its outside: written by the subscriber, read, verified, pruned and damaged.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod fixture;
mod read;
mod report;
mod verify;
mod write;
