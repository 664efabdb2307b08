//! What was tried in a login, and the words for a refusal.

use std::path::PathBuf;

use super::agent::AgentError;
use super::key_file::Locked;
use super::sign::SignError;
use crate::transport::ssh_config::Method;
use crate::transport::{ConnectError, explain};

/// What was offered to a server, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attempts {
    user: String,
    address: String,
    keys: Vec<String>,
    encrypted: bool,
    too_open: Option<PathBuf>,
    note: Option<String>,
    passwords: Vec<Method>,
    password_refused: bool,
}

impl Attempts {
    /// None yet, for `user` at `address`.
    pub(super) fn new(user: &str, address: &str) -> Self {
        Self { user: user.to_owned(), address: address.to_owned(), ..Self::default() }
    }

    /// Takes note of a key that is offered.
    pub(super) fn offer(&mut self, key: String) {
        self.keys.push(key);
    }

    /// Takes note of a key that the server wanted and that could not sign.
    pub(super) fn could_not_sign(&mut self, file: Option<PathBuf>, error: &SignError) {
        match error {
            SignError::Locked(Locked::Encrypted) => self.encrypted = true,
            SignError::Locked(Locked::TooOpen) => self.too_open = file,
            SignError::Agent(error @ (AgentError::Refused | AgentError::WrongAlgorithm)) => {
                self.note = Some(error.to_string());
            }
            _ => {}
        }
    }

    /// Takes note that a password is sent by `method`; tells whether for the first time.
    pub(super) fn first_password(&mut self, method: Method) -> bool {
        let first = !self.passwords.contains(&method);
        self.passwords.push(method);
        first
    }

    /// Takes note of what the server made of the password: a part of a login that it accepted was not refused.
    pub(super) fn password_refused(&mut self, refused: bool) {
        self.password_refused = refused;
    }

    /// Takes note of what stopped a method.
    pub(super) fn note(&mut self, note: String) {
        self.note = Some(note);
    }

    /// The error of a server that refused everything.
    pub(super) fn denied(&self) -> ConnectError {
        let mut error = explain::denied(&self.user, &self.address, &self.keys, self.encrypted);
        if self.password_refused {
            error.message = format!("{}; the password was refused", error.message);
            if !self.encrypted {
                error.hint = Some("ansible_password, -k or --connection-password-file gives the password".to_owned());
            }
        }
        if let Some(note) = &self.note {
            error.message = format!("{}; {note}", error.message);
        }
        match &self.too_open {
            Some(path) if !self.encrypted => {
                error.hint(format!("others may read {0}, so it is not used: `chmod 600 {0}`", path.display()))
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_password_that_was_sent_and_not_accepted_was_refused() {
        let mut attempts = Attempts::new("ann", "web1");
        let tells = |attempts: &Attempts| attempts.denied().message.contains("the password was refused");
        assert!(attempts.first_password(Method::KeyboardInteractive) && !tells(&attempts));
        attempts.password_refused(true);
        assert!(tells(&attempts));
        attempts.password_refused(false);
        assert!(!tells(&attempts));
    }
}
