//! What the modules about web servers share: arguments, requests, and what hosts' clients answer.
//!
//! A host asks with curl or wget. Where it has neither, the controller asks, and what it gets goes to the host.

pub mod answer;
pub mod body;
pub mod checksum;
pub mod client;
pub mod download;
pub mod mail;
pub mod request;

pub use answer::{Answered, fields};
pub use client::fetch;
