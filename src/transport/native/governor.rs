//! How many connections to one server may be logging in at once.
//!
//! sshd drops connections at random once too many are unauthenticated (`MaxStartups`, 10:30:100 unless told). So they
//! ramp up: one more for each that succeeds, as TCP's slow start does, until the server sheds load; then two thirds of
//! what it had shed at are the ceiling, from half of it up again, and the ceiling is tried anew only after ever more
//! successes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Connections that may log in at once at first: below sshd's default of 10, with some that it has not yet seen to be
/// through.
const FIRST_WINDOW: usize = 6;

/// Successes in a row after which a ceiling is tried anew; doubles each time it proves right.
const FIRST_HOLD: usize = 64;

/// Admits connections to servers named by `K`.
pub(super) struct Governor<K> {
    lanes: Mutex<HashMap<K, Arc<Lane>>>,
}

impl<K> Default for Governor<K> {
    fn default() -> Self {
        Self { lanes: Mutex::default() }
    }
}

impl<K: Eq + Hash> Governor<K> {
    /// Waits for a turn to log in to `server`.
    pub(super) async fn admit(&self, server: K) -> Turn {
        self.admit_from(server, FIRST_WINDOW).await
    }

    /// As [`Governor::admit`], with `first` at once at first.
    pub(super) async fn admit_from(&self, server: K, first: usize) -> Turn {
        let lane = Arc::clone(lock(&self.lanes).entry(server).or_insert_with(|| Arc::new(Lane::new(first))));
        loop {
            let freed = lane.freed.notified();
            {
                let mut pace = lock(&lane.pace);
                if pace.in_flight < pace.window {
                    pace.in_flight += 1;
                    let sheds = pace.sheds;
                    drop(pace);
                    return Turn { lane: Arc::clone(&lane), sheds };
                }
            }
            freed.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Lane {
    pace: Mutex<Pace>,
    freed: Notify,
}

impl Lane {
    fn new(first: usize) -> Self {
        Self { pace: Mutex::new(Pace { window: first, ..Pace::default() }), freed: Notify::new() }
    }
}

/// Pure: how many may be in flight, and what is learnt from each.
#[derive(Debug)]
struct Pace {
    in_flight: usize,
    window: usize,
    ceiling: Option<usize>,
    /// Successes since the window or the ceiling last changed.
    calm: usize,
    hold: usize,
    /// Times that the server has shed load.
    sheds: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { in_flight: 0, window: FIRST_WINDOW, ceiling: None, calm: 0, hold: FIRST_HOLD, sheds: 0 }
    }
}

impl Pace {
    fn succeed(&mut self) {
        self.calm += 1;
        let grows = match self.ceiling {
            None => true,
            Some(ceiling) if self.window < ceiling => self.calm >= self.window,
            Some(_) => self.calm >= self.hold,
        };
        if !grows {
            return;
        }
        self.calm = 0;
        self.window += 1;
        self.ceiling = self.ceiling.map(|ceiling| ceiling.max(self.window));
    }

    /// Learns from a connection that was dropped; `since` is what `sheds` was when it was admitted.
    fn shed(&mut self, since: usize) {
        // Those in flight at once are shed for one reason.
        if since < self.sheds {
            return;
        }
        self.sheds += 1;
        let seen = self.in_flight;
        if self.ceiling.is_some() {
            self.hold = self.hold.saturating_mul(2);
        }
        let ceiling = (seen * 2 / 3).max(2);
        self.ceiling = Some(self.ceiling.map_or(ceiling, |known| known.min(ceiling)));
        self.window = (ceiling / 2).max(1);
        self.calm = 0;
    }
}

/// The right to be logging in; dropping it lets the next one in.
pub(super) struct Turn {
    lane: Arc<Lane>,
    sheds: usize,
}

impl Turn {
    /// Ends it with a session.
    pub(super) fn succeed(self) {
        lock(&self.lane.pace).succeed();
    }

    /// Ends it with a connection that the server has dropped.
    pub(super) fn shed(self) {
        lock(&self.lane.pace).shed(self.sheds);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let free = {
            let mut pace = lock(&self.lane.pace);
            pace.in_flight -= 1;
            pace.window.saturating_sub(pace.in_flight)
        };
        for _ in 0..free.min(2) {
            self.lane.freed.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets `hosts` log in to a server that drops whoever comes when `limit` are logging in; returns how often it did.
    fn sheds(hosts: usize, limit: usize) -> usize {
        let mut pace = Pace::default();
        let (mut left, mut sheds) = (hosts, 0);
        while left > 0 {
            pace.in_flight = pace.window.min(left);
            let through = pace.in_flight.min(limit);
            let since = pace.sheds;
            for _ in through..pace.in_flight {
                pace.shed(since);
                sheds += 1;
            }
            for _ in 0..through {
                pace.succeed();
            }
            left -= through;
        }
        sheds
    }

    #[test]
    fn a_server_that_takes_all_is_soon_asked_for_all() {
        let mut pace = Pace::default();
        (0..100).for_each(|_| pace.succeed());
        assert_eq!(pace.window, FIRST_WINDOW + 100);
    }

    #[test]
    fn a_server_that_sheds_is_spared() {
        assert!(sheds(500, 10) <= 10, "{}", sheds(500, 10));
        assert!(sheds(10_000, 10) <= 30, "{}", sheds(10_000, 10));
        assert_eq!(sheds(5, 10), 0);
    }

    #[tokio::test]
    async fn turns_are_limited_a_server_and_given_on() {
        let governor = Governor::default();
        let mut turns = Vec::new();
        for _ in 0..FIRST_WINDOW {
            turns.push(governor.admit("a").await);
        }
        let mut next = Box::pin(governor.admit("a"));
        assert!(futures_now(next.as_mut()).is_none());
        drop(governor.admit("b").await);
        drop(turns.pop());
        assert!(futures_now(next.as_mut()).is_some());
    }

    fn futures_now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
