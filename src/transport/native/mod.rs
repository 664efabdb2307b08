//! Speaks SSH in this process (russh): one task a connection, no process a host.
//!
//! A connection waits for its turn ([`governor`]), dials or goes through a jump host ([`jump`]), checks the host key,
//! logs in ([`authenticate`]) and starts the first command without waiting for the answer.

mod authenticate;
mod channel;
mod client;
mod config;
mod dial;
mod failure;
mod governor;
mod jump;
mod session;
mod stream;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use russh::client::Handle;
use tokio::io::BufReader;
use tokio::time::{Instant, sleep_until};

use super::explain::{self, Stage};
use super::host_key::HostKeys;
use super::ssh_config::Settings;
use super::{AskPassphrase, BoxFuture, ConnectError, ConnectOptions, Connection, HostKeyPolicy, Opening};
use crate::event::FailureKind;
use crate::secret::Secret;
use authenticate::{Keyring, Login};
use client::{Client, Known};
use governor::{Governor, Turn};
use jump::{Jump, Jumps, on_the_way};
use session::NativeSession;
use stream::{Lifeline, Stream, Watched};

/// Ways that a jump host opens at once at first: it limits them less than logins, and a host that is down holds one
/// until the connect timeout.
const FIRST_TUNNELS: usize = 64;

/// Bytes read ahead of a connection: the library asks for each packet's length, and then for the rest of it. Most
/// packets of a short command are shorter than this, and longer ones pass it by.
const READ_AHEAD: usize = 2048;

/// Makes sessions in this process.
pub(super) struct Native {
    host_keys: Arc<HostKeys>,
    keyring: Keyring,
    jumps: Jumps,
    servers: Governor<Server>,
}

/// What sheds load as one.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Server {
    /// The host at an address; one sshd answers on all of 127.0.0.0/8.
    Address(IpAddr),
    /// A jump host, which opens tunnels.
    Jump(Arc<Settings>),
    /// A host behind a jump host.
    Behind(Arc<Settings>, String),
}

/// An authenticated connection, before its first channel.
struct LoggedIn {
    handle: Handle<Client>,
    known: Arc<Known>,
    lifeline: Lifeline,
    began: Instant,
}

impl Native {
    /// Prepares what all connections of a run share.
    pub(super) fn new(passphrases: Option<Box<dyn AskPassphrase>>) -> Self {
        Self {
            host_keys: Arc::default(),
            keyring: Keyring::new(passphrases),
            jumps: Jumps::default(),
            servers: Governor::default(),
        }
    }

    /// Connects as `settings` say, and starts `opening` on the first channel.
    pub(super) async fn connect(
        &self,
        settings: &Arc<Settings>,
        password: Option<&Secret>,
        options: &ConnectOptions,
        opening: &Opening<'_>,
    ) -> Result<Connection, ConnectError> {
        let logged_in = self.log_in(settings, password, options).await?;
        let left = options.timeout.saturating_sub(logged_in.began.elapsed());
        let mut session = NativeSession::new(logged_in, Arc::clone(settings));
        match tokio::time::timeout(left, session.open_first(opening)).await {
            Ok(channel) => Ok((Box::new(session), channel?)),
            Err(_) => Err(explain::timed_out(Stage::Session, &settings.original)),
        }
    }

    /// Connects and logs in; boxed because a jump host is logged in to in the same way.
    fn log_in<'a>(
        &'a self,
        settings: &'a Arc<Settings>,
        password: Option<&'a Secret>,
        options: &'a ConnectOptions,
    ) -> BoxFuture<'a, Result<LoggedIn, ConnectError>> {
        Box::pin(async move {
            let route = self.route(settings, options).await?;
            // Whoever waits for the host's turn takes up no way to it.
            let turn = self.servers.admit(route.server(settings)).await;
            let through = match &settings.via {
                Some(via) => Some(self.servers.admit_from(Server::Jump(Arc::clone(via)), FIRST_TUNNELS).await),
                None => None,
            };
            let known = Known::new();
            let asked = self.keyring.time_asking();
            let started = Instant::now();
            let attempt = async {
                let way = open(route, through, settings).await?;
                self.speak(way, settings, password, options, &known).await
            };
            let result = match self.within(options.timeout, attempt).await {
                Some(result) => result,
                None => Err(explain::timed_out(known.stage(), &settings.original)),
            };
            match &result {
                Ok(_) => turn.succeed(),
                // A tunnel that did not open says nothing about the host behind it.
                Err(_) if settings.via.is_some() && known.stage() == Stage::Connecting => drop(turn),
                Err(error) => settle(turn, error),
            }
            let began = started + self.keyring.time_asking().saturating_sub(asked);
            result.map(|(handle, lifeline)| LoggedIn { handle, known, lifeline, began })
        })
    }

    /// Finds the way to the host: through its jump host's session, or the addresses that its name has.
    async fn route(&self, settings: &Arc<Settings>, options: &ConnectOptions) -> Result<Route, ConnectError> {
        let Some(via) = &settings.via else {
            let looked_up = self.within(options.timeout, dial::addresses(settings)).await;
            return match looked_up {
                Some(addresses) => addresses.map(Route::Direct),
                None => Err(explain::timed_out(Stage::Connecting, &settings.original)),
            };
        };
        // A person's word for one host's key is none for its jump host's.
        let options = ConnectOptions { host_keys: HostKeyPolicy::Strict, ..options.clone() };
        let connect = async {
            let logged_in = self.log_in(via, None, &options).await?;
            Ok(Jump::new(logged_in, via.original.clone()))
        };
        let shared = self.jumps.share(via, connect).await;
        shared.map(Route::Jump).map_err(|error| on_the_way(&error, &settings.original))
    }

    /// Speaks SSH over `way` up to a login.
    async fn speak(
        &self,
        (stream, ip): Way,
        settings: &Arc<Settings>,
        password: Option<&Secret>,
        options: &ConnectOptions,
        known: &Arc<Known>,
    ) -> Result<(Handle<Client>, Lifeline), ConnectError> {
        known.reached(Stage::Banner);
        let listed = settings.algorithms.host_key.as_deref();
        let offer = self.host_keys.offer(&settings.host_keys, &client::peer(settings, ip), listed);
        let client = Client {
            known: Arc::clone(known),
            host_keys: Arc::clone(&self.host_keys),
            settings: Arc::clone(settings),
            policy: options.host_keys.clone(),
            ip,
        };
        let (watched, lifeline) = Watched::new(stream, Arc::clone(known));
        let config = Arc::new(config::config(settings, offer));
        let connected = russh::client::connect_stream(config, watched, client).await;
        let mut handle = connected.map_err(|error| failure::before_authentication(&error, known, settings))?;
        let login = Login { settings, password, trust: known.trust(), known };
        authenticate::authenticate(&mut handle, &self.keyring, &login).await?;
        known.reached(Stage::Session);
        Ok((handle, lifeline))
    }

    /// Why only OpenSSH's client can log in as `settings` say, on the way or at its end; none when this one does the same.
    pub(super) fn only_openssh(&self, settings: &Settings) -> Option<String> {
        let here = self.keyring.only_openssh(&settings.authentication);
        here.or_else(|| settings.via.as_ref().and_then(|via| self.only_openssh(via)))
    }

    /// Waits for `future` no longer than `limit`, without the time in which a person was asked for a passphrase.
    async fn within<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        let started = Instant::now();
        let asked = self.keyring.time_asking();
        let mut future = pin!(future);
        loop {
            let deadline = started.checked_add(limit + self.keyring.time_asking().saturating_sub(asked));
            let Some(deadline) = deadline else { return Some(future.await) };
            if deadline <= Instant::now() {
                return None;
            }
            tokio::select! {
                output = &mut future => return Some(output),
                () = sleep_until(deadline) => {}
            }
        }
    }
}

/// What SSH is spoken over, and the address at its other end where that is known.
type Way = (Box<dyn Stream>, Option<IpAddr>);

/// Opens the way to the host; `through` is the turn at its jump host, which ends with that.
async fn open(route: Route, through: Option<Turn>, settings: &Settings) -> Result<Way, ConnectError> {
    let jump = match route {
        Route::Jump(jump) => jump,
        Route::Direct(addresses) => {
            let (stream, ip) = dial::dial(settings, &addresses).await?;
            return Ok((Box::new(BufReader::with_capacity(READ_AHEAD, stream)), Some(ip)));
        }
    };
    let tunnel = jump.tunnel(settings).await;
    match (&tunnel, through) {
        (Ok(_), Some(through)) => through.succeed(),
        (Err(error), Some(through)) => settle(through, error),
        (_, None) => {}
    }
    tunnel.map(|tunnel| (Box::new(tunnel) as Box<dyn Stream>, None))
}

/// Tells the governor of a failure.
fn settle(turn: Turn, error: &ConnectError) {
    if error.kind == FailureKind::Dropped {
        turn.shed();
    }
}

/// The way to a host.
enum Route {
    Direct(Vec<SocketAddr>),
    Jump(Arc<Jump>),
}

impl Route {
    fn server(&self, settings: &Settings) -> Server {
        match (self, &settings.via) {
            (Self::Jump(_), Some(via)) => Server::Behind(Arc::clone(via), settings.hostname.clone()),
            (Self::Direct(addresses), _) => Server::at(addresses.first().map(SocketAddr::ip)),
            (Self::Jump(_), None) => Server::at(None),
        }
    }
}

impl Server {
    fn at(ip: Option<IpAddr>) -> Self {
        match ip.unwrap_or(Ipv4Addr::UNSPECIFIED.into()) {
            IpAddr::V4(ip) if ip.is_loopback() => Self::Address(Ipv4Addr::LOCALHOST.into()),
            ip => Self::Address(ip),
        }
    }
}
