//! Copying to and fetching from real shells on this machine: exactness, atomicity, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod copy;
mod fetch;
mod host;
mod program;
#[path = "../../src/testing.rs"]
mod testing;
