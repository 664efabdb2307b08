//! Logs in with a password: the methods `password` and `keyboard-interactive`, each tried once.

use russh::Error;
use russh::client::AuthResult;
use russh::client::{Handle, Handler, KeyboardInteractiveAuthResponse as Reply, Prompt};

use crate::secret::Secret;

/// What came of `keyboard-interactive`.
pub(super) enum Answered {
    /// The server decided.
    Result(AuthResult),
    /// The server asked for more than the password; what it asked.
    More(String),
}

/// Answers the one question for a password; gives up on any other.
pub(super) async fn keyboard_interactive<H: Handler>(
    handle: &mut Handle<H>,
    user: &str,
    password: &Secret,
) -> Result<Answered, Error> {
    let mut reply = handle.authenticate_keyboard_interactive_start(user, None).await?;
    let mut answered = false;
    loop {
        let prompts = match reply {
            Reply::Success => return Ok(Answered::Result(AuthResult::Success)),
            Reply::Failure { remaining_methods, partial_success } => {
                return Ok(Answered::Result(AuthResult::Failure { remaining_methods, partial_success }));
            }
            Reply::InfoRequest { prompts, .. } => prompts,
        };
        let answers = match prompts.as_slice() {
            [] => Vec::new(),
            [prompt] if !answered && wants_password(prompt) => {
                answered = true;
                vec![password.expose().to_owned()]
            }
            [prompt, ..] => return Ok(Answered::More(prompt.prompt.trim().to_owned())),
        };
        reply = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
}

/// A question whose answer is not shown asks for a password, and so does one that says so.
fn wants_password(prompt: &Prompt) -> bool {
    !prompt.echo || prompt.prompt.to_ascii_lowercase().contains("password")
}
