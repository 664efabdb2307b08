//! Starts the processes that carry channels.

use std::io;
use std::process::Stdio;

use process_wrap::std::{CommandWrap, CommandWrapper as _, ProcessSession};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use super::Channel;

/// Gives `command` a session of its own, out of the terminal's reach.
///
/// Ctrl-C is for us to handle. A question that a jump host's ssh or a `ProxyCommand` would ask at the terminal fails at
/// once; from a mere process group it would be stopped for it and hang. Linux's autogroup shares processors out by
/// session, so each `ssh` gets its own share, as under pdsh.
pub(super) fn in_own_session(command: &mut Command) -> io::Result<()> {
    ProcessSession.pre_spawn(command.as_std_mut(), &CommandWrap::with_new("", |_| ()))
}

/// Ends what was started in a session of its own, whatever it has started in turn; none has been reaped already.
pub(super) fn kill_group(pid: Option<u32>) {
    if let Some(pid) = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?)) {
        // Already gone is as good.
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Starts `command` with a channel on its three streams.
///
/// On another thread: the kernel holds the one that starts a process until the new program is loaded, which on a busy
/// machine takes tens of milliseconds, and this one serves every other host. A caller that gives up meanwhile lets go
/// of the child as it would have done by dropping it.
pub(super) async fn spawn(mut command: Command) -> io::Result<(Child, Channel)> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = tokio::task::spawn_blocking(move || command.spawn()).await.map_err(io::Error::other)??;
    let channel = Channel {
        stdin: Box::new(child.stdin.take().expect("stdin is piped")),
        stdout: Box::new(child.stdout.take().expect("stdout is piped")),
        stderr: Box::new(child.stderr.take().expect("stderr is piped")),
    };
    Ok((child, channel))
}
