//! Key files in every form, and the questions that encrypted ones lead to.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Semaphore;

use super::fixture::Bench;
use crate::secret::Secret;
use crate::transport::native::authenticate::key_file::{KeyFiles, Locked, only_openssh};
use crate::transport::native::authenticate::passphrase::Passphrases;
use crate::transport::native::authenticate::public::Public;
use crate::transport::{AskPassphrase, BoxFuture};

/// Answers what it is told to, when it is told to.
struct Answers {
    texts: &'static [&'static str],
    asked: Arc<AtomicU32>,
    gate: Arc<Semaphore>,
}

impl AskPassphrase for Answers {
    fn ask<'a>(&'a self, _: &'a Path, attempt: u32) -> BoxFuture<'a, Option<Secret>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let _pass = self.gate.acquire().await.unwrap();
            self.texts.get(attempt as usize).map(|text| Secret::new((*text).to_owned()))
        })
    }
}

fn answers(texts: &'static [&'static str]) -> (Arc<Passphrases>, Arc<AtomicU32>, Arc<Semaphore>) {
    let (asked, gate) = (Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(1)));
    let ask = Answers { texts, asked: Arc::clone(&asked), gate: Arc::clone(&gate) };
    (Arc::new(Passphrases::new(Some(Box::new(ask)))), asked, gate)
}

#[tokio::test]
async fn every_form_that_ssh_keygen_writes_is_read() {
    let bench = Bench::new();
    let (passphrases, ..) = answers(&["secret"]);
    for kind in [
        &["ed25519"][..],
        &["rsa", "-b", "2048"],
        &["ecdsa", "-b", "256"],
        &["ecdsa", "-b", "384"],
        &["ecdsa", "-b", "521"],
    ] {
        for form in ["RFC4716", "PEM", "PKCS8"] {
            for passphrase in ["", "secret"] {
                let name = format!("{}-{form}-{passphrase}", kind.join(""));
                let mut arguments = vec!["-m", form, "-N", passphrase, "-t"];
                arguments.extend(kind);
                let path = bench.keygen(&name, &arguments);
                let public = KeyFiles::default().at(&path).await.public.clone().unwrap();
                std::fs::remove_file(bench.path(&format!("{name}.pub"))).unwrap();

                let file = KeyFiles::default().at(&path).await;
                let own_format = bench.read(&name).contains("OPENSSH");
                let blob = file.public.as_deref().map(Public::blob);
                assert_eq!(blob, own_format.then_some(public.blob()), "{name}");
                let legacy_curve = kind[0] == "ecdsa" && form == "PEM" && !passphrase.is_empty();
                match file.private(&passphrases, 1).await {
                    Ok(key) => assert_eq!(key.public_key().key_data(), public.key(), "{name}"),
                    Err(locked) => assert!(legacy_curve && locked == Locked::Unreadable, "{name}: {locked:?}"),
                }
                assert_eq!(only_openssh(&path).is_some(), legacy_curve, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn lines_of_another_width_are_read() {
    let bench = Bench::new();
    bench.key("key");
    let text = bench.read("key");
    let (head, rest) = text.split_once('\n').unwrap();
    let (body, tail) = rest.split_once("\n-----END").unwrap();
    let path = bench.write("wide", &format!("{head}\r\n{}\r\n\r\n-----END{tail}", body.replace('\n', "")));
    let file = KeyFiles::default().at(&path).await;
    assert!(file.public.is_some());
    assert!(file.private(&answers(&[]).0, 1).await.is_ok());
}

#[tokio::test]
async fn what_is_no_usable_key_says_why() {
    let bench = Bench::new();
    bench.key("open");
    std::fs::set_permissions(bench.path("open"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    bench.write("text", "not a key\n");
    bench.write("putty", "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n");
    bench.keygen("locked", &["-t", "ed25519", "-N", "secret"]);
    for (name, expected) in [
        ("missing", Locked::Missing),
        ("open", Locked::TooOpen),
        ("text", Locked::Unreadable),
        ("putty", Locked::Unreadable),
        ("locked", Locked::Encrypted),
    ] {
        let file = KeyFiles::default().at(&bench.path(name)).await;
        assert_eq!(only_openssh(&bench.path(name)), None, "{name}");
        let nobody = Arc::new(Passphrases::new(None));
        assert_eq!(file.private(&nobody, 3).await.unwrap_err(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_passphrase_has_as_many_tries_as_configured() {
    let bench = Bench::new();
    let path = bench.keygen("locked", &["-t", "ed25519", "-N", "secret"]);
    for (texts, asks, opens) in [
        (&["secret"][..], 1, true),
        (&["wrong", "worse", "secret"], 3, true),
        (&["wrong", "worse", "worst", "secret"], 3, false),
        (&["wrong", ""], 2, false),
        (&[], 1, false),
    ] {
        let (passphrases, asked, _) = answers(texts);
        let file = KeyFiles::default().at(&path).await;
        assert_eq!(file.private(&passphrases, 3).await.is_ok(), opens, "{texts:?}");
        assert_eq!(asked.load(Ordering::SeqCst), asks, "{texts:?}");
    }
}

#[tokio::test]
async fn hosts_that_want_the_same_key_share_one_question() {
    let bench = Bench::new();
    let path = bench.keygen("locked", &["-t", "ed25519", "-N", "secret"]);
    let (passphrases, asked, gate) = answers(&["secret"]);
    let files = Arc::new(KeyFiles::default());
    let pass = Arc::clone(&gate).acquire_owned().await.unwrap();

    // The first one gives up while its question is open.
    let file = files.at(&path).await;
    let first = tokio::spawn({
        let passphrases = Arc::clone(&passphrases);
        async move { file.private(&passphrases, 3).await }
    });
    while asked.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());

    let others: Vec<_> = (0..500)
        .map(|_| {
            let (files, passphrases, path) = (Arc::clone(&files), Arc::clone(&passphrases), path.clone());
            tokio::spawn(async move { files.at(&path).await.private(&passphrases, 3).await })
        })
        .collect();
    tokio::task::yield_now().await;
    drop(pass);
    let mut keys = Vec::new();
    for other in others {
        keys.push(other.await.unwrap().unwrap());
    }
    assert!(keys.iter().all(|key| Arc::ptr_eq(key, &keys[0])));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert!(!passphrases.time_asking().is_zero());
}
