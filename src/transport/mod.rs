//! Bytes to a host: sessions and channels. Knows no command protocol, no inventory and no output format.

mod auto;
mod explain;
mod host_key;
mod known_hosts;
mod local;
mod native;
mod openssh;
mod openssh_log;
mod openssh_proxy;
mod spawn;
mod ssh_config;

pub use auto::{Auto, Choice, Setup, TransportKind};
pub use host_key::known_hosts_lines;
pub use local::Local;
pub use openssh::OpenSsh;
#[doc(hidden)]
pub use ssh_config::parse_text as parse_ssh_config;
pub use ssh_config::{AddressFamily, Algorithms, Authentication, HostKeyChecking, HostKeySettings, Method, Settings};

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::event::{Failure, FailureKind};
use crate::secret::Secret;

/// A boxed future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where a host is and how it is reached: the part of its variables that a transport needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Inventory name, for messages.
    pub host: Arc<str>,
    /// Address or `ssh_config` alias to connect to.
    pub address: String,
    /// `ansible_port`; none leaves it to `ssh_config`.
    pub port: Option<u16>,
    /// `ansible_user`; none leaves it to `ssh_config`.
    pub user: Option<String>,
    /// `ansible_ssh_private_key_file`.
    pub private_key_file: Option<PathBuf>,
    /// Words of `ansible_ssh_args`, `ansible_ssh_common_args` and `ansible_ssh_extra_args`, in that order.
    pub ssh_args: Vec<String>,
    /// `ansible_ssh_executable`; none means `ssh` on the search path.
    pub ssh_executable: Option<String>,
    /// `ansible_password`: for the methods `password` and `keyboard-interactive`.
    pub password: Option<Secret>,
}

/// What an unknown host key leads to; a changed one is always refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HostKeyPolicy {
    /// Refused, unless `ssh_config` or `ansible_ssh_common_args` say otherwise, exactly as `ssh` does.
    #[default]
    Strict,
    /// Accepted and recorded in `known_hosts`.
    AcceptNew,
    /// Accepted and recorded only when its fingerprint (`SHA256:…`) is this one.
    Confirmed(String),
}

/// How to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectOptions {
    /// Limit for one attempt, from the first packet to an authenticated session.
    pub timeout: Duration,
    /// What an unknown host key leads to.
    pub host_keys: HostKeyPolicy,
}

/// Why a host could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// Class of the failure.
    pub kind: FailureKind,
    /// One line: what went wrong.
    pub message: String,
    /// One line: what to do about it.
    pub hint: Option<String>,
    /// The unknown host key as (type, `SHA256:` fingerprint), when that was the reason.
    pub host_key: Option<(String, String)>,
}

impl ConnectError {
    /// An error with no host key.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, host_key: None }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether another attempt may succeed and cannot run a command twice: nothing has been sent yet.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use FailureKind::{BannerTimeout, ConnectTimeout, Dropped, NoRoute, Refused};
        matches!(self.kind, Refused | NoRoute | ConnectTimeout | BannerTimeout | Dropped)
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self { kind: error.kind, message: error.message, hint: error.hint }
    }
}

/// Asks a person for the passphrase of an encrypted key.
pub trait AskPassphrase: Send + Sync {
    /// Asks for the passphrase of the key at `path`, after `attempt` wrong ones; none when nobody can or will answer.
    fn ask<'a>(&'a self, path: &'a Path, attempt: u32) -> BoxFuture<'a, Option<Secret>>;
}

/// A running command line on a host: three byte streams, bound to the session that made it.
pub struct Channel {
    /// The command's standard input; dropping or shutting it down sends end of input.
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    /// The command's standard output.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// The command's standard error.
    pub stderr: Box<dyn AsyncRead + Send + Unpin>,
}

/// What is started on the first channel of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening<'a> {
    /// A line for the remote login shell.
    pub line: &'a str,
    /// Goes ahead of the channel's input as the environment variable [`AHEAD`], where transport and host take that: a
    /// server takes input only a round trip later. It may be ignored; see [`Session::took_ahead`].
    pub ahead: Option<&'a str>,
}

/// The variable that carries [`Opening::ahead`]; Debian's sshd takes all variables that begin with `LC_`.
pub const AHEAD: &str = "LC_OPSCTL";

/// A fresh session and its first channel.
pub type Connection = (Box<dyn Session>, Channel);

/// Makes sessions.
pub trait Transport: Send + Sync {
    /// Connects and starts `opening` on the first channel.
    ///
    /// The first channel comes with the connection because SSH clients get it for free. The session is returned
    /// before the connection is known to be good: what goes wrong shows as the end of the channel, and
    /// [`Session::refusal`] then tells why.
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>>;
}

/// One connection to one host.
pub trait Session: Send {
    /// Starts another command line on a channel of its own.
    fn open_channel<'a>(&'a mut self, command: &'a str) -> BoxFuture<'a, Result<Channel, ConnectError>>;

    /// Whether the host has taken [`Opening::ahead`]; waits for its word on that.
    fn took_ahead(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }

    /// When the attempt began: what was spent waiting for a turn lies before it.
    fn began(&self) -> Instant;

    /// Explains an end before the remote side had answered: waits (briefly) for the transport's own word on it.
    ///
    /// `said` is what came on the first channel's stderr.
    fn refusal<'a>(&'a mut self, said: &'a str) -> BoxFuture<'a, ConnectError>;

    /// Explains an end that came after the remote side had answered: waits (briefly) for the transport's word on it.
    fn verdict(&mut self) -> BoxFuture<'_, ConnectError>;

    /// Explains a connect timeout: ends the session at once and tells which stage it had reached.
    fn stage_at_timeout(&mut self) -> BoxFuture<'_, ConnectError>;

    /// Whether the connection came so far that its first channel's command may have been started.
    fn may_have_started(&mut self) -> bool;

    /// Ends the session at once; tells whether its first channel's command may have been started before.
    fn abort(&mut self) -> BoxFuture<'_, bool>;

    /// The first channel's exit code, once its streams have ended; none when the connection broke.
    fn exit_code(&mut self) -> BoxFuture<'_, Option<i32>>;

    /// Ends the session; never blocks longer than two seconds.
    fn close(self: Box<Self>) -> BoxFuture<'static, ()>;
}
