//! The least that SSH with russh costs: connect, log in with a key, run one command line, read, leave.
//!
//! It checks no host key, reads no configuration, keeps no record and leaves nothing behind to stop the command with.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use russh::client::{self, Handle};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use russh::{ChannelMsg, Disconnect};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

#[derive(clap::Args)]
pub struct Args {
    /// A file with one address a line
    hosts: PathBuf,
    port: u16,
    user: String,
    /// An ed25519 key without passphrase
    key: PathBuf,
    /// Hosts in flight at once
    forks: usize,
    command: String,
}

/// What all hosts share.
struct Plan {
    config: Arc<client::Config>,
    key: Arc<PrivateKey>,
    args: Args,
}

/// Runs the command everywhere and prints what each host said.
///
/// # Errors
/// Fails when a host does.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let hosts = std::fs::read_to_string(&args.hosts)?;
    let key = Arc::new(load_secret_key(&args.key, None)?);
    let config = Arc::new(client::Config { nodelay: true, ..client::Config::default() });
    let permits = Arc::new(Semaphore::new(args.forks));
    let plan = Arc::new(Plan { config, key, args });
    let mut turns = JoinSet::new();
    for address in hosts.lines().map(str::to_owned) {
        let (plan, permit) = (Arc::clone(&plan), Arc::clone(&permits).acquire_owned().await?);
        turns.spawn(async move {
            let output = one(&plan, &address).await.with_context(|| address.clone());
            drop(permit);
            output.map(|output| println!("{address}: {}", String::from_utf8_lossy(&output).trim_end()))
        });
    }
    while let Some(turn) = turns.join_next().await {
        turn??;
    }
    Ok(())
}

async fn one(plan: &Plan, address: &str) -> anyhow::Result<Vec<u8>> {
    let mut session = client::connect(Arc::clone(&plan.config), (address, plan.args.port), AnyKey).await?;
    let key = PrivateKeyWithHashAlg::new(Arc::clone(&plan.key), None);
    ensure!(session.authenticate_publickey(&plan.args.user, key).await?.success(), "not let in");
    let output = exec(&session, &plan.args.command).await;
    session.disconnect(Disconnect::ByApplication, "", "").await?;
    output
}

async fn exec(session: &Handle<AnyKey>, command: &str) -> anyhow::Result<Vec<u8>> {
    let mut channel = session.channel_open_session().await?;
    channel.exec(true, command).await?;
    let (mut output, mut code) = (Vec::new(), None);
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { data } => output.extend_from_slice(&data),
            ChannelMsg::ExitStatus { exit_status } => code = Some(exit_status),
            _ => {}
        }
    }
    ensure!(code == Some(0), "exit code {code:?}");
    Ok(output)
}

/// Takes any host key.
struct AnyKey;

impl client::Handler for AnyKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}
