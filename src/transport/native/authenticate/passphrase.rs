//! Asks for passphrases, one question at a time.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::secret::Secret;
use crate::transport::AskPassphrase;

/// Who is asked for passphrases.
pub(super) struct Passphrases {
    ask: Option<Box<dyn AskPassphrase>>,
    turn: Semaphore,
    open: Mutex<Open>,
}

/// How long questions have been open.
#[derive(Default)]
struct Open {
    before: Duration,
    since: Option<Instant>,
}

impl Passphrases {
    /// Asks with `ask`; without it nobody is asked.
    pub(super) fn new(ask: Option<Box<dyn AskPassphrase>>) -> Self {
        Self { ask, turn: Semaphore::new(1), open: Mutex::default() }
    }

    /// The passphrase of the key at `path`, after `attempt` wrong ones; none when nobody answers, or with nothing.
    pub(super) async fn ask(&self, path: &Path, attempt: u32) -> Option<Secret> {
        let ask = self.ask.as_ref()?;
        let _turn = self.turn.acquire().await.ok()?;
        self.state().since = Some(Instant::now());
        let answer = ask.ask(path, attempt).await;
        let mut open = self.state();
        let lasted = open.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        open.before += lasted;
        drop(open);
        answer.filter(|answer| !answer.expose().is_empty())
    }

    /// How long, all together, a question has been open.
    pub(super) fn time_asking(&self) -> Duration {
        let open = self.state();
        open.before + open.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Passphrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrases").finish_non_exhaustive()
    }
}
