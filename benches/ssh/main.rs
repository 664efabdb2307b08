//! What the scripts beside this one measure opsctl against: the least that an SSH client can do, a server that costs
//! little, a far network, and the persistent shell alone.
//!
//! Built by `cargo bench --no-run --bench ssh`; the scripts do that themselves.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../overhead/canned.rs"]
mod canned;
mod commands;
mod delay;
mod floor;
mod server;

use clap::Parser;

#[derive(Parser)]
enum Part {
    /// Runs a command on many hosts with nothing but russh: the floor
    Floor(floor::Args),
    /// Serves SSH on all addresses, with canned answers
    Server(server::Args),
    /// Forwards TCP with a round-trip time added
    Delay(delay::Args),
    /// Times commands in one persistent shell
    Commands(commands::Args),
}

fn main() -> anyhow::Result<()> {
    // `cargo bench` without a filter runs every target, with a flag of its own.
    if std::env::args_os().nth(1).is_none_or(|word| word == "--bench") {
        println!("run the scripts in benches/ instead");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match Part::parse() {
            Part::Floor(args) => floor::run(args).await,
            Part::Server(args) => server::run(args).await,
            Part::Delay(args) => delay::run(args).await,
            Part::Commands(args) => commands::run(args).await,
        }
    })
}
