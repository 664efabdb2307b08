//! What tests of every module share, those of the binary too.
//!
//! Names nothing else of the project.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes a program that a test runs.
///
/// Another process writes it: where this one held it open for writing, a child that another test forks in that moment
/// would keep it open until it executes its own program, and running this one failed with "Text file busy".
///
/// # Panics
///
/// When it cannot be written.
pub fn write_program(path: impl AsRef<Path>, text: impl AsRef<[u8]>) {
    let path = path.as_ref();
    let mut child = Command::new("/bin/sh")
        .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell is there");
    child.stdin.take().expect("it is piped").write_all(text.as_ref()).expect("the shell reads");
    let ended = child.wait().expect("it is a child");
    assert!(ended.success(), "{} cannot be written", path.display());
}
