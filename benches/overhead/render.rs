//! A run shown folded, with 1 kB of output from each host.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use opsctl::event::{Captured, Event, EventKind, Fate, HostReport, Outcome, Summary};
use opsctl::render::{RenderOptions, subscribers};

use super::engine;
use super::meter::{Cost, measure};

/// What the hosts print.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// All the same.
    Alike,
    /// The same but for the host's own name and some numbers.
    Similar,
}

/// The cost of folding and printing; what the hosts printed counts as memory, since a renderer must keep it.
pub fn run(output: Output) -> anyhow::Result<Cost> {
    let names = engine::names();
    let header = Arc::new(engine::header(&names));
    let options = RenderOptions { width: Some(80), ..RenderOptions::default() };
    measure(|| {
        let mut renderers = subscribers(&options, Box::new(std::io::sink()), Box::new(std::io::sink()))?;
        let mut summary = Summary::new(header.run);
        let mut send = |kind| {
            let event = Event::now(kind);
            renderers.iter_mut().try_for_each(|renderer| renderer.on_event(&event))
        };
        send(EventKind::RunStarted(header))?;
        for name in &names {
            let report = report(name, output);
            summary.count(&report);
            send(EventKind::HostEnded(report))?;
        }
        ensure!(summary.total() == names.len(), "a host is missing");
        send(EventKind::RunEnded(Arc::new(summary)))?;
        Ok(())
    })
}

/// A host that printed 1 kB.
pub fn report(name: &Arc<str>, output: Output) -> Arc<HostReport> {
    let mut text = String::with_capacity(1100);
    let own = if output == Output::Alike { "web" } else { &**name };
    let number = if output == Output::Alike { 1 } else { name.bytes().map(usize::from).sum() };
    let mut line = 0;
    while text.len() < 1000 {
        line += 1;
        // Writing to a String does not fail.
        let _ = writeln!(text, "{own} kernel: [{line:4}.{number}] eth0: link up, 10000 Mbps, full duplex");
    }
    Arc::new(HostReport {
        outcome: Outcome::Ok,
        rc: Some(0),
        fate: Some(Fate::Ended),
        started: Some(jiff::Timestamp::now()),
        duration: Duration::from_millis(250),
        attempts: 1,
        stdout: Arc::new(Captured::from(text.as_bytes())),
        ..HostReport::not_started(Arc::clone(name))
    })
}
