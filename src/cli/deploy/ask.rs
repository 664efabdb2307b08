//! Questions of a playbook to the person at the terminal: `--step`, `pause`.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use tokio::sync::Mutex;

use crate::cli::passphrase::Modes;
use crate::engine::deploy::files::Prompt;
use crate::event::Barrier;
use crate::render::{Pause, sanitize};
use crate::transport::BoxFuture;

/// Asks the person at the terminal, while the live line is away; one question at a time.
pub struct AtTerminal {
    pause: Pause,
    /// The question follows what happened before.
    shown: Barrier,
    turn: Mutex<()>,
}

/// Whoever can be asked.
pub fn person(pause: &Pause, shown: Barrier) -> Option<Arc<dyn Prompt>> {
    let is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let person = || AtTerminal { pause: pause.clone(), shown, turn: Mutex::default() };
    is_there.then(|| Arc::new(person()) as Arc<dyn Prompt>)
}

impl Prompt for AtTerminal {
    fn ask<'a>(&'a self, prompt: &'a str, echo: bool, limit: Option<Duration>) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            let _turn = self.turn.lock().await;
            self.shown.reached().await;
            let _hold = self.pause.hold();
            let mut stderr = std::io::stderr();
            write!(stderr, "{}", sanitize(prompt.as_bytes())).and_then(|()| stderr.flush()).ok()?;
            if let Some(limit) = limit {
                // As Ansible does: what has a limit is no question, and waits until then.
                tokio::time::sleep(limit).await;
                let _ = writeln!(stderr);
                return None;
            }
            let _modes = Modes::keep();
            // When nobody waits for the answer any more, the thread is left to itself.
            tokio::task::spawn_blocking(move || read_line(echo)).await.ok()?
        })
    }
}

fn read_line(echo: bool) -> Option<String> {
    let stdin = std::io::stdin();
    if !echo && let Ok(mut modes) = tcgetattr(&stdin) {
        modes.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Now, &modes).ok()?;
    }
    let mut line = String::new();
    let read = stdin.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}
