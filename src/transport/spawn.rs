//! Starts the processes that carry channels.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::Channel;

/// Starts `command` in a process group of its own, with a channel on its three streams.
///
/// On another thread: the kernel holds the one that starts a process until the new program is loaded, which on a busy
/// machine takes tens of milliseconds, and this one serves every other host. A caller that gives up meanwhile lets go
/// of the child as it would have done by dropping it.
pub(super) async fn spawn(mut command: Command) -> io::Result<(Child, Channel)> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Out of the terminal's process group: Ctrl-C is for us to handle.
    command.process_group(0);
    let mut child = tokio::task::spawn_blocking(move || command.spawn()).await.map_err(io::Error::other)??;
    let channel = Channel {
        stdin: Box::new(child.stdin.take().expect("stdin is piped")),
        stdout: Box::new(child.stdout.take().expect("stdout is piped")),
        stderr: Box::new(child.stderr.take().expect("stderr is piped")),
    };
    Ok((child, channel))
}
