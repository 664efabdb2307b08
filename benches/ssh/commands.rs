//! Commands one after the other in one persistent shell, which no subcommand of opsctl runs today.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::ensure;
use opsctl::event::Stream;
use opsctl::remote::{Command, EndCause, Limits, OutputSink, Program, Shell, ShellOptions, StopSignal};
use opsctl::transport::{Auto, BoxFuture, ConnectOptions, HostKeyPolicy, Setup, Target, TransportKind};

#[derive(clap::Args)]
pub struct Args {
    #[arg(value_enum)]
    transport: TransportKind,
    /// An `ssh_config` that is read instead of the user's and the system's
    config: PathBuf,
    address: String,
    port: u16,
    /// How many commands are timed
    count: usize,
    /// The line that each is
    line: String,
}

/// Prints how long opening the shell took, and the median of its commands, in milliseconds.
///
/// # Errors
/// Fails when the host cannot be reached or a command fails.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let transport = Auto::new(Setup { kind: args.transport, passphrases: None });
    let target = Target {
        host: args.address.as_str().into(),
        address: args.address,
        port: Some(args.port),
        ssh_args: vec!["-F".into(), args.config.display().to_string()],
        ..Target::default()
    };
    let connect = ConnectOptions { timeout: Duration::from_mins(1), host_keys: HostKeyPolicy::Strict };
    let limits = Limits::default();
    let options = ShellOptions {
        transport: &transport,
        target: &target,
        connect: &connect,
        privilege: None,
        first: None,
        limits,
    };
    let (_switch, mut stop) = StopSignal::channel();
    let begun = Instant::now();
    let mut shell = Shell::open(options, &mut stop).await?;
    let opened = begun.elapsed();
    let command = Command::new(Program::Line { shell: "/bin/sh".into(), line: args.line.into() });
    let mut times = Vec::new();
    for _ in 0..args.count {
        let begun = Instant::now();
        let end = shell.run(&command, limits, &mut Nowhere, &mut stop).await;
        ensure!(end.cause == EndCause::Exit && end.rc == Some(0), "the command ended otherwise: {end:?}");
        times.push(begun.elapsed());
    }
    shell.close().await;
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    println!("{:.1} {:.1}", opened.as_secs_f64() * 1000.0, median.as_secs_f64() * 1000.0);
    Ok(())
}

/// Takes no output.
struct Nowhere;

impl OutputSink for Nowhere {
    fn write<'a>(&'a mut self, _stream: Stream, _bytes: &'a [u8]) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn write_now(&mut self, _stream: Stream, _bytes: &[u8]) {}
}
