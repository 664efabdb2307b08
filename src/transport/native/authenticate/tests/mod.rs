//! Logs in to real servers, over a pair of sockets, and compares with what `ssh` does.

mod agents;
mod files;
mod fixture;
mod parity;
mod passwords;
