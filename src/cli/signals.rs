//! Signals: the first Ctrl-C starts no more hosts, the second ends what runs; TERM and HUP end it at once.

use std::sync::{Arc, Mutex};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::engine::{Control, Phase};
use crate::event::{EventKind, EventSender, StopCause};

/// Says on the bus that a signal came, while there is a bus.
#[derive(Clone, Default)]
pub struct Interrupts(Arc<Mutex<Option<EventSender>>>);

impl Interrupts {
    /// From now on signals are told on this bus.
    pub fn attach(&self, events: EventSender) {
        *self.0.lock().expect("no holder of the lock panics") = Some(events);
    }

    /// Lets the bus go, so that it can end.
    pub fn detach(&self) {
        *self.0.lock().expect("no holder of the lock panics") = None;
    }

    fn tell(&self, cause: StopCause) {
        let events = self.0.lock().expect("no holder of the lock panics").clone();
        if let Some(events) = events {
            // A stop never waits for a terminal: with the bus full, it goes unannounced and is in the summary.
            let _ = events.send_if_room(EventKind::Stopping(cause));
        }
    }
}

/// Turns signals into orders until the run ends.
pub async fn watch(control: Control, interrupts: Interrupts) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    let mut hangup = if is_ignored(SignalKind::hangup()) { None } else { signal(SignalKind::hangup()).ok() };
    loop {
        let (cause, at_once) = tokio::select! {
            _ = interrupt.recv() => (StopCause::Interrupt, control.phase() != Phase::Run),
            _ = terminate.recv() => (StopCause::Terminate, true),
            () = received(&mut hangup) => (StopCause::Hangup, true),
        };
        if at_once {
            control.kill(cause);
        } else {
            control.drain(cause);
        }
        interrupts.tell(cause);
    }
}

/// Stops the run when the journal can no longer be written: nothing may happen off the record.
pub async fn stop_without_journal(mut failed: watch::Receiver<Option<String>>, control: Control) {
    if failed.wait_for(Option::is_some).await.is_ok() {
        control.drain(StopCause::Journal);
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Whether the signal was set to be ignored by whoever started us, as `nohup` does.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}
