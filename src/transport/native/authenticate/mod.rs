//! Logs in: keys from files and agents in OpenSSH's order, then keyboard-interactive and password.

mod agent;
mod algorithm;
mod attempts;
mod candidates;
mod key_file;
mod keyring;
mod methods;
mod passphrase;
mod password;
mod public;
mod sign;

use std::collections::VecDeque;

use russh::client::{AuthResult, Handle};
use russh::keys::HashAlg;
use russh::keys::agent::AgentSessionBinding;

use self::algorithm::{Accepted, ServerRsa, SignatureHash};
use self::attempts::Attempts;
use self::candidates::Candidate;
use self::methods::Methods;
use self::password::Answered;
use self::public::{Form, Public};
use self::sign::{SignError, Signer};
use super::client::{Client, Known};
use super::failure;
use crate::secret::Secret;
use crate::transport::host_key::Trust;
use crate::transport::ssh_config::{Method, Settings};
use crate::transport::{ConnectError, explain};

pub(super) use self::keyring::Keyring;

/// The failures that a server allows before it hangs up, where it is not configured (`MaxAuthTries`).
const USUAL_TRIES: usize = 6;

/// Partial successes after which a server is not believed to want an end: none can list more methods.
const MOST_PARTS: u32 = 64;

/// What is needed to log in to one host.
pub(super) struct Login<'a> {
    /// The host's settings.
    pub(super) settings: &'a Settings,
    /// The password, if one is configured.
    pub(super) password: Option<&'a Secret>,
    /// Whether a password may be sent.
    pub(super) trust: Trust,
    /// What is known about the connection.
    pub(super) known: &'a Known,
}

/// Logs in, or tells why not.
///
/// Who gets in, and with which key, is what OpenSSH's client comes to; only its first request, `none`, which asks for
/// the list of methods, comes last where nothing depends on that list: that saves a round trip.
pub(super) async fn authenticate(
    handle: &mut Handle<Client>,
    keyring: &Keyring,
    login: &Login<'_>,
) -> Result<(), ConnectError> {
    let session = handle.agent_session_binding().cloned();
    let authentication = &login.settings.authentication;
    let accepted = Accepted::new(login.settings.algorithms.public_key.as_deref());
    let keys = if authentication.methods.contains(&Method::PublicKey) {
        candidates::order(keyring.supply(authentication, session.as_ref()).await, accepted)
    } else {
        VecDeque::new()
    };
    let password = login.password.filter(|_| login.trust == Trust::Full);
    let mut methods = authentication.methods.clone();
    methods.retain(|method| *method == Method::PublicKey || password.is_some());
    let none_first = password.is_some() || keys.is_empty() || keys.len() >= USUAL_TRIES;
    let attempt = Attempt {
        handle,
        keyring,
        login,
        accepted,
        session,
        password,
        rsa: None,
        keys: keys.into_iter().map(|candidate| Key { candidate, tried: false }).collect(),
        attempts: Attempts::new(&login.settings.user, &login.settings.original),
    };
    attempt.run(Methods::new(methods), none_first).await
}

/// A key in the queue of those to offer.
struct Key {
    candidate: Candidate,
    tried: bool,
}

/// A login under way.
struct Attempt<'a> {
    handle: &'a mut Handle<Client>,
    keyring: &'a Keyring,
    login: &'a Login<'a>,
    accepted: Accepted<'a>,
    session: Option<AgentSessionBinding>,
    password: Option<&'a Secret>,
    rsa: Option<ServerRsa>,
    keys: VecDeque<Key>,
    attempts: Attempts,
}

impl Attempt<'_> {
    async fn run(mut self, mut methods: Methods, none_first: bool) -> Result<(), ConnectError> {
        let mut may_try_none = !none_first;
        let mut parts = 0;
        if none_first && self.none(&mut methods).await? {
            return Ok(());
        }
        while let Some(method) = methods.next() {
            let Some(result) = self.send(method).await? else {
                methods.exhaust(method);
                continue;
            };
            match self.judge(Ok(result)).await? {
                Verdict::In => return Ok(()),
                Verdict::Further { offered, partial } => {
                    methods.offer(&offered);
                    if partial {
                        may_try_none = false;
                        parts += 1;
                        if parts > MOST_PARTS {
                            break;
                        }
                        self.keys.iter_mut().for_each(|key| key.tried = false);
                    }
                }
            }
        }
        // A server that hangs up now has refused everything before.
        if may_try_none && self.none(&mut methods).await.unwrap_or(false) {
            return Ok(());
        }
        Err(self.attempts.denied())
    }

    /// Tries to get in with nothing, which also asks for the methods on offer.
    async fn none(&mut self, methods: &mut Methods) -> Result<bool, ConnectError> {
        let result = self.handle.authenticate_none(&self.login.settings.user).await;
        match self.judge(result).await? {
            Verdict::In => Ok(true),
            Verdict::Further { offered, .. } => {
                methods.offer(&offered);
                Ok(false)
            }
        }
    }

    /// Sends the next request of `method`; none when it has nothing more to send.
    async fn send(&mut self, method: Method) -> Result<Option<AuthResult>, ConnectError> {
        match method {
            Method::PublicKey => self.next_key().await,
            Method::KeyboardInteractive | Method::Password => self.send_password(method).await,
        }
    }

    async fn next_key(&mut self) -> Result<Option<AuthResult>, ConnectError> {
        // As in OpenSSH a key goes to the end of the queue when its turn has come, and may have another after a partial
        // success.
        while self.keys.front().is_some_and(|key| !key.tried) {
            self.keys.rotate_left(1);
            let last = self.keys.back_mut().expect("the queue has a front");
            last.tried = true;
            let candidate = last.candidate.clone();
            if let Some(result) = self.offer(&candidate).await? {
                return Ok(Some(result));
            }
        }
        Ok(None)
    }

    /// Offers a key; none when it was not sent, or could not sign what the server wanted.
    async fn offer(&mut self, candidate: &Candidate) -> Result<Option<AuthResult>, ConnectError> {
        let Some(public) = self.keyring.public(candidate, self.login.settings.authentication.password_prompts).await
        else {
            return Ok(None);
        };
        let rsa = self.server_rsa(&public).await?;
        let Some(SignatureHash(hash)) = self.accepted.hash(&public, rsa) else {
            return Ok(None);
        };
        self.attempts.offer(candidate.describe_as(&public));
        let by = self.signer(candidate, &public).clone();
        let mut signer = Signer {
            public: &public,
            by: &by,
            session: self.session.as_ref(),
            passphrases: self.keyring.passphrases(),
            prompts: self.login.settings.authentication.password_prompts,
        };
        let user = &self.login.settings.user;
        let result = match public.form() {
            Form::Key(key) => self.handle.authenticate_publickey_with(user, key.clone(), hash, &mut signer).await,
            Form::Certificate(certificate) => {
                let certificate = certificate.as_ref().clone();
                self.handle.authenticate_certificate_with(user, certificate, hash, &mut signer).await
            }
        };
        match result {
            Ok(result) => Ok(Some(result)),
            Err(SignError::Ended(_)) => Err(self.ended().await),
            Err(error) => {
                self.attempts.could_not_sign(by.file.as_ref().map(|file| file.path.clone()), &error);
                Ok(None)
            }
        }
    }

    fn signer<'a>(&'a self, candidate: &'a Candidate, public: &Public) -> &'a Candidate {
        let all: Vec<&Candidate> = self.keys.iter().map(|key| &key.candidate).collect();
        candidates::signer(candidate, public, &all)
    }

    /// What the server says about RSA signatures; asked once, and only for an RSA key: it may take a second.
    async fn server_rsa(&mut self, public: &Public) -> Result<ServerRsa, ConnectError> {
        if !public.key().is_rsa() {
            return Ok(ServerRsa::Untold);
        }
        if let Some(rsa) = self.rsa {
            return Ok(rsa);
        }
        let rsa = match self.handle.best_supported_rsa_hash().await {
            Ok(Some(Some(HashAlg::Sha512))) => ServerRsa::Sha512,
            Ok(Some(Some(_))) => ServerRsa::Sha256,
            Ok(Some(None)) => ServerRsa::Sha1,
            Ok(None) => ServerRsa::Untold,
            Err(_) => return Err(self.ended().await),
        };
        Ok(*self.rsa.insert(rsa))
    }

    /// Sends the password, once by each method: it is no better the second time.
    async fn send_password(&mut self, method: Method) -> Result<Option<AuthResult>, ConnectError> {
        let user = &self.login.settings.user;
        let Some(password) = self.password.filter(|_| self.attempts.first_password(method)) else {
            return Ok(None);
        };
        if method == Method::Password {
            return match self.handle.authenticate_password(user, password.expose()).await {
                Ok(result) => Ok(Some(self.heard(result))),
                Err(_) => Err(self.ended().await),
            };
        }
        match password::keyboard_interactive(self.handle, user, password).await {
            Err(_) => Err(self.ended().await),
            Ok(Answered::Result(result)) => Ok(Some(self.heard(result))),
            Ok(Answered::More(question)) => {
                self.attempts.note(format!("the password was not all that it asks for: {question:?}"));
                Err(self.attempts.denied())
            }
        }
    }

    /// Takes note of the answer to a password.
    fn heard(&mut self, result: AuthResult) -> AuthResult {
        let refused = matches!(&result, AuthResult::Failure { partial_success: false, .. });
        self.attempts.password_refused(refused);
        result
    }

    async fn judge(&mut self, result: Result<AuthResult, russh::Error>) -> Result<Verdict, ConnectError> {
        match result {
            Ok(AuthResult::Success) => Ok(Verdict::In),
            Ok(AuthResult::Failure { remaining_methods, partial_success }) if !remaining_methods.is_empty() => {
                Ok(Verdict::Further { offered: remaining_methods.to_vec(), partial: partial_success })
            }
            // An empty list is how the library tells the end of a session; it also ends one whose server offers nothing.
            Ok(AuthResult::Failure { .. }) | Err(_) => Err(self.ended().await),
        }
    }

    /// Explains the end of the session, once the library has told all about it.
    async fn ended(&mut self) -> ConnectError {
        // Its result says no more than that it has ended.
        let _ = (&mut *self.handle).await;
        let known = self.login.known;
        if known.farewell().is_some_and(|words| words.contains("Too many authentication failures")) {
            return explain::too_many_keys(&self.attempts.denied());
        }
        if known.cause() == Some(russh::Error::NoAuthMethod.to_string()) {
            return self.attempts.denied();
        }
        failure::in_authentication(known, self.login.settings)
    }
}

/// What a server answered.
enum Verdict {
    /// Logged in.
    In,
    /// Not yet: these methods may go on; `partial` when the last one was accepted.
    Further { offered: Vec<russh::MethodKind>, partial: bool },
}

#[cfg(test)]
mod tests;
