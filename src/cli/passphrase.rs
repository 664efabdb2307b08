//! Asks for the passphrases of encrypted keys at the terminal: one at a time, each once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::{Mutex as Turn, watch};

use crate::engine::{Control, Phase};
use crate::render::{Pause, sanitize_line};
use crate::secret::Secret;
use crate::transport::{AskPassphrase, BoxFuture};

/// An answer, once there is one; nobody answers with none.
type Answer = Option<Option<Secret>>;

/// Asks the person at the terminal, while the live line is away; after an interrupt, no more.
pub struct AtTerminal {
    pause: Pause,
    control: Control,
    /// Questions with their answers: a host that gives up waiting leaves its question to those that come after it.
    asked: Mutex<HashMap<(PathBuf, u32), watch::Receiver<Answer>>>,
    /// There is one terminal.
    turn: Arc<Turn<()>>,
}

/// Whoever can be asked for passphrases: a person at a terminal, unless nothing shall be said.
pub fn asker(quiet: bool, pause: &Pause, control: &Control) -> Option<Box<dyn AskPassphrase>> {
    let asks = super::confirm::can_ask() && !quiet;
    asks.then(|| Box::new(AtTerminal::new(pause.clone(), control.clone())) as Box<dyn AskPassphrase>)
}

impl AtTerminal {
    /// Asks while `control` lets the run go on.
    pub fn new(pause: Pause, control: Control) -> Self {
        Self { pause, control, asked: Mutex::default(), turn: Arc::default() }
    }

    fn question(&self, path: &Path, attempt: u32) -> watch::Receiver<Answer> {
        let mut asked = self.asked.lock().expect("no holder of the lock panics");
        let question = asked.entry((path.to_owned(), attempt)).or_insert_with(|| {
            let (sender, receiver) = watch::channel(None);
            let (prompt, turn) = (prompt(path, attempt), Arc::clone(&self.turn));
            let (pause, control) = (self.pause.clone(), self.control.clone());
            tokio::spawn(async move {
                let answer = ask(prompt, &turn, &pause, &control).await;
                // Whoever asked may be gone.
                let _ = sender.send(Some(answer));
            });
            receiver
        });
        question.clone()
    }
}

impl AskPassphrase for AtTerminal {
    fn ask<'a>(&'a self, path: &'a Path, attempt: u32) -> BoxFuture<'a, Option<Secret>> {
        let mut question = self.question(path, attempt);
        Box::pin(async move {
            let answer = question.wait_for(Option::is_some).await.ok()?;
            answer.clone().flatten()
        })
    }
}

async fn ask(prompt: String, turn: &Turn<()>, pause: &Pause, control: &Control) -> Option<Secret> {
    let mut phase = control.watch();
    let answer = async {
        let _turn = turn.lock().await;
        let _hold = pause.hold();
        let _modes = Modes::keep();
        tokio::task::spawn_blocking(move || rpassword::prompt_password(prompt)).await.ok()?.ok()
    };
    let answer = tokio::select! {
        biased;
        _ = phase.wait_for(|phase| *phase != Phase::Run) => None,
        answer = answer => answer,
    };
    answer.filter(|passphrase| !passphrase.is_empty()).map(Secret::new)
}

fn prompt(path: &Path, attempt: u32) -> String {
    let again = if attempt > 0 { "That is not it. " } else { "" };
    sanitize_line(&format!("{again}Passphrase of {}: ", path.display())).into_owned()
}

/// Gives the terminal its modes back when a question ends without an answer: the thread that reads still holds it then.
pub(super) struct Modes(Option<Termios>);

impl Modes {
    /// Keeps the modes of standard input until it is dropped.
    pub(super) fn keep() -> Self {
        Self(tcgetattr(rustix::stdio::stdin()).ok())
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        if let Some(modes) = &self.0 {
            // The terminal may be gone.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, modes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StopCause;

    fn at_terminal() -> AtTerminal {
        AtTerminal::new(Pause::default(), Control::default())
    }

    #[test]
    fn the_question_names_the_key_and_says_that_the_last_answer_was_wrong() {
        assert_eq!(prompt(Path::new("/u/id"), 0), "Passphrase of /u/id: ");
        assert_eq!(prompt(Path::new("/u/\u{1b}"), 1), r"That is not it. Passphrase of /u/\x1b: ");
    }

    #[tokio::test]
    async fn nobody_is_asked_once_the_run_is_being_stopped() {
        let terminal = at_terminal();
        terminal.control.drain(StopCause::Interrupt);
        assert_eq!(terminal.ask(Path::new("/u/id"), 0).await, None);
    }

    #[tokio::test]
    async fn a_question_that_was_asked_before_is_not_asked_again() {
        let terminal = at_terminal();
        let key = (PathBuf::from("/u/id"), 0);
        let (sender, receiver) = watch::channel(None);
        terminal.asked.lock().unwrap().insert(key, receiver);
        let first = terminal.ask(Path::new("/u/id"), 0);
        sender.send(Some(Some(Secret::new("open".into())))).unwrap();
        assert_eq!(first.await, Some(Secret::new("open".into())));
        assert_eq!(terminal.ask(Path::new("/u/id"), 0).await, Some(Secret::new("open".into())));
    }
}
