//! Chooses for each host: native where it does exactly what `ssh` would do, else the system's `ssh`.

use std::sync::{Arc, OnceLock};

use super::native::Native;
use super::ssh_config::{Resolution, Settings, SshConfig};
use super::{AskPassphrase, BoxFuture, ConnectError, ConnectOptions, Connection, OpenSsh, Opening, Target, Transport};
use crate::event::FailureKind;

/// Which transport to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum TransportKind {
    /// Native where it does exactly what `ssh` would do, else OpenSSH.
    #[default]
    Auto,
    /// Native, or no connection.
    Native,
    /// The system's `ssh`.
    #[value(name = "openssh")]
    OpenSsh,
}

impl TransportKind {
    /// Its name, as arguments and the configuration have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Native => "native",
            Self::OpenSsh => "openssh",
        }
    }
}

/// What connects to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Native.
    Native(Box<Settings>),
    /// The system's `ssh`, and why.
    OpenSsh(String),
    /// Nothing can: native was asked for, or a password is to be sent, and this is why native cannot.
    Neither(String),
}

/// What a run's connections have in common.
#[derive(Default)]
pub struct Setup {
    /// Which transport to use.
    pub kind: TransportKind,
    /// Asks for passphrases; none when nobody can be asked.
    pub passphrases: Option<Box<dyn AskPassphrase>>,
}

/// Makes sessions with the transport that fits each host.
pub struct Auto {
    kind: TransportKind,
    config: SshConfig,
    native: Native,
    openssh: OnceLock<Result<OpenSsh, String>>,
}

impl Auto {
    /// Prepares both transports; the first host that needs OpenSSH makes a directory for its sockets.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        Self {
            kind: setup.kind,
            config: SshConfig::system(),
            native: Native::new(setup.passphrases),
            openssh: OnceLock::new(),
        }
    }

    /// What connects to `target`, and why.
    #[must_use]
    pub fn choose(&self, target: &Target) -> Choice {
        if self.kind == TransportKind::OpenSsh {
            return match target.password {
                Some(_) => Choice::Neither("ssh takes no password from opsctl".into()),
                None => Choice::OpenSsh("it was asked for".into()),
            };
        }
        match self.config.resolve(target) {
            Resolution::Native(settings) => {
                // Who asks for native, or has a password, goes without such a key.
                let may_leave = self.kind == TransportKind::Auto && target.password.is_none();
                match self.native.only_openssh(&settings).filter(|_| may_leave) {
                    Some(reason) => Choice::OpenSsh(reason),
                    None => Choice::Native(settings),
                }
            }
            Resolution::OpenSsh(reason) if self.kind == TransportKind::Native || target.password.is_some() => {
                Choice::Neither(reason)
            }
            Resolution::OpenSsh(reason) => Choice::OpenSsh(reason),
        }
    }

    /// Says that nothing can connect to `target`, and which of two wishes is in the way.
    fn neither(&self, target: &Target, reason: &str) -> ConnectError {
        let address = &target.address;
        let (message, hint) = match self.kind {
            TransportKind::OpenSsh => (
                format!("{address} has a password, and {reason}"),
                "--transport auto logs in with passwords; ssh does with keys",
            ),
            TransportKind::Native => {
                (format!("native cannot connect to {address}: {reason}"), "--transport auto lets ssh connect there")
            }
            TransportKind::Auto => (
                format!("{address} has a password, and only ssh can connect: {reason}"),
                "ssh takes no password from opsctl; leave it out, and ssh logs in with a key",
            ),
        };
        ConnectError::new(FailureKind::Local, message).hint(hint)
    }

    fn openssh(&self) -> Result<&OpenSsh, ConnectError> {
        let made = self.openssh.get_or_init(|| OpenSsh::new().map_err(|error| error.to_string()));
        made.as_ref().map_err(|error| {
            ConnectError::new(FailureKind::Local, format!("no directory for ssh's control sockets: {error}"))
        })
    }
}

impl Transport for Auto {
    fn connect<'a>(
        &'a self,
        target: &'a Target,
        options: &'a ConnectOptions,
        opening: &'a Opening<'a>,
    ) -> BoxFuture<'a, Result<Connection, ConnectError>> {
        Box::pin(async move {
            match self.choose(target) {
                Choice::Native(settings) => {
                    self.native.connect(&Arc::new(*settings), target.password.as_ref(), options, opening).await
                }
                Choice::OpenSsh(_) => self.openssh()?.connect(target, options, opening).await,
                Choice::Neither(reason) => Err(self.neither(target, &reason)),
            }
        })
    }
}
