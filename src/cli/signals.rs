//! Signals: the first Ctrl-C starts no more hosts, the second ends what runs; TERM and HUP end it at once.

use std::sync::{Arc, Mutex};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::engine::{Control, Phase};
use crate::event::{EventKind, EventSender, GiveUp, StopCause};

/// What a signal means to the bus, while there is one.
#[derive(Clone, Default)]
pub struct Interrupts(Arc<Mutex<Stage>>);

#[derive(Default)]
enum Stage {
    /// The run waits for its turn.
    #[default]
    Waiting,
    /// Signals are told on the bus.
    Running(EventSender, GiveUp),
    /// The run is over, but for what is still to be shown.
    Over(GiveUp),
}

impl Interrupts {
    /// From now on signals are told on this bus.
    pub fn attach(&self, events: EventSender, give_up: GiveUp) {
        self.set(Stage::Running(events, give_up));
    }

    /// Lets the bus go, so that it can end; a signal from now on gives up those who do not read.
    pub fn detach(&self, give_up: GiveUp) {
        self.set(Stage::Over(give_up));
    }

    fn set(&self, stage: Stage) {
        *self.0.lock().expect("no holder of the lock panics") = stage;
    }

    /// Takes in that a signal came in this `phase`.
    fn tell(&self, cause: StopCause, phase: Phase) {
        match &*self.0.lock().expect("no holder of the lock panics") {
            Stage::Waiting => {}
            Stage::Running(events, give_up) => {
                if matches!(phase, Phase::Kill(_)) {
                    // All is being ended already: what keeps the run may be a reader who does not read.
                    give_up.renderers();
                }
                // A stop never waits for a terminal: with the bus full, it goes unannounced and is in the summary.
                let _ = events.send_if_room(EventKind::Stopping(cause));
            }
            Stage::Over(give_up) => give_up.renderers(),
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
        let (cause, is_final) = tokio::select! {
            _ = interrupt.recv() => (StopCause::Interrupt, false),
            _ = terminate.recv() => (StopCause::Terminate, true),
            () = received(&mut hangup) => (StopCause::Hangup, true),
        };
        let phase = control.phase();
        if is_final || phase != Phase::Run {
            control.kill(cause);
        } else {
            control.drain(cause);
        }
        interrupts.tell(cause, phase);
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
