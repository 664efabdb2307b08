//! The TCP connection: names, address families, attempts.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::sleep;

use crate::event::FailureKind;
use crate::transport::ConnectError;
use crate::transport::explain::{self, Stage};
use crate::transport::ssh_config::{AddressFamily, Settings};

/// What `ConnectionAttempts` leaves between attempts.
const ATTEMPT_INTERVAL: Duration = Duration::from_secs(1);

/// The addresses of the host, in the resolver's order; names are looked up, addresses are not.
pub(super) async fn addresses(settings: &Settings) -> Result<Vec<SocketAddr>, ConnectError> {
    let found = lookup_host((settings.hostname.as_str(), settings.port)).await;
    let wanted = |address: &SocketAddr| match settings.address_family {
        AddressFamily::Any => true,
        AddressFamily::Inet => address.is_ipv4(),
        AddressFamily::Inet6 => address.is_ipv6(),
    };
    let addresses: Vec<SocketAddr> = found.map(|all| all.filter(wanted).collect()).unwrap_or_default();
    if addresses.is_empty() { Err(explain::name_not_found(&settings.original)) } else { Ok(addresses) }
}

/// Connects to the first of `addresses` that takes the connection.
pub(super) async fn dial(settings: &Settings, addresses: &[SocketAddr]) -> Result<(TcpStream, IpAddr), ConnectError> {
    let mut last = Error::from(ErrorKind::AddrNotAvailable);
    for attempt in 0..settings.connection_attempts.max(1) {
        if attempt > 0 {
            sleep(ATTEMPT_INTERVAL).await;
        }
        for address in addresses {
            match connect(settings, *address).await {
                Ok(stream) => return Ok((stream, address.ip())),
                Err(error) => last = error,
            }
        }
    }
    Err(failure(&last, &settings.original))
}

async fn connect(settings: &Settings, address: SocketAddr) -> Result<TcpStream, Error> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_keepalive(settings.tcp_keep_alive)?;
    // Every message of the protocol is written whole, and the other side waits for it.
    socket.set_nodelay(true)?;
    let connecting = socket.connect(address);
    match settings.connect_timeout {
        Some(limit) => tokio::time::timeout(limit, connecting).await.map_err(|_| ErrorKind::TimedOut)?,
        None => connecting.await,
    }
}

fn failure(error: &Error, address: &str) -> ConnectError {
    /// Out of descriptors, as Linux and the BSDs number it: this process, the whole system.
    const OUT_OF_DESCRIPTORS: [i32; 2] = [24, 23];
    match error.kind() {
        ErrorKind::ConnectionRefused => explain::refused(address),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            explain::no_route(address)
        }
        ErrorKind::TimedOut => explain::timed_out(Stage::Connecting, address),
        _ if error.raw_os_error().is_some_and(|code| OUT_OF_DESCRIPTORS.contains(&code)) => {
            ConnectError::new(FailureKind::Local, format!("no socket could be opened: {error}"))
                .hint("fewer --forks need fewer file descriptors")
        }
        _ => ConnectError::new(FailureKind::Dropped, format!("connecting to {address} failed: {error}")),
    }
}
