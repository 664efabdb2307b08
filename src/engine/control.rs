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
    /// Starts no more hosts. Of two causes the one that outranks the other stays.
    pub fn drain(&self, cause: StopCause) {
        self.advance(|phase| match phase {
            Phase::Run => Phase::Drain(cause),
            Phase::Drain(earlier) => Phase::Drain(earlier.or_worse(cause)),
            Phase::Kill(earlier) => Phase::Kill(earlier.or_worse(cause)),
        });
    }

    /// Ends what runs. Of two causes the one that outranks the other stays.
    pub fn kill(&self, cause: StopCause) {
        self.advance(|phase| match phase {
            Phase::Run => Phase::Kill(cause),
            Phase::Drain(earlier) | Phase::Kill(earlier) => Phase::Kill(earlier.or_worse(cause)),
        });
    }

    fn advance(&self, next: impl FnOnce(Phase) -> Phase) {
        self.0.send_if_modified(|phase| {
            let before = std::mem::replace(phase, next(*phase));
            *phase != before
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
    fn a_second_order_escalates_and_the_worst_cause_stays() {
        let control = Control::default();
        control.drain(StopCause::Deadline);
        control.drain(StopCause::FailFast);
        control.drain(StopCause::Interrupt);
        assert_eq!(control.phase(), Phase::Drain(StopCause::FailFast));
        control.kill(StopCause::Interrupt);
        assert_eq!(control.phase(), Phase::Kill(StopCause::FailFast));
        control.drain(StopCause::Journal);
        assert_eq!(control.phase(), Phase::Kill(StopCause::Journal));
    }

    #[test]
    fn of_equals_the_first_stays() {
        let control = Control::default();
        control.kill(StopCause::Terminate);
        control.kill(StopCause::Hangup);
        assert_eq!(control.phase(), Phase::Kill(StopCause::Terminate));
    }
}
