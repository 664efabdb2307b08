//! What integration tests of the binary share: a home of their own, a real sshd, and processes that are always ended.
//!
//! Hermetic: nothing is read from the home of whoever runs the tests, and only loopback addresses are used.

#![allow(dead_code, unused_imports, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod home;
mod marker;
mod process;
mod sshd;
#[path = "../../src/testing.rs"]
mod testing;

pub use home::Home;
pub use marker::Marker;
pub use process::{Ran, Running, children, descendants, peak_memory, run, wait_until};
pub use sshd::{Sshd, prepare, sshd_program};
pub use testing::write_program;

use std::path::Path;
use std::process::Command;

/// The search path of everything that tests start.
pub const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Fails with a word about what to install when `program` is not there.
pub fn require(program: &str, package: &str) -> String {
    let found = SEARCH_PATH.split(':').map(|dir| Path::new(dir).join(program)).find(|path| path.exists());
    let found = found.unwrap_or_else(|| panic!("{program} is missing: these tests need the package {package}"));
    found.display().to_string()
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Rewrites `command` so that it runs in a mount namespace of its own, between two shell lines that see it too.
pub fn in_mount_namespace(before: &str, command: &Command, after: &str) -> Command {
    let mut wrapped = Command::new(require("unshare", "util-linux"));
    let script = format!("set -e; {before}; set +e\n\"$@\"; code=$?\n{after}\nexit $code");
    wrapped.arg(if is_root() { "-m" } else { "-rm" }).args(["sh", "-c", &script, "sh"]);
    copy(command, &mut wrapped);
    wrapped
}

/// Rewrites `command` so that the shell line `setup` runs before it, in its process: limits, redirections.
pub fn after(setup: &str, command: &Command) -> Command {
    let mut wrapped = Command::new("/bin/sh");
    wrapped.args(["-ec", &format!("{setup}\nexec \"$@\""), "sh"]);
    copy(command, &mut wrapped);
    wrapped
}

fn copy(from: &Command, to: &mut Command) {
    to.arg(from.get_program()).args(from.get_args()).env_clear();
    to.envs(from.get_envs().filter_map(|(name, value)| Some((name, value?))));
    to.current_dir(from.get_current_dir().expect("every command has its directory"));
}
