//! A far network on this machine: forwards TCP connections and adds a round-trip time, without limiting the rate.
//!
//! The handshake of a client is with this process and takes no time, so it is counted here: the client's first bytes
//! leave one round trip after it has connected and arrive half a one later, when the server learns of it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Reads that may be under way in one direction: more than the fastest sender fills.
const IN_FLIGHT: usize = 64 * 1024;

/// Bytes read at once.
const READ_SIZE: usize = 64 * 1024;

#[derive(clap::Args)]
pub struct Args {
    /// The round-trip time, in milliseconds
    milliseconds: u64,
    /// Where to listen: ADDRESS:PORT
    listen: String,
    /// Where to connect to: ADDRESS:PORT
    target: String,
}

/// Forwards until it is killed.
///
/// # Errors
/// Fails when the address cannot be listened on.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let half = Duration::from_millis(args.milliseconds) / 2;
    let listener = TcpListener::bind(&args.listen).await?;
    loop {
        let (client, _) = listener.accept().await?;
        let connected = Instant::now() + 2 * half;
        let target = args.target.clone();
        // Whatever breaks shows at both ends as the connection's end.
        tokio::spawn(async move { forward(client, &target, connected, half).await });
    }
}

async fn forward(client: TcpStream, target: &str, connected: Instant, half: Duration) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (sent, underway_up) = mpsc::channel(IN_FLIGHT);
    let (answered, underway_down) = mpsc::channel(IN_FLIGHT);
    let server = async {
        sleep_until(connected + half).await;
        let server = TcpStream::connect(target).await?;
        server.set_nodelay(true)?;
        let (from_server, to_server) = server.into_split();
        tokio::join!(arrive(underway_up, to_server), leave(from_server, answered, connected, half));
        Ok(())
    };
    let ((), (), result) =
        tokio::join!(leave(from_client, sent, connected, half), arrive(underway_down, to_client), server);
    result
}

/// Bytes on their way, and when they arrive; none are the end of the stream.
type UnderWay = (Instant, Vec<u8>);

/// Sends what comes from one side on its way, but not before the connection seems to stand.
async fn leave(mut from: OwnedReadHalf, way: mpsc::Sender<UnderWay>, connected: Instant, delay: Duration) {
    loop {
        let mut bytes = Vec::with_capacity(READ_SIZE);
        let read = from.read_buf(&mut bytes).await;
        let due = Instant::now().max(connected) + delay;
        if way.send((due, bytes)).await.is_err() || !matches!(read, Ok(1..)) {
            return;
        }
    }
}

/// Gives the other side what arrives.
async fn arrive(mut way: mpsc::Receiver<UnderWay>, mut to: OwnedWriteHalf) {
    while let Some((due, bytes)) = way.recv().await {
        sleep_until(due).await;
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
    // A side that is gone needs no end.
    let _ = to.shutdown().await;
}
