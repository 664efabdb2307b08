//! A run written to a journal.

use std::sync::Arc;

use opsctl::event::{Event, EventKind, Subscriber as _, Summary};
use opsctl::journal::{JournalOptions, JournalWriter};

use super::engine;
use super::meter::{Cost, measure};
use super::render::{self, Output};

/// The cost of a run's record: start, and for each host its beginning and its end with 1 kB of output.
pub fn run() -> anyhow::Result<Cost> {
    let directory = tempfile::tempdir()?;
    let names = engine::names();
    let header = Arc::new(engine::header(&names));
    let reports: Vec<_> = names.iter().map(|name| render::report(name, Output::Similar)).collect();
    let mut summary = Summary::new(header.run);
    for report in &reports {
        summary.count(report);
    }
    measure(|| {
        let mut writer = JournalWriter::create(&JournalOptions::new(directory.path()))?;
        let mut send = |kind| writer.on_event(&Event::now(kind));
        send(EventKind::RunStarted(header))?;
        for (name, report) in names.iter().zip(reports) {
            send(EventKind::HostStarted { host: Arc::clone(name) })?;
            send(EventKind::HostEnded(report))?;
        }
        send(EventKind::RunEnded(Arc::new(summary)))?;
        Ok(())
    })
}
