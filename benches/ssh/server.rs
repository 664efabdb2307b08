//! An SSH server that costs little: it lets every key in, runs nothing, and gives canned answers.
//!
//! A command line that starts opsctl's shell is answered in its protocol, any other with one line and exit code 0.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::load_secret_key;
use russh::server::{self, Auth, ChannelOpenHandle, Msg, Server as _, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};

use super::canned::{Canned, Heard};

/// What every command prints.
const OUTPUT: &str = " 12:00:00 up 41 days,  3:07,  0 users,  load average: 0.08, 0.03, 0.01\n";

/// The data type of standard error (RFC 4254, section 5.2).
const STDERR: u32 = 1;

#[derive(clap::Args)]
pub struct Args {
    port: u16,
    /// The host key
    key: PathBuf,
}

/// Serves until it is killed.
///
/// # Errors
/// Fails when the key cannot be read or the port cannot be listened on.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let config = server::Config {
        keys: vec![load_secret_key(&args.key, None)?],
        nodelay: true,
        auth_rejection_time: Duration::ZERO,
        ..server::Config::default()
    };
    Ok(Hosts.run_on_address(Arc::new(config), ("0.0.0.0", args.port)).await?)
}

/// All hosts.
struct Hosts;

impl server::Server for Hosts {
    type Handler = Host;

    fn new_client(&mut self, _address: Option<std::net::SocketAddr>) -> Host {
        Host::default()
    }
}

/// One connection with one channel.
#[derive(Default)]
struct Host {
    canned: Canned,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
}

impl Host {
    fn hear(&mut self, channel: ChannelId, line: &str, session: &mut Session) -> Result<(), russh::Error> {
        let said = match self.canned.hear(line) {
            Heard::Nothing => return Ok(()),
            Heard::Exit => return leave(channel, session),
            Heard::Ready => (self.canned.mark("ready 1"), String::new()),
            Heard::Run(id) => {
                (self.canned.mark(&format!("begin {id}")), self.canned.mark(&format!("end {id} 0 exit ended")))
            }
        };
        let (first, last) = said;
        let output = if last.is_empty() { "" } else { OUTPUT };
        session.data(channel, format!("{first}{output}{last}"))?;
        session.extended_data(channel, STDERR, format!("{first}{last}"))
    }
}

/// Ends the channel with exit code 0.
fn leave(channel: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
    session.exit_status_request(channel, 0)?;
    session.eof(channel)?;
    session.close(channel)
}

impl server::Handler for Host {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, _key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    /// Takes no variable, and says so: who sent one would wait for the answer.
    async fn env_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        line: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)?;
        if line.starts_with(b"exec /bin/sh -c ") {
            return Ok(());
        }
        session.data(channel, OUTPUT)?;
        leave(channel, session)
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        for part in data.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.pop_if(|byte| *byte == b'\n').is_some() {
                let line = std::mem::take(&mut self.line);
                self.hear(channel, &String::from_utf8_lossy(&line), session)?;
            }
        }
        Ok(())
    }

    async fn channel_eof(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        leave(channel, session)
    }
}
