//! What opsctl itself costs a host: the engine with scripted hosts, the journal, and folding.
//!
//! `cargo bench --bench overhead [WORD]` prints a line a figure; WORD picks the figures whose name holds it. Each is
//! taken in a process of its own, so that one's memory does not hide in another's.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod canned;
mod engine;
mod meter;
mod record;
mod render;
mod scripted;

use anyhow::{Context as _, bail};

use meter::Cost;

/// Hosts in every figure.
const HOSTS: usize = 10_000;

/// A figure: its name, how it is taken, and what it may cost a host.
struct Figure {
    name: &'static str,
    take: fn() -> anyhow::Result<Cost>,
    goal: &'static str,
}

const FIGURES: [Figure; 5] = [
    Figure { name: "engine, 64 at a time", take: || engine::run(64), goal: "50 us, 20 kB" },
    Figure { name: "engine, 10,000 at a time", take: || engine::run(HOSTS), goal: "50 us, 20 kB" },
    Figure { name: "journal, 1 kB of output", take: record::run, goal: "10 us" },
    Figure { name: "fold, 1 kB, all alike", take: || render::run(render::Output::Alike), goal: "-" },
    Figure { name: "fold, 1 kB, own names and numbers", take: || render::run(render::Output::Similar), goal: "-" },
];

/// Names the one figure that a process of this program shall take.
const ONE: &str = "OPSCTL_BENCH_FIGURE";

fn main() -> anyhow::Result<()> {
    if let Some(name) = std::env::var_os(ONE) {
        let figure = FIGURES.iter().find(|figure| name == figure.name).context("an unknown figure")?;
        let cost = (figure.take)()?;
        let (micros, kilobytes) = cost.per(HOSTS);
        println!("| {} | {micros:.1} | {kilobytes:.1} | {} |", figure.name, figure.goal);
        return Ok(());
    }
    // `cargo bench` adds a flag of its own.
    let word = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    println!("| {HOSTS} hosts | CPU a host, us | peak memory a host, kB | goal |\n|---|---|---|---|");
    for figure in FIGURES.iter().filter(|figure| figure.name.contains(&word)) {
        let status = std::process::Command::new(std::env::current_exe()?).env(ONE, figure.name).status()?;
        if !status.success() {
            bail!("{}: {status}", figure.name);
        }
    }
    Ok(())
}
