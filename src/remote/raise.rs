//! Getting through to the shell: banners, refusals, and the password that raising privilege may want.

use super::link::{Incoming, Link};
use super::privilege::{Escalation, Privilege};
use super::scan::Piece;
use crate::event::{FailureKind, Stream};
use crate::secret::Secret;
use crate::transport::{ConnectError, Session};

/// Noise kept from before the shell answers, in bytes; a banner or an error message, no more is of use.
const NOISE_LIMIT: usize = 4096;

/// What a host said before its shell answered: a banner, or the reason why there is no shell.
#[derive(Default)]
pub(super) struct Noise {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Noise {
    pub(super) fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        kept.extend_from_slice(bytes);
        let excess = kept.len().saturating_sub(NOISE_LIMIT);
        kept.drain(..excess);
    }

    /// The last line that the host said, stderr first.
    fn last_line(&self) -> Option<String> {
        [&self.stderr, &self.stdout].into_iter().find_map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            text.lines().rev().map(str::trim).find(|line| !is_of_the_way(line)).map(str::to_owned)
        })
    }
}

/// Whether a line is none, or what a jump host's ssh says about itself: it shares stderr with the host.
fn is_of_the_way(line: &str) -> bool {
    let starts = ["debug", "OpenSSH_", "Authenticated to ", "Killed by signal ", "Transferred: ", "Bytes per second: "];
    line.is_empty() || starts.iter().any(|start| line.starts_with(start))
}

/// Explains why a channel ended before its shell answered.
pub(super) async fn explain_early_end(
    session: &mut dyn Session,
    noise: &Noise,
    privilege: Option<&Privilege>,
) -> ConnectError {
    let mut error = session.refusal(&String::from_utf8_lossy(&noise.stderr)).await;
    if error.kind != FailureKind::ShellMissing {
        return error;
    }
    let said = noise.last_line();
    if let Some(privilege) = privilege {
        let said = said.unwrap_or_else(|| "it said nothing".into());
        return become_error(privilege, &said);
    }
    if let Some(said) = said {
        error.message = format!("{}: {said}", error.message);
    }
    error
}

fn become_error(privilege: &Privilege, said: &str) -> ConnectError {
    let method = privilege.method.name();
    let hint = match (said, &privilege.password) {
        (said, None) if said.contains("password") || said.contains("authentication") => {
            "give the password with -K, --become-password-file or ansible_become_password"
        }
        (said, _) if said.contains("tty") || said.contains("terminal") => {
            "sudoers has requiretty; opsctl uses no terminal: exempt this user with `Defaults:USER !requiretty`"
        }
        _ => "check what this user may do with `sudo -l` on the host",
    };
    ConnectError::new(FailureKind::Become, format!("{method} to {} failed: {said}", privilege.user)).hint(hint)
}

/// Sends the password once, and only after the prompt's random marker; a host that wants none is never sent one.
pub(super) async fn authenticate(
    link: &mut Link,
    session: &mut dyn Session,
    escalation: &Escalation,
    password: &Secret,
    privilege: Option<&Privilege>,
) -> Result<(), ConnectError> {
    let privilege = privilege.expect("only a raised shell authenticates");
    let mut noise = Noise::default();
    let mut prompts_answered = 0;
    loop {
        match link.next().await {
            Incoming::Piece(stream, Piece::Bytes(bytes)) => noise.push(stream, &bytes),
            Incoming::Piece(..) => {}
            Incoming::Closed => return Err(explain_early_end(session, &noise, Some(privilege)).await),
        }
        if contains(&noise.stdout, &escalation.up) {
            return Ok(());
        }
        let prompts = prompts_seen(&noise.stderr, escalation);
        if prompts > prompts_answered {
            if prompts_answered > 0 {
                return Err(become_error(privilege, "the password was refused"));
            }
            prompts_answered = prompts;
            link.write(&format!("{}\n", password.expose())).await;
        }
    }
}

/// How often the password has been asked for.
fn prompts_seen(stderr: &[u8], escalation: &Escalation) -> usize {
    let text = String::from_utf8_lossy(stderr);
    let Some((_, after)) = text.split_once(&escalation.prompt) else { return 0 };
    if escalation.needs_native_prompt {
        return usize::from(after.trim_end().ends_with(':'));
    }
    1 + after.matches(&escalation.prompt).count()
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    memchr::memmem::find(bytes, needle.as_bytes()).is_some()
}
