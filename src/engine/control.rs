//! Stopping a run: first no more hosts are started, then what runs is ended.

use tokio::sync::watch;

use crate::event::StopCause;

/// How far a run has been told to stop. Only ever grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Going on.
    Run,
    /// No more hosts are started; what runs goes on.
    Drain(StopCause),
    /// What runs is ended.
    Kill(StopCause),
}

/// The switch that stops a run; cheap to clone.
#[derive(Clone, Debug)]
pub struct Control(watch::Sender<Phase>);

impl Default for Control {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::Run))
    }
}

impl Control {
    /// Starts no more hosts. Changes nothing when the run is already stopping.
    pub fn drain(&self, cause: StopCause) {
        self.0.send_if_modified(|phase| {
            let first = *phase == Phase::Run;
            if first {
                *phase = Phase::Drain(cause);
            }
            first
        });
    }

    /// Ends what runs. The cause of an earlier drain stays.
    pub fn kill(&self, cause: StopCause) {
        self.0.send_if_modified(|phase| match *phase {
            Phase::Run => {
                *phase = Phase::Kill(cause);
                true
            }
            Phase::Drain(earlier) => {
                *phase = Phase::Kill(earlier);
                true
            }
            Phase::Kill(_) => false,
        });
    }

    /// How far the run has been told to stop.
    #[must_use]
    pub fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Follows the phase.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Phase> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_order_escalates_and_keeps_the_first_cause() {
        let control = Control::default();
        control.drain(StopCause::FailFast);
        control.drain(StopCause::Interrupt);
        assert_eq!(control.phase(), Phase::Drain(StopCause::FailFast));
        control.kill(StopCause::Interrupt);
        assert_eq!(control.phase(), Phase::Kill(StopCause::FailFast));
    }
}
