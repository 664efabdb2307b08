//! What `ssh_config` and a host's own words come to for one host: everything that the native transport needs to know.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The directives in effect for one host, all of which native implements exactly.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// The name as given on the command line of `ssh`: `%n`, and what `Host` patterns match.
    pub original: String,
    /// Where the connection goes (`Hostname`, or the name itself), in lower case.
    pub hostname: String,
    /// `Port`.
    pub port: u16,
    /// `User`.
    pub user: String,
    /// `AddressFamily`.
    pub address_family: AddressFamily,
    /// `ConnectTimeout`: a limit for the TCP connection; the caller's own may be lower.
    pub connect_timeout: Option<Duration>,
    /// `ConnectionAttempts`, at least 1; one second lies between them.
    pub connection_attempts: u32,
    /// `TCPKeepAlive`.
    pub tcp_keep_alive: bool,
    /// `ServerAliveInterval`; none sends no keepalives.
    pub alive_interval: Option<Duration>,
    /// `ServerAliveCountMax`.
    pub alive_count: u32,
    /// `RekeyLimit`, in bytes; none is the cipher's default.
    pub rekey_bytes: Option<u64>,
    /// `RekeyLimit`, in time.
    pub rekey_time: Option<Duration>,
    /// Whom to trust.
    pub host_keys: HostKeySettings,
    /// Lists of algorithms that were named; each name is one that native offers.
    pub algorithms: Algorithms,
    /// How to log in.
    pub authentication: Authentication,
    /// `SendEnv` (resolved against this process's environment) and then `SetEnv`: names and values, in order.
    pub environment: Vec<(String, String)>,
    /// The last host of `ProxyJump`; it carries those before it in its own `via`.
    pub via: Option<Arc<Settings>>,
}

/// `AddressFamily`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AddressFamily {
    /// Both.
    #[default]
    Any,
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
}

/// Whom to trust: the directives about host keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostKeySettings {
    /// `StrictHostKeyChecking`.
    pub checking: HostKeyChecking,
    /// `UserKnownHostsFile`, expanded; empty when it is `none`.
    pub user_files: Vec<PathBuf>,
    /// `GlobalKnownHostsFile`, expanded.
    pub global_files: Vec<PathBuf>,
    /// `HostKeyAlias`, in lower case.
    pub alias: Option<String>,
    /// `HashKnownHosts`.
    pub hash: bool,
    /// `CheckHostIP`.
    pub check_ip: bool,
    /// `NoHostAuthenticationForLocalhost`.
    pub skip_localhost: bool,
}

/// `StrictHostKeyChecking`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostKeyChecking {
    /// `ask` or `yes`: without a terminal both refuse an unknown key.
    Strict,
    /// `accept-new`: an unknown key is recorded, a changed one refused.
    AcceptNew,
    /// `no` or `off`: an unknown key is recorded; a changed one is accepted for public keys alone, with passwords and
    /// forwarding switched off.
    Off,
}

/// Lists of algorithms, by their names in the protocol, most preferred first; none is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Algorithms {
    /// `KexAlgorithms`.
    pub kex: Option<Vec<String>>,
    /// `Ciphers`.
    pub ciphers: Option<Vec<String>>,
    /// `MACs`.
    pub macs: Option<Vec<String>>,
    /// `HostKeyAlgorithms`.
    pub host_key: Option<Vec<String>>,
    /// `PubkeyAcceptedAlgorithms`.
    pub public_key: Option<Vec<String>>,
    /// `CASignatureAlgorithms`.
    pub ca_signature: Option<Vec<String>>,
}

/// How to log in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authentication {
    /// `PreferredAuthentications`, without what this client does not do, each but once.
    pub methods: Vec<Method>,
    /// `IdentityFile` or the default ones, expanded, in order; empty when `none`.
    pub identities: Vec<PathBuf>,
    /// `CertificateFile`, expanded, in order.
    pub certificates: Vec<PathBuf>,
    /// `IdentitiesOnly`.
    pub identities_only: bool,
    /// The agent's socket: `IdentityAgent`, or `SSH_AUTH_SOCK`; none when there is none.
    pub agent: Option<PathBuf>,
    /// `NumberOfPasswordPrompts`.
    pub password_prompts: u32,
}

/// A way to log in; those that `PubkeyAuthentication` and its like switch off are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `publickey`.
    PublicKey,
    /// `keyboard-interactive`.
    KeyboardInteractive,
    /// `password`.
    Password,
}

#[cfg(test)]
impl Settings {
    /// Those of a host without any configuration, for tests.
    #[must_use]
    pub fn plain(hostname: &str) -> Self {
        Self {
            original: hostname.into(),
            hostname: hostname.into(),
            port: 22,
            user: "ops".into(),
            address_family: AddressFamily::Any,
            connect_timeout: None,
            connection_attempts: 1,
            tcp_keep_alive: true,
            alive_interval: None,
            alive_count: 3,
            rekey_bytes: None,
            rekey_time: None,
            host_keys: HostKeySettings {
                checking: HostKeyChecking::Strict,
                user_files: Vec::new(),
                global_files: Vec::new(),
                alias: None,
                hash: false,
                check_ip: false,
                skip_localhost: false,
            },
            algorithms: Algorithms::default(),
            authentication: Authentication {
                methods: Vec::new(),
                identities: Vec::new(),
                certificates: Vec::new(),
                identities_only: false,
                agent: None,
                password_prompts: 3,
            },
            environment: Vec::new(),
            via: None,
        }
    }
}
