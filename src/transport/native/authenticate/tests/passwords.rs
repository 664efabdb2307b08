//! Servers that do what a local sshd cannot be made to do: passwords, questions, logins with nothing at all.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::keys::PrivateKey;
use russh::server::{self, Auth, PublicKeyOffer, Response, VerifiedPublicKey};
use russh::{MethodKind, MethodSet};

use super::fixture::{Bench, log_in, settings};
use crate::event::FailureKind;
use crate::secret::Secret;
use crate::transport::ConnectError;
use crate::transport::native::authenticate::Keyring;

/// What a server asks and accepts.
#[derive(Clone, Default)]
struct Script {
    methods: Vec<MethodKind>,
    none: bool,
    password: Option<&'static str>,
    /// Rounds of questions, and the answers that it wants to them.
    questions: Vec<Vec<(&'static str, bool, &'static str)>>,
    /// A key is as good as a password, or only half of what it takes.
    key_is_half: bool,
    /// It wants the same half again and again.
    insatiable: bool,
    seen: Arc<Mutex<Vec<String>>>,
}

/// One connection to it.
struct Scripted {
    script: Script,
    rounds: VecDeque<Vec<(&'static str, bool, &'static str)>>,
    asked: Option<Vec<(&'static str, bool, &'static str)>>,
}

impl Scripted {
    fn see(&self, request: impl Into<String>) {
        self.script.seen.lock().unwrap().push(request.into());
    }

    fn verdict(&self, accepted: bool) -> Auth {
        if accepted { Auth::Accept } else { self.reject(false) }
    }

    fn reject(&self, partial_success: bool) -> Auth {
        let methods = MethodSet::from(&*self.script.methods);
        Auth::Reject { proceed_with_methods: Some(methods), partial_success }
    }
}

impl server::Handler for Scripted {
    type Error = russh::Error;

    async fn auth_none(&mut self, _: &str) -> Result<Auth, Self::Error> {
        self.see("none");
        Ok(self.verdict(self.script.none))
    }

    async fn auth_password(&mut self, _: &str, password: &str) -> Result<Auth, Self::Error> {
        self.see("password");
        Ok(self.verdict(self.script.password == Some(password)))
    }

    async fn auth_publickey_offered(&mut self, _: &str, _: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        self.see("key");
        Ok(self.verdict(self.script.key_is_half))
    }

    async fn auth_publickey(&mut self, _: &str, _: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        self.see("signature");
        if !self.script.insatiable {
            self.script.methods.retain(|method| *method != MethodKind::PublicKey);
        }
        Ok(self.reject(true))
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _: &str,
        _: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        self.see(if response.is_some() { "answer" } else { "questions" });
        if let (Some(asked), Some(response)) = (self.asked.take(), response) {
            let answers: Vec<String> = response.map(|answer| String::from_utf8_lossy(&answer).into_owned()).collect();
            let wanted: Vec<&str> = asked.iter().map(|question| question.2).collect();
            if answers != wanted {
                return Ok(self.reject(false));
            }
        }
        let Some(round) = self.rounds.pop_front() else {
            return Ok(self.verdict(!self.script.questions.is_empty()));
        };
        self.asked = Some(round.clone());
        let prompts = round.into_iter().map(|(text, echo, _)| (Cow::Borrowed(text), echo)).collect::<Vec<_>>();
        Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts: prompts.into() })
    }
}

/// Logs in to such a server with the password `secret`, or none; tells what the server saw.
async fn attempt(script: &Script, password: bool, keys: usize) -> (Result<(), ConnectError>, Vec<String>) {
    let bench = Bench::new();
    bench.key("host");
    let mut settings = settings(&bench);
    settings.authentication.identities = (0..keys).map(|number| bench.key(&format!("key{number}"))).collect();
    let (ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let theirs = tokio::net::UnixStream::from_std(theirs).unwrap();
    let mut config = server::Config::default();
    config.keys.push(PrivateKey::from_openssh(bench.read("host")).unwrap());
    config.auth_rejection_time = Duration::ZERO;
    let handler = Scripted { script: script.clone(), rounds: script.questions.clone().into(), asked: None };
    tokio::spawn(async move { server::run_stream(Arc::new(config), theirs, handler).await?.await });
    let secret = Secret::new("secret".into());
    let result = log_in(ours, &settings, &Keyring::new(None), password.then_some(&secret)).await;
    let seen = script.seen.lock().unwrap().drain(..).collect();
    (result.map(drop), seen)
}

const ALL: [MethodKind; 3] = [MethodKind::PublicKey, MethodKind::KeyboardInteractive, MethodKind::Password];

#[tokio::test]
async fn what_accepts_nothing_at_all_is_tried_last_or_first() {
    let script = Script { methods: ALL.to_vec(), none: true, ..Script::default() };
    let (result, seen) = attempt(&script, false, 2).await;
    assert_eq!((result, seen), (Ok(()), vec!["key".into(), "key".into(), "none".into()]));
    // So many keys might end the connection before `none` had its turn.
    for keys in [0, 6] {
        let (result, seen) = attempt(&script, false, keys).await;
        assert_eq!((result, seen), (Ok(()), vec!["none".to_owned()]), "{keys}");
    }
}

#[tokio::test]
async fn a_password_is_sent_once_by_each_method_on_offer() {
    let wrong =
        Script { methods: ALL.to_vec(), questions: vec![vec![("Password: ", false, "other")]], ..Script::default() };
    let (result, seen) = attempt(&wrong, true, 1).await;
    assert_eq!(result.unwrap_err().kind, FailureKind::AuthDenied);
    assert_eq!(seen, ["none", "key", "questions", "answer", "password"]);

    let right = Script { password: Some("secret"), methods: vec![MethodKind::Password], ..Script::default() };
    let (result, seen) = attempt(&right, true, 1).await;
    assert_eq!((result, seen), (Ok(()), vec!["none".into(), "password".into()]));
}

#[tokio::test]
async fn without_a_password_nothing_is_asked() {
    let script = Script { methods: ALL.to_vec(), password: Some(""), ..Script::default() };
    let (result, seen) = attempt(&script, false, 1).await;
    assert_eq!(seen, ["key", "none"]);
    assert!(result.unwrap_err().message.contains("keys tried: "));
}

#[tokio::test]
async fn questions_are_answered_with_the_password() {
    for questions in [
        vec![vec![("Password: ", false, "secret")]],
        vec![vec![("login password: ", true, "secret")]],
        vec![vec![], vec![("", false, "secret")], vec![]],
    ] {
        let script = Script { methods: vec![MethodKind::KeyboardInteractive], questions, ..Script::default() };
        let (result, _) = attempt(&script, true, 0).await;
        assert_eq!(result, Ok(()));
    }
}

#[tokio::test]
async fn a_question_for_something_else_is_told() {
    for questions in [
        vec![vec![("Password: ", false, "secret")], vec![("New password: ", false, "")]],
        vec![vec![("Favourite colour? ", true, "blue")]],
        vec![vec![("Password: ", false, "secret"), ("Code: ", false, "1")]],
    ] {
        let script = Script { methods: ALL.to_vec(), questions: questions.clone(), ..Script::default() };
        let (result, seen) = attempt(&script, true, 0).await;
        let error = result.unwrap_err();
        assert_eq!(error.kind, FailureKind::AuthDenied);
        let last = questions.last().unwrap().first().unwrap().0.trim();
        assert!(error.message.contains(last), "{}", error.message);
        assert!(!seen.contains(&"password".to_owned()), "{seen:?}");
    }
}

#[tokio::test]
async fn a_key_that_is_half_of_it_leads_on_to_the_password() {
    let methods = vec![MethodKind::PublicKey, MethodKind::Password];
    let script = Script { methods, key_is_half: true, password: Some("secret"), ..Script::default() };
    let (result, seen) = attempt(&script, true, 1).await;
    assert_eq!(result, Ok(()));
    assert_eq!(seen.last().unwrap(), "password");
}

#[tokio::test]
async fn a_server_that_never_has_enough_is_left() {
    let methods = vec![MethodKind::PublicKey];
    let script = Script { methods, key_is_half: true, insatiable: true, ..Script::default() };
    let (result, seen) = attempt(&script, false, 1).await;
    assert!(result.is_err());
    assert!(seen.len() > 10);
}
