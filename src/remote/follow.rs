//! Follows one command through its marks, and says when the host must be ordered to end it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::running::{End, EndCause, Limits, OutputSink, StopSignal};
use crate::event::{FailureKind, Fate, Stream};
use crate::transport::ConnectError;

/// How long the host's word on a kill is waited for: grace, the host's own rounds of KILL on a busy machine, and the way.
pub(super) const VERDICT_PATIENCE: Duration = Duration::from_secs(15);

/// An order that is not answered is repeated this often: the first may have come before the command listened.
pub(super) const ORDER_INTERVAL: Duration = Duration::from_secs(1);

/// How often a running command's guard is asked after.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// How far a command has come.
pub(super) enum Progress {
    /// It has not ended on both streams.
    Going,
    /// The host has no `setsid`; nothing was started.
    NoSetsid,
    /// It has ended.
    Ended(End),
}

/// The sequence of marks of one command, and the orders to end it.
pub(super) struct Follower {
    id: String,
    started: [bool; 2],
    ended: [bool; 2],
    end: Option<End>,
    deadline: Option<Instant>,
    order: Option<Ordered>,
    ping: Instant,
}

/// An order to end the command that has been given.
struct Ordered {
    cause: EndCause,
    give_up: Instant,
    next: Instant,
}

/// What is to be told to the host.
pub(super) enum Order {
    /// End the command.
    Kill,
    /// Say so if the command's guard is gone.
    Ping,
    /// Nothing: it has not answered for too long.
    GiveUp,
}

impl Follower {
    pub(super) fn new(id: u64, limits: Limits) -> Self {
        let deadline = limits.timeout.map(|limit| Instant::now() + limit);
        let ping = Instant::now() + PING_INTERVAL;
        Self { id: id.to_string(), started: [false; 2], ended: [false; 2], end: None, deadline, order: None, ping }
    }

    /// Counts the command as begun, for one whose marks come from its watcher.
    pub(super) fn assume_begun(&mut self) {
        self.started = [true, true];
    }

    /// Takes a mark.
    pub(super) fn mark(&mut self, stream: Stream, words: &[String]) -> Progress {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let side = stream as usize;
        match words[..] {
            ["begin", id] if id == self.id => self.started[side] = true,
            ["end", id, rc, cause, fate] if id == self.id => {
                self.ended[side] = true;
                self.end = (fate != "nosetsid").then(|| self.read_end(rc, cause, fate));
                if self.ended == [true, true] {
                    return self.end.take().map_or(Progress::NoSetsid, Progress::Ended);
                }
            }
            // One that has told its end on this stream is gone rightly; the other stream's end is still on its way.
            ["gone", id] if id == self.id && !self.ended[side] => return Progress::Ended(guard_gone()),
            _ => {}
        }
        Progress::Going
    }

    fn read_end(&self, rc: &str, cause: &str, fate: &str) -> End {
        let cause = match (cause, &self.order) {
            ("timeout", _) => EndCause::Timeout,
            ("cancel", Some(order)) => order.cause,
            // Somebody on the host ended it.
            _ => EndCause::Exit,
        };
        let fate = Some(match fate {
            "killed" => Fate::Killed,
            "survived" => Fate::Survived,
            _ => Fate::Ended,
        });
        // ksh93 counts signals from 256.
        let rc = rc.parse().ok().map(|code: i32| if code > 256 { code - 128 } else { code });
        End { rc, cause, fate, lost: None }
    }

    /// Passes output on. Once the end has been ordered, nothing waits for a reader.
    pub(super) async fn output(
        &mut self,
        stream: Stream,
        bytes: &[u8],
        sink: &mut dyn OutputSink,
        stop: &mut StopSignal,
    ) {
        let side = stream as usize;
        if !self.started[side] || self.ended[side] {
            return;
        }
        if self.order.is_some() {
            sink.write_now(stream, bytes);
            return;
        }
        tokio::select! {
            () = sink.write(stream, bytes) => {}
            () = stop.raised() => {}
            () = at(self.deadline) => {}
        }
    }

    /// Waits until an order is due: the first at the limit or the stop, then again until the host answers.
    pub(super) async fn next_order(&mut self, stop: &mut StopSignal) -> Order {
        if let Some(order) = &mut self.order {
            sleep_until(order.next.min(order.give_up)).await;
            if Instant::now() >= order.give_up {
                return Order::GiveUp;
            }
            order.next += ORDER_INTERVAL;
            return Order::Kill;
        }
        let cause = tokio::select! {
            () = at(self.deadline) => EndCause::Timeout,
            () = stop.raised() => EndCause::Cancel,
            () = sleep_until(self.ping) => {
                self.ping += PING_INTERVAL;
                return Order::Ping;
            }
        };
        let now = Instant::now();
        self.order = Some(Ordered { cause, give_up: now + VERDICT_PATIENCE, next: now + ORDER_INTERVAL });
        Order::Kill
    }

    pub(super) fn silent_end(&self) -> End {
        let cause = self.order.as_ref().map_or(EndCause::Cancel, |order| order.cause);
        End { rc: None, cause, fate: Some(Fate::Unknown), lost: None }
    }
}

fn guard_gone() -> End {
    End::lost(
        ConnectError::new(FailureKind::Lost, "what guarded the command on the host was killed")
            .hint("the command may still run; something on the host ends shells, or the command ended its parent"),
    )
}

/// Waits until `deadline`; for ever when there is none.
pub(super) async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(follower: &mut Follower, stream: Stream, words: &str) -> Option<End> {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        match follower.mark(stream, &words) {
            Progress::Ended(end) => Some(end),
            _ => None,
        }
    }

    #[test]
    fn a_guard_that_has_told_its_end_is_not_killed() {
        let mut follower = Follower::new(7, Limits::default());
        assert!(mark(&mut follower, Stream::Stderr, "end 7 3 exit ended").is_none());
        assert!(mark(&mut follower, Stream::Stderr, "gone 7").is_none());
        let end = mark(&mut follower, Stream::Stdout, "end 7 3 exit ended").unwrap();
        assert_eq!((end.rc, end.lost.is_none()), (Some(3), true));
    }

    #[test]
    fn a_guard_that_is_gone_before_its_end_was_killed() {
        let mut follower = Follower::new(7, Limits::default());
        assert!(mark(&mut follower, Stream::Stdout, "end 7 3 exit ended").is_none());
        assert!(mark(&mut follower, Stream::Stdout, "gone 7").is_none());
        assert!(mark(&mut follower, Stream::Stderr, "gone 7").unwrap().lost.is_some());
    }
}
