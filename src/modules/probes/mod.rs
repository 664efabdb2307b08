//! What may be asked of a host: scripts that only read. All of them stand in this folder, so that a reader can see
//! that none changes anything.

/// A read-only script for `sh`; its arguments are `$1` and on.
#[derive(Debug)]
pub struct Probe {
    /// Its name, for messages and the journal.
    pub name: &'static str,
    /// Its text.
    pub script: &'static str,
}

/// Answers `pong`.
pub static PING: Probe = Probe { name: "ping", script: "echo pong" };
